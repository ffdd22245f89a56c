#include "studio/ledger/rows.h"

#include <fmt/format.h>

#include "core/error.h"

namespace steward::ledger {
namespace {

using ops::Kind;
using ops::Shown;

constexpr ops::Column kColumns[] = {
    {"id", "e.id"},
    {"entry_type", "e.entry_type"},
    {"status", "e.status"},
    {"beneficiary_user_id", "e.beneficiary_user_id", Kind::text, Shown::record, "Empty: the studio itself"},
    {"beneficiary_email", "b.email"},
    {"amount_cents", "e.amount_cents", Kind::money, Shown::always, "A CLAWBACK subtracts it"},
    {"currency", "e.currency"},
    {"earned_month", "e.earned_month", Kind::text, Shown::always, "Of earned_at in studio.timezone"},
    {"deal_id", "e.deal_id"},
    {"part", "e.part", Kind::integer, Shown::record,
     "Which part of its deal's money; more than one when money came after a payout"},
    {"rate_bp", "e.rate_bp", Kind::integer, Shown::record, "Basis points"},
    {"basis_cents", "e.basis_cents", Kind::money, Shown::record, "What the rate was taken of"},
    {"basis_of", "e.basis", Kind::text, Shown::record, "Net collected, or the remainder"},
    {"adjusts_entry_id", "e.adjusts_entry_id", Kind::text, Shown::record},
    {"earned_at", "e.earned_at", Kind::instant, Shown::record},
    {"approved_by_user_id", "e.approved_by_user_id", Kind::text, Shown::record},
    {"approved_by_email", "a.email", Kind::text, Shown::record},
    {"approved_actor", "e.approved_actor", Kind::text, Shown::record},
    {"approved_at", "e.approved_at", Kind::instant, Shown::record},
    {"payout_id", "e.payout_id", Kind::text, Shown::record},
    {"paid_at", "e.paid_at", Kind::instant, Shown::record},
    {"void_reason", "e.void_reason", Kind::text, Shown::record},
    {"voided_at", "e.voided_at", Kind::instant, Shown::record},
    {"version", "e.version", Kind::integer, Shown::record},
    {"created_at", "e.created_at", Kind::instant, Shown::record},
    {"updated_at", "e.updated_at", Kind::instant, Shown::record},
};

// Among the records of something else.
constexpr ops::Column kBrief[] = {
    {"id", "e.id"},
    {"entry_type", "e.entry_type"},
    {"status", "e.status"},
    {"beneficiary_user_id", "e.beneficiary_user_id"},
    {"beneficiary_email", "b.email"},
    {"amount_cents", "e.amount_cents", Kind::money},
    {"currency", "e.currency"},
    {"earned_month", "e.earned_month"},
    {"part", "e.part", Kind::integer},
};

constexpr ops::Column kPayouts[] = {
    {"id", "p.id"},
    {"status", "p.status"},
    {"beneficiary_user_id", "p.beneficiary_user_id"},
    {"beneficiary_email", "b.email"},
    {"total_cents", "p.total_cents", Kind::money},
    {"currency", "p.currency"},
    {"method", "p.method"},
    {"reference", "p.reference"},
    {"started_at", "p.started_at", Kind::instant},
    {"started_actor", "p.started_actor"},
    {"confirmed_at", "p.confirmed_at", Kind::instant},
    {"confirmed_actor", "p.confirmed_actor"},
    {"failed_at", "p.failed_at", Kind::instant},
    {"failure_reason", "p.failure_reason"},
    {"version", "p.version", Kind::integer},
};

constexpr auto kFrom = R"sql(
  ledger_entries e LEFT JOIN users b ON b.id = e.beneficiary_user_id LEFT JOIN users a ON a.id = e.approved_by_user_id
)sql";

constexpr auto kSelect = R"sql(
  SELECT e.id, e.deal_id, e.entry_type, e.status, e.amount_cents, e.currency, e.beneficiary_user_id, b.email, e.rate_bp,
         e.basis_cents, e.approved_by_user_id, e.approved_actor, e.payout_id, d.dispute_opened_at, e.version,
         e.part, e.adjusts_entry_id
    FROM ledger_entries e JOIN deals d ON d.id = e.deal_id LEFT JOIN users b ON b.id = e.beneficiary_user_id
)sql";
constexpr auto kById = " WHERE e.id = $1";
constexpr auto kStanding = " WHERE e.deal_id = $1 AND e.status <> 'VOID' AND e.entry_type <> 'CLAWBACK' ORDER BY e.id";
constexpr auto kOfPayout =
    " WHERE EXISTS (SELECT 1 FROM payout_entries m WHERE m.entry_id = e.id AND m.payout_id = $1) ORDER BY e.id";

constexpr auto kWasVoided = R"sql(
  SELECT 1 FROM ledger_entries e
   WHERE e.deal_id = $1 AND e.entry_type = $2 AND e.status = 'VOID' AND e.void_reason NOT IN ($3, $4)
     AND NOT EXISTS (SELECT 1 FROM ledger_entries s
                      WHERE s.deal_id = $1 AND s.entry_type = $2 AND s.status <> 'VOID' AND s.part >= e.part)
)sql";
constexpr auto kInsert = R"sql(
  INSERT INTO ledger_entries (id, deal_id, entry_type, beneficiary_user_id, amount_cents, currency, status, rate_bp,
    basis_cents, basis, earned_at, earned_month, part, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, 'EARNED', $7, $8, $9, $10, $11, $12, $13, $13)
)sql";
constexpr auto kEarnedSince = R"sql(
  SELECT earned_at, earned_month FROM ledger_entries WHERE deal_id = $1 AND part = $2 AND entry_type <> 'CLAWBACK'
   ORDER BY earned_at LIMIT 1
)sql";
constexpr auto kClawedBack = R"sql(
  SELECT coalesce(CAST(sum(amount_cents) AS bigint), 0) FROM ledger_entries
   WHERE deal_id = $1 AND entry_type = 'CLAWBACK' AND status <> 'VOID'
)sql";
constexpr auto kClawedBackOf = R"sql(
  SELECT coalesce(CAST(sum(amount_cents) AS bigint), 0) FROM ledger_entries
   WHERE adjusts_entry_id = $1 AND entry_type = 'CLAWBACK' AND status <> 'VOID'
)sql";
constexpr auto kOpenClawbacks = R"sql(
   WHERE e.beneficiary_user_id = $1 AND e.currency = $2 AND e.entry_type = 'CLAWBACK' AND e.status IN ('EARNED', 'APPROVED')
   ORDER BY e.id
)sql";
constexpr auto kInsertClawback = R"sql(
  INSERT INTO ledger_entries (id, deal_id, entry_type, beneficiary_user_id, amount_cents, currency, status, basis_cents,
    basis, adjusts_entry_id, earned_at, earned_month, part, created_at, updated_at)
  VALUES ($1, $2, 'CLAWBACK', $3, $4, $5, 'EARNED', $6, $7, $8, $9, $10, $11, $9, $9)
)sql";
constexpr auto kLastPart = R"sql(
  SELECT coalesce(max(part), 0) FROM ledger_entries WHERE deal_id = $1
)sql";
constexpr auto kApprove = R"sql(
  UPDATE ledger_entries SET status = 'APPROVED', approved_by_user_id = $3, approved_actor = $4, approved_at = $5,
         version = version + 1, updated_at = $5
   WHERE id = $1 AND status = $2
)sql";
constexpr auto kVoid = R"sql(
  UPDATE ledger_entries SET status = 'VOID', void_reason = $3, voided_by = $4, voided_actor = $5, voided_at = $6,
         version = version + 1, updated_at = $6
   WHERE id = $1 AND status = $2
)sql";
// LG-6: of two payouts that want the same entry, the second changes no row.
constexpr auto kClaim = R"sql(
  UPDATE ledger_entries SET status = 'PAYING', payout_id = $3, version = version + 1, updated_at = $4
   WHERE id = $1 AND status = $2
)sql";
constexpr auto kPaid = R"sql(
  UPDATE ledger_entries SET status = 'PAID', paid_at = $3, version = version + 1, updated_at = $3
   WHERE id = $1 AND status = $2
)sql";
constexpr auto kRelease = R"sql(
  UPDATE ledger_entries SET status = 'APPROVED', payout_id = NULL, version = version + 1, updated_at = $3
   WHERE id = $1 AND status = $2
)sql";
constexpr auto kInsertPayout = R"sql(
  INSERT INTO payouts (id, beneficiary_user_id, currency, total_cents, method, reference, status, started_at, started_by,
    started_actor, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, 'STARTED', $7, $8, $9, $7, $7)
)sql";
constexpr auto kInsertPart = "INSERT INTO payout_entries (payout_id, entry_id, amount_cents) VALUES ($1, $2, $3)";
constexpr auto kFindPayout =
    "SELECT id, status, beneficiary_user_id, total_cents, currency, version FROM payouts WHERE id = $1";
constexpr auto kConfirm = R"sql(
  UPDATE payouts SET status = 'CONFIRMED', reference = coalesce($2, reference), confirmed_at = $3, confirmed_by = $4,
         confirmed_actor = $5, version = version + 1, updated_at = $3
   WHERE id = $1 AND status = 'STARTED'
)sql";
constexpr auto kFail = R"sql(
  UPDATE payouts SET status = 'FAILED', failed_at = $3, failure_reason = $2, version = version + 1, updated_at = $3
   WHERE id = $1 AND status = 'STARTED'
)sql";
constexpr auto kApprovedSum = R"sql(
  SELECT coalesce(CAST(sum(CASE WHEN entry_type = 'CLAWBACK' THEN -amount_cents ELSE amount_cents END) AS bigint), 0)
    FROM ledger_entries WHERE beneficiary_user_id = $1 AND currency = $2
     AND (status = 'APPROVED' OR (entry_type = 'CLAWBACK' AND status = 'EARNED'))
)sql";

// When something was earned, and the studio's month of it.
struct Earned {
  Instant at;
  std::string month;
};

// A part is earned when it is first divided (the first one when the deal is delivered): divided anew, it keeps that
// month.
Earned earned_on(ops::Context& context, std::string_view deal_id, int part) {
  const auto before = context.tx.first(kEarnedSince, {deal_id, part}, [](const db::Row& row) {
    return Earned{row.instant(0), row.str(1)};
  });
  return before ? *before : Earned{context.now(), month_text(context.today())};
}

Entry entry_of(const db::Row& row) {
  return {.id = row.str(0),
          .deal_id = row.str(1),
          .type = row.choice<EntryType>(2),
          .status = row.choice<Status>(3),
          .amount = {row.integer(4), Currency::parse(row.text(5))},
          .beneficiary = row.maybe_text(6),
          .beneficiary_email = row.maybe_text(7).value_or(""),
          .rate_bp = row.is_null(8) ? std::nullopt : std::optional(static_cast<int>(row.integer(8))),
          .basis_minor = row.integer(9),
          .approved_by = row.maybe_text(10),
          .approved_actor = row.maybe_text(11),
          .payout_id = row.maybe_text(12),
          .adjusts = row.maybe_text(16),
          .part = static_cast<int>(row.integer(15)),
          .disputed = !row.is_null(13),
          .version = row.integer(14)};
}

std::vector<Entry> select(db::Tx& tx, const char* where, std::string_view of) {
  return tx.all(std::string(kSelect) + where, {of}, entry_of);
}

void require_moved(std::int64_t rows, std::string_view label) {
  if (rows == 1) return;
  refuse_conflict("stale_version", fmt::format("Someone moved {} first.", label), "Read it again, then retry.");
}

void note_move(ops::Context& context, const Entry& entry, Status to, const std::optional<std::string>& note = {}) {
  record_history(context, kEntryHistory, entry.id, to_text(entry.status), to_text(to), note);
}

}  // namespace

const std::span<const ops::Column> kEntryColumns = kColumns;
const std::span<const ops::Column> kPayoutColumns = kPayouts;

ops::Listing entry_listing() { return ops::Listing(kColumns, kFrom).key("e.id"); }

ops::Listing brief_listing() { return ops::Listing(kBrief, kFrom).key("e.id", false); }

Entry find_entry(db::Tx& tx, const EntryId& id) {
  if (auto found = select(tx, kById, id.text); !found.empty()) return found.front();
  throw Error{ErrorKind::not_found, "not_found", fmt::format("There is no ledger entry {}.", id.text)};
}

std::vector<Entry> standing_entries(db::Tx& tx, std::string_view deal_id) { return select(tx, kStanding, deal_id); }

bool was_voided(db::Tx& tx, std::string_view deal_id, EntryType type) {
  return tx.exists(kWasVoided, {deal_id, type, kDividedAnew, kRemainderChanged});
}

std::int64_t clawed_back(db::Tx& tx, std::string_view deal_id) { return tx.integer(kClawedBack, {deal_id}); }

std::int64_t clawed_back_of(db::Tx& tx, std::string_view entry_id) { return tx.integer(kClawedBackOf, {entry_id}); }

std::vector<Entry> open_clawbacks(db::Tx& tx, std::string_view beneficiary, const Currency& currency) {
  return tx.all(std::string(kSelect) + kOpenClawbacks, {beneficiary, currency.code()}, entry_of);
}

int last_part(db::Tx& tx, std::string_view deal_id) { return static_cast<int>(tx.integer(kLastPart, {deal_id})); }

std::vector<Entry> entries_of_payout(db::Tx& tx, const std::string& payout_id) {
  return select(tx, kOfPayout, payout_id);
}

Json entry_record(db::Tx& tx, std::string_view id) { return entry_listing().where("e.id = {}", {id}).record(tx); }

std::string insert_entry(ops::Context& context, std::string_view deal_id, const NewEntry& entry) {
  const auto id = context.new_id();
  const auto earned = earned_on(context, deal_id, entry.part);
  const auto rate = entry.rate_bp ? db::Value(*entry.rate_bp) : db::Value();
  context.tx.exec(kInsert,
                  {id, deal_id, entry.type, entry.beneficiary, entry.amount.minor, entry.amount.currency.code(), rate,
                   entry.basis_minor, entry.basis, earned.at, earned.month, entry.part, context.now()});
  record_history(context, kEntryHistory, id, "", to_text(Status::earned));
  return id;
}

std::string insert_clawback(ops::Context& context, const Entry& paid, const Money& amount, std::int64_t basis_minor,
                            std::string_view basis) {
  const auto id = context.new_id();
  context.tx.exec(kInsertClawback,
                  {id, paid.deal_id, paid.beneficiary, amount.minor, amount.currency.code(), basis_minor, basis,
                   paid.id, context.now(), month_text(context.today()), paid.part});
  record_history(context, kEntryHistory, id, "", to_text(Status::earned));
  return id;
}

void mark_approved(ops::Context& context, const Entry& entry) {
  const auto& actor = context.actor;
  require_moved(context.tx.exec(kApprove, {entry.id, entry.status, actor.user_id, actor.id, context.now()}),
                label_of(entry));
  note_move(context, entry, Status::approved);
}

void mark_void(ops::Context& context, const Entry& entry, const std::string& reason) {
  const auto& actor = context.actor;
  require_moved(context.tx.exec(kVoid, {entry.id, entry.status, reason, actor.user_id, actor.id, context.now()}),
                label_of(entry));
  note_move(context, entry, Status::voided, reason);
}

void mark_paying(ops::Context& context, const Entry& entry, const std::string& payout_id) {
  require_moved(context.tx.exec(kClaim, {entry.id, entry.status, payout_id, context.now()}), label_of(entry));
  note_move(context, entry, Status::paying);
}

void mark_paid(ops::Context& context, const Entry& entry) {
  require_moved(context.tx.exec(kPaid, {entry.id, entry.status, context.now()}), label_of(entry));
  note_move(context, entry, Status::paid);
}

void release(ops::Context& context, const Entry& entry, const std::string& reason) {
  require_moved(context.tx.exec(kRelease, {entry.id, entry.status, context.now()}), label_of(entry));
  note_move(context, entry, Status::approved, reason);
}

Payout find_payout(db::Tx& tx, const std::string& id) {
  const auto payout = tx.first(kFindPayout, {id}, [](const db::Row& row) {
    return Payout{row.str(0),
                  row.choice<PayoutStatus>(1),
                  row.str(2),
                  {row.integer(3), Currency::parse(row.text(4))},
                  row.integer(5)};
  });
  if (payout) return *payout;
  throw Error{ErrorKind::not_found, "not_found", fmt::format("There is no payout {}.", id)};
}

ops::Listing payout_listing() {
  return ops::Listing(kPayouts, "payouts p JOIN users b ON b.id = p.beneficiary_user_id").key("p.id");
}

Json payout_record(db::Tx& tx, std::string_view id) {
  auto record = payout_listing().where("p.id = {}", {id}).record(tx);
  auto entries = brief_listing();
  entries.where("EXISTS (SELECT 1 FROM payout_entries m WHERE m.entry_id = e.id AND m.payout_id = {})", {id});
  return record.set("entries", entries.records(tx));
}

Json payouts_of(db::Tx& tx, std::string_view entry_id) {
  return payout_listing()
      .key("p.id", false)
      .where("EXISTS (SELECT 1 FROM payout_entries m WHERE m.payout_id = p.id AND m.entry_id = {})", {entry_id})
      .records(tx);
}

std::string insert_payout(ops::Context& context, const std::vector<Entry>& entries, const Money& total, Method method,
                          const std::optional<std::string>& reference) {
  const auto id = context.new_id();
  context.tx.exec(kInsertPayout, {id, entries.front().beneficiary, total.currency.code(), total.minor, method,
                                  reference, context.now(), context.actor.user_id, context.actor.id});
  for (const auto& entry : entries) {
    mark_paying(context, entry, id);
    context.tx.exec(kInsertPart, {id, entry.id, entry.amount.minor});
  }
  return id;
}

void mark_confirmed(ops::Context& context, const Payout& payout, const std::optional<std::string>& reference) {
  const auto& actor = context.actor;
  require_moved(context.tx.exec(kConfirm, {payout.id, reference, context.now(), actor.user_id, actor.id}),
                "the payout");
}

void mark_failed(ops::Context& context, const Payout& payout, const std::string& reason) {
  require_moved(context.tx.exec(kFail, {payout.id, reason, context.now()}), "the payout");
}

Money approved_sum(db::Tx& tx, std::string_view beneficiary, const Currency& currency) {
  return {tx.integer(kApprovedSum, {beneficiary, currency.code()}), currency};
}

}  // namespace steward::ledger
