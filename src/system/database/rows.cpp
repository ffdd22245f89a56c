#include "system/database/rows.h"

#include "ops/audit.h"
#include "ops/settings.h"
#include "system/database/database.h"

namespace steward::database {
namespace {

constexpr auto kIdentity = "SELECT environment, instance_id FROM db_identity WHERE id = 1";
constexpr auto kRecordIdentity = R"sql(
  INSERT INTO db_identity (id, environment, instance_id, created_at) VALUES (1, $1, $2, $3) ON CONFLICT (id) DO NOTHING
)sql";
constexpr auto kChains = "SELECT chain FROM audit_heads UNION SELECT chain FROM audit_log ORDER BY 1";
constexpr auto kHead = "SELECT seq, hash FROM audit_heads WHERE chain = $1";
constexpr auto kSettings = "SELECT key, value, sensitive FROM settings ORDER BY key";
constexpr auto kLastDone = "SELECT value FROM settings WHERE key = $1";
constexpr auto kLiveTokens =
    "SELECT id, name FROM service_tokens WHERE revoked_at IS NULL AND expires_at > $1 ORDER BY id";
constexpr auto kRevokedTokens = "SELECT id FROM service_tokens WHERE revoked_at IS NOT NULL ORDER BY id";
constexpr auto kPayouts = R"sql(
  SELECT id, status, coalesce(reference, ''), total_cents, currency FROM payouts WHERE status <> 'FAILED' ORDER BY id
)sql";
constexpr auto kPayments = R"sql(
  SELECT id, status, coalesce(reference, ''), amount_cents, currency FROM payments WHERE status = 'RECORDED' ORDER BY id
)sql";
constexpr auto kOpenEntries = "SELECT 1 FROM ledger_entries WHERE status IN ('EARNED', 'APPROVED', 'PAYING') LIMIT 1";

std::vector<MoneyMoved> money_moved(db::Tx& tx, const char* table, const char* sql) {
  if (!tx.connection().has_table(table)) return {};
  return tx.all(sql, {}, [](const db::Row& row) {
    return MoneyMoved{row.str(0), row.str(1), row.str(2), row.integer(3), row.str(4)};
  });
}

}  // namespace

std::vector<MoneyMoved> payouts_made(db::Tx& tx) { return money_moved(tx, "payouts", kPayouts); }

std::vector<MoneyMoved> payments_recorded(db::Tx& tx) { return money_moved(tx, "payments", kPayments); }

bool has_open_entries(db::Tx& tx) {
  return tx.connection().has_table("ledger_entries") &&
         tx.first(kOpenEntries, {}, [](const db::Row& row) { return row.integer(0); }).has_value();
}

std::optional<Identity> identity_of(db::Tx& tx) {
  if (!tx.connection().has_table("db_identity")) return std::nullopt;
  return tx.first(kIdentity, {}, [](const db::Row& row) { return Identity{row.str(0), row.str(1)}; });
}

void record_identity(db::Tx& tx, std::string_view environment) {
  tx.exec(kRecordIdentity, {environment, new_uuid(tx.now().ms), tx.now()});
}

std::vector<std::string> audit_chains(db::Tx& tx) {
  return tx.all(kChains, {}, [](const db::Row& row) { return row.str(0); });
}

AuditHead audit_head(db::Tx& tx) {
  return tx.first(kHead, {ops::kStudioChain},
                  [](const db::Row& row) {
                    return AuditHead{row.integer(0), row.str(1)};
                  })
      .value_or(AuditHead{0, std::string(ops::kGenesis)});
}

std::vector<StoredSetting> stored_settings(db::Tx& tx) {
  return tx.all(kSettings, {}, [](const db::Row& row) {
    return StoredSetting{row.str(0), row.str(1), row.boolean(2)};
  });
}

std::vector<LiveToken> live_tokens(db::Tx& tx) {
  return tx.all(kLiveTokens, {tx.now()}, [](const db::Row& row) { return LiveToken{row.str(0), row.str(1)}; });
}

std::vector<std::string> revoked_tokens(db::Tx& tx) {
  return tx.all(kRevokedTokens, {}, [](const db::Row& row) { return row.str(0); });
}

std::optional<Instant> last_done(db::Tx& tx, std::string_view key) {
  const auto stored = tx.text(kLastDone, {key});
  return stored ? read_stored_instant(*stored) : std::nullopt;
}

}  // namespace steward::database
