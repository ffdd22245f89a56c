#include "studio/offers/operations.h"

#include "ops/context.h"
#include "ops/declare.h"
#include "studio/offers/packages.h"
#include "studio/offers/rows.h"

namespace steward::offers {
namespace {

// Offers are public: whoever has a role may read them.
std::vector<ops::Role> readers() {
  return {ops::Role::user,
          ops::Role::affiliate,
          ops::Role::apprentice,
          ops::Role::associate,
          ops::Role::certified_consultant,
          ops::Role::staff,
          ops::Role::maestro,
          ops::Role::client,
          ops::Role::subscriber};
}

struct ListArgs {
  std::optional<Status> status;
  std::optional<Audience> audience;
  std::optional<DeliveryMode> delivery_mode;
  std::optional<ops::InstantOrSpan> since, until;
  std::optional<ops::Text<200>> search;
};

// What is for both, or given both ways, is found under either.
ops::Listing list_offers(ops::Context& context, const ListArgs& args) {
  auto listing = offer_listing();
  listing.where_if("o.status = {}", args.status);
  if (args.audience) listing.where("o.audience IN ({}, {})", {*args.audience, Audience::both});
  if (args.delivery_mode) listing.where("o.delivery_mode IN ({}, {})", {*args.delivery_mode, DeliveryMode::hybrid});
  if (args.since) listing.where("o.created_at >= {}", {context.resolve(*args.since)});
  if (args.until) listing.where("o.created_at < {}", {context.resolve(*args.until)});
  if (args.search) listing.search(args.search->value, {"o.slug", "o.title", "o.summary"});
  return listing;
}

struct ShowArgs {
  OfferRef offer;
};

Json show_offer(ops::Context& context, const ShowArgs& args) {
  const auto id = ops::resolve(context.tx, args.offer);
  auto record = offer_record(context.tx, id);
  record.set("packages", packages_of(context.tx, id));
  return record.set("history", price_history(context.tx, id));
}

}  // namespace

void register_operations(ops::Registry& registry) {
  register_writes(registry);
  register_import(registry);
  register_packages(registry);
  registry.add(ops::declare<ListArgs>("offers.list", "List offers, newest first")
                   .option("status", &ListArgs::status, "ACTIVE or INACTIVE")
                   .option("audience", &ListArgs::audience, "For this audience; those for BOTH are among them")
                   .option("delivery-mode", &ListArgs::delivery_mode, "Given this way; HYBRID ones are among them")
                   .option("since", &ListArgs::since, "Created at or after this")
                   .option("until", &ListArgs::until, "Created before this")
                   .option("search", &ListArgs::search, "A piece of slug, title or summary")
                   .needs("offers:read")
                   .also(readers())
                   .example("steward offers list --status ACTIVE")
                   .lists(list_offers, kOfferColumns));
  registry.add(ops::declare<ShowArgs>("offers.show", "Show an offer, its packages and its price history")
                   .positional("offer", &ShowArgs::offer, "Slug, id, or unique tail of an id")
                   .needs("offers:read")
                   .also(readers())
                   .example("steward offers show disciplined-inquiry")
                   .returns(kOfferColumns)
                   .shows(show_offer));
}

}  // namespace steward::offers
