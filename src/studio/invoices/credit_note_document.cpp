// A credit note as it is printed.

#include "core/error.h"
#include "ops/declare.h"
#include "studio/documents/documents.h"
#include "studio/invoices/credit_notes.h"

namespace steward::invoices {
namespace {

pdf::Document document_of(ops::Context& context, const CreditNoteId& id) {
  const auto record = credit_note_record(context.tx, id);
  const auto text = [&](std::string_view name) { return record.at(name).text(); };
  auto out = documents::letterhead(context);
  out.kind = pdf::Kind::credit_note;
  out.title = "Credit note";
  out.number = text("number");
  out.date = text("issue_date");
  documents::set_parties(context, out, parties::load(context.tx, parties::kInvoices, text("invoice_id")),
                         text("client_email"));
  out.facts = {{"Date", text("issue_date")}, {"Invoice", text("invoice_number")}};
  documents::set_lines(out, lines::load(context.tx, lines::kCreditNotes, id.text), Currency::parse(text("currency")));
  const auto reason = text("reason");
  out.notes = out.notes.empty() ? reason : reason + "\n" + out.notes;
  return out;
}

struct RenderArgs {
  CreditNoteRef credit_note;
  ops::NewFile to;
};

Json render_credit_note(ops::Context& context, const RenderArgs& args) {
  const auto document = document_of(context, resolve_credit_note(context.tx, args.credit_note));
  return documents::render(context, document, args.to, document.number);
}

}  // namespace

void register_credit_note_document(ops::Registry& registry) {
  registry.add(
      ops::declare<RenderArgs>("invoices.credit-notes.render", "Write a credit note as PDF")
          .details("The same credit note gives the same bytes.")
          .subject("credit-note", &RenderArgs::credit_note, "Number, id, or unique tail of an id")
          .option("to", &RenderArgs::to,
                  "The file, or a folder that takes NUMBER.pdf; replaced only with --yes; - is standard output")
          .needs("invoices:read")
          .example("steward invoices credit-notes render CN-2026-0001 --to CN-2026-0001.pdf")
          .returns(documents::kRenderedColumns)
          .shows(render_credit_note));
}

}  // namespace steward::invoices
