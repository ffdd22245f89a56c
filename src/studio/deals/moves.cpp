#include <fmt/format.h>

#include "core/error.h"
#include "core/id.h"
#include "ops/declare.h"
#include "studio/deals/operations.h"
#include "studio/deals/splits.h"

namespace steward::deals {
namespace {

struct MoveArgs {
  DealRef deal;
  std::optional<ops::LongText<2000>> note;
};

std::optional<std::string> note_of(const MoveArgs& args) {
  return args.note ? std::optional(args.note->value) : std::nullopt;
}

Deal find_subject(ops::Context& context, const MoveArgs& args) {
  return find_deal(context.tx, ops::resolve(context.tx, args.deal));
}

// A move that its provider, its maestro or an ADMIN makes.
std::optional<ops::Change> already(ops::Context& context, const Deal& deal, Status wanted) {
  const auto label = label_of(deal.id.text);
  require_part_in(caller_of(context.actor), deal.provider_user_id, deal.maestro_user_id, label);
  if (deal.status == wanted) return unchanged(context, deal, fmt::format("{} is {}.", label, to_text(wanted)));
  kLifecycle.require(deal.status, wanted, label);
  return std::nullopt;
}

// DL-2: money that came before the approval is applied with it.
void apply_money(ops::Context& context, const DealId& id) {
  if (has_money(context.tx, id)) move(context, find_deal(context.tx, id), Status::paid);
}

ops::Change approve_deal(ops::Context& context, const MoveArgs& args) {
  const auto deal = find_subject(context, args);
  const auto label = label_of(deal.id.text);
  if (deal.status == Status::maestro_approved)
    return unchanged(context, deal, fmt::format("{} is MAESTRO_APPROVED.", label));
  kLifecycle.require(deal.status, Status::maestro_approved, label, "approve");
  require_approver(caller_of(context.actor), deal.provider_user_id.value(), deal.maestro_user_id.value(), label);
  approve(context, deal, note_of(args));
  apply_money(context, deal.id);
  const auto now = find_deal(context.tx, deal.id);
  auto change = changed(context, deal,
                        fmt::format("Approved {}{}.", label, now.status == Status::paid ? "; it is PAID already" : ""));
  change.metadata.set("approval_id", now.approval_id.value());
  change.next = now.status == Status::paid ? fmt::format("steward deals start {}", short_id(deal.id.text))
                                           : fmt::format("steward invoices create --deal {}", short_id(deal.id.text));
  return change;
}

// Work may begin on a deposit, but nobody should take that for the price.
void warn_underpaid(db::Tx& tx, const Deal& deal, ops::Change& change) {
  const auto received = received_on(tx, deal);
  if (received >= deal.agreed_price) return;
  change.warnings.push_back(
      {"underpaid", fmt::format("{} of the {} agreed for {} did not come yet.", to_text(deal.agreed_price - received),
                                to_text(deal.agreed_price), label_of(deal.id.text))});
}

ops::Change start_deal(ops::Context& context, const MoveArgs& args) {
  const auto deal = find_subject(context, args);
  if (auto same = already(context, deal, Status::in_progress)) return *same;
  move(context, deal, Status::in_progress, note_of(args));
  auto change = changed(context, deal, fmt::format("Work on {} began.", label_of(deal.id.text)));
  warn_underpaid(context.tx, deal, change);
  change.next = fmt::format("steward deals deliver {}", short_id(deal.id.text));
  return change;
}

// DL-5: the stage and the ledger move together or not at all.
ops::Change deliver_deal(ops::Context& context, const MoveArgs& args) {
  const auto deal = find_subject(context, args);
  if (auto same = already(context, deal, Status::delivered)) return *same;
  move(context, deal, Status::delivered, note_of(args));
  const auto entries = split(context, deal);
  const auto collected = collected_on(context.tx, deal);
  auto change = changed(context, deal,
                        fmt::format("Delivered {}; the {} collected are in the ledger ({}).", label_of(deal.id.text),
                                    to_text(collected), count_of(entries.items().size(), "entry", "entries")));
  change.metadata.set("ledger_entries", entries);
  warn_underpaid(context.tx, deal, change);
  change.next = fmt::format("steward ledger list --deal {}", short_id(deal.id.text));
  return change;
}

ops::Change close_deal(ops::Context& context, const MoveArgs& args) {
  const auto deal = find_subject(context, args);
  const auto label = label_of(deal.id.text);
  if (deal.status == Status::closed) return unchanged(context, deal, fmt::format("{} is CLOSED.", label));
  kLifecycle.require(deal.status, Status::closed, label);
  move(context, deal, Status::closed, note_of(args));
  auto change = changed(context, deal, fmt::format("Closed {}.", label));
  warn_underpaid(context.tx, deal, change);
  return change;
}

struct EarnArgs {
  DealRef deal;
};

ops::Change earn_again(ops::Context& context, const EarnArgs& args) {
  const auto deal = find_deal(context.tx, ops::resolve(context.tx, args.deal));
  const auto label = label_of(deal.id.text);
  if (!is_delivered(deal.status))
    refuse_conflict("not_delivered",
                    fmt::format("{} is {}; it earns when it is delivered.", label, to_text(deal.status)));
  const auto entries = split(context, deal, true);
  if (entries.items().empty())
    return unchanged(context, deal, fmt::format("The ledger entries of {} are complete.", label));
  auto change = changed(
      context, deal,
      fmt::format("Divided the money of {} anew ({}).", label, count_of(entries.items().size(), "entry", "entries")));
  change.metadata = Json{{"ledger_entries", entries}};
  return change;
}

template <class Handler>
ops::Operation move_operation(const char* path, const char* summary, const char* details, std::string example,
                              std::vector<ops::Role> roles, Handler handler) {
  return ops::declare<MoveArgs>(path, summary)
      .details(details)
      .subject("deal", &MoveArgs::deal, "Id, or unique tail of one")
      .option("note", &MoveArgs::note, "For the history")
      .needs("deals:write")
      .also(std::move(roles))
      .example(std::move(example))
      .returns(kDealColumns)
      .writes(handler);
}

}  // namespace

Caller caller_of(const ops::Actor& actor) {
  using enum ops::Role;
  const bool may_everything = actor.every_role || actor.has_role(admin) || actor.has_role(super_admin);
  return {actor.user_id, actor.is_person(), may_everything};
}

ops::Change changed(ops::Context& context, const Deal& before, std::string sentence) {
  const auto after = find_deal(context.tx, before.id);
  ops::Change change;
  change.target_type = "deal";
  change.target_id = before.id.text;
  change.sentence = std::move(sentence);
  change.data = deal_record(context.tx, before.id);
  change.metadata =
      Json{{"before", Json{{"status", to_text(before.status)}}}, {"after", Json{{"status", to_text(after.status)}}}};
  return change;
}

ops::Change unchanged(ops::Context& context, const Deal& deal, std::string sentence) {
  return ops::Change::none("deal", deal.id.text, std::move(sentence), deal_record(context.tx, deal.id));
}

void register_moves(ops::Registry& registry) {
  using enum ops::Role;
  registry.add(
      move_operation("deals.approve", "Approve who delivers a deal",
                     "By the deal's maestro or an ADMIN, never by its provider. Money that came before is applied now.",
                     "steward deals approve 3fa09b12", {maestro}, approve_deal));
  registry.add(move_operation(
      "deals.start", "Begin the work on a paid deal",
      "By the deal's provider or maestro, or an ADMIN. Warns (underpaid) while less than the price has come.",
      "steward deals start 3fa09b12", people_of_deals(), start_deal));
  registry.add(move_operation(
      "deals.deliver", "Say that a deal's work is done, and divide its money in the ledger",
      "By the deal's provider or maestro, or an ADMIN. The money collected is split by the deal's rates: "
      "shares are rounded down, the remainder is the platform's. What comes later is divided when it comes.",
      "steward deals deliver 3fa09b12", people_of_deals(), deliver_deal));
  registry.add(move_operation("deals.close", "Close a delivered deal", "Nothing follows a closed deal.",
                              "steward deals close 3fa09b12", {maestro}, close_deal));
  registry.add(
      ops::declare<EarnArgs>("deals.earn", "Divide a delivered deal's money anew, also what was voided")
          .details("For entries that are missing or were voided by mistake. What is PAYING or PAID stays as it is.")
          .subject("deal", &EarnArgs::deal, "Id, or unique tail of one")
          .needs("ledger:write")
          .risk(ops::Risk::high)
          .example("steward deals earn 3fa09b12 --yes")
          .returns(kDealColumns)
          .writes(earn_again));
}

}  // namespace steward::deals
