#include "studio/intake/operations.h"

#include <fmt/format.h>

#include "core/error.h"
#include "ops/declare.h"
#include "studio/identity/identity.h"
#include "studio/intake/rows.h"
#include "studio/offers/offers.h"

namespace steward::intake {
namespace {

struct ListArgs {
  std::optional<Status> status;
  std::optional<Audience> audience;
  std::optional<offers::OfferRef> offer;
  std::optional<identity::UserRef> owner;
  bool unassigned = false;
  std::optional<ops::InstantOrSpan> since, until;
  std::optional<ops::Text<200>> search;
};

ops::Listing list_intake(ops::Context& context, const ListArgs& args) {
  auto listing = intake_listing();
  listing.where_if("i.status = {}", args.status);
  listing.where_if("i.audience = {}", args.audience);
  if (args.offer) listing.where("i.offer_slug = {}", {offers::find_offer(context.tx, *args.offer).slug});
  if (args.owner) listing.where("i.owner_user_id = {}", {ops::resolve(context.tx, *args.owner, "owner")});
  if (args.unassigned) listing.where("i.owner_user_id IS NULL");
  if (args.since) listing.where("i.created_at >= {}", {context.resolve(*args.since)});
  if (args.until) listing.where("i.created_at < {}", {context.resolve(*args.until)});
  if (args.search)
    listing.search(args.search->value,
                   {"i.contact_name", "i.contact_email", "coalesce(i.organization_name, '')", "i.goals"});
  return listing;
}

struct ShowArgs {
  IntakeRef intake;
};

Json show_intake(ops::Context& context, const ShowArgs& args) {
  const auto id = ops::resolve(context.tx, args.intake);
  auto record = intake_record(context.tx, id);
  record.set("contact", contact_of(context.tx, id));
  record.set("deal", deal_of(context.tx, id));
  record.set("notes", notes_of(context.tx, id));
  return record.set("history", ops::history_of(context.tx, kHistory, id.text));
}

}  // namespace

std::vector<ops::Role> handlers() { return {ops::Role::maestro, ops::Role::staff}; }

std::string label_of(const Intake& intake) { return fmt::format("Intake {}", short_id(intake.id.text)); }

ops::Change change_of(ops::Context& context, const IntakeId& id, std::string sentence) {
  ops::Change change;
  change.target_type = "intake";
  change.target_id = id.text;
  change.sentence = std::move(sentence);
  change.data = intake_record(context.tx, id);
  return change;
}

void register_operations(ops::Registry& registry) {
  register_submission(registry);
  register_import(registry);
  registry.add(ops::declare<ListArgs>("intake.list", "List inquiries, newest first")
                   .details("Sort by priority to see what is most urgent: --sort priority:desc.")
                   .option("status", &ListArgs::status, "Where they stand")
                   .option("audience", &ListArgs::audience, "Who asks")
                   .option("offer", &ListArgs::offer, "What they ask for")
                   .option("owner", &ListArgs::owner, "Whose they are")
                   .option("unassigned", &ListArgs::unassigned, "Those that nobody has taken")
                   .option("since", &ListArgs::since, "Made at or after this")
                   .option("until", &ListArgs::until, "Made before this")
                   .option("search", &ListArgs::search, "A piece of name, address, organisation or goals")
                   .needs("intake:read")
                   .also(handlers())
                   .example("steward intake list --status NEW --sort priority:desc")
                   .lists(list_intake, kIntakeColumns));
  registry.add(ops::declare<ShowArgs>("intake.show", "Show an inquiry with its contact, notes, history and deal")
                   .positional("intake", &ShowArgs::intake, "Id, or unique tail of an id")
                   .needs("intake:read")
                   .also(handlers())
                   .example("steward intake show 7f3a9c12")
                   .returns(kIntakeColumns)
                   .shows(show_intake));
  register_handling(registry);
}

}  // namespace steward::intake
