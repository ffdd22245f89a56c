#include "studio/payments/bank/rows.h"

#include <fmt/format.h>

#include "core/error.h"
#include "db/lookup.h"
#include "db/transfer.h"

namespace steward::payments {
namespace {

using ops::Shown;
using CellKind = ops::Kind;

constexpr ops::Column kColumns[] = {
    {.name = "id", .sql = "b.id"},
    {.name = "booked_on", .sql = "b.booked_on", .kind = CellKind::date},
    {.name = "amount_cents", .sql = "b.amount_cents", .kind = CellKind::money, .help = "Below zero: money out"},
    {.name = "currency", .sql = "b.currency"},
    {.name = "reference", .sql = "b.reference"},
    {.name = "text", .sql = "b.text"},
    {.name = "status", .sql = "b.status"},
    {.name = "payment_id", .sql = "b.payment_id", .shown = Shown::record, .help = "What was recorded of it"},
    {.name = "invoice_number", .sql = "i.number", .help = "What it paid"},
    {.name = "ignored_reason", .sql = "b.ignored_reason", .shown = Shown::record},
    {.name = "occurrence",
     .sql = "b.occurrence",
     .kind = CellKind::integer,
     .shown = Shown::record,
     .help = "Which of its equals in one file it was"},
    {.name = "imported_by", .sql = "b.imported_by", .shown = Shown::record},
    {.name = "imported_by_email", .sql = "u.email", .shown = Shown::record},
    {.name = "version", .sql = "b.version", .kind = CellKind::integer, .shown = Shown::record},
    {.name = "created_at", .sql = "b.created_at", .kind = CellKind::instant, .shown = Shown::record},
    {.name = "updated_at", .sql = "b.updated_at", .kind = CellKind::instant, .shown = Shown::record},
};
constexpr auto kFrom = R"sql(bank_lines b LEFT JOIN payments y ON y.id = b.payment_id
  LEFT JOIN invoices i ON i.id = y.invoice_id LEFT JOIN users u ON u.id = b.imported_by)sql";

constexpr auto kFind = R"sql(
  SELECT id, booked_on, amount_cents, currency, reference, text, status, payment_id FROM bank_lines WHERE id = $1
)sql";
constexpr auto kKnown = "SELECT 1 FROM bank_lines WHERE line_hash = $1 AND occurrence = $2";
// Of each status by itself, which is two steps in an index.
constexpr auto kBookedDays = R"sql(
  SELECT min(first), max(last)
    FROM (SELECT (SELECT min(booked_on) FROM bank_lines b WHERE b.status = s.status) AS first,
                 (SELECT max(booked_on) FROM bank_lines b WHERE b.status = s.status) AS last
            FROM (SELECT 'UNMATCHED' AS status UNION ALL SELECT 'MATCHED' UNION ALL SELECT 'IGNORED') s) days
)sql";
constexpr auto kMarkMatched = R"sql(
  UPDATE bank_lines SET status = 'MATCHED', payment_id = $3, ignored_reason = NULL, version = version + 1,
         updated_at = $4
   WHERE id = $1 AND status = $2
)sql";
constexpr auto kMarkIgnored = R"sql(
  UPDATE bank_lines SET status = 'IGNORED', ignored_reason = $3, version = version + 1, updated_at = $4
   WHERE id = $1 AND status = $2
)sql";
constexpr auto kRelease = R"sql(
  UPDATE bank_lines SET status = 'UNMATCHED', payment_id = NULL, version = version + 1, updated_at = $2
   WHERE payment_id = $1
)sql";

BankLine bank_line_of(const db::Row& row) {
  return {{row.str(0)},      parse_date(row.text(1)), {row.integer(2), Currency::parse(row.text(3))},
          row.maybe_text(4), row.maybe_text(5),       row.choice<LineStatus>(6),
          row.maybe_text(7)};
}

void require_one(std::int64_t rows, const BankLine& line) {
  if (rows == 1) return;
  refuse_conflict("stale_version", fmt::format("Somebody changed bank line {} first.", short_id(line.id.text)),
                  "Read it again, then retry.");
}

}  // namespace

const std::span<const ops::Column> kBankLineColumns = kColumns;

ops::Listing bank_line_listing() { return ops::Listing(kColumns, kFrom).key("b.id"); }

Json bank_line_record(db::Tx& tx, const BankLineId& id) {
  return bank_line_listing().where("b.id = {}", {id}).record(tx);
}

BankLine find_bank_line(db::Tx& tx, const BankLineId& id) {
  if (auto found = tx.first(kFind, {id}, bank_line_of)) return *std::move(found);
  throw Error{ErrorKind::not_found, "not_found", fmt::format("There is no bank line {}.", id.text)};
}

const std::string_view kReferenceUse = R"sql(
  SELECT count(*), CAST(coalesce(sum(CASE WHEN EXISTS (SELECT 1 FROM bank_lines b WHERE b.payment_id = y.id)
                                          THEN 0 ELSE 1 END), 0) AS bigint)
    FROM payments y JOIN invoices i ON i.id = y.invoice_id
   WHERE i.number = $1 AND y.reference = $2 AND y.status = 'RECORDED'
)sql";

std::optional<std::pair<Date, Date>> booked_days(db::Tx& tx) {
  const auto days = tx.first(kBookedDays, {}, [](const db::Row& row) {
    return std::pair{row.maybe_text(0), row.maybe_text(1)};
  });
  if (!days || !days->first) return std::nullopt;
  return std::pair{parse_date(*days->first), parse_date(*days->second)};
}

void each_known_line(db::Tx& tx, const std::vector<LineKey>& keys, const std::function<void(std::size_t)>& known) {
  db::Questions questions(2);
  for (const auto& key : keys) questions.add({key.hash, key.occurrence});
  db::ask_each(tx.connection(), kKnown, questions, [&](std::size_t asked, const db::Row&) { known(asked); });
}

void insert_bank_lines(ops::Context& context, std::span<const NewBankLine> lines) {
  if (lines.empty()) return;
  const auto rows =
      db::bulk_insert(context.tx.connection(), "bank_lines",
                      {"id", "booked_on", "amount_cents", "currency", "reference", "text", "line_hash", "occurrence",
                       "status", "payment_id", "imported_by", "version", "created_at", "updated_at"});
  for (const auto& [line, key] : lines)
    rows->add({line.id, line.booked_on, line.amount.minor, line.amount.currency.code(), line.reference, line.text,
               key.hash, key.occurrence, line.status, line.payment_id, context.actor.user_id, 1, context.now(),
               context.now()});
  rows->finish();
}

ReferenceTaken reference_taken(const db::Row& row) {
  if (row.integer(0) == 0) return ReferenceTaken::no;
  return row.integer(1) > 0 ? ReferenceTaken::by_hand : ReferenceTaken::by_line;
}

ReferenceTaken reference_taken(db::Tx& tx, std::string_view number, std::string_view reference) {
  return tx.first(kReferenceUse, {number, reference}, [](const db::Row& row) { return reference_taken(row); })
      .value_or(ReferenceTaken::no);
}

std::optional<std::string> payment_reference(const BankLine& line, ReferenceTaken taken) {
  if (!line.reference || taken != ReferenceTaken::by_line) return line.reference;
  return fmt::format("{} (line {})", *line.reference, short_id(line.id.text));
}

void mark_matched(db::Tx& tx, const BankLine& line, const PaymentId& payment) {
  require_one(tx.exec(kMarkMatched, {line.id, line.status, payment, tx.now()}), line);
}

void mark_ignored(db::Tx& tx, const BankLine& line, const std::string& reason) {
  require_one(tx.exec(kMarkIgnored, {line.id, line.status, reason, tx.now()}), line);
}

void release_bank_line(db::Tx& tx, const PaymentId& payment) { tx.exec(kRelease, {payment, tx.now()}); }

}  // namespace steward::payments
