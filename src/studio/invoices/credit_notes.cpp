#include "studio/invoices/credit_notes.h"

#include "studio/numbering/numbering.h"

namespace steward::invoices {
namespace {

using ops::Kind;
using ops::Shown;

constexpr ops::Column kColumns[] = {
    {.name = "id", .sql = "c.id"},
    {.name = "number", .sql = "c.number"},
    {.name = "invoice_id", .sql = "c.invoice_id", .shown = Shown::record},
    {.name = "invoice_number", .sql = "i.number"},
    {.name = "client_email", .sql = "i.client_email"},
    {.name = "amount_cents", .sql = "c.amount_cents", .kind = Kind::money},
    {.name = "currency", .sql = "c.currency"},
    {.name = "net_cents", .sql = "c.amount_cents - c.tax_cents", .kind = Kind::money, .shown = Shown::record},
    {.name = "tax_cents", .sql = "c.tax_cents", .kind = Kind::money, .shown = Shown::record},
    {.name = "issue_date", .sql = "c.issue_date", .kind = Kind::date},
    {.name = "reason", .sql = "c.reason"},
    {.name = "created_by", .sql = "c.created_by", .shown = Shown::record},
    {.name = "created_by_email", .sql = "u.email", .shown = Shown::record},
    {.name = "version", .sql = "c.version", .kind = Kind::integer, .shown = Shown::record},
    {.name = "created_at", .sql = "c.created_at", .kind = Kind::instant, .shown = Shown::record},
    {.name = "updated_at", .sql = "c.updated_at", .kind = Kind::instant, .shown = Shown::record},
};

constexpr auto kInsert = R"sql(
  INSERT INTO credit_notes (id, number, invoice_id, amount_cents, tax_cents, currency, reason, issue_date, created_by,
                            version, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $10)
)sql";
constexpr auto kOfInvoice = "SELECT id FROM credit_notes WHERE invoice_id = $1";
constexpr auto kIssueDate = "SELECT issue_date FROM credit_notes WHERE number = $1";
constexpr auto kLastIssueDate = "SELECT max(issue_date) FROM credit_notes WHERE number LIKE $1";
constexpr auto kTaxOf = "SELECT CAST(coalesce(sum(tax_cents), 0) AS bigint) FROM credit_notes WHERE invoice_id = $1";

}  // namespace

const std::span<const ops::Column> kCreditNoteColumns = kColumns;

ops::Listing credit_note_listing() {
  return ops::Listing(kColumns,
                      "credit_notes c JOIN invoices i ON i.id = c.invoice_id LEFT JOIN users u ON u.id = c.created_by")
      .key("c.id");
}

Json credit_note_record(db::Tx& tx, const CreditNoteId& id) {
  return credit_note_listing().where("c.id = {}", {id}).record(tx);
}

CreditNoteId resolve_credit_note(db::Tx& tx, const CreditNoteRef& ref) { return ops::resolve(tx, ref, "credit-note"); }

Json credit_notes_of(db::Tx& tx, const InvoiceId& id) {
  return credit_note_listing().where("c.invoice_id = {}", {id}).key("c.id", false).records(tx);
}

std::vector<lines::TaxGroup> creditable(db::Tx& tx, const Invoice& invoice) {
  return lines::less(lines::load(tx, lines::kInvoices, invoice.id.text).groups,
                     lines::groups_of(tx, lines::kCreditNotes, kOfInvoice, invoice.id.text));
}

Money asked_tax(db::Tx& tx, const Invoice& invoice) {
  const auto credited = invoice.credited_cents > 0 ? tx.integer(kTaxOf, {invoice.id}) : 0;
  return {invoice.tax_cents - credited, invoice.amount.currency};
}

void insert_credit_note(ops::Context& context, const CreditNote& note, const lines::Breakdown& breakdown) {
  context.tx.exec(
      kInsert, {note.id, note.number, note.invoice_id, note.amount.minor, note.tax_cents, note.amount.currency.code(),
                note.reason, note.issue_date, context.actor.user_id, context.now()});
  lines::insert(context.tx, lines::kCreditNotes, note.id.text, breakdown);
}

std::optional<Date> credit_date_before(db::Tx& tx, std::string_view previous) {
  return numbering::date_before(tx, previous, kIssueDate, kLastIssueDate);
}

}  // namespace steward::invoices
