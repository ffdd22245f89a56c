#include "studio/deals/rows.h"

#include <fmt/format.h>

#include "core/error.h"

namespace steward::deals {
namespace {

using ops::Kind;
using ops::Shown;

constexpr ops::Column kColumns[] = {
    {"id", "d.id"},
    {"status", "d.status"},
    {"client_email", "i.contact_email"},
    {"client_name", "i.contact_name", Kind::text, Shown::record},
    {"offer_slug", "d.offer_slug"},
    {"agreed_price_cents", "d.agreed_price_cents", Kind::money, Shown::always, "As it stood when the deal was made",
     "agreed_currency"},
    {"agreed_currency", "d.agreed_currency"},
    {"intake_id", "d.intake_id", Kind::text, Shown::record},
    {"provider_user_id", "d.provider_user_id", Kind::text, Shown::record},
    {"provider_email", "p.email"},
    {"maestro_user_id", "d.maestro_user_id", Kind::text, Shown::record},
    {"maestro_email", "m.email"},
    {"referrer_user_id", "d.referrer_user_id", Kind::text, Shown::record},
    {"referrer_email", "r.email", Kind::text, Shown::record},
    {"requested_provider_user_id", "d.requested_provider_user_id", Kind::text, Shown::record},
    {"requested_provider_email", "q.email", Kind::text, Shown::record},
    {"provider_rate_bp", "d.provider_rate_bp", Kind::integer, Shown::record, "Basis points"},
    {"referrer_rate_bp", "d.referrer_rate_bp", Kind::integer, Shown::record, "Basis points"},
    {"provider_rate_id", "d.provider_rate_id", Kind::text, Shown::record},
    {"referrer_rate_id", "d.referrer_rate_id", Kind::text, Shown::record},
    {"approval_id", "d.approval_id", Kind::text, Shown::record, "The history row that approved the present assignment"},
    {"approved_by", "d.approved_by", Kind::text, Shown::record},
    {"approved_by_email", "a.email", Kind::text, Shown::record},
    {"approved_actor", "d.approved_actor", Kind::text, Shown::record},
    {"approved_at", "d.approved_at", Kind::instant, Shown::record},
    {"dispute_opened_at", "d.dispute_opened_at", Kind::instant, Shown::record,
     "While set, its ledger entries are frozen"},
    {"created_by", "d.created_by", Kind::text, Shown::record},
    {"created_by_email", "c.email", Kind::text, Shown::record},
    {"version", "d.version", Kind::integer, Shown::record},
    {"created_at", "d.created_at", Kind::instant},
    {"updated_at", "d.updated_at", Kind::instant, Shown::record},
};
constexpr auto kFrom = R"sql(
  deals d JOIN intake_requests i ON i.id = d.intake_id
  LEFT JOIN users p ON p.id = d.provider_user_id LEFT JOIN users m ON m.id = d.maestro_user_id
  LEFT JOIN users r ON r.id = d.referrer_user_id LEFT JOIN users q ON q.id = d.requested_provider_user_id
  LEFT JOIN users a ON a.id = d.approved_by LEFT JOIN users c ON c.id = d.created_by
)sql";

constexpr ops::Column kPayments[] = {
    {"id"},
    {"provider"},
    {"status"},
    {"invoice_id"},
    {"amount_cents", "amount_cents", Kind::money},
    {"refunded_cents", "refunded_cents", Kind::money},
    {"currency"},
    {"paid_at", "paid_at", Kind::instant},
};

constexpr ops::Column kAssignments[] = {
    {"changed_at", "h.changed_at", Kind::instant},
    {"provider_user_id", "h.new_provider_user_id"},
    {"provider_email", "np.email"},
    {"maestro_user_id", "h.new_maestro_user_id"},
    {"maestro_email", "nm.email"},
    {"replaced_provider_user_id", "h.old_provider_user_id"},
    {"replaced_provider_email", "op.email"},
    {"replaced_maestro_user_id", "h.old_maestro_user_id"},
    {"replaced_maestro_email", "om.email"},
    {"actor", "h.actor"},
};
constexpr auto kFromAssignments = R"sql(
  deal_status_history h
  LEFT JOIN users np ON np.id = h.new_provider_user_id LEFT JOIN users nm ON nm.id = h.new_maestro_user_id
  LEFT JOIN users op ON op.id = h.old_provider_user_id LEFT JOIN users om ON om.id = h.old_maestro_user_id
)sql";

constexpr auto kFind = R"sql(
  SELECT d.id, d.status, d.intake_id, d.offer_slug, d.agreed_price_cents, d.agreed_currency, i.contact_email,
         d.provider_rate_bp, d.referrer_rate_bp, d.provider_user_id, d.maestro_user_id, d.referrer_user_id,
         d.approval_id, d.dispute_opened_at, d.version
    FROM deals d JOIN intake_requests i ON i.id = d.intake_id WHERE d.id = $1
)sql";
constexpr auto kDealOfIntake = "SELECT id FROM deals WHERE intake_id = $1";
constexpr auto kInsert = R"sql(
  INSERT INTO deals (id, intake_id, offer_slug, status, agreed_price_cents, agreed_currency, provider_rate_bp,
    referrer_rate_bp, provider_rate_id, referrer_rate_id, referrer_user_id, requested_provider_user_id, created_by,
    created_at, updated_at)
  VALUES ($1, $2, $3, 'QUEUED', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)
)sql";
constexpr auto kMove = R"sql(
  UPDATE deals SET status = $4, version = version + 1, updated_at = $5 WHERE id = $1 AND status = $2 AND version = $3
)sql";
// DL-8: an approval is of one assignment, so a new one empties it.
constexpr auto kAssign = R"sql(
  UPDATE deals SET status = 'ASSIGNED', provider_user_id = $4, maestro_user_id = $5, approval_id = NULL,
         approved_by = NULL, approved_actor = NULL, approved_at = NULL, version = version + 1, updated_at = $6
   WHERE id = $1 AND status = $2 AND version = $3
)sql";
constexpr auto kApprove = R"sql(
  UPDATE deals SET status = 'MAESTRO_APPROVED', approval_id = $4, approved_by = $5, approved_actor = $6,
         approved_at = $7, version = version + 1, updated_at = $7
   WHERE id = $1 AND status = $2 AND version = $3
)sql";
constexpr auto kDispute = R"sql(
  UPDATE deals SET dispute_opened_at = $4, version = version + 1, updated_at = $5
   WHERE id = $1 AND status = $2 AND version = $3
)sql";
constexpr auto kPaymentOf = "SELECT id, deal_id, status FROM deal_payments WHERE invoice_id = $1";
constexpr auto kInsertPayment = R"sql(
  INSERT INTO deal_payments (id, deal_id, provider, status, invoice_id, amount_cents, tax_cents, currency, paid_at,
                             created_at, updated_at)
  VALUES ($1, $2, 'INVOICE', 'PAID', $3, $4, $5, $6, $7, $8, $8)
)sql";
constexpr auto kPayAgain = R"sql(
  UPDATE deal_payments SET status = 'PAID', amount_cents = $2, tax_cents = $3, refunded_cents = 0, refunded_tax_cents = 0,
         paid_at = $4, version = version + 1, updated_at = $5
   WHERE id = $1 AND status = 'FAILED'
)sql";
constexpr auto kFailPayment = R"sql(
  UPDATE deal_payments SET status = 'FAILED', version = version + 1, updated_at = $2 WHERE id = $1 AND status = 'PAID'
)sql";
constexpr auto kReducePayment = R"sql(
  UPDATE deal_payments SET refunded_cents = refunded_cents + $2, refunded_tax_cents = refunded_tax_cents + $3,
         status = CASE WHEN refunded_cents + $2 = amount_cents THEN 'REFUNDED' ELSE status END, refunded_at = $4,
         refund_reason = $5, version = version + 1, updated_at = $4
   WHERE id = $1 AND status = 'PAID'
)sql";
constexpr auto kCollected = R"sql(
  SELECT CAST(sum(amount_cents - tax_cents - refunded_cents + refunded_tax_cents) AS bigint) FROM deal_payments WHERE deal_id = $1 AND status = 'PAID'
)sql";
constexpr auto kReceived = R"sql(
  SELECT CAST(sum(amount_cents - refunded_cents) AS bigint) FROM deal_payments WHERE deal_id = $1 AND status = 'PAID'
)sql";
constexpr auto kHasMoney = "SELECT 1 FROM deal_payments WHERE deal_id = $1 AND status = 'PAID'";

Deal deal_of(const db::Row& row) {
  return {.id = {row.str(0)},
          .status = row.choice<Status>(1),
          .intake_id = row.str(2),
          .offer_slug = row.str(3),
          .agreed_price = {row.integer(4), Currency::parse(row.text(5))},
          .client_email = row.str(6),
          .provider_rate_bp = static_cast<int>(row.integer(7)),
          .referrer_rate_bp = static_cast<int>(row.integer(8)),
          .provider_user_id = row.maybe_text(9),
          .maestro_user_id = row.maybe_text(10),
          .referrer_user_id = row.maybe_text(11),
          .approval_id = row.maybe_text(12),
          .disputed = !row.is_null(13),
          .version = row.integer(14)};
}

void require_moved(std::int64_t rows, const DealId& id) {
  if (rows == 1) return;
  refuse_conflict("stale_version", fmt::format("Someone changed {} first.", label_of(id.text)),
                  "Read it again, then retry.");
}

}  // namespace

const std::span<const ops::Column> kDealColumns = kColumns;

ops::Listing deal_listing() { return ops::Listing(kColumns, kFrom).key("d.id"); }

Json deal_record(db::Tx& tx, const DealId& id) { return deal_listing().where("d.id = {}", {id}).record(tx); }

Json record_of(db::Tx& tx, const DealId& id) { return deal_record(tx, id); }
std::span<const ops::Column> record_columns() { return kColumns; }

Json payments_of(db::Tx& tx, const DealId& id) {
  return ops::Listing(kPayments, "deal_payments").where("deal_id = {}", {id}).key("id", false).records(tx);
}

Json assignments_of(db::Tx& tx, const DealId& id) {
  return ops::Listing(kAssignments, kFromAssignments)
      .where("h.deal_id = {}", {id})
      .where("h.new_provider_user_id IS NOT NULL")
      .key("h.id", false)
      .records(tx);
}

Deal find_deal(db::Tx& tx, const DealId& id) {
  if (auto deal = tx.first(kFind, {id}, deal_of)) return *deal;
  throw Error{ErrorKind::not_found, "not_found", fmt::format("There is no deal {}.", id.text)};
}

DealId insert_deal(ops::Context& context, const NewDeal& deal) {
  if (const auto there = context.tx.text(kDealOfIntake, {deal.intake_id}))
    throw Error{ErrorKind::conflict, "duplicate", fmt::format("{} is of this intake already.", label_of(*there)),
                "An intake makes one deal."}
        .with(Json{{"deal_id", *there}});
  DealId id{context.new_id()};
  context.tx.exec(kInsert,
                  {id, deal.intake_id, deal.offer_slug, deal.price.minor, deal.price.currency.code(),
                   deal.provider_rate_bp, deal.referrer_rate_bp, deal.provider_rate_id, deal.referrer_rate_id,
                   deal.referrer_user_id, deal.requested_provider_user_id, context.actor.user_id, context.now()});
  record_history(context, kHistory, id.text, "", to_text(Status::queued));
  return id;
}

void move(ops::Context& context, const Deal& deal, Status to, const std::optional<std::string>& note) {
  require_moved(context.tx.exec(kMove, {deal.id, deal.status, deal.version, to, context.now()}), deal.id);
  record_history(context, kHistory, deal.id.text, to_text(deal.status), to_text(to), note);
}

void assign(ops::Context& context, const Deal& deal, const Party& party, const std::optional<std::string>& note) {
  require_moved(
      context.tx.exec(kAssign, {deal.id, deal.status, deal.version, party.provider, party.maestro, context.now()}),
      deal.id);
  record_history(context, kHistory, deal.id.text, to_text(deal.status), to_text(Status::assigned), note,
                 {{"old_provider_user_id", deal.provider_user_id},
                  {"new_provider_user_id", party.provider},
                  {"old_maestro_user_id", deal.maestro_user_id},
                  {"new_maestro_user_id", party.maestro}});
}

void approve(ops::Context& context, const Deal& deal, const std::optional<std::string>& note) {
  const auto evidence =
      record_history(context, kHistory, deal.id.text, to_text(deal.status), to_text(Status::maestro_approved), note);
  const auto& actor = context.actor;
  require_moved(
      context.tx.exec(kApprove, {deal.id, deal.status, deal.version, evidence, actor.user_id, actor.id, context.now()}),
      deal.id);
}

void set_dispute(ops::Context& context, const Deal& deal, bool open, const std::optional<std::string>& note) {
  const auto since = open ? db::Value(context.now()) : db::Value();
  require_moved(context.tx.exec(kDispute, {deal.id, deal.status, deal.version, since, context.now()}), deal.id);
  record_history(context, kHistory, deal.id.text, to_text(deal.status), to_text(deal.status), note);
}

std::optional<DealPayment> find_payment_of(db::Tx& tx, const std::string& invoice_id) {
  return tx.first(kPaymentOf, {invoice_id}, [](const db::Row& row) {
    return DealPayment{row.str(0), {row.str(1)}, row.choice<PaymentStatus>(2)};
  });
}

std::string insert_payment(ops::Context& context, const InvoicePayment& payment) {
  const auto there = find_payment_of(context.tx, payment.invoice_id);
  if (there && context.tx.exec(kPayAgain, {there->id, payment.amount.minor, payment.tax_cents, payment.paid_at,
                                           context.now()}) == 1)
    return there->id;
  const auto id = context.new_id();
  context.tx.exec(kInsertPayment, {id, payment.deal_id, payment.invoice_id, payment.amount.minor, payment.tax_cents,
                                   payment.amount.currency.code(), payment.paid_at, context.now()});
  return id;
}

void reduce_payment(ops::Context& context, const DealPayment& payment, std::int64_t gross, std::int64_t tax,
                    const std::string& reason) {
  context.tx.exec(kReducePayment, {payment.id, gross, tax, context.now(), reason});
}

void fail_payment(ops::Context& context, const DealPayment& payment) {
  require_moved(context.tx.exec(kFailPayment, {payment.id, context.now()}), payment.deal_id);
}

Money collected_on(db::Tx& tx, const Deal& deal) {
  return {tx.integer(kCollected, {deal.id}), deal.agreed_price.currency};
}

Money received_on(db::Tx& tx, const Deal& deal) {
  return {tx.integer(kReceived, {deal.id}), deal.agreed_price.currency};
}

bool has_money(db::Tx& tx, const DealId& id) { return tx.exists(kHasMoney, {id}); }

}  // namespace steward::deals
