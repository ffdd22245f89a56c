#include <fmt/format.h>

#include "core/error.h"
#include "studio/deals/rows.h"
#include "studio/deals/splits.h"

namespace steward::deals {
namespace {

// DL-2: the stage follows the money only once the assignment is approved.
void follow_money(ops::Context& context, const Deal& deal, Json& changed) {
  if (deal.status == Status::maestro_approved) {
    move(context, deal, Status::paid);
    changed.set("deal_status", Json{{"from", to_text(deal.status)}, {"to", to_text(Status::paid)}});
  }
  if (is_delivered(deal.status)) changed.set("ledger_entries", split(context, deal));
}

void require_unused(db::Tx& tx, const Deal& deal, const std::string& invoice_id) {
  const bool began = deal.status == Status::in_progress || is_delivered(deal.status);
  if (!began || has_money(tx, deal.id)) return;
  throw Error{ErrorKind::conflict, "payment_in_use",
              fmt::format("{} is {} on the strength of this payment.", label_of(deal.id.text), to_text(deal.status)),
              "Record the right payment of another invoice of the deal first."}
      .with(Json{{"deal_id", deal.id.text}, {"invoice_id", invoice_id}});
}

}  // namespace

void require_takes_money(const Deal& deal) {
  if (deal.status != Status::refunded) return;
  refuse_conflict("not_payable", fmt::format("{} is REFUNDED and takes no more money.", label_of(deal.id.text)),
                  "Credit what is still open of its invoices; ask for other work by an invoice of its own.");
}

Json record_invoice_payment(ops::Context& context, const InvoicePayment& payment) {
  const auto deal = find_deal(context.tx, payment.deal_id);
  require_takes_money(deal);
  if (payment.amount.currency != deal.agreed_price.currency)
    refuse_conflict("currency_mismatch",
                    fmt::format("{} was agreed in {}, and the invoice is in {}.", label_of(deal.id.text),
                                deal.agreed_price.currency.code(), payment.amount.currency.code()));
  Json changed{{"deal_id", deal.id.text}, {"deal_payment_id", insert_payment(context, payment)}};
  follow_money(context, deal, changed);
  return changed;
}

Json undo_invoice_payment(ops::Context& context, const std::string& invoice_id) {
  const auto payment = find_payment_of(context.tx, invoice_id);
  if (!payment || payment->status != PaymentStatus::paid) return Json::object();
  const auto deal = find_deal(context.tx, payment->deal_id);
  fail_payment(context, *payment);
  require_unused(context.tx, deal, invoice_id);
  Json changed{{"deal_id", deal.id.text}, {"deal_payment_id", payment->id}};
  if (deal.status == Status::paid && !has_money(context.tx, deal.id)) {
    move(context, deal, Status::maestro_approved, "payment reversed");
    changed.set("deal_status", Json{{"from", to_text(deal.status)}, {"to", to_text(Status::maestro_approved)}});
  }
  if (is_delivered(deal.status)) changed.set("ledger_entries", split(context, deal));
  return changed;
}

Json reduce_invoice_payment(ops::Context& context, const std::string& invoice_id, const Money& amount,
                            std::int64_t tax_cents, const std::string& reason) {
  const auto payment = find_payment_of(context.tx, invoice_id);
  if (!payment || payment->status != PaymentStatus::paid) return Json::object();
  const auto deal = find_deal(context.tx, payment->deal_id);
  reduce_payment(context, *payment, amount.minor, tax_cents, reason);
  Json changed{{"deal_id", deal.id.text}, {"deal_payment_id", payment->id}};
  if (kLifecycle.allows(deal.status, Status::refunded) && !has_money(context.tx, deal.id)) {
    move(context, deal, Status::refunded, reason);
    changed.set("deal_status", Json{{"from", to_text(deal.status)}, {"to", to_text(Status::refunded)}});
  }
  if (is_delivered(deal.status)) changed.set("ledger_entries", split(context, deal));
  return changed;
}

}  // namespace steward::deals
