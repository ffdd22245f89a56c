#include <fmt/format.h>

#include "core/error.h"
#include "ops/declare.h"
#include "studio/identity/identity.h"
#include "studio/intake/operations.h"
#include "studio/intake/rows.h"
#include "studio/offers/offers.h"

namespace steward::intake {
namespace {

struct HandleArgs {
  IntakeRef intake;
  std::optional<ops::LongText<2000>> note;
  ops::Patch<identity::UserRef> owner;
  std::optional<Priority> priority;
  std::optional<offers::OfferRef> offer;
};

Handling handling_of(const Intake& intake) {
  return {intake.status, intake.owner_user_id, intake.priority, intake.offer_slug};
}

Json or_null(const std::optional<std::string>& text) { return text ? Json(*text) : Json(); }

Json json_of(const Handling& handling) {
  return Json{{"status", to_text(handling.status)},
              {"owner_user_id", or_null(handling.owner_user_id)},
              {"priority", handling.priority},
              {"offer_slug", or_null(handling.offer_slug)}};
}

// An inquiry belongs to somebody active who may handle it, or to nobody yet (IK-5).
std::optional<std::string> owner_named(ops::Context& context, const std::optional<identity::UserRef>& ref) {
  if (!ref) return {};
  auto staff = handlers();
  staff.push_back(ops::Role::admin);
  staff.push_back(ops::Role::super_admin);
  return identity::require_active(context.tx, *ref, staff, "owner").id.text;
}

std::string offer_named(ops::Context& context, const offers::OfferRef& ref) {
  const auto offer = offers::find_offer(context.tx, ref);
  offers::require_active(offer);
  return offer.slug;
}

// Whoever withdraws before paying is lost; an inquiry whose deal has money in it did come to something.
void require_unpaid_deal(ops::Context& context, const Intake& intake) {
  const auto deal = deal_of(context.tx, intake.id);
  if (deal.is_null() || is_before_payment(deal.at("status").text())) return;
  refuse_conflict("still_referenced",
                  fmt::format("{} has become deal {}, which is {}, so it is not lost.", label_of(intake),
                              short_id(deal.at("id").text()), deal.at("status").text()),
                  fmt::format("steward deals show {}", short_id(deal.at("id").text())));
}

// What to do next with an intake in that status.
std::string next_for(Status status, const IntakeId& id) {
  switch (status) {
    case Status::new_:
      return fmt::format("steward intake triage {}", short_id(id.text));
    case Status::triaged:
      return fmt::format("steward intake qualify {}", short_id(id.text));
    case Status::qualified:
      return fmt::format("steward deals create --intake {}", short_id(id.text));
    default:
      return {};
  }
}

// A note that comes without a move is kept in the history all the same, as a step from the status to itself (IK-5).
ops::Change handle(ops::Context& context, const HandleArgs& args, Status to, std::string_view done) {
  const auto intake = find_intake(context.tx, args.intake);
  if (intake.status != to) kLifecycle.require(intake.status, to, label_of(intake));
  if (to == Status::lost) require_unpaid_deal(context, intake);
  const auto before = handling_of(intake);
  auto after = before;
  after.status = to;
  if (args.owner.touched()) after.owner_user_id = owner_named(context, args.owner.value);
  if (args.priority) after.priority = *args.priority;
  if (args.offer) after.offer_slug = offer_named(context, *args.offer);
  if (after == before && !args.note)
    return ops::Change::none("intake", intake.id.text, fmt::format("{} is {} already.", label_of(intake), to_text(to)),
                             intake_record(context.tx, intake.id));
  if (after != before) store_handling(context.tx, intake, after);
  ops::record_history(context, kHistory, intake.id.text, to_text(before.status), to_text(to),
                      args.note ? std::optional<std::string>(args.note->value) : std::nullopt);
  auto change = change_of(context, intake.id,
                          fmt::format("{} the inquiry of {} ({}).", before.status == to ? "Updated" : done,
                                      intake.contact_name, short_id(intake.id.text)));
  change.metadata = {{"before", json_of(before)}, {"after", json_of(after)}, {"noted", args.note.has_value()}};
  change.next = next_for(to, intake.id);
  return change;
}

ops::Change triage(ops::Context& context, const HandleArgs& args) {
  return handle(context, args, Status::triaged, "Triaged");
}
ops::Change qualify(ops::Context& context, const HandleArgs& args) {
  return handle(context, args, Status::qualified, "Qualified");
}
ops::Change book(ops::Context& context, const HandleArgs& args) {
  return handle(context, args, Status::booked, "Booked");
}
ops::Change lose(ops::Context& context, const HandleArgs& args) { return handle(context, args, Status::lost, "Lost"); }

// A lost inquiry comes back only with a word why (IK-1).
struct ReopenArgs {
  IntakeRef intake;
  ops::LongText<2000> note;
  ops::Patch<identity::UserRef> owner;
  std::optional<Priority> priority;
  std::optional<offers::OfferRef> offer;
};

ops::Change reopen(ops::Context& context, const ReopenArgs& args) {
  return handle(context, {args.intake, args.note, args.owner, args.priority, args.offer}, Status::new_, "Reopened");
}

struct NoteArgs {
  IntakeRef intake;
  ops::LongText<2000> text;
};

ops::Change note_intake(ops::Context& context, const NoteArgs& args) {
  const auto intake = find_intake(context.tx, args.intake);
  insert_note(context, intake.id, args.text.value);
  auto change =
      change_of(context, intake.id,
                fmt::format("Noted on the inquiry of {} ({}).", intake.contact_name, short_id(intake.id.text)));
  change.data.set("notes", notes_of(context.tx, intake.id));
  return change;
}

template <class Args = HandleArgs>
ops::Declaration<Args> transition(std::string path, std::string summary, std::string example,
                                  std::string note = "A word on it, for the history") {
  return ops::declare<Args>(std::move(path), std::move(summary))
      .subject("intake", &Args::intake, "Id, or unique tail of an id")
      .option("note", &Args::note, std::move(note))
      .option("owner", &Args::owner, "Who takes it: an active member of the staff")
      .option("priority", &Args::priority, "Higher comes first")
      .option("offer", &Args::offer, "What they ask for, once that is known: the slug of an active offer")
      .needs("intake:write")
      .also(handlers())
      .example(std::move(example))
      .returns(kIntakeColumns);
}

}  // namespace

void book_intake(ops::Context& context, const Intake& intake) {
  if (intake.status == Status::booked) return;
  kLifecycle.require(intake.status, Status::booked, label_of(intake));
  auto after = handling_of(intake);
  after.status = Status::booked;
  store_handling(context.tx, intake, after);
  ops::record_history(context, kHistory, intake.id.text, to_text(intake.status), to_text(after.status));
}

void register_handling(ops::Registry& registry) {
  registry.add(kLifecycle);
  registry.add(transition("intake.triage", "Look at a new inquiry and say who takes it",
                          "steward intake triage 7f3a9c12 --owner mia@studio.example --priority 80")
                   .writes(triage));
  registry.add(transition("intake.qualify", "Say that an inquiry can become a deal",
                          "steward intake qualify 7f3a9c12 --note 'Budget is clear'")
                   .writes(qualify));
  registry.add(transition("intake.book", "Say that an inquiry has become business", "steward intake book 7f3a9c12")
                   .writes(book));
  registry.add(transition("intake.lose", "Close an inquiry that comes to nothing",
                          "steward intake lose 7f3a9c12 --note 'Chose another studio'")
                   .writes(lose));
  registry.add(transition<ReopenArgs>("intake.reopen", "Take up a lost inquiry again",
                                      "steward intake reopen 7f3a9c12 --note 'They called back'",
                                      "Why it is reopened, for the history")
                   .writes(reopen));
  registry.add(ops::declare<NoteArgs>("intake.note", "Write a note on an inquiry")
                   .positional("intake", &NoteArgs::intake, "Id, or unique tail of an id")
                   .option("text", &NoteArgs::text, "The note")
                   .needs("intake:write")
                   .also(handlers())
                   .example("steward intake note 7f3a9c12 --text 'Prefers mornings'")
                   .returns(kIntakeColumns)
                   .writes(note_intake));
}

}  // namespace steward::intake
