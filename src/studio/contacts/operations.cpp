#include "studio/contacts/operations.h"

#include <fmt/format.h>

#include "core/error.h"
#include "ops/declare.h"
#include "studio/contacts/merges.h"
#include "studio/identity/identity.h"

namespace steward::contacts {
namespace {

struct ListArgs {
  std::optional<Status> status;
  std::optional<Source> source;
  std::optional<ops::Country> country;
  std::optional<identity::UserRef> assigned_to;
  bool unassigned = false, incomplete = false, merged = false;
  std::optional<ops::InstantOrSpan> since, until;
  std::optional<ops::Text<200>> search;
};

// missing_for_documents() as SQL.
constexpr auto kIncomplete = "(coalesce(c.legal_name, c.full_name) IS NULL OR c.address IS NULL OR c.country IS NULL)";

ops::Listing list_contacts(ops::Context& context, const ListArgs& args) {
  auto listing = contact_listing();
  if (!args.merged) listing.where("c.merged_into_id IS NULL");
  listing.where_if("c.status = {}", args.status);
  listing.where_if("c.source = {}", args.source);
  if (args.country) listing.where("c.country = {}", {args.country->value});
  if (args.assigned_to)
    listing.where("c.assigned_to = {}", {ops::resolve(context.tx, *args.assigned_to, "assigned-to")});
  if (args.unassigned) listing.where("c.assigned_to IS NULL");
  if (args.incomplete) listing.where(kIncomplete);
  if (args.since) listing.where("c.created_at >= {}", {context.resolve(*args.since)});
  if (args.until) listing.where("c.created_at < {}", {context.resolve(*args.until)});
  if (args.search)
    listing.search(args.search->value, {"c.email", "coalesce(c.full_name, '')", "coalesce(c.legal_name, '')"});
  return listing;
}

struct ShowArgs {
  ContactRef contact;
};

Json show_contact(ops::Context& context, const ShowArgs& args) {
  const auto contact = find_contact(context.tx, args.contact);
  auto record = contact_record(context.tx, contact.id);
  const auto missing = missing_for_documents(contact.profile);
  record.set("missing", Json(Json::Array(missing.begin(), missing.end())));
  record.set("intakes", intakes_of(context.tx, contact.id));
  record.set("merges", merges_of(context.tx, contact.id));
  return record.set("history", ops::history_of(context.tx, kHistory, contact.id.text));
}

}  // namespace

std::vector<ops::Role> handlers() { return {ops::Role::maestro, ops::Role::staff}; }

std::string label_of(const Contact& contact) { return "Contact " + contact.email; }

ops::Change change_of(ops::Context& context, const ContactId& id, std::string sentence) {
  ops::Change change;
  change.target_type = "contact";
  change.target_id = id.text;
  change.sentence = std::move(sentence);
  change.data = contact_record(context.tx, id);
  return change;
}

ops::Change no_change(ops::Context& context, const Contact& contact, std::string sentence) {
  return ops::Change::none("contact", contact.id.text, std::move(sentence), contact_record(context.tx, contact.id));
}

Json names(const std::vector<std::string_view>& fields) { return Json(Json::Array(fields.begin(), fields.end())); }

void require_unmerged(db::Tx& tx, const Contact& contact) {
  if (!contact.merged_into) return;
  const auto survivor = survivor_of(tx, contact);
  refuse_conflict(
      "contact_merged",
      fmt::format("{} was merged into {}, so nothing of it changes.", label_of(contact), survivor.email),
      fmt::format("Name {}, or take the merge back: steward contacts unmerge {}.", survivor.email, contact.email));
}

void register_operations(ops::Registry& registry) {
  register_profiles(registry);
  register_import(registry);
  registry.add(ops::declare<ListArgs>("contacts.list", "List contacts, newest first")
                   .option("status", &ListArgs::status, "Where they stand")
                   .option("source", &ListArgs::source, "How they came to be known")
                   .option("country", &ListArgs::country, "Of their billing identity")
                   .option("assigned-to", &ListArgs::assigned_to, "Who looks after them")
                   .option("unassigned", &ListArgs::unassigned, "Those that nobody looks after")
                   .option("incomplete", &ListArgs::incomplete, "Those that no document can be made out to yet")
                   .option("merged", &ListArgs::merged, "Those that were merged into others too")
                   .option("since", &ListArgs::since, "Made at or after this")
                   .option("until", &ListArgs::until, "Made before this")
                   .option("search", &ListArgs::search, "A piece of address or name")
                   .needs("contacts:read")
                   .also(handlers())
                   .example("steward contacts list --status LEAD")
                   .lists(list_contacts, kContactColumns));
  registry.add(ops::declare<ShowArgs>("contacts.show", "Show a contact with inquiries, merges and history")
                   .details("What is listed as missing is what a document can't be made out to them without.")
                   .positional("contact", &ShowArgs::contact, "E-mail address, id, or unique tail of an id")
                   .needs("contacts:read")
                   .also(handlers())
                   .example("steward contacts show ada@client.example")
                   .returns(kContactColumns)
                   .shows(show_contact));
  register_moves(registry);
  register_merging(registry);
  register_linking(registry);
}

}  // namespace steward::contacts
