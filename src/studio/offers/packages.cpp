#include "studio/offers/packages.h"

#include <fmt/format.h>

#include "core/error.h"
#include "ops/declare.h"

namespace steward::offers {
namespace {

using ops::Kind;
using ops::Shown;

struct PackageTag {
  static constexpr ops::HandleSpec spec{"package", "offer_packages", {}, ops::HandleSpec::Spelling::exact, "name"};
};
using PackageId = Id<PackageTag>;

constexpr ops::Column kColumns[] = {
    {.name = "id", .sql = "k.id"},
    {.name = "offer_slug", .sql = "o.slug"},
    {.name = "name", .sql = "k.name"},
    {.name = "scope", .sql = "k.scope"},
    {.name = "price_cents", .sql = "k.price_cents", .kind = Kind::money},
    {.name = "currency", .sql = "k.currency"},
    {.name = "price_label", .sql = "k.price_label"},
    {.name = "sort_order", .sql = "k.sort_order", .kind = Kind::integer},
    {.name = "removed_at", .sql = "k.removed_at", .kind = Kind::instant, .shown = Shown::record},
    {.name = "version", .sql = "k.version", .kind = Kind::integer, .shown = Shown::record},
    {.name = "created_at", .sql = "k.created_at", .kind = Kind::instant, .shown = Shown::record},
    {.name = "updated_at", .sql = "k.updated_at", .kind = Kind::instant, .shown = Shown::record},
};

constexpr auto kIsTaken = "SELECT 1 FROM offer_packages WHERE offer_id = $1 AND name = $2 AND removed_at IS NULL";
constexpr auto kInsert = R"sql(
  INSERT INTO offer_packages (id, offer_id, name, scope, price_label, price_cents, currency, sort_order, created_by,
                              created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
)sql";
constexpr auto kRemove = R"sql(
  UPDATE offer_packages SET removed_at = $2, version = version + 1, updated_at = $2
   WHERE id = $1 AND removed_at IS NULL
)sql";

constexpr std::int64_t kUsualOrder = 100;

ops::Listing package_listing() {
  return ops::Listing(kColumns, "offer_packages k JOIN offers o ON o.id = k.offer_id").key("k.id");
}

ops::Change change_of(db::Tx& tx, const PackageId& id) {
  ops::Change change;
  change.target_type = "package";
  change.target_id = id.text;
  change.data = package_listing().where("k.id = {}", {id}).record(tx);
  return change;
}

struct AddArgs {
  OfferRef offer;
  ops::Text<100> name;
  ops::LongText<2000> scope;
  std::optional<ops::Amount> price;
  std::optional<ops::Text<100>> price_label;
  std::optional<ops::Whole<0, 1'000'000>> sort_order;
};

void check_add(const AddArgs& args) {
  if (args.price && args.price_label)
    refuse_usage("conflicting_arguments", "A package has a price or a price in words, not both.", "price-label");
}

// OF-5: a price is an amount, in the offer's currency.
std::optional<Money> price_of(const AddArgs& args, const Offer& offer) {
  if (!args.price) return {};
  return parse_money(args.price->text, offer.currency);
}

ops::Change add_package(ops::Context& context, const AddArgs& args) {
  const auto offer = find_offer(context.tx, args.offer);
  if (context.tx.exists(kIsTaken, {offer.id, args.name.value}))
    throw Error{ErrorKind::conflict, "duplicate",
                fmt::format("Offer {} has a package '{}' already.", offer.slug, args.name.value),
                "Remove that one first, or choose another name."}
        .at("name");
  const auto price = price_of(args, offer);
  const PackageId id{context.new_id()};
  const auto label = args.price_label ? db::Value(args.price_label->value) : db::Value();
  context.tx.exec(
      kInsert, {id, offer.id, args.name.value, args.scope.value, label, price ? db::Value(price->minor) : db::Value(),
                price ? db::Value(price->currency.code()) : db::Value(),
                args.sort_order ? args.sort_order->value : kUsualOrder, context.actor.user_id, context.now()});
  auto change = change_of(context.tx, id);
  change.sentence = fmt::format("Added package '{}' to offer {}.", args.name.value, offer.slug);
  change.metadata = {{"offer_id", offer.id.text},
                     {"after", Json{{"price_cents", price ? Json(price->minor) : Json()},
                                    {"currency", price ? Json(price->currency.code()) : Json()}}}};
  return change;
}

struct ListArgs {
  std::optional<OfferRef> offer;
  bool removed = false;
  std::optional<ops::InstantOrSpan> since, until;
  std::optional<ops::Text<200>> search;
};

ops::Listing list_packages(ops::Context& context, const ListArgs& args) {
  auto listing = package_listing();
  if (!args.removed) listing.where("k.removed_at IS NULL");
  if (args.offer) listing.where("k.offer_id = {}", {ops::resolve(context.tx, *args.offer)});
  if (args.since) listing.where("k.created_at >= {}", {context.resolve(*args.since)});
  if (args.until) listing.where("k.created_at < {}", {context.resolve(*args.until)});
  if (args.search) listing.search(args.search->value, {"k.name", "k.scope", "o.slug"});
  return listing;
}

struct RemoveArgs {
  ops::Ref<PackageTag> package;
};

// X-10: what was once offered stays on record.
ops::Change remove_package(ops::Context& context, const RemoveArgs& args) {
  const PackageId id = ops::resolve(context.tx, args.package);
  const bool removed = context.tx.exec(kRemove, {id, context.now()}) == 1;
  auto change = change_of(context.tx, id);
  const auto name = change.data.at("name").text();
  if (!removed)
    return ops::Change::none("package", id.text, fmt::format("Package '{}' is removed already.", name), change.data);
  change.sentence = fmt::format("Removed package '{}' of offer {}.", name, change.data.at("offer_slug").text());
  return change;
}

}  // namespace

Json packages_of(db::Tx& tx, const OfferId& offer) {
  auto listing = package_listing();
  listing.where("k.offer_id = {}", {offer}).where("k.removed_at IS NULL");
  return listing.key("k.sort_order, k.id", false).records(tx);
}

void register_packages(ops::Registry& registry) {
  registry.add(ops::declare<AddArgs>("offers.packages.add", "Add a package that an offer is sold in")
                   .positional("offer", &AddArgs::offer, "Slug, id, or unique tail of an id")
                   .option("name", &AddArgs::name, "Its name, once an offer")
                   .option("scope", &AddArgs::scope, "What it contains")
                   .option("price", &AddArgs::price, "Its price, in the offer's currency")
                   .option("price-label", &AddArgs::price_label, "Its price in words, where it is no amount")
                   .option("sort-order", &AddArgs::sort_order, "Lower comes first; 100 if absent")
                   .check(check_add)
                   .needs("offers:write")
                   .example("steward offers packages add disciplined-inquiry --name 'Half day' --scope "
                            "'One question, four hours' --price 1250.00")
                   .returns(kColumns)
                   .writes(add_package));
  registry.add(ops::declare<ListArgs>("offers.packages.list", "List the packages that offers are sold in")
                   .positional("offer", &ListArgs::offer, "Only of this offer: slug, id, or unique tail of an id")
                   .option("removed", &ListArgs::removed, "Those that were removed too")
                   .option("since", &ListArgs::since, "Only those made at or after this")
                   .option("until", &ListArgs::until, "Only those made before this")
                   .option("search", &ListArgs::search, "Text in name, scope, or the offer's slug")
                   .needs("offers:read")
                   .example("steward offers packages list")
                   .lists(list_packages, kColumns));
  registry.add(ops::declare<RemoveArgs>("offers.packages.remove", "Stop selling an offer in a package")
                   .subject("package", &RemoveArgs::package, "Id, or unique tail of an id")
                   .needs("offers:write")
                   .example("steward offers packages remove 3fa09b12")
                   .returns(kColumns)
                   .writes(remove_package));
}

}  // namespace steward::offers
