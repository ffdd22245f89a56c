#include "studio/invoices/operations.h"

#include <fmt/format.h>

#include "ops/declare.h"
#include "studio/deals/deals.h"
#include "studio/invoices/credit_notes.h"
#include "studio/invoices/rows.h"
#include "studio/parties/parties.h"
#include "studio/proposals/proposals.h"

namespace steward::invoices {
namespace {

// The part before the date is what the index is read by.
constexpr auto kOverdue =
    "i.status IN ('ISSUED', 'PARTIALLY_PAID') AND i.due_date < {} AND i.paid_cents < i.amount_cents - i.credited_cents";

struct ListArgs {
  std::optional<Status> status;
  std::optional<ops::InstantOrSpan> since, until;
  std::optional<ops::Text<200>> search;
  bool overdue = false;
  std::optional<ops::Email> client;
  std::optional<Currency> currency;
  std::optional<proposals::ProposalRef> proposal;
  std::optional<deals::DealRef> deal;
};

ops::Listing list_invoices(ops::Context& context, const ListArgs& args) {
  auto listing = invoice_listing(context);
  listing.where_if("i.status = {}", args.status);
  if (args.since) listing.where("i.created_at >= {}", {context.resolve(*args.since)});
  if (args.until) listing.where("i.created_at < {}", {context.resolve(*args.until)});
  if (args.search) listing.search(args.search->value, {"coalesce(i.number, '')", "i.client_email"});
  if (args.overdue) listing.where(kOverdue, {context.today()});
  if (args.client) listing.where("i.client_email = {}", {args.client->value});
  if (args.currency) listing.where("i.currency = {}", {args.currency->code()});
  if (args.proposal) listing.where("i.proposal_id = {}", {ops::resolve(context.tx, *args.proposal)});
  if (args.deal) listing.where("i.deal_id = {}", {ops::resolve(context.tx, *args.deal)});
  return listing;
}

struct ShowArgs {
  InvoiceRef invoice;
};

// In one statement when it is named by its number, as most are.
Json record_named(ops::Context& context, const InvoiceRef& ref) {
  auto by_number = invoice_listing(context).where("i.number = {}", {ref.text}).records(context.tx);
  if (!by_number.items().empty()) return by_number.items().front();
  return invoice_record(context, ops::resolve(context.tx, ref));
}

Json show_invoice(ops::Context& context, const ShowArgs& args) {
  auto record = record_named(context, args.invoice);
  const InvoiceId id{record.at("id").text()};
  const auto currency = Currency::parse(record.at("currency").text());
  const auto breakdown = lines::load(context.tx, lines::kInvoices, id.text);
  record.set("lines", lines::lines_json(breakdown, currency));
  record.set("taxes", lines::taxes_json(breakdown, currency));
  record.set("parties", parties::json_of(parties::load(context.tx, parties::kInvoices, id.text)));
  if (record.at("credited_cents").integer() > 0) record.set("credit_notes", credit_notes_of(context.tx, id));
  record.set("payments", payments_of(context.tx, id));
  record.set("history", ops::history_of(context.tx, kHistory, id.text));
  return record;
}

ops::Listing show_aging(ops::Context& context, const ops::NoArgs&) { return aging(context); }
ops::Listing show_totals(ops::Context& context, const ops::NoArgs&) { return totals(context); }

void register_reads(ops::Registry& registry) {
  registry.add(ops::declare<ListArgs>("invoices.list", "List invoices, newest first")
                   .option("status", &ListArgs::status, "Only this status")
                   .option("since", &ListArgs::since, "Made at or after this")
                   .option("until", &ListArgs::until, "Made before this")
                   .option("search", &ListArgs::search, "Text in number or client")
                   .option("overdue", &ListArgs::overdue, "Only those past their due date and not paid in full")
                   .option("client", &ListArgs::client, "Only this client")
                   .option("currency", &ListArgs::currency, "Only in this currency")
                   .option("proposal", &ListArgs::proposal, "Only of this proposal")
                   .option("deal", &ListArgs::deal, "Only of this deal")
                   .needs("invoices:read")
                   .example("steward invoices list --overdue")
                   .example("steward invoices list --client ada@client.example --status ISSUED")
                   .lists(list_invoices, kInvoiceColumns));
  registry.add(ops::declare<ShowArgs>("invoices.show", "Show an invoice with its payments and its history")
                   .positional("invoice", &ShowArgs::invoice, "Number, id, or unique tail of an id")
                   .needs("invoices:read")
                   .example("steward invoices show INV-2026-0001")
                   .returns(kInvoiceColumns)
                   .shows(show_invoice));
  registry.add(ops::declare<ops::NoArgs>("invoices.aging", "Show what is owed, by currency and days past due")
                   .details("Days are counted in studio.timezone; what falls due today is current.")
                   .needs("invoices:read")
                   .example("steward invoices aging")
                   .lists(show_aging, kAgingColumns));
  registry.add(ops::declare<ops::NoArgs>("invoices.totals", "Show what was invoiced, received and is owed, by currency")
                   .details("Drafts and void invoices do not count.")
                   .needs("invoices:read")
                   .example("steward invoices totals")
                   .lists(show_totals, kTotalsColumns));
}

}  // namespace

ops::Change changed(ops::Context& context, const Invoice& invoice, std::string sentence) {
  ops::Change out;
  out.target_type = "invoice";
  out.target_id = invoice.id.text;
  out.sentence = std::move(sentence);
  out.data = invoice_record(context, invoice.id);
  return out;
}

ops::Change unchanged(ops::Context& context, const Invoice& invoice, std::string_view why) {
  return ops::Change::none("invoice", invoice.id.text, fmt::format("{} {}.", invoice.label(), why),
                           invoice_record(context, invoice.id));
}

void register_operations(ops::Registry& registry) {
  registry.add(kLifecycle);
  register_drafts(registry);
  register_moves(registry);
  register_credits(registry);
  register_checks(registry);
  register_document(registry);
  register_credit_note_document(registry);
  register_reads(registry);
}

}  // namespace steward::invoices
