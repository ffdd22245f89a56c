#include <fmt/format.h>

#include "ops/declare.h"
#include "studio/payments/bank/rows.h"
#include "studio/payments/operations.h"
#include "studio/payments/rows.h"

namespace steward::payments {
namespace {

// ---- record

struct RecordArgs {
  invoices::InvoiceRef invoice;
  ops::Amount amount;
  std::optional<Currency> currency;
  std::optional<ops::InstantOrSpan> paid_at;
  std::optional<ops::Text<140>> reference;
  bool allow_credit = false;
};

Money received(const invoices::Invoice& invoice, const RecordArgs& args) {
  const auto amount = parse_money(args.amount.text, args.currency.value_or(invoice.amount.currency));
  require_takes(invoice, amount, args.allow_credit);
  return amount;
}

Instant when_it_came(ops::Context& context, const RecordArgs& args) {
  const auto at = args.paid_at ? context.resolve(*args.paid_at) : context.now();
  require_come(at, context.now());
  return at;
}

ops::Change record_payment(ops::Context& context, const RecordArgs& args) {
  const auto invoice = invoices::find_invoice(context.tx, args.invoice);
  const auto amount = received(invoice, args);
  const Payment payment{{context.new_id()},
                        invoice.id.text,
                        amount,
                        Status::recorded,
                        when_it_came(context, args),
                        args.reference ? std::optional(args.reference->value) : std::nullopt};
  Json metadata;
  const auto after = enter(context, payment, invoice, metadata).after;
  return changed(context, payment,
                 fmt::format("Recorded {} for {}; {}.", to_text(amount), after.handle(), rest_of(after)),
                 std::move(metadata));
}

// ---- reverse

struct ReverseArgs {
  PaymentRef payment;
  ops::LongText<2000> reason;
};

// A use of credit is two rows, which go together.
std::optional<Payment> other_half(db::Tx& tx, const Payment& payment) {
  if (payment.kind == Kind::credit_in) return find_payment(tx, PaymentId{payment.counterpart_id.value()});
  if (payment.kind != Kind::credit_out) return std::nullopt;
  return find_payment(tx, made_from(tx, payment.id).at(0));
}

ops::Change reverse_payment(ops::Context& context, const ReverseArgs& args) {
  const auto payment = find_payment(context.tx, ops::resolve(context.tx, args.payment));
  if (payment.status == Status::reversed)
    return ops::Change::none("payment", payment.id.text, fmt::format("{} is reversed already.", payment.label()),
                             payment_record(context.tx, payment.id));
  require_unused(payment.kind == Kind::received && !made_from(context.tx, payment.id).empty(), payment.label());
  const auto other = other_half(context.tx, payment);
  Json metadata;
  // What adds is taken back first: an invoice never holds less than nothing.
  if (other && payment.kind == Kind::credit_out) {
    Json theirs;
    take_back(context, *other, args.reason, theirs);
  }
  const auto moved = take_back(context, payment, args.reason, metadata);
  if (other && payment.kind == Kind::credit_in) {
    Json theirs;
    take_back(context, *other, args.reason, theirs);
  }
  release_bank_line(context.tx, payment.id);
  auto change = changed(
      context, payment,
      fmt::format("Reversed {} of {}; {}.", to_text(payment.amount), moved.after.handle(), rest_of(moved.after)),
      std::move(metadata));
  change.next.clear();
  return change;
}

}  // namespace

void require_takes(const invoices::Invoice& invoice, const Money& amount, bool allow_credit) {
  const auto label = invoice.label();
  const Claim claim{label, to_text(invoice.status), invoice.outstanding(), invoice.asked().minor == 0};
  require_payable(claim);
  require_currency(claim, amount.currency);
  if (!allow_credit) require_owed(claim, amount);
}

void register_records(ops::Registry& registry) {
  registry.add(ops::declare<RecordArgs>("payments.record", "Record money that came for an invoice")
                   .details("The invoice becomes PARTIALLY_PAID or PAID by it; a deal's invoice that is paid in full "
                            "pays the deal. More than is outstanding is refused unless --allow-credit keeps the rest "
                            "as the client's credit; a reference that the invoice has already is always refused.")
                   .option("invoice", &RecordArgs::invoice, "Number, id, or unique tail of an id")
                   .option("amount", &RecordArgs::amount, "What came")
                   .option("currency", &RecordArgs::currency, "Refuse when the invoice is in another one")
                   .option("paid-at", &RecordArgs::paid_at, "When it came; now if absent")
                   .option("reference", &RecordArgs::reference, "The bank's reference; recorded once an invoice")
                   .option("allow-credit", &RecordArgs::allow_credit, "More than is owed came: keep the rest as credit")
                   .needs("payments:write")
                   .example("steward payments record --invoice INV-2026-0001 --amount 500.00 --reference TX-88412")
                   .returns(kPaymentColumns)
                   .writes(record_payment));
  registry.add(
      ops::declare<ReverseArgs>("payments.reverse", "Take back a payment that was recorded by mistake")
          .details("It counts nothing from then on, and the status of its invoice follows. No money goes back. "
                   "Once a deal was worked on because of it, it stands.")
          .subject("payment", &ReverseArgs::payment, "Id, or unique tail of an id")
          .option("reason", &ReverseArgs::reason, "Why; kept with the payment")
          .needs("payments:write")
          .risk(ops::Risk::high)
          .example("steward payments reverse 7f3a9c --reason \"Booked on the wrong invoice\"")
          .returns(kPaymentColumns)
          .writes(reverse_payment));
}

}  // namespace steward::payments
