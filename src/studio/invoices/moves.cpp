#include <fmt/format.h>

#include "ops/declare.h"
#include "ops/settings.h"
#include "studio/closing/closing.h"
#include "studio/invoices/operations.h"
#include "studio/invoices/rows.h"
#include "studio/numbering/numbering.h"
#include "studio/parties/parties.h"

namespace steward::invoices {
namespace {

struct IssueArgs {
  InvoiceRef invoice;
  std::optional<ops::DateOrSpan> date, due;
};

Date default_due(db::Tx& tx, Date issue) {
  return issue + std::chrono::days{ops::setting_number(tx, "invoices.terms_days")};
}

// Takes the next number of the date's year, in whose order the dates stay.
std::string number_for(ops::Context& context, Date issue) {
  const auto first = ops::setting_number(context.tx, "invoices.next_number");
  const auto taken = numbering::take(context.tx, numbering::kInvoices, issue, first);
  require_document_date(issue, context.today(), issue_date_before(context.tx, taken.previous));
  return taken.text;
}

ops::Change issue_invoice(ops::Context& context, const IssueArgs& args) {
  auto invoice = find_invoice(context.tx, args.invoice);
  if (invoice.status == Status::issued) return unchanged(context, invoice, "was issued already");
  kLifecycle.require(invoice.status, Status::issued, invoice.label(), "issue");
  const auto issue = args.date ? context.resolve(*args.date) : context.today();
  closing::require_open(context.tx, issue, "date");
  const auto due = args.due ? context.resolve(*args.due) : default_due(context.tx, issue);
  require_due(issue, due);
  const auto breakdown = lines::load(context.tx, lines::kInvoices, invoice.id.text);
  lines::require_in_force(context.tx, breakdown, issue);
  auto warnings = parties::take_down(context, parties::kInvoices, invoice.id.text, invoice.client_email,
                                     {.required = true, .tax_id_needed = lines::is_reverse_charged(breakdown)});
  invoice.number = number_for(context, issue);
  mark_issued(context, invoice, issue, due);
  auto change = changed(context, invoice,
                        fmt::format("Issued {} to {} for {}, due {}.", *invoice.number, invoice.client_email,
                                    to_text(invoice.amount), to_text(due)));
  change.metadata = {{"before", Json{{"status", to_text(Status::draft)}}},
                     {"after", Json{{"status", to_text(Status::issued)},
                                    {"number", *invoice.number},
                                    {"issue_date", to_text(issue)},
                                    {"due_date", to_text(due)}}}};
  change.warnings = std::move(warnings);
  change.next =
      fmt::format("steward payments record --invoice {} --amount {}", *invoice.number, decimal_text(invoice.amount));
  return change;
}

ops::Change confirm_number(ops::Context& context, const numbering::ConfirmArgs& args) {
  return numbering::confirm(context, args.credit_notes ? numbering::kCreditNotes : numbering::kInvoices, args);
}

struct VoidArgs {
  InvoiceRef invoice;
  ops::LongText<2000> reason;
};

ops::Change void_invoice(ops::Context& context, const VoidArgs& args) {
  const auto invoice = find_invoice(context.tx, args.invoice);
  if (invoice.status == Status::voided) return unchanged(context, invoice, "is void already");
  require_voidable(invoice.status, invoice.paid(), invoice.credited_cents, invoice.label());
  if (const auto date = issue_date_of(context.tx, invoice.id)) closing::require_open(context.tx, *date, "invoice");
  mark_void(context, invoice, args.reason);
  auto change = changed(context, invoice, fmt::format("Voided {}.", invoice.handle()));
  change.metadata = {{"before", Json{{"status", to_text(invoice.status)}}},
                     {"after", Json{{"status", to_text(Status::voided)}}}};
  change.next = fmt::format("steward invoices duplicate {}", shell_word(invoice.handle()));
  return change;
}

}  // namespace

void register_moves(ops::Registry& registry) {
  registry.add(ops::declare<IssueArgs>("invoices.issue", "Number a draft invoice and make it due")
                   .details("Numbers are gapless within a year, and in the order of the dates. An issued invoice never "
                            "changes; it can be paid, or voided while nothing was received.")
                   .subject("invoice", &IssueArgs::invoice, "Id, or unique tail of an id")
                   .option("date", &IssueArgs::date, "Its date; today in studio.timezone if absent")
                   .option("due", &IssueArgs::due, "When it is due; invoices.terms_days after its date if absent")
                   .needs("invoices:write")
                   .risk(ops::Risk::high)
                   .example("steward invoices issue 7f3a9c --due +14d")
                   .returns(kInvoiceColumns)
                   .writes(issue_invoice));
  registry.add(ops::declare<VoidArgs>("invoices.void", "Void an invoice that has received nothing")
                   .details("An issued invoice keeps its number; a draft never takes one.")
                   .subject("invoice", &VoidArgs::invoice, "Number, id, or unique tail of an id")
                   .option("reason", &VoidArgs::reason, "Why; kept with the invoice")
                   .needs("invoices:write")
                   .risk(ops::Risk::high)
                   .example("steward invoices void INV-2026-0001 --reason \"Sent to the wrong client\"")
                   .returns(kInvoiceColumns)
                   .writes(void_invoice));
  numbering::register_confirm(registry, numbering::kInvoices, confirm_number);
}

}  // namespace steward::invoices
