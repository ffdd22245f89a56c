#include <fmt/format.h>

#include "ops/declare.h"
#include "studio/deals/deals.h"
#include "studio/invoices/invoices.h"
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
  const auto label = invoice.label();
  const Claim claim{label, to_text(invoice.status), invoice.outstanding()};
  require_payable(claim);
  if (args.currency) require_currency(claim, *args.currency);
  const auto amount = parse_money(args.amount.text, invoice.amount.currency);
  if (!args.allow_credit) require_owed(claim, amount);
  return amount;
}

Instant when_it_came(ops::Context& context, const RecordArgs& args) {
  const auto at = args.paid_at ? context.resolve(*args.paid_at) : context.now();
  require_come(at, context.now());
  return at;
}

std::string rest_of(const invoices::Invoice& invoice) {
  const auto credit = invoice.credit();
  if (credit.minor > 0) return fmt::format("it is paid in full, and {} are the client's credit", to_text(credit));
  const auto rest = invoice.outstanding();
  return rest.minor == 0 ? "it is paid in full" : fmt::format("{} outstanding", to_text(rest));
}

Json invoice_move(const invoices::Invoice& before, const invoices::Invoice& after) {
  return Json{{"invoice_id", after.id.text},
              {"before", Json{{"invoice_status", to_text(before.status)}, {"paid_cents", before.paid_cents}}},
              {"after", Json{{"invoice_status", to_text(after.status)}, {"paid_cents", after.paid_cents}}}};
}

bool is_deal_paid(const invoices::Invoice& invoice) {
  return invoice.deal_id && invoice.status == invoices::Status::paid;
}

ops::Change record_payment(ops::Context& context, const RecordArgs& args) {
  const auto before = invoices::find_invoice(context.tx, args.invoice);
  const auto amount = received(before, args);
  const Payment payment{{context.new_id()},
                        before.id.text,
                        amount,
                        Status::recorded,
                        when_it_came(context, args),
                        args.reference ? std::optional(args.reference->value) : std::nullopt};
  insert_payment(context, payment);
  const auto after = invoices::settle(context, before, (before.paid() + amount).minor, payment.paid_at);
  ops::Change change;
  change.target_type = "payment";
  change.target_id = payment.id.text;
  change.sentence = fmt::format("Recorded {} for {}; {}.", to_text(amount), after.handle(), rest_of(after));
  change.metadata = invoice_move(before, after);
  change.moves = amount;
  if (is_deal_paid(after) && !is_deal_paid(before)) {
    const deals::DealId deal{*after.deal_id};
    change.metadata.set("deal",
                        deals::record_invoice_payment(context, {deal, after.id.text, after.amount, payment.paid_at}));
    change.next = fmt::format("steward deals show {}", short_id(deal.text));
  }
  change.data = payment_record(context.tx, payment.id);
  return change;
}

// ---- reverse

struct ReverseArgs {
  PaymentRef payment;
  ops::LongText<2000> reason;
};

ops::Change reverse_payment(ops::Context& context, const ReverseArgs& args) {
  const auto payment = find_payment(context.tx, ops::resolve(context.tx, args.payment));
  if (payment.status == Status::reversed)
    return ops::Change::none("payment", payment.id.text,
                             fmt::format("Payment {} is reversed already.", short_id(payment.id.text)),
                             payment_record(context.tx, payment.id));
  const auto before = invoices::find_invoice(context.tx, invoices::InvoiceId{payment.invoice_id});
  mark_reversed(context, payment, args.reason);
  const auto after =
      invoices::settle(context, before, before.paid_cents - payment.amount.minor, payment.paid_at, args.reason.value);
  ops::Change change;
  change.target_type = "payment";
  change.target_id = payment.id.text;
  change.sentence = fmt::format("Reversed {} of {}; {}.", to_text(payment.amount), after.handle(), rest_of(after));
  change.metadata = invoice_move(before, after);
  change.moves = payment.amount;
  if (is_deal_paid(before) && !is_deal_paid(after))
    change.metadata.set("deal", deals::undo_invoice_payment(context, before.id.text));
  change.data = payment_record(context.tx, payment.id);
  return change;
}

// ---- list, show

struct ListArgs {
  std::optional<Status> status;
  std::optional<ops::InstantOrSpan> since, until;
  std::optional<ops::Text<200>> search;
  std::optional<invoices::InvoiceRef> invoice;
  std::optional<ops::Email> client;
};

ops::Listing list_payments(ops::Context& context, const ListArgs& args) {
  auto listing = payment_listing();
  listing.where_if("y.status = {}", args.status);
  if (args.since) listing.where("y.paid_at >= {}", {context.resolve(*args.since)});
  if (args.until) listing.where("y.paid_at < {}", {context.resolve(*args.until)});
  if (args.search)
    listing.search(args.search->value, {"coalesce(y.reference, '')", "coalesce(i.number, '')", "i.client_email"});
  if (args.invoice) listing.where("y.invoice_id = {}", {invoices::find_invoice(context.tx, *args.invoice).id});
  if (args.client) listing.where("i.client_email = {}", {args.client->value});
  return listing;
}

struct ShowArgs {
  PaymentRef payment;
};

Json show_payment(ops::Context& context, const ShowArgs& args) {
  return payment_record(context.tx, ops::resolve(context.tx, args.payment));
}

void register_writes(ops::Registry& registry) {
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

}  // namespace

void register_operations(ops::Registry& registry) {
  registry.add(kLifecycle);
  register_writes(registry);
  registry.add(ops::declare<ListArgs>("payments.list", "List payments, newest first")
                   .option("status", &ListArgs::status, "Only this status")
                   .option("since", &ListArgs::since, "Came at or after this")
                   .option("until", &ListArgs::until, "Came before this")
                   .option("search", &ListArgs::search, "Text in reference, invoice number or client")
                   .option("invoice", &ListArgs::invoice, "Only of this invoice")
                   .option("client", &ListArgs::client, "Only of this client")
                   .needs("payments:read")
                   .example("steward payments list --invoice INV-2026-0001")
                   .lists(list_payments, kPaymentColumns));
  registry.add(ops::declare<ShowArgs>("payments.show", "Show a payment")
                   .positional("payment", &ShowArgs::payment, "Id, or unique tail of an id")
                   .needs("payments:read")
                   .example("steward payments show 7f3a9c")
                   .returns(kPaymentColumns)
                   .shows(show_payment));
}

}  // namespace steward::payments
