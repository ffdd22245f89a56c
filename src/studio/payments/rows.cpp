#include "studio/payments/rows.h"

#include <fmt/format.h>

#include "core/error.h"

namespace steward::payments {
namespace {

using ops::Kind;
using ops::Shown;

constexpr ops::Column kColumns[] = {
    {.name = "id", .sql = "y.id"},
    {.name = "invoice_id", .sql = "y.invoice_id", .shown = Shown::record},
    {.name = "invoice_number", .sql = "i.number"},
    {.name = "invoice_status", .sql = "i.status", .shown = Shown::record},
    {.name = "client_email", .sql = "i.client_email"},
    {.name = "amount_cents", .sql = "y.amount_cents", .kind = Kind::money},
    {.name = "currency", .sql = "y.currency"},
    {.name = "status", .sql = "y.status"},
    {.name = "paid_at", .sql = "y.paid_at", .kind = Kind::instant},
    {.name = "reference", .sql = "y.reference"},
    {.name = "recorded_by", .sql = "y.recorded_by", .shown = Shown::record},
    {.name = "recorded_by_email", .sql = "u.email", .shown = Shown::record},
    {.name = "reversed_at", .sql = "y.reversed_at", .kind = Kind::instant, .shown = Shown::record},
    {.name = "reversed_by", .sql = "y.reversed_by", .shown = Shown::record},
    {.name = "reversed_by_email", .sql = "r.email", .shown = Shown::record},
    {.name = "reversal_reason", .sql = "y.reversal_reason", .shown = Shown::record},
    {.name = "version", .sql = "y.version", .kind = Kind::integer, .shown = Shown::record},
    {.name = "created_at", .sql = "y.created_at", .kind = Kind::instant, .shown = Shown::record},
    {.name = "updated_at", .sql = "y.updated_at", .kind = Kind::instant, .shown = Shown::record},
};
constexpr auto kFrom = R"sql(payments y JOIN invoices i ON i.id = y.invoice_id
  LEFT JOIN users u ON u.id = y.recorded_by LEFT JOIN users r ON r.id = y.reversed_by)sql";

constexpr auto kFind = R"sql(
  SELECT id, invoice_id, amount_cents, currency, status, paid_at, reference FROM payments WHERE id = $1
)sql";
constexpr auto kInsert = R"sql(
  INSERT INTO payments (id, invoice_id, amount_cents, currency, status, paid_at, reference, recorded_by, version,
                        created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $9)
)sql";
constexpr auto kMarkReversed = R"sql(
  UPDATE payments SET status = 'REVERSED', reversed_at = $3, reversed_by = $4, reversal_reason = $5,
         version = version + 1, updated_at = $3
   WHERE id = $1 AND status = $2
)sql";

}  // namespace

const std::span<const ops::Column> kPaymentColumns = kColumns;

ops::Listing payment_listing() { return ops::Listing(kColumns, kFrom).key("y.id"); }

Json payment_record(db::Tx& tx, const PaymentId& id) { return payment_listing().where("y.id = {}", {id}).record(tx); }

Payment find_payment(db::Tx& tx, const PaymentId& id) {
  auto found = tx.first(kFind, {id}, [](const db::Row& row) {
    return Payment{{row.str(0)},          row.str(1),     {row.integer(2), Currency::parse(row.text(3))},
                   row.choice<Status>(4), row.instant(5), row.maybe_text(6)};
  });
  if (found) return *std::move(found);
  throw Error{ErrorKind::not_found, "not_found", fmt::format("There is no payment {}.", id.text)};
}

void insert_payment(ops::Context& context, const Payment& p) {
  try {
    context.tx.exec(kInsert, {p.id, p.invoice_id, p.amount.minor, p.amount.currency.code(), p.status, p.paid_at,
                              p.reference, context.actor.user_id, context.now()});
  } catch (const Error& error) {  // the index says it: no look-up before every payment
    if (error.code() != "duplicate" || !p.reference) throw;
    throw Error{ErrorKind::conflict, "duplicate",
                fmt::format("A payment with the reference '{}' is recorded on this invoice already.", *p.reference),
                "steward invoices show names its payments."}
        .at("reference");
  }
}

void mark_reversed(ops::Context& context, const Payment& p, const std::string& reason) {
  if (context.tx.exec(kMarkReversed, {p.id, p.status, context.now(), context.actor.user_id, reason}) == 1) return;
  refuse_conflict("stale_version", fmt::format("Somebody changed payment {} first.", short_id(p.id.text)),
                  "Read it again, then retry.");
}

}  // namespace steward::payments
