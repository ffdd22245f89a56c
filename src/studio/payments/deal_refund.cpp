#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "ops/declare.h"
#include "studio/deals/deals.h"
#include "studio/payments/operations.h"
#include "studio/payments/rows.h"

namespace steward::payments {
namespace {

struct RefundDealArgs {
  deals::DealRef deal;
  std::optional<ops::Amount> amount;
  ops::LongText<2000> reason;
  std::optional<ops::Text<140>> reference;
};

Money held_for(const std::vector<invoices::Invoice>& invoices, Currency currency) {
  Money out{0, currency};
  for (const auto& invoice : invoices) out = out + invoice.asked();
  return out;
}

void require_held(const deals::Deal& deal, const Money& held, const Money& wanted) {
  const auto label = deals::label_of(deal.id.text);
  if (held.minor == 0)
    refuse_conflict("not_refundable", fmt::format("{} has no money that could go back.", label),
                    "Only an invoice of the deal that was paid in full is the deal's money.");
  if (wanted <= held) return;
  throw Error{ErrorKind::conflict, "over_refunded",
              fmt::format("{} is more than was paid for {}, which is {}.", to_text(wanted), label, to_text(held)),
              "Refund at most that."}
      .at("amount")
      .with(Json{{"remaining_cents", held.minor}, {"currency", held.currency.code()}});
}

// One transfer gives back of several payments, and an invoice has a reference once.
std::optional<std::string> reference_of(const RefundDealArgs& args, int count) {
  if (!args.reference) return std::nullopt;
  return count == 1 ? args.reference->value : fmt::format("{} ({})", args.reference->value, count);
}

// Gives back so much of the money that came for an invoice, the latest first. What came as the credit of another
// invoice can't go back from here: it stays the client's credit.
Money pay_back(ops::Context& context, const invoices::Invoice& invoice, Money amount, const RefundDealArgs& args,
               Json& refunds) {
  int count = 0;
  for (const auto& payment : received_for(context.tx, invoice.id)) {
    const auto left = payment.amount.minor - refunded_of(context.tx, payment.id);
    const Money part{std::min(left, amount.minor), amount.currency};
    if (part.minor == 0) continue;
    Json metadata;
    const auto done =
        refund(context, payment, {part, context.now(), args.reason, reference_of(args, ++count)}, metadata);
    refunds.push(Json{{"payment_id", done.payment.id.text},
                      {"amount_cents", part.minor},
                      {"amount", decimal_text(part)},
                      {"currency", part.currency.code()}});
    amount = amount - part;
  }
  return amount;
}

struct Given {
  Json credit_notes = Json::array(), refunds = Json::array();
  Money kept;  ///< of it, what stays with the studio as the client's credit
};

Given give_back(ops::Context& context, const std::vector<invoices::Invoice>& paid, Money amount,
                const RefundDealArgs& args) {
  Given out{.kept = {0, amount.currency}};
  for (const auto& invoice : paid) {
    const auto part = std::min(amount, invoice.asked());
    if (part.minor == 0) continue;
    const auto credited = invoices::issue_credit_note(
        context, invoice, invoices::creditable_part(context.tx, invoice, part), args.reason.value);
    out.credit_notes.push(Json{{"id", credited.id}, {"number", credited.number}, {"invoice_id", invoice.id.text}});
    out.kept = out.kept + pay_back(context, credited.invoice, part, args, out.refunds);
    amount = amount - part;
  }
  return out;
}

ops::Change refund_deal(ops::Context& context, const RefundDealArgs& args) {
  const auto deal = deals::find_deal(context.tx, ops::resolve(context.tx, args.deal));
  if (deal.status == deals::Status::refunded)
    return ops::Change::none("deal", deal.id.text,
                             fmt::format("{} is refunded already.", deals::label_of(deal.id.text)),
                             deals::record_of(context.tx, deal.id));
  const auto paid = invoices::paid_for_deal(context.tx, deal.id.text);
  const auto held = held_for(paid, deal.agreed_price.currency);
  const auto amount = args.amount ? parse_money(args.amount->text, held.currency) : held;
  require_held(deal, held, amount);
  auto given = give_back(context, paid, amount, args);
  ops::Change change;
  change.target_type = "deal";
  change.target_id = deal.id.text;
  change.sentence = fmt::format("Refunded {} of {}.", to_text(amount), deals::label_of(deal.id.text));
  if (given.kept.minor > 0)
    change.sentence +=
        fmt::format(" {} of it came as credit of other invoices and stays the client's.", to_text(given.kept));
  change.data = deals::record_of(context.tx, deal.id);
  change.data.set("credit_notes", given.credit_notes).set("refunds", given.refunds);
  change.metadata = Json{{"before", Json{{"status", to_text(deal.status)}}},
                         {"after", Json{{"status", change.data.at("status")}}},
                         {"credit_notes", std::move(given.credit_notes)},
                         {"refunds", std::move(given.refunds)}};
  change.moves = amount;
  change.next = fmt::format("steward deals show {}", short_id(deal.id.text));
  return change;
}

}  // namespace

void register_deal_refund(ops::Registry& registry) {
  registry.add(
      ops::declare<RefundDealArgs>("deals.refund", "Give back what was paid for a deal, or a part of it")
          .details("Issues a credit note for each of its paid invoices, records the refund of their payments, and "
                   "divides the deal's ledger entries anew: what was paid out beyond what is left is netted from the "
                   "next payouts. A deal without money left is REFUNDED. Another person approves it while "
                   "controls.two_person is on.")
          .positional("deal", &RefundDealArgs::deal, "Id, or unique tail of an id")
          .option("reason", &RefundDealArgs::reason, "Why; printed on the credit notes")
          .option("amount", &RefundDealArgs::amount, "How much, tax included; all of it if absent")
          .option("reference", &RefundDealArgs::reference, "The bank's or your own reference")
          .needs("payments:refund")
          .risk(ops::Risk::high)
          .second_person()
          .example("steward deals refund 7f3a9c --reason \"Cancelled by the client\"")
          .returns(deals::record_columns())
          .writes(refund_deal));
}

}  // namespace steward::payments
