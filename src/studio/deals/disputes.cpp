#include <fmt/format.h>

#include "ops/declare.h"
#include "studio/deals/operations.h"

namespace steward::deals {
namespace {

struct DisputeArgs {
  DealRef deal;
  ops::LongText<2000> reason;
};

ops::Change open_dispute(ops::Context& context, const DisputeArgs& args) {
  const auto deal = find_deal(context.tx, ops::resolve(context.tx, args.deal));
  const auto label = label_of(deal.id.text);
  if (deal.disputed) return unchanged(context, deal, fmt::format("{} is disputed.", label));
  set_dispute(context, deal, true, "dispute: " + args.reason.value);
  auto change = changed(context, deal, fmt::format("{} is disputed; its ledger entries are frozen.", label));
  change.metadata = Json{{"before", Json{{"disputed", false}}}, {"after", Json{{"disputed", true}}}};
  return change;
}

struct SettleArgs {
  DealRef deal;
  std::optional<ops::LongText<2000>> note;
};

ops::Change settle_dispute(ops::Context& context, const SettleArgs& args) {
  const auto deal = find_deal(context.tx, ops::resolve(context.tx, args.deal));
  const auto label = label_of(deal.id.text);
  if (!deal.disputed) return unchanged(context, deal, fmt::format("{} is not disputed.", label));
  set_dispute(context, deal, false, args.note ? "settled: " + args.note->value : "settled");
  auto change = changed(context, deal, fmt::format("Settled the dispute of {}; its ledger entries move again.", label));
  change.metadata = Json{{"before", Json{{"disputed", true}}}, {"after", Json{{"disputed", false}}}};
  return change;
}

}  // namespace

void register_disputes(ops::Registry& registry) {
  registry.add(ops::declare<DisputeArgs>("deals.dispute", "Freeze a deal's ledger entries while it is disputed")
                   .details("Its stage stays; its entries can be neither approved nor paid out until it is settled.")
                   .subject("deal", &DisputeArgs::deal, "Id, or unique tail of one")
                   .option("reason", &DisputeArgs::reason, "Why, for the history")
                   .needs("deals:write")
                   .also({ops::Role::maestro})
                   .example("steward deals dispute 3fa09b12 --reason \"The client contests the second day\"")
                   .returns(kDealColumns)
                   .writes(open_dispute));
  registry.add(ops::declare<SettleArgs>("deals.settle", "End a deal's dispute, so that its ledger entries move again")
                   .subject("deal", &SettleArgs::deal, "Id, or unique tail of one")
                   .option("note", &SettleArgs::note, "How, for the history")
                   .needs("ledger:write")
                   .risk(ops::Risk::high)
                   .example("steward deals settle 3fa09b12 --yes")
                   .returns(kDealColumns)
                   .writes(settle_dispute));
}

}  // namespace steward::deals
