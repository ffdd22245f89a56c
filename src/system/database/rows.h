#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "db/tx.h"

namespace steward::database {

/// The chains of the audit log, sorted.
std::vector<std::string> audit_chains(db::Tx& tx);

/// The last link of the studio's chain; the genesis when there is none.
struct AuditHead {
  std::int64_t seq = 0;
  std::string hash;
  bool operator==(const AuditHead&) const = default;
};
AuditHead audit_head(db::Tx& tx);

/// A stored setting as it stands.
struct StoredSetting {
  std::string key, value;
  bool sensitive = false;
};
std::vector<StoredSetting> stored_settings(db::Tx& tx);

/// Tokens that may still act.
struct LiveToken {
  std::string id, name;
};
std::vector<LiveToken> live_tokens(db::Tx& tx);
/// Ids of the tokens that were revoked.
std::vector<std::string> revoked_tokens(db::Tx& tx);

/// Money that a database tells of: a payout that did not fail, or a payment of an invoice that stands.
struct MoneyMoved {
  std::string id, status, reference;
  std::int64_t cents = 0;
  std::string currency;
  bool operator==(const MoneyMoved&) const = default;
};
/// By id; empty where the schema is older than the table.
std::vector<MoneyMoved> payouts_made(db::Tx& tx);
std::vector<MoneyMoved> payments_recorded(db::Tx& tx);
/// Whether any ledger entry is neither paid nor void.
bool has_open_entries(db::Tx& tx);

}  // namespace steward::database
