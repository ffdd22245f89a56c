#include <fmt/format.h>

#include "core/error.h"
#include "ops/declare.h"
#include "studio/contacts/merges.h"
#include "studio/contacts/operations.h"

namespace steward::contacts {
namespace {

Json names(const std::vector<std::string_view>& list) { return Json(Json::Array(list.begin(), list.end())); }

std::string joined(const std::vector<std::string_view>& list) {
  return join(std::vector<std::string>(list.begin(), list.end()), ", ");
}

// Both histories tell of it; neither status moves.
void note_in_history(ops::Context& context, const Contact& contact, std::string note) {
  ops::record_history(context, kHistory, contact.id.text, to_text(contact.status), to_text(contact.status),
                      std::move(note));
}

std::size_t count_in(const Json& moved) {
  std::size_t count = 0;
  for (const auto& [table, ids] : moved.members()) count += ids.items().size();
  return count;
}

// ---- merge ----

struct MergeArgs {
  ContactRef contact, into;
  ops::LongText<2000> reason;
};

void require_two(const Contact& from, const Contact& into) {
  if (from.id != into.id) return;
  throw Error{ErrorKind::usage, "conflicting_arguments", "A contact is not merged into itself.",
              "Name two different ones."}
      .at("into");
}

void warn_of_what_stays(ops::Change& change, const Contact& from, const Contact& into, const MergePlan& plan) {
  if (!plan.kept.empty())
    change.warnings.push_back({"kept", fmt::format("Not taken over of {1}, as {2} has its own: {0}.", joined(plan.kept),
                                                   from.email, into.email)});
  if (from.status != into.status)
    change.warnings.push_back({"kept", fmt::format("{} was {}; {} stays {}.", from.email, to_text(from.status),
                                                   into.email, to_text(into.status))});
}

ops::Change merge_contact(ops::Context& context, const MergeArgs& args) {
  const auto from = find_contact(context.tx, args.contact);
  const auto into = find_contact(context.tx, args.into, "into");
  require_two(from, into);
  if (from.merged_into == into.id)
    return no_change(context, into, fmt::format("{} is merged into {} already.", label_of(from), into.email));
  require_unmerged(context.tx, from);
  require_unmerged(context.tx, into);
  const auto plan = plan_merge(from.profile, into.profile);
  store_merged_into(context.tx, from, into.id);
  if (!plan.filled.empty()) store_profile(context.tx, into, plan.result);
  const auto moved = move_references(context.tx, from.id, into.id);
  insert_merge(context, from, into, args.reason.value, moved, names(plan.filled), names(plan.kept));
  note_in_history(context, from, fmt::format("Merged into {}: {}", into.email, args.reason.value));
  note_in_history(context, into, fmt::format("Took over {}: {}", from.email, args.reason.value));
  auto change = change_of(context, into.id,
                          fmt::format("Merged contact {} into {}, with {}.", from.email, into.email,
                                      count_of(count_in(moved), "inquiry", "inquiries")));
  change.metadata = {{"from_contact_id", from.id.text},
                     {"into_contact_id", into.id.text},
                     {"moved", moved},
                     {"filled", names(plan.filled)},
                     {"kept", names(plan.kept)}};
  warn_of_what_stays(change, from, into, plan);
  return change;
}

// ---- unmerge ----

struct UnmergeArgs {
  ContactRef contact;
  std::optional<ops::LongText<2000>> note;
};

[[noreturn]] void settled(const Contact& from, const Contact& into, std::string why, std::string hint) {
  throw Error{ErrorKind::conflict, "merge_settled",
              fmt::format("Contact {} can't be taken out of {} again: {}.", from.email, into.email, why),
              std::move(hint)}
      .at("contact");
}

// What the survivor took over must be there as it was taken, or be gone already: what somebody wrote in its place since
// would be lost.
Profile without_filled(const Contact& from, const Contact& into, const Merge& merge) {
  auto out = into.profile;
  std::vector<std::string> changed;
  for (const auto& item : merge.filled.items()) {
    const auto& field = field_named(item.text());
    if (out.*field.member && out.*field.member != from.profile.*field.member) changed.push_back(item.text());
    (out.*field.member).reset();
  }
  if (!changed.empty())
    settled(from, into, fmt::format("{} came with it and changed since", join(changed, ", ")),
            fmt::format("Put back what {} says, or leave them merged.", from.email));
  return out;
}

void require_user_free(ops::Context& context, const Contact& from, const Contact& into) {
  if (!from.profile.user_id) return;
  const auto other = find_contact_of_user(context.tx, *from.profile.user_id);
  if (other && other->id != into.id)
    settled(from, into, fmt::format("its user is contact {} now", other->email),
            fmt::format("Clear the user there: steward contacts update {} --clear user.", other->email));
}

void require_on_top(const Contact& from, const Contact& into) {
  if (into.merged_into)
    settled(from, into, fmt::format("{} was merged into another one itself", into.email),
            fmt::format("Take that back first: steward contacts unmerge {}.", into.email));
}

void require_all_back(std::size_t gone, const Contact& from, const Contact& into) {
  if (gone > 0)
    settled(from, into, fmt::format("{} that came with it went elsewhere", count_of(gone, "inquiry", "inquiries")),
            "Leave them merged.");
}

ops::Change unmerge_contact(ops::Context& context, const UnmergeArgs& args) {
  const auto from = find_contact(context.tx, args.contact);
  if (!from.merged_into) return no_change(context, from, fmt::format("{} is not merged.", label_of(from)));
  const auto into = find_contact(context.tx, *from.merged_into);
  const auto merge = merge_of(context.tx, from.id);
  require_on_top(from, into);
  require_user_free(context, from, into);
  const auto profile = without_filled(from, into, merge);
  if (profile != into.profile) store_profile(context.tx, into, profile);
  store_merged_into(context.tx, from, {});
  require_all_back(move_back(context.tx, merge), from, into);
  mark_undone(context, merge, args.note ? std::optional<std::string>(args.note->value) : std::nullopt);
  const auto note = args.note ? ": " + args.note->value : std::string();
  note_in_history(context, from, fmt::format("Taken out of {}{}", into.email, note));
  note_in_history(context, into, fmt::format("Gave {} back{}", from.email, note));
  auto change = change_of(context, from.id,
                          fmt::format("Took contact {} out of {} again, with {}.", from.email, into.email,
                                      count_of(count_in(merge.moved), "inquiry", "inquiries")));
  change.metadata = {{"from_contact_id", from.id.text},
                     {"into_contact_id", into.id.text},
                     {"moved", merge.moved},
                     {"emptied", merge.filled}};
  return change;
}

}  // namespace

void register_merging(ops::Registry& registry) {
  registry.add(
      ops::declare<MergeArgs>("contacts.merge", "Make one contact of two, so that it can be taken back")
          .details("Inquiries go to the survivor, whose empty fields are filled; the billing identity only as a "
                   "whole, into one that has none. The merged contact stands still, and its address means the "
                   "survivor from then on.")
          .subject("contact", &MergeArgs::contact, "The one that goes: e-mail address, id, or tail of an id")
          .option("into", &MergeArgs::into, "The one that stays")
          .option("reason", &MergeArgs::reason, "Why they are one, for both histories")
          .needs("contacts:write")
          .also(handlers())
          .example("steward contacts merge a.byron@client.example --into ada@client.example --reason 'One "
                   "person, two addresses'")
          .returns(kContactColumns)
          .writes(merge_contact));
  registry.add(
      ops::declare<UnmergeArgs>("contacts.unmerge", "Take a merged contact out of the survivor again")
          .details("What was moved goes back, what was filled is emptied. Inquiries that came from its address "
                   "since stay with the survivor. Refused when what was filled or moved has changed since.")
          .subject("contact", &UnmergeArgs::contact, "The one that was merged: its e-mail address or id")
          .option("note", &UnmergeArgs::note, "A word on it, for both histories")
          .needs("contacts:write")
          .also(handlers())
          .example("steward contacts unmerge a.byron@client.example --note 'Two people after all'")
          .returns(kContactColumns)
          .writes(unmerge_contact));
}

}  // namespace steward::contacts
