#include "studio/payments/operations.h"
#include "ops/declare.h"
#include "studio/invoices/invoices.h"
#include "studio/payments/rows.h"

namespace steward::payments {
namespace {

// ---- list, show

struct ListArgs {
  std::optional<Status> status;
  std::optional<Kind> kind;
  std::optional<ops::InstantOrSpan> since, until;
  std::optional<ops::Text<200>> search;
  std::optional<invoices::InvoiceRef> invoice;
  std::optional<ops::Email> client;
};

ops::Listing list_payments(ops::Context& context, const ListArgs& args) {
  auto listing = payment_listing();
  listing.where_if("y.status = {}", args.status);
  listing.where_if("y.kind = {}", args.kind);
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

}  // namespace

void register_operations(ops::Registry& registry) {
  registry.add(kLifecycle);
  register_records(registry);
  register_refunds(registry);
  register_bank(registry);
  register_bank_import(registry);
  registry.add(ops::declare<ListArgs>("payments.list", "List payments, newest first")
                   .option("status", &ListArgs::status, "Only this status")
                   .option("kind", &ListArgs::kind, "Only this kind")
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
