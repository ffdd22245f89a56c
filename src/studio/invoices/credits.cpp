#include <fmt/format.h>

#include "core/error.h"
#include "ops/declare.h"
#include "studio/closing/closing.h"
#include "studio/deals/deals.h"
#include "studio/invoices/credit_notes.h"
#include "studio/invoices/operations.h"
#include "studio/invoices/rows.h"
#include "studio/numbering/numbering.h"

namespace steward::invoices {
namespace {

struct CreditArgs {
  InvoiceRef invoice;
  std::optional<ops::Amount> amount;
  std::optional<ops::FilePath> lines;
  ops::LongText<2000> reason;
};

void require_one_of(const CreditArgs& args) {
  if (args.amount && args.lines)
    refuse_usage("conflicting_arguments", "Lines say how much they credit: --amount can't too.", "amount",
                 "Leave one of --amount and --lines out.");
}

// Lines name the taxes of the invoice, as they stood on its date.
lines::Breakdown credited_lines(ops::Context& context, const Invoice& invoice, const std::string& file) {
  const auto date = issue_date_of(context.tx, invoice.id).value_or(context.today());
  auto out = lines::break_down(lines::read_file(context.tx, file, invoice.amount.currency, {}, date));
  lines::less(creditable(context.tx, invoice), out.groups);
  return out;
}

lines::Breakdown wanted(ops::Context& context, const Invoice& invoice, const CreditArgs& args) {
  if (args.lines) return credited_lines(context, invoice, args.lines->value);
  const auto gross = args.amount ? parse_money(args.amount->text, invoice.amount.currency) : invoice.asked();
  require_creditable(invoice.status, invoice.asked(), gross, invoice.label());
  return creditable_part(context.tx, invoice, gross);
}

std::string number_for(ops::Context& context) {
  const auto today = context.today();
  const auto taken = numbering::take(context.tx, numbering::kCreditNotes, today);
  require_document_date(today, today, credit_date_before(context.tx, taken.previous));
  return taken.text;
}

// What a deal has of its invoice follows the credit note: it has less now, or the invoice is settled by it.
Json follow(ops::Context& context, const Invoice& before, const Invoice& after, const CreditNote& note) {
  if (before.pays_deal())
    return deals::reduce_invoice_payment(context, after.id.text, note.amount, note.tax_cents, note.reason);
  if (!after.pays_deal()) return Json();
  return deals::record_invoice_payment(context, deal_payment_of(context.tx, after, context.now()));
}

std::string rest_of(const Invoice& invoice) {
  if (invoice.credit().minor > 0) return fmt::format("{} are the client's", to_text(invoice.credit()));
  return fmt::format("{} outstanding", to_text(invoice.outstanding()));
}

ops::Change credit_invoice(ops::Context& context, const CreditArgs& args) {
  const auto before = find_invoice(context.tx, args.invoice);
  if (before.asked().minor == 0) return unchanged(context, before, "is credited in full already");
  const auto done = issue_credit_note(context, before, wanted(context, before, args), args.reason.value);
  ops::Change change;
  change.target_type = "credit_note";
  change.target_id = done.id;
  change.sentence = fmt::format("Credited {} of {} with {}; {}.", to_text(done.amount), before.handle(), done.number,
                                rest_of(done.invoice));
  change.metadata = done.metadata;
  change.data = credit_note_record(context.tx, CreditNoteId{done.id});
  if (done.invoice.credit().minor > 0)
    change.next = fmt::format("steward payments list --invoice {}", shell_word(done.invoice.handle()));
  return change;
}

struct ListArgs {
  std::optional<ops::InstantOrSpan> since, until;
  std::optional<ops::Text<200>> search;
  std::optional<InvoiceRef> invoice;
  std::optional<ops::Email> client;
};

ops::Listing list_credit_notes(ops::Context& context, const ListArgs& args) {
  auto listing = credit_note_listing();
  if (args.since) listing.where("c.created_at >= {}", {context.resolve(*args.since)});
  if (args.until) listing.where("c.created_at < {}", {context.resolve(*args.until)});
  if (args.search) listing.search(args.search->value, {"c.number", "c.reason", "coalesce(i.number, '')"});
  if (args.invoice) listing.where("c.invoice_id = {}", {find_invoice(context.tx, *args.invoice).id});
  if (args.client) listing.where("i.client_email = {}", {args.client->value});
  return listing;
}

struct ShowArgs {
  CreditNoteRef credit_note;
};

Json show_credit_note(ops::Context& context, const ShowArgs& args) {
  const auto id = resolve_credit_note(context.tx, args.credit_note);
  auto record = credit_note_record(context.tx, id);
  const auto currency = Currency::parse(record.find("currency")->text());
  const auto breakdown = lines::load(context.tx, lines::kCreditNotes, id.text);
  record.set("lines", lines::lines_json(breakdown, currency));
  record.set("taxes", lines::taxes_json(breakdown, currency));
  return record;
}

}  // namespace

lines::Breakdown creditable_part(db::Tx& tx, const Invoice& invoice, const Money& gross) {
  return lines::portion(fmt::format("Credit of {}", invoice.handle()), creditable(tx, invoice), gross.minor);
}

Credited issue_credit_note(ops::Context& context, const Invoice& before, const lines::Breakdown& breakdown,
                           const std::string& reason) {
  closing::require_open(context.tx, context.today());
  const Money amount{breakdown.gross(), before.amount.currency};
  require_creditable(before.status, before.asked(), amount, before.label());
  const CreditNote note{{context.new_id()}, number_for(context), before.id.text, amount, breakdown.tax(), reason,
                        context.today()};
  insert_credit_note(context, note, breakdown);
  auto after = credit(context, before, amount, reason);
  Json metadata{{"invoice_id", before.id.text},
                {"number", note.number},
                {"before", Json{{"invoice_status", to_text(before.status)}, {"credited_cents", before.credited_cents}}},
                {"after", Json{{"invoice_status", to_text(after.status)}, {"credited_cents", after.credited_cents}}}};
  if (auto deal = follow(context, before, after, note); deal.is_object()) metadata.set("deal", std::move(deal));
  return {note.id.text, note.number, amount, std::move(after), std::move(metadata)};
}

void register_credits(ops::Registry& registry) {
  registry.add(
      ops::declare<CreditArgs>("invoices.credit", "Issue a credit note for an invoice, or for a part of it")
          .details("What is credited is no longer asked for, and its tax with it, in proportion. Money that was "
                   "received beyond what is left is the client's: refund it, or use it for another invoice. A deal's "
                   "people earn of what is left.")
          .subject("invoice", &CreditArgs::invoice, "Number, id, or unique tail of an id")
          .option("amount", &CreditArgs::amount, "How much of it, tax included; all that is left if absent")
          .option("lines", &CreditArgs::lines,
                  "A file of lines, CSV or JSON lines: description, quantity, unit_price, tax; - is standard input")
          .option("reason", &CreditArgs::reason, "Why; printed on the credit note")
          .check(require_one_of)
          .needs("invoices:write")
          .risk(ops::Risk::high)
          .example("steward invoices credit INV-2026-0001 --amount 100.00 --reason \"Half a day less\"")
          .returns(kCreditNoteColumns)
          .writes(credit_invoice));
  registry.add(ops::declare<ListArgs>("invoices.credit-notes.list", "List credit notes, newest first")
                   .option("since", &ListArgs::since, "Made at or after this")
                   .option("until", &ListArgs::until, "Made before this")
                   .option("search", &ListArgs::search, "Text in number, reason or invoice number")
                   .option("invoice", &ListArgs::invoice, "Only of this invoice")
                   .option("client", &ListArgs::client, "Only of this client")
                   .needs("invoices:read")
                   .example("steward invoices credit-notes list --invoice INV-2026-0001")
                   .lists(list_credit_notes, kCreditNoteColumns));
  registry.add(ops::declare<ShowArgs>("invoices.credit-notes.show", "Show a credit note with its lines and taxes")
                   .positional("credit-note", &ShowArgs::credit_note, "Number, id, or unique tail of an id")
                   .needs("invoices:read")
                   .example("steward invoices credit-notes show CN-2026-0001")
                   .returns(kCreditNoteColumns)
                   .shows(show_credit_note));
}

}  // namespace steward::invoices
