// An invoice as it is printed.

#include "ops/declare.h"
#include "ops/settings.h"
#include "studio/documents/documents.h"
#include "studio/invoices/operations.h"
#include "studio/invoices/rows.h"
#include "studio/parties/parties.h"
#include "studio/settings/settings.h"

namespace steward::invoices {
namespace {

pdf::Mark mark_of(Status status) {
  if (status == Status::draft) return pdf::Mark::draft;
  return status == Status::voided ? pdf::Mark::voided : pdf::Mark::none;
}

// A draft has no date yet: the day it was made is the file's.
std::string date_of(ops::Context& context, const Json& record) {
  const auto& issued = record.at("issue_date");
  return issued.is_null() ? documents::day(context, parse_instant(record.at("created_at").text())) : issued.text();
}

void add_fact(std::vector<pdf::Fact>& facts, std::string_view label, const Json& value) {
  if (!value.is_null()) facts.push_back({std::string(label), value.text()});
}

std::vector<pdf::Fact> facts_of(const Json& record) {
  std::vector<pdf::Fact> out;
  add_fact(out, "Date", record.at("issue_date"));
  add_fact(out, "Due", record.at("due_date"));
  add_fact(out, "Proposal", record.at("proposal_number"));
  return out;
}

// What became of the total since.
void add_standing(std::vector<pdf::Sum>& sums, const Invoice& invoice) {
  if (invoice.credited_cents == 0 && invoice.paid_cents == 0) return;
  sums.back().strong = false;
  if (invoice.credited_cents > 0)
    sums.push_back({"Credited", to_text(Money{-invoice.credited_cents, invoice.amount.currency}), false});
  if (invoice.paid_cents > 0)
    sums.push_back({"Paid", to_text(Money{-invoice.paid_cents, invoice.amount.currency}), false});
  if (invoice.credit().minor > 0)
    sums.push_back({"In your favour", to_text(invoice.credit()), true});
  else
    sums.push_back({"Outstanding", to_text(invoice.outstanding()), true});
}

std::vector<pdf::Fact> payment_of(ops::Context& context, const Invoice& invoice, const Json& record) {
  if (!is_open(invoice.status) || invoice.outstanding().minor == 0) return {};
  std::vector<pdf::Fact> out{{"Amount due", to_text(invoice.outstanding())}};
  add_fact(out, "Reference", record.at("number"));
  add_fact(out, "Due", record.at("due_date"));
  if (auto iban = settings::in_clear(context, "business.iban"); !iban.empty()) out.push_back({"IBAN", std::move(iban)});
  return out;
}

struct RenderArgs {
  InvoiceRef invoice;
  ops::NewFile to;
};

Json render_invoice(ops::Context& context, const RenderArgs& args) {
  const auto invoice = find_invoice(context.tx, args.invoice);
  return documents::render(context, document_of(context, invoice), args.to, invoice.handle());
}

}  // namespace

pdf::Document document_of(ops::Context& context, const Invoice& invoice) {
  const auto record = invoice_record(context, invoice.id);
  auto out = documents::letterhead(context);
  out.kind = pdf::Kind::invoice;
  out.title = "Invoice";
  out.number = invoice.number.value_or("");
  out.date = date_of(context, record);
  out.mark = mark_of(invoice.status);
  documents::set_parties(context, out, parties::load(context.tx, parties::kInvoices, invoice.id.text),
                         invoice.client_email);
  out.facts = facts_of(record);
  documents::set_lines(out, lines::load(context.tx, lines::kInvoices, invoice.id.text), invoice.amount.currency);
  add_standing(out.tables.front().sums, invoice);
  out.payment = payment_of(context, invoice, record);
  out.terms = ops::setting(context.tx, "business.terms");
  if (is_historical(context.tx, invoice.id))
    out.notes = "This is a copy for the books. The invoice itself was issued by another program under this number.";
  return out;
}

void register_document(ops::Registry& registry) {
  registry.add(
      ops::declare<RenderArgs>("invoices.render", "Write an invoice as PDF")
          .details("The same invoice gives the same bytes. A draft and a void invoice say what they are across "
                   "the page.")
          .subject("invoice", &RenderArgs::invoice, "Number, id, or unique tail of an id")
          .option("to", &RenderArgs::to,
                  "The file, or a folder that takes NUMBER.pdf; replaced only with --yes; - is standard output")
          .needs("invoices:read")
          .example("steward invoices render INV-2026-0001 --to INV-2026-0001.pdf")
          .returns(documents::kRenderedColumns)
          .shows(render_invoice));
}

}  // namespace steward::invoices
