#include <fmt/format.h>

#include "core/error.h"
#include "core/id.h"
#include "ops/declare.h"
#include "ops/settings.h"
#include "studio/ledger/clawbacks.h"
#include "studio/ledger/operations.h"
#include "studio/ledger/payee_rows.h"
#include "studio/ledger/rows.h"

namespace steward::ledger {
namespace {

struct PayoutArgs {
  std::vector<EntryRef> entries;
  ops::Sum expect_total;
  std::optional<Method> method;
  std::optional<ops::Text<200>> reference;
};

void require_entries(const PayoutArgs& args) {
  if (!args.entries.empty()) return;
  throw Error{ErrorKind::usage, "missing_argument", "Which entries? Name them after 'ledger payout'.",
              "steward ledger list --status APPROVED"}
      .at("entry");
}

std::vector<Entry> find_all(db::Tx& tx, const std::vector<EntryRef>& refs) {
  std::vector<Entry> out;
  out.reserve(refs.size());
  for (const auto& ref : refs) out.push_back(find_entry(tx, ops::resolve(tx, ref)));
  return out;
}

// LG-3: nothing is moved unless every one of them may.
void require_payable(const std::vector<Entry>& entries) {
  auto problems = payout_problems(entries);
  if (problems.items().empty()) return;
  const auto& first = problems.items().front();
  const auto more = problems.items().size() - 1;
  const Json others(Json::Array(problems.items().begin() + 1, problems.items().end()));
  throw Error{ErrorKind::conflict, "not_payable",
              fmt::format("{}{} Nothing was paid out.", first.at("message").text(),
                          more == 0 ? std::string() : fmt::format(" ({}.)", count_of(more, "more problem"))),
              "Name only entries that are APPROVED, of one person and one currency."}
      .with(Json{{"entries", problems}, {"lines", others}});
}

// What claw-backs take off, said or found: " (124.21 EUR of claw-backs taken off)".
std::string netted(const std::vector<Entry>& entries) {
  Money off{0, entries.front().amount.currency};
  for (const auto& entry : entries)
    if (entry.type == EntryType::clawback) off = off + entry.amount;
  return off.minor == 0 ? "" : fmt::format(" ({} of claw-backs taken off)", to_text(off));
}

void require_total(const std::vector<Entry>& entries, const Money& total, const Money& expected) {
  if (total.minor < 0)
    refuse_conflict("total_mismatch",
                    fmt::format("These entries come to {}: more is taken back than paid.", to_text(total)),
                    "Add entries, or wait for the next ones.");
  if (total == expected) return;
  throw Error{ErrorKind::conflict, "total_mismatch",
              fmt::format("These entries come to {}{}, not to {}.", to_text(total), netted(entries), to_text(expected)),
              "Look at them again: steward ledger list --status APPROVED."}
      .at("expect-total")
      .with(Json{{"expected_cents", expected.minor},
                 {"expected_currency", expected.currency.code()},
                 {"total_cents", total.minor},
                 {"currency", total.currency.code()}});
}

void require_minimum(db::Tx& tx, const Entry& entry) {
  const auto minimum = minimum_in(ops::setting(tx, "payouts.minimum"), entry.amount.currency);
  if (!minimum) return;
  const auto waiting = approved_sum(tx, *entry.beneficiary, entry.amount.currency);
  if (waiting >= *minimum) return;
  refuse_precondition("below_minimum",
                      fmt::format("{} waits for {}; the least that is paid out is {}.", to_text(waiting),
                                  entry.beneficiary_email, to_text(*minimum)),
                      "Wait for more, or change the setting payouts.minimum.");
}

// LG-8: whom a tax office will ask about is known before money goes: demanded, or only warned of, as the setting says.
std::vector<ops::Warning> require_tax_data(db::Tx& tx, const Entry& entry) {
  const auto missing = missing_tax_data(tx, *entry.beneficiary);
  if (missing.empty()) return {};
  const auto sentence = fmt::format("The tax data of {} lacks {}.", entry.beneficiary_email,
                                    join({missing.begin(), missing.end()}, ", "));
  const auto command = fmt::format("steward ledger payees set {}", entry.beneficiary_email);
  if (ops::setting(tx, "payouts.tax_data") != "required")
    return {{"tax_data_missing", fmt::format("{} Take it down: {}.", sentence, command)}};
  throw Error{ErrorKind::precondition, "tax_data_missing", sentence + " Nothing was paid out.", command}.with(
      Json{{"user_id", *entry.beneficiary},
           {"user_email", entry.beneficiary_email},
           {"missing", Json(Json::Array(missing.begin(), missing.end()))}});
}

// LG-4: who approved does not pay.
void require_other_than_approver(ops::Context& context, const std::vector<Entry>& entries) {
  if (!context.two_person()) return;
  for (const auto& entry : entries)
    if (approved_by_same(entry, context.actor.user_id, context.actor.id))
      throw Error{ErrorKind::permission, "forbidden",
                  fmt::format("{} was approved by who asks, so another person must pay it.", label_of(entry)),
                  "Ask another ADMIN."};
}

Json ids_of(const std::vector<Entry>& entries) {
  Json out = Json::array();
  for (const auto& entry : entries) out.push(entry.id);
  return out;
}

ops::Change start_payout(ops::Context& context, const PayoutArgs& args) {
  auto entries = find_all(context.tx, args.entries);
  require_payable(entries);
  net(context, entries);
  const auto total = total_of(entries);
  require_total(entries, total, args.expect_total);
  require_minimum(context.tx, entries.front());
  require_other_than_approver(context, entries);
  auto warnings = require_tax_data(context.tx, entries.front());
  const auto reference = args.reference ? std::optional(args.reference->value) : std::nullopt;
  ops::Change change;
  change.target_type = "payout";
  change.target_id = insert_payout(context, entries, total, args.method.value_or(Method::manual), reference);
  change.sentence =
      fmt::format("Started a payout of {} to {} ({}){}: {} confirm it.", to_text(total),
                  entries.front().beneficiary_email, count_of(entries.size(), "entry", "entries"), netted(entries),
                  total.minor == 0 ? "there is nothing to transfer;" : "transfer it, then");
  change.data = payout_record(context.tx, change.target_id);
  change.metadata = Json{{"entry_ids", ids_of(entries)},
                         {"before", Json{{"status", to_text(Status::approved)}}},
                         {"after", Json{{"status", to_text(Status::paying)}}}};
  change.moves = total;
  change.warnings = std::move(warnings);
  change.next = fmt::format("steward ledger confirm-payout {} --reference REFERENCE", short_id(entries.front().id));
  return change;
}

struct ConfirmArgs {
  EntryRef entry;
  std::optional<ops::Text<200>> reference;
};

ops::Change settled(ops::Context& context, const Payout& payout, const std::vector<Entry>& entries, Status to) {
  ops::Change change;
  change.target_type = "payout";
  change.target_id = payout.id;
  change.data = payout_record(context.tx, payout.id);
  change.metadata = Json{{"entry_ids", ids_of(entries)},
                         {"before", Json{{"status", to_text(Status::paying)}}},
                         {"after", Json{{"status", to_text(to)}}}};
  return change;
}

ops::Change confirm_payout(ops::Context& context, const ConfirmArgs& args) {
  const auto entry = find_entry(context.tx, ops::resolve(context.tx, args.entry));
  if (entry.status == Status::paid)
    return ops::Change::none("payout", entry.payout_id.value(), fmt::format("{} is PAID.", label_of(entry)),
                             payout_record(context.tx, entry.payout_id.value()));
  kLifecycle.require(entry.status, Status::paid, label_of(entry));
  const auto payout = find_payout(context.tx, entry.payout_id.value());
  const auto entries = entries_of_payout(context.tx, payout.id);
  for (const auto& one : entries) mark_paid(context, one);
  mark_confirmed(context, payout, args.reference ? std::optional(args.reference->value) : std::nullopt);
  auto change = settled(context, payout, entries, Status::paid);
  change.sentence = fmt::format("Paid {} to {} ({}).", to_text(payout.total), entry.beneficiary_email,
                                count_of(entries.size(), "entry", "entries"));
  return change;
}

struct FailArgs {
  EntryRef entry;
  ops::LongText<500> reason;
};

ops::Change fail_payout(ops::Context& context, const FailArgs& args) {
  const auto entry = find_entry(context.tx, ops::resolve(context.tx, args.entry));
  if (entry.status != Status::paying || !entry.payout_id)
    refuse_conflict("invalid_transition", fmt::format("{} is {}: no payout of it is under way that could fail.",
                                                      label_of(entry), to_text(entry.status)));
  const auto payout = find_payout(context.tx, *entry.payout_id);
  const auto entries = entries_of_payout(context.tx, payout.id);
  for (const auto& one : entries) release(context, one, args.reason);
  mark_failed(context, payout, args.reason);
  auto change = settled(context, payout, entries, Status::approved);
  change.sentence = fmt::format("The payout of {} to {} failed; {} may be paid out again.", to_text(payout.total),
                                entry.beneficiary_email, count_of(entries.size(), "entry", "entries"));
  return change;
}

}  // namespace

void register_payouts(ops::Registry& registry) {
  registry.add(
      ops::declare<PayoutArgs>("ledger.payout", "Start one transfer of approved entries to one person")
          .details("All of the entries are of one person and one currency, and are claimed (PAYING) together or not at "
                   "all. confirm-payout or fail-payout says how the transfer went. While controls.two_person is "
                   "on, who approved an entry does not pay it. What the person owes (CLAWBACK) is netted, oldest "
                   "first. Whose "
                   "tax data is missing is warned of, and not paid while payouts.tax_data is required.")
          .positional("entry", &PayoutArgs::entries, "Ids, or unique tails of them")
          .option("expect-total", &PayoutArgs::expect_total, "What the entries must come to")
          .option("method", &PayoutArgs::method, "How the money goes; manual if absent")
          .option("reference", &PayoutArgs::reference, "The bank's or your own reference")
          .needs("ledger:payout")
          .risk(ops::Risk::high)
          .check(require_entries)
          .example("steward ledger payout 3fa09b12 --expect-total \"408000 JPY\" --reference \"ZENGIN 0033\" --yes")
          .returns(kPayoutColumns)
          .writes(start_payout));
  registry.add(ops::declare<ConfirmArgs>("ledger.confirm-payout", "Say that a started payout arrived")
                   .details("Confirms the whole payout that the entry is part of.")
                   .subject("entry", &ConfirmArgs::entry, "Id of an entry of the payout, or unique tail of one")
                   .option("reference", &ConfirmArgs::reference, "The bank's reference")
                   .needs("ledger:payout")
                   .example("steward ledger confirm-payout 3fa09b12 --reference \"SEPA 2026-11-22 17\"")
                   .returns(kPayoutColumns)
                   .writes(confirm_payout));
  registry.add(ops::declare<FailArgs>("ledger.fail-payout", "Say that a started payout did not arrive")
                   .details("Fails the whole payout that the entry is part of; its entries are APPROVED again.")
                   .subject("entry", &FailArgs::entry, "Id of an entry of the payout, or unique tail of one")
                   .option("reason", &FailArgs::reason, "Why")
                   .needs("ledger:payout")
                   .example("steward ledger fail-payout 3fa09b12 --reason \"Account closed\"")
                   .returns(kPayoutColumns)
                   .writes(fail_payout));
}

}  // namespace steward::ledger
