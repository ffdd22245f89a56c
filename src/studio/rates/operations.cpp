#include <fmt/format.h>

#include "core/error.h"
#include "ops/context.h"
#include "ops/declare.h"
#include "studio/rates/rows.h"

namespace steward::rates {
namespace {

using ops::Kind;

constexpr ops::Column kRateColumns[] = {
    {.name = "id", .sql = "r.id", .shown = ops::Shown::record},
    {.name = "name", .sql = "r.name"},
    {.name = "rate_bp", .sql = "r.rate_bp", .kind = Kind::integer, .help = "Basis points of the money collected"},
    {.name = "effective_from", .sql = "r.effective_from", .kind = Kind::instant},
    {.name = "in_force",
     .sql = "CASE WHEN r.effective_from <= {now} AND NOT EXISTS (SELECT 1 FROM rates n WHERE n.name = r.name"
            " AND n.effective_from > r.effective_from AND n.effective_from <= {now}) THEN 1 ELSE 0 END",
     .kind = Kind::boolean},
    {.name = "created_at", .sql = "r.created_at", .kind = Kind::instant, .shown = ops::Shown::record},
    {.name = "created_by", .sql = "r.created_by", .shown = ops::Shown::record},
    {.name = "created_by_email", .sql = "u.email", .shown = ops::Shown::record},
};

ops::Listing rate_listing(ops::Context& context) {
  ops::Listing listing(kRateColumns, "rates r LEFT JOIN users u ON u.id = r.created_by");
  listing.set("now", context.now()).key("r.id");
  return listing;
}

Json rate_record(ops::Context& context, const RateId& id) {
  return rate_listing(context).where("r.id = {}", {id}).record(context.tx);
}

struct ListArgs {
  std::optional<RateName> name;
  std::optional<ops::InstantOrSpan> since, until;
  std::optional<ops::Text<200>> search;
};

ops::Listing list_rates(ops::Context& context, const ListArgs& args) {
  auto listing = rate_listing(context);
  listing.where_if("r.name = {}", args.name);
  if (args.since) listing.where("r.effective_from >= {}", {context.resolve(*args.since)});
  if (args.until) listing.where("r.effective_from < {}", {context.resolve(*args.until)});
  if (args.search) listing.search(args.search->value, {"r.name", "u.email"});
  return listing;
}

struct SetArgs {
  RateName rate;
  ops::Whole<0, kWhole> bp;
  std::optional<ops::InstantOrSpan> from;
};

int wanted_bp(const SetArgs& args) { return static_cast<int>(args.bp.value); }

void require_room(ops::Context& context, const SetArgs& args, Instant from) {
  const auto other = timeline(context.tx, other_than(args.rate));
  const auto until = next_change(context.tx, args.rate, from);
  require_within_whole(args.rate, wanted_bp(args), highest_between(other, from, until));
}

ops::Change set_rate(ops::Context& context, const SetArgs& args) {
  const auto from = args.from ? context.resolve(*args.from) : context.now();
  require_not_past(from, context.now());
  const auto before = rate_at(context.tx, args.rate, from);
  if (before && before->bp == wanted_bp(args))
    return ops::Change::none("rate", before->id.text,
                             fmt::format("{} is {} basis points then already.", to_text(args.rate), before->bp),
                             rate_record(context, before->id));
  if (before && before->effective_from == from)
    refuse_conflict("duplicate",
                    fmt::format("{} is set to {} from {} already.", to_text(args.rate), before->bp, to_text(from)),
                    "A rate is never edited: let the next one take effect a moment later.");
  require_room(context, args, from);
  const Rate rate{{context.new_id()}, args.rate, wanted_bp(args), from};
  insert_rate(context.tx, rate, context.actor.user_id);
  ops::Change change;
  change.target_type = "rate";
  change.target_id = rate.id.text;
  change.sentence = fmt::format("{} is {} basis points from {}.", to_text(rate.name), rate.bp, to_text(from));
  change.data = rate_record(context, rate.id);
  change.metadata = {{"name", to_text(rate.name)},
                     {"before", Json{{"rate_bp", before ? Json(before->bp) : Json()}}},
                     {"after", Json{{"rate_bp", rate.bp}, {"effective_from", to_text(from)}}}};
  return change;
}

}  // namespace

void register_operations(ops::Registry& registry) {
  registry.add(ops::declare<ListArgs>("rates.list", "List the shares of provider and referrer, past and to come")
                   .option("name", &ListArgs::name, "Only this rate")
                   .option("since", &ListArgs::since, "Only what takes effect at or after this")
                   .option("until", &ListArgs::until, "Only what takes effect before this")
                   .option("search", &ListArgs::search, "Text in name or who set it")
                   .needs("rates:read")
                   .also({ops::Role::maestro, ops::Role::staff})
                   .example("steward rates list --name PROVIDER")
                   .lists(list_rates, kRateColumns));
  registry.add(ops::declare<SetArgs>("rates.set", "Set the share of provider or referrer from an instant on")
                   .details("Deals keep the rates they were made under. The two rates are never more than 10000 basis "
                            "points together, at any instant.")
                   .positional("rate", &SetArgs::rate, "PROVIDER or REFERRER")
                   .option("bp", &SetArgs::bp, "Basis points: 6000 is 60 %")
                   .option("from", &SetArgs::from, "When it takes effect; now if absent, never in the past")
                   .needs("rates:write")
                   .example("steward rates set PROVIDER --bp 6500")
                   .example("steward rates set REFERRER --bp 500 --from +30d")
                   .returns(kRateColumns)
                   .writes(set_rate));
}

}  // namespace steward::rates
