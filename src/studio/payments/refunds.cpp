#include <fmt/format.h>

#include "core/error.h"
#include "ops/declare.h"
#include "studio/payments/operations.h"
#include "studio/payments/rows.h"

namespace steward::payments {
namespace {

// ---- refund

struct RefundArgs {
  PaymentRef payment;
  ops::Amount amount;
  ops::LongText<2000> reason;
  std::optional<ops::Text<140>> reference;
  std::optional<ops::InstantOrSpan> paid_at;
};

Instant when_it_went(ops::Context& context, const Payment& payment, const RefundArgs& args) {
  if (!args.paid_at) return context.now();
  const auto at = context.resolve(*args.paid_at);
  require_come(at, context.now());
  require_after(at, payment.paid_at);
  return at;
}

ops::Change refund_payment(ops::Context& context, const RefundArgs& args) {
  const auto payment = find_payment(context.tx, ops::resolve(context.tx, args.payment));
  Json metadata;
  const auto done =
      refund(context, payment,
             {parse_money(args.amount.text, payment.amount.currency), when_it_went(context, payment, args),
              args.reason.value, args.reference ? std::optional(args.reference->value) : std::nullopt},
             metadata);
  auto change = changed(context, done.payment,
                        fmt::format("Refunded {} of {}; {}.{}", to_text(done.payment.amount), done.invoice.handle(),
                                    rest_of(done.invoice), args.paid_at ? "" : " Transfer it."),
                        std::move(metadata));
  change.next.clear();
  return change;
}

// ---- use-credit

struct UseArgs {
  invoices::InvoiceRef invoice, credit_of;
  std::optional<ops::Amount> amount;
};

void require_same_client(const invoices::Invoice& from, const invoices::Invoice& to) {
  if (from.id.text == to.id.text)
    refuse_usage("conflicting_arguments", "An invoice's credit is used for another invoice.", "credit-of");
  if (from.client_email != to.client_email)
    refuse_conflict("client_mismatch", fmt::format("{} is of {}, and {} of {}: a credit is its client's.", from.label(),
                                                   from.client_email, to.label(), to.client_email));
  if (from.amount.currency != to.amount.currency)
    refuse_conflict("currency_mismatch",
                    fmt::format("{} is in {}, and {} in {}.", from.label(), from.amount.currency.code(), to.label(),
                                to.amount.currency.code()));
}

Money wanted(const invoices::Invoice& from, const invoices::Invoice& to, const UseArgs& args) {
  const auto label = to.label();
  const Claim claim{label, to_text(to.status), to.outstanding(), to.asked().minor == 0};
  require_payable(claim);
  const auto most = std::min(from.credit().minor, to.outstanding().minor);
  const auto amount =
      args.amount ? parse_money(args.amount->text, to.amount.currency) : Money{most, to.amount.currency};
  require_credit(from.credit(), amount, from.label());
  require_owed(claim, amount);
  return amount;
}

ops::Change use_credit(ops::Context& context, const UseArgs& args) {
  const auto from = invoices::find_invoice(context.tx, args.credit_of, "credit-of");
  const auto to = invoices::find_invoice(context.tx, args.invoice);
  require_same_client(from, to);
  const auto amount = wanted(from, to, args);
  if (amount.minor == 0)
    return ops::Change::none("invoice", to.id.text, fmt::format("{} owes nothing.", to.label()), Json::object());
  const Payment out{{context.new_id()}, from.id.text, amount, Status::recorded, context.now(), {},
                    Kind::credit_out,   std::nullopt, {}};
  const Payment in{{context.new_id()}, to.id.text,  amount, Status::recorded, context.now(), {},
                   Kind::credit_in,    out.id.text, {}};
  Json theirs, metadata;
  enter(context, out, from, theirs);
  const auto after = enter(context, in, to, metadata).after;
  metadata.set("credit_of", Json{{"invoice_id", from.id.text}, {"payment_id", out.id.text}});
  auto change = changed(context, in,
                        fmt::format("Used {} of the credit of {} for {}; {}.", to_text(amount), from.handle(),
                                    after.handle(), rest_of(after)),
                        std::move(metadata));
  change.moves.reset();  // it stays where it is: only what it is for changes
  return change;
}

}  // namespace

Refunded refund(ops::Context& context, const Payment& payment, const Returned& money, Json& metadata) {
  const Money left{payment.amount.minor - refunded_of(context.tx, payment.id), payment.amount.currency};
  require_refundable(payment.kind, payment.status, left, money.amount, payment.label());
  Payment out{{context.new_id()}, payment.invoice_id, money.amount,    Status::recorded, money.at,
              money.reference,    Kind::refund,       payment.id.text, money.reason};
  const auto invoice = invoices::find_invoice(context.tx, invoices::InvoiceId{payment.invoice_id});
  auto after = enter(context, out, invoice, metadata).after;
  metadata.set("payment_id", payment.id.text);
  return {std::move(out), std::move(after)};
}

void register_refunds(ops::Registry& registry) {
  registry.add(
      ops::declare<RefundArgs>("payments.refund", "Give money back that came for an invoice")
          .details("Records the transfer that you make. Credit the invoice first when it no longer asks for the money: "
                   "a refund alone leaves it owed again. Another person approves it while controls.two_person is on.")
          .positional("payment", &RefundArgs::payment, "Id, or unique tail of an id")
          .option("amount", &RefundArgs::amount, "How much of it")
          .option("reason", &RefundArgs::reason, "Why; kept with the refund")
          .option("reference", &RefundArgs::reference, "The bank's or your own reference")
          .option("paid-at", &RefundArgs::paid_at, "When it went out; now if absent")
          .needs("payments:refund")
          .risk(ops::Risk::high)
          .second_person()
          .example("steward payments refund 7f3a9c --amount 100.00 --reason \"Half a day less\"")
          .returns(kPaymentColumns)
          .writes(refund_payment));
  registry.add(ops::declare<UseArgs>("payments.use-credit", "Use what a client paid too much for another invoice")
                   .details("The credit of an invoice is what it received beyond what it asks for. It is of one client "
                            "and one currency. payments reverse undoes it.")
                   .option("invoice", &UseArgs::invoice, "The invoice that it is for: number, id, or tail of an id")
                   .option("credit-of", &UseArgs::credit_of, "The invoice that holds it")
                   .option("amount", &UseArgs::amount, "How much; as much as can be if absent")
                   .needs("payments:write")
                   .example("steward payments use-credit --credit-of INV-2026-0001 --invoice INV-2026-0002")
                   .returns(kPaymentColumns)
                   .writes(use_credit));
}

}  // namespace steward::payments
