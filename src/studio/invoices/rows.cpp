#include "studio/invoices/rows.h"

#include <fmt/format.h>

#include "core/error.h"
#include "db/lookup.h"
#include "studio/numbering/numbering.h"

namespace steward::invoices {
namespace {

constexpr auto kFindById = R"sql(
  SELECT id, number, client_email, amount_cents, currency, paid_cents, status, proposal_id, intake_request_id, deal_id,
         version, tax_cents, credited_cents
    FROM invoices WHERE id = $1
)sql";
constexpr auto kFindByNumber = R"sql(
  SELECT id, number, client_email, amount_cents, currency, paid_cents, status, proposal_id, intake_request_id, deal_id,
         version, tax_cents, credited_cents
    FROM invoices WHERE number = $1
)sql";
constexpr auto kPaidForDeal = R"sql(
  SELECT id, number, client_email, amount_cents, currency, paid_cents, status, proposal_id, intake_request_id, deal_id,
         version, tax_cents, credited_cents
    FROM invoices WHERE deal_id = $1 AND status = 'PAID' ORDER BY number DESC
)sql";
constexpr auto kInvoicedOfProposal = R"sql(
  SELECT CAST(coalesce(sum(amount_cents - credited_cents), 0) AS bigint) FROM invoices
   WHERE proposal_id = $1 AND status <> 'VOID' AND CAST(id AS text) <> $2
)sql";
constexpr auto kInvoicedOfDeal = R"sql(
  SELECT CAST(coalesce(sum(amount_cents - credited_cents), 0) AS bigint) FROM invoices
   WHERE deal_id = $1 AND status <> 'VOID' AND CAST(id AS text) <> $2
)sql";
constexpr auto kIssueDate = "SELECT issue_date FROM invoices WHERE number = $1";
constexpr auto kIssueDateOf = "SELECT issue_date FROM invoices WHERE id = $1";
constexpr auto kLastIssueDate = "SELECT max(issue_date) FROM invoices WHERE number LIKE $1";
constexpr auto kInsert = R"sql(
  INSERT INTO invoices (id, client_email, amount_cents, currency, status, proposal_id, intake_request_id, deal_id,
                        created_by, version, created_at, updated_at, tax_cents)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $10, $11)
)sql";
constexpr auto kStoreDraft = R"sql(
  UPDATE invoices SET client_email = $3, amount_cents = $4, currency = $5, version = version + 1, updated_at = $6,
         tax_cents = $7
   WHERE id = $1 AND version = $2 AND status = 'DRAFT'
)sql";
constexpr auto kMarkIssued = R"sql(
  UPDATE invoices SET status = 'ISSUED', number = $3, issue_date = $4, due_date = $5, issued_at = $6,
         version = version + 1, updated_at = $6
   WHERE id = $1 AND status = $2
)sql";
constexpr auto kMarkVoid = R"sql(
  UPDATE invoices SET status = 'VOID', void_reason = $3, voided_at = $4, version = version + 1, updated_at = $4
   WHERE id = $1 AND status = $2 AND paid_cents = 0
)sql";
constexpr auto kCredit = R"sql(
  UPDATE invoices SET credited_cents = $5, status = $6,
         paid_at = CASE WHEN $6 = 'PAID' THEN coalesce(paid_at, $7) ELSE paid_at END, version = version + 1,
         updated_at = $7
   WHERE id = $1 AND status = $2 AND paid_cents = $3 AND credited_cents = $4
)sql";
constexpr auto kSettle = R"sql(
  UPDATE invoices SET paid_cents = $4, status = $5,
         paid_at = CASE WHEN status = 'PAID' AND $5 = 'PAID' THEN paid_at ELSE $6 END, version = version + 1, updated_at = $7
   WHERE id = $1 AND status = $2 AND paid_cents = $3
)sql";

Invoice invoice_of(const db::Row& row) {
  return {{row.str(0)},      row.maybe_text(1),     row.str(2),        {row.integer(3), Currency::parse(row.text(4))},
          row.integer(5),    row.choice<Status>(6), row.maybe_text(7), row.maybe_text(8),
          row.maybe_text(9), row.integer(10),       row.integer(11),   row.integer(12)};
}

void require_one(std::int64_t rows, const Invoice& invoice) {
  if (rows == 1) return;
  refuse_conflict("stale_version", fmt::format("Somebody changed invoice {} first.", invoice.handle()),
                  "Read it again, then retry.");
}

void record_move(ops::Context& context, const Invoice& invoice, Status to,
                 const std::optional<std::string>& note = {}) {
  ops::record_history(context, kHistory, invoice.id.text, to_text(invoice.status), to_text(to), note);
}

}  // namespace

Invoice find_invoice(db::Tx& tx, const InvoiceId& id) {
  if (auto found = tx.first(kFindById, {id}, invoice_of)) return *std::move(found);
  throw Error{ErrorKind::not_found, "not_found", fmt::format("There is no invoice {}.", id.text)};
}

Invoice find_invoice(db::Tx& tx, const InvoiceRef& ref, std::string_view field) {
  if (auto found = tx.first(kFindByNumber, {ref.text}, invoice_of)) return *std::move(found);
  return find_invoice(tx, ops::resolve(tx, ref, field));
}

void each_numbered(db::Tx& tx, const std::vector<std::string>& numbers, const std::function<void(Invoice)>& found) {
  db::Questions questions(1);
  for (const auto& number : numbers) questions.add({number});
  db::ask_each(tx.connection(), kFindByNumber, questions,
               [&](std::size_t, const db::Row& row) { found(invoice_of(row)); });
}

std::vector<Invoice> paid_for_deal(db::Tx& tx, std::string_view deal_id) {
  return tx.all(kPaidForDeal, {deal_id}, invoice_of);
}

std::int64_t invoiced_of_proposal(db::Tx& tx, std::string_view proposal_id, const InvoiceId& but) {
  return tx.integer(kInvoicedOfProposal, {proposal_id, but});
}

std::int64_t invoiced_of_deal(db::Tx& tx, std::string_view deal_id, const InvoiceId& but) {
  return tx.integer(kInvoicedOfDeal, {deal_id, but});
}

std::optional<Date> issue_date_before(db::Tx& tx, std::string_view previous) {
  return numbering::date_before(tx, previous, kIssueDate, kLastIssueDate);
}

std::optional<Date> issue_date_of(db::Tx& tx, const InvoiceId& id) {
  const auto text = tx.text(kIssueDateOf, {id});
  return text ? std::optional(parse_date(*text)) : std::nullopt;
}

deals::InvoicePayment deal_payment_of(db::Tx& tx, const Invoice& invoice, Instant at) {
  return {deals::DealId{invoice.deal_id.value()}, invoice.id.text, invoice.asked(), at, asked_tax(tx, invoice).minor};
}

void insert_invoice(ops::Context& context, const Invoice& i, const lines::Breakdown& breakdown) {
  context.tx.exec(kInsert, {i.id, i.client_email, i.amount.minor, i.amount.currency.code(), i.status, i.proposal_id,
                            i.intake_request_id, i.deal_id, context.actor.user_id, context.now(), i.tax_cents});
  lines::insert(context.tx, lines::kInvoices, i.id.text, breakdown);
  ops::record_history(context, kHistory, i.id.text, {}, to_text(i.status));
}

void store_draft(db::Tx& tx, const Invoice& i) {
  require_one(tx.exec(kStoreDraft, {i.id, i.version, i.client_email, i.amount.minor, i.amount.currency.code(), tx.now(),
                                    i.tax_cents}),
              i);
}

void mark_issued(ops::Context& context, const Invoice& i, Date issue, Date due) {
  require_one(context.tx.exec(kMarkIssued, {i.id, i.status, i.number, issue, due, context.now()}), i);
  record_move(context, i, Status::issued);
}

void mark_void(ops::Context& context, const Invoice& i, const std::string& reason) {
  require_one(context.tx.exec(kMarkVoid, {i.id, i.status, reason, context.now()}), i);
  record_move(context, i, Status::voided, reason);
}

Invoice settle(ops::Context& context, const Invoice& before, std::int64_t paid_cents, Instant at,
               const std::optional<std::string>& note) {
  auto after = before;
  after.paid_cents = paid_cents;
  after.status = status_for(before.asked().minor, paid_cents);
  const auto paid_at = after.status == Status::paid ? std::optional(at) : std::nullopt;
  require_one(context.tx.exec(kSettle, {before.id, before.status, before.paid_cents, paid_cents, after.status, paid_at,
                                        context.now()}),
              before);
  if (after.status != before.status) record_move(context, before, after.status, note);
  return after;
}

Invoice credit(ops::Context& context, const Invoice& before, const Money& amount, const std::string& reason) {
  auto after = before;
  after.credited_cents = (Money{before.credited_cents, amount.currency} + amount).minor;
  after.status = status_for(after.asked().minor, before.paid_cents);
  require_one(context.tx.exec(kCredit, {before.id, before.status, before.paid_cents, before.credited_cents,
                                        after.credited_cents, after.status, context.now()}),
              before);
  if (after.status != before.status) record_move(context, before, after.status, reason);
  return after;
}

}  // namespace steward::invoices
