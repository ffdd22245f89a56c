#include "studio/payments/rows.h"

#include <fmt/format.h>

#include "core/error.h"
#include "db/transfer.h"

namespace steward::payments {
namespace {

using ops::Shown;
using CellKind = ops::Kind;

constexpr ops::Column kColumns[] = {
    {.name = "id", .sql = "y.id"},
    {.name = "invoice_id", .sql = "y.invoice_id", .shown = Shown::record},
    {.name = "invoice_number", .sql = "i.number"},
    {.name = "invoice_status", .sql = "i.status", .shown = Shown::record},
    {.name = "client_email", .sql = "i.client_email"},
    {.name = "kind", .sql = "y.kind", .help = "A REFUND and a CREDIT_OUT take from what the invoice holds"},
    {.name = "amount_cents", .sql = "y.amount_cents", .kind = CellKind::money},
    {.name = "currency", .sql = "y.currency"},
    {.name = "status", .sql = "y.status"},
    {.name = "paid_at", .sql = "y.paid_at", .kind = CellKind::instant},
    {.name = "reference", .sql = "y.reference"},
    {.name = "counterpart_id",
     .sql = "y.counterpart_id",
     .shown = Shown::record,
     .help = "Of a REFUND: what it gives back of; of a CREDIT_IN: where it came from"},
    {.name = "reason", .sql = "y.reason", .shown = Shown::record},
    {.name = "recorded_by", .sql = "y.recorded_by", .shown = Shown::record},
    {.name = "recorded_by_email", .sql = "u.email", .shown = Shown::record},
    {.name = "reversed_at", .sql = "y.reversed_at", .kind = CellKind::instant, .shown = Shown::record},
    {.name = "reversed_by", .sql = "y.reversed_by", .shown = Shown::record},
    {.name = "reversed_by_email", .sql = "r.email", .shown = Shown::record},
    {.name = "reversal_reason", .sql = "y.reversal_reason", .shown = Shown::record},
    {.name = "version", .sql = "y.version", .kind = CellKind::integer, .shown = Shown::record},
    {.name = "created_at", .sql = "y.created_at", .kind = CellKind::instant, .shown = Shown::record},
    {.name = "updated_at", .sql = "y.updated_at", .kind = CellKind::instant, .shown = Shown::record},
};
constexpr auto kFrom = R"sql(payments y JOIN invoices i ON i.id = y.invoice_id
  LEFT JOIN users u ON u.id = y.recorded_by LEFT JOIN users r ON r.id = y.reversed_by)sql";

constexpr auto kFind = R"sql(
  SELECT id, invoice_id, amount_cents, currency, status, paid_at, reference, kind, counterpart_id, reason
    FROM payments WHERE id = $1
)sql";
constexpr auto kReceivedFor = R"sql(
  SELECT id, invoice_id, amount_cents, currency, status, paid_at, reference, kind, counterpart_id, reason
    FROM payments WHERE invoice_id = $1 AND kind = 'RECEIVED' AND status = 'RECORDED' ORDER BY paid_at DESC, id DESC
)sql";
constexpr auto kInsert = R"sql(
  INSERT INTO payments (id, invoice_id, amount_cents, currency, status, paid_at, reference, recorded_by, version,
                        created_at, updated_at, kind, counterpart_id, reason)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $9, $10, $11, $12)
)sql";
constexpr auto kRefundedOf = R"sql(
  SELECT CAST(coalesce(sum(amount_cents), 0) AS bigint) FROM payments
   WHERE counterpart_id = $1 AND kind = 'REFUND' AND status = 'RECORDED'
)sql";
constexpr auto kMadeFrom = "SELECT id FROM payments WHERE counterpart_id = $1 AND status = 'RECORDED' ORDER BY id";
constexpr auto kMarkReversed = R"sql(
  UPDATE payments SET status = 'REVERSED', reversed_at = $3, reversed_by = $4, reversal_reason = $5,
         version = version + 1, updated_at = $3
   WHERE id = $1 AND status = $2
)sql";

Payment payment_of(const db::Row& row) {
  return Payment{{row.str(0)},          row.str(1),        {row.integer(2), Currency::parse(row.text(3))},
                 row.choice<Status>(4), row.instant(5),    row.maybe_text(6),
                 row.choice<Kind>(7),   row.maybe_text(8), row.maybe_text(9)};
}

}  // namespace

const std::span<const ops::Column> kPaymentColumns = kColumns;

ops::Listing payment_listing() { return ops::Listing(kColumns, kFrom).key("y.id"); }

Json payment_record(db::Tx& tx, const PaymentId& id) { return payment_listing().where("y.id = {}", {id}).record(tx); }

Payment find_payment(db::Tx& tx, const PaymentId& id) {
  auto found = tx.first(kFind, {id}, payment_of);
  if (found) return *std::move(found);
  throw Error{ErrorKind::not_found, "not_found", fmt::format("There is no payment {}.", id.text)};
}

std::vector<Payment> received_for(db::Tx& tx, const invoices::InvoiceId& invoice) {
  return tx.all(kReceivedFor, {invoice}, payment_of);
}

std::int64_t refunded_of(db::Tx& tx, const PaymentId& id) { return tx.integer(kRefundedOf, {id}); }

std::vector<PaymentId> made_from(db::Tx& tx, const PaymentId& id) {
  return tx.all(kMadeFrom, {id}, [](const db::Row& row) { return PaymentId{row.str(0)}; });
}

void insert_payment(ops::Context& context, const Payment& p) {
  try {
    context.tx.exec(kInsert, {p.id, p.invoice_id, p.amount.minor, p.amount.currency.code(), p.status, p.paid_at,
                              p.reference, context.actor.user_id, context.now(), p.kind, p.counterpart_id, p.reason});
  } catch (const Error& error) {  // the index says it: no look-up before every payment
    if (error.code() != "duplicate" || !p.reference) throw;
    throw Error{ErrorKind::conflict, "duplicate",
                fmt::format("A payment with the reference '{}' is recorded on this invoice already.", *p.reference),
                "steward invoices show names its payments."}
        .at("reference");
  }
}

void insert_payments(ops::Context& context, std::span<const Payment> payments) {
  if (payments.empty()) return;
  const auto rows = db::bulk_insert(context.tx.connection(), "payments",
                                    {"id", "invoice_id", "amount_cents", "currency", "status", "paid_at", "reference",
                                     "recorded_by", "version", "created_at", "updated_at", "kind"});
  for (const auto& p : payments)
    rows->add({p.id, p.invoice_id, p.amount.minor, p.amount.currency.code(), p.status, p.paid_at, p.reference,
               context.actor.user_id, 1, context.now(), context.now(), p.kind});
  rows->finish();
}

void mark_reversed(ops::Context& context, const Payment& p, const std::string& reason) {
  if (context.tx.exec(kMarkReversed, {p.id, p.status, context.now(), context.actor.user_id, reason}) == 1) return;
  refuse_conflict("stale_version", fmt::format("Somebody changed payment {} first.", short_id(p.id.text)),
                  "Read it again, then retry.");
}

}  // namespace steward::payments
