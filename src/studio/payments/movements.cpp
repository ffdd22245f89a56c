#include <fmt/format.h>

#include "core/error.h"
#include "studio/closing/closing.h"
#include "studio/deals/deals.h"
#include "studio/payments/operations.h"
#include "studio/payments/rows.h"

namespace steward::payments {
namespace {

Json invoice_move(const invoices::Invoice& before, const invoices::Invoice& after) {
  return Json{{"invoice_id", after.id.text},
              {"before", Json{{"invoice_status", to_text(before.status)}, {"paid_cents", before.paid_cents}}},
              {"after", Json{{"invoice_status", to_text(after.status)}, {"paid_cents", after.paid_cents}}}};
}

// The deal is told when its invoice becomes PAID, and when it no longer is.
void tell_deal(ops::Context& context, const Moved& moved, Instant at, Json& metadata) {
  const bool was = moved.before.pays_deal(), is = moved.after.pays_deal();
  if (is && !was)
    metadata.set("deal",
                 deals::record_invoice_payment(context, invoices::deal_payment_of(context.tx, moved.after, at)));
  if (was && !is) metadata.set("deal", deals::undo_invoice_payment(context, moved.before.id.text));
}

Moved settle(ops::Context& context, const Payment& payment, const invoices::Invoice& before, std::int64_t by,
             const std::optional<std::string>& note, Json& metadata) {
  const Money held = Money{before.paid_cents, before.amount.currency} + Money{by, before.amount.currency};
  if (held.minor < 0)
    refuse_conflict("payment_in_use",
                    fmt::format("{} holds {}: the rest of it was refunded or used elsewhere.", before.label(),
                                to_text(before.paid())),
                    "Reverse the refund, or the use of the credit, first.");
  Moved moved{before, invoices::settle(context, before, held.minor, payment.paid_at, note)};
  metadata = invoice_move(moved.before, moved.after);
  tell_deal(context, moved, payment.paid_at, metadata);
  return moved;
}

}  // namespace

Moved enter(ops::Context& context, const Payment& payment, const invoices::Invoice& invoice, Json& metadata) {
  closing::require_open(context, payment.paid_at,
                        payment.kind == Kind::received || payment.kind == Kind::refund ? "paid-at" : "");
  insert_payment(context, payment);
  return settle(context, payment, invoice, payment.counts(), payment.reason, metadata);
}

Moved take_back(ops::Context& context, const Payment& payment, const std::string& reason, Json& metadata) {
  closing::require_open(context, payment.paid_at, "payment");
  mark_reversed(context, payment, reason);
  const auto invoice = invoices::find_invoice(context.tx, invoices::InvoiceId{payment.invoice_id});
  return settle(context, payment, invoice, -payment.counts(), reason, metadata);
}

ops::Change changed(ops::Context& context, const Payment& payment, std::string sentence, Json metadata) {
  ops::Change change;
  change.target_type = "payment";
  change.target_id = payment.id.text;
  change.sentence = std::move(sentence);
  change.data = payment_record(context.tx, payment.id);
  change.moves = payment.amount;
  if (const auto* deal = metadata.find("deal"))
    if (const auto* id = deal->find("deal_id"))
      change.next = fmt::format("steward deals show {}", short_id(id->text()));
  change.metadata = std::move(metadata);
  return change;
}

std::string rest_of(const invoices::Invoice& invoice) {
  const auto credit = invoice.credit();
  if (credit.minor > 0) return fmt::format("it is paid in full, and {} are the client's credit", to_text(credit));
  const auto rest = invoice.outstanding();
  return rest.minor == 0 ? "it is paid in full" : fmt::format("{} outstanding", to_text(rest));
}

}  // namespace steward::payments
