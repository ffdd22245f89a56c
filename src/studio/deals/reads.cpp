#include <fmt/format.h>

#include "core/error.h"
#include "ops/declare.h"
#include "studio/deals/operations.h"
#include "studio/identity/identity.h"
#include "studio/intake/intake.h"
#include "studio/ledger/ledger.h"
#include "studio/offers/offers.h"

namespace steward::deals {
namespace {

// Providers and referrers see the deals they have a part in; who supervises, and a token by its scope, sees all.
std::optional<std::string> only_own(const ops::Actor& actor) {
  using enum ops::Role;
  const bool sees_all = actor.type != ops::ActorType::user || actor.has_role(admin) || actor.has_role(super_admin) ||
                        actor.has_role(maestro);
  return sees_all ? std::nullopt : actor.user_id;
}

std::vector<ops::Role> readers() {
  auto roles = people_of_deals();
  roles.push_back(ops::Role::affiliate);
  return roles;
}

void keep_own(ops::Listing& listing, const ops::Actor& actor) {
  if (const auto own = only_own(actor))
    listing.where("(d.provider_user_id = {} OR d.referrer_user_id = {} OR d.requested_provider_user_id = {})",
                  {*own, *own, *own});
}

struct ListArgs {
  std::optional<Status> status;
  std::optional<intake::IntakeRef> intake;
  std::optional<offers::OfferRef> offer;
  std::optional<identity::UserRef> provider, maestro, referrer;
  std::optional<ops::Email> client_email;
  bool disputed = false;
  std::optional<ops::InstantOrSpan> since, until;
  std::optional<ops::Text<200>> search;
};

void keep_people(ops::Listing& listing, db::Tx& tx, const ListArgs& args) {
  if (args.provider) listing.where("d.provider_user_id = {}", {ops::resolve(tx, *args.provider, "provider")});
  if (args.maestro) listing.where("d.maestro_user_id = {}", {ops::resolve(tx, *args.maestro, "maestro")});
  if (args.referrer) listing.where("d.referrer_user_id = {}", {ops::resolve(tx, *args.referrer, "referrer")});
  if (args.client_email) listing.where("i.contact_email = {}", {args.client_email->value});
}

ops::Listing list_deals(ops::Context& context, const ListArgs& args) {
  auto listing = deal_listing();
  keep_own(listing, context.actor);
  keep_people(listing, context.tx, args);
  listing.where_if("d.status = {}", args.status);
  if (args.intake) listing.where("d.intake_id = {}", {ops::resolve(context.tx, *args.intake)});
  if (args.offer) listing.where("d.offer_slug = {}", {offers::find_offer(context.tx, *args.offer).slug});
  if (args.disputed) listing.where("d.dispute_opened_at IS NOT NULL");
  if (args.since) listing.where("d.created_at >= {}", {context.resolve(*args.since)});
  if (args.until) listing.where("d.created_at < {}", {context.resolve(*args.until)});
  if (args.search) listing.search(args.search->value, {"i.contact_email", "i.contact_name", "d.offer_slug"});
  return listing;
}

struct ShowArgs {
  DealRef deal;
};

Json show_deal(ops::Context& context, const ShowArgs& args) {
  const auto id = ops::resolve(context.tx, args.deal);
  auto listing = deal_listing();
  keep_own(listing, context.actor);
  auto record = listing.where("d.id = {}", {id}).record(context.tx);
  if (record.is_null())
    throw Error{ErrorKind::not_found, "not_found", fmt::format("There is no {} of yours.", label_of(id.text))};
  record.set("payments", payments_of(context.tx, id));
  record.set("ledger_entries", ledger::entries_of(context.tx, id.text));
  record.set("assignments", assignments_of(context.tx, id));
  return record.set("history", ops::history_of(context.tx, kHistory, id.text));
}

}  // namespace

void register_reads(ops::Registry& registry) {
  registry.add(
      ops::declare<ListArgs>("deals.list", "List deals, newest first")
          .details("Providers and referrers see their own deals.")
          .option("status", &ListArgs::status, "Only deals in this stage")
          .option("intake", &ListArgs::intake, "Only the deal of this intake")
          .option("offer", &ListArgs::offer, "Only deals of this offer")
          .option("provider", &ListArgs::provider, "Only what this person delivers")
          .option("maestro", &ListArgs::maestro, "Only what this person answers for")
          .option("referrer", &ListArgs::referrer, "Only what this person referred")
          .option("client-email", &ListArgs::client_email, "Only deals with this client")
          .option("disputed", &ListArgs::disputed, "Only deals with an open dispute")
          .option("since", &ListArgs::since, "Made at or after this instant")
          .option("until", &ListArgs::until, "Made before this instant")
          .option("search", &ListArgs::search, "A piece of the client's address or name, or of the offer's slug")
          .needs("deals:read")
          .also(readers())
          .example("steward deals list --status ASSIGNED")
          .lists(list_deals, kDealColumns));
  registry.add(ops::declare<ShowArgs>("deals.show", "Show one deal with its payments, ledger entries and history")
                   .positional("deal", &ShowArgs::deal, "Id, or unique tail of one")
                   .needs("deals:read")
                   .also(readers())
                   .example("steward deals show 3fa09b12")
                   .returns(kDealColumns)
                   .shows(show_deal));
}

}  // namespace steward::deals
