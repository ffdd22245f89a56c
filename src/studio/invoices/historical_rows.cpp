// What other programs issued, taken down as it is.

#include <fmt/format.h>

#include "db/lookup.h"
#include "db/transfer.h"
#include "studio/invoices/rows.h"
#include "studio/numbering/numbering.h"
#include "studio/parties/parties.h"

namespace steward::invoices {
namespace {

constexpr auto kTaken = R"sql(
  SELECT h.note, i.issue_date, i.client_email, i.amount_cents, i.currency
    FROM invoices i LEFT JOIN invoice_status_history h ON h.invoice_id = i.id AND h.from_status IS NULL
         AND h.operation = 'invoices.import'
   WHERE i.number = $1
)sql";
// Of our own numbers of a year, those in front of which this request left some out: it brought them, or they were the
// first there was. What was a gap before stays one. (Which rows it brought is asked of those behind a gap only, and of
// all only where one of these was there before.)
std::string gaps() {
  return fmt::format(R"sql(
  WITH given AS NOT MATERIALIZED (SELECT own.number, own.n FROM ({}) own WHERE own.year = $1),
       pairs AS (SELECT number, n, lag(n) OVER (ORDER BY n) AS before FROM given),
       brought AS (SELECT i.number FROM invoice_status_history h JOIN invoices i ON i.id = h.invoice_id
                    WHERE h.from_status IS NULL AND h.request_id = $2)
  SELECT p.number, p.before, i.created_at AS made_at FROM pairs p JOIN invoices i ON i.number = p.number
   WHERE p.n <> p.before + 1
     AND (EXISTS (SELECT 1 FROM brought b WHERE b.number = p.number)
          OR p.n <= (SELECT min(g.n) FROM given g WHERE NOT EXISTS (SELECT 1 FROM brought b WHERE b.number = g.number)))
)sql",
                     numbering::own_numbers(numbering::kInvoices, "invoices"));
}

Status status_of(const Historical& i) {
  return i.voided ? Status::voided : status_for(i.breakdown.gross(), i.paid_cents);
}

void insert_rows(ops::Context& context, std::span<const Historical> invoices) {
  const auto rows = db::bulk_insert(context.tx.connection(), "invoices",
                                    {"id", "number", "client_email", "amount_cents", "currency", "status", "paid_cents",
                                     "issue_date", "due_date", "issued_at", "paid_at", "voided_at", "void_reason",
                                     "created_by", "version", "created_at", "updated_at", "tax_cents"});
  for (const auto& i : invoices) {
    const auto status = status_of(i);
    const auto issued_at = start_of(i.issue, context.zone());
    rows->add({i.id, i.number, i.client_email, i.breakdown.gross(), i.currency.code(), status, i.paid_cents, i.issue,
               i.due, issued_at, status == Status::paid ? db::Value(i.paid_at) : db::Value(),
               i.voided ? db::Value(issued_at) : db::Value(), i.void_reason, context.actor.user_id, 1, context.now(),
               context.now(), i.breakdown.tax()});
  }
  rows->finish();
}

void insert_lines(ops::Context& context, std::span<const Historical> invoices) {
  std::vector<std::pair<std::string_view, const lines::Breakdown*>> documents;
  for (const auto& i : invoices) documents.emplace_back(i.id.text, &i.breakdown);
  lines::insert_all(context.tx, lines::kInvoices, documents);
}

void insert_parties(ops::Context& context, std::span<const Historical> invoices) {
  std::vector<parties::Stated> documents;
  for (const auto& i : invoices) documents.push_back({i.id.text, &i.client});
  parties::take_down_stated(context, parties::kInvoices, documents);
}

// It was never a draft here.
void insert_history(ops::Context& context, std::span<const Historical> invoices) {
  ops::HistoryRows history(context, kHistory);
  for (const auto& i : invoices) {
    history.add(i.id.text, to_text(Status::issued), {}, i.note);
    if (const auto status = status_of(i); status != Status::issued)
      history.add(i.id.text, to_text(status), to_text(Status::issued), i.void_reason.value_or(""));
  }
  history.finish();
}

}  // namespace

void insert_historical(ops::Context& context, std::span<const Historical> invoices) {
  if (invoices.empty()) return;
  insert_rows(context, invoices);
  insert_lines(context, invoices);
  insert_parties(context, invoices);
  insert_history(context, invoices);
}

bool is_historical(db::Tx& tx, const InvoiceId& id) {
  return tx.exists(
      "SELECT 1 FROM invoice_status_history WHERE invoice_id = $1 AND from_status IS NULL"
      " AND operation = 'invoices.import'",
      {id});
}

void each_taken(db::Tx& tx, const std::vector<std::string_view>& numbers,
                const std::function<void(std::size_t, const Taken&)>& taken) {
  db::Questions questions(1);
  for (const auto number : numbers) questions.add({number});
  db::ask_each(tx.connection(), kTaken, questions, [&](std::size_t asked, const db::Row& row) {
    taken(asked,
          {row.maybe_text(0), parse_date(row.text(1)), row.str(2), {row.integer(3), Currency::parse(row.text(4))}});
  });
}

void follow_historical(ops::Context& context, const std::map<int, std::int64_t>& last) {
  for (const auto& [year, number] : last) {
    numbering::follow(context.tx, numbering::kInvoices, year, number);
    numbering::excuse_gaps(context.tx, gaps(), {fmt::format("{:04}", year), context.request.request_id});
  }
}

}  // namespace steward::invoices
