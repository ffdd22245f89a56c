#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "ops/context.h"

namespace steward::ops {

/// One row of the audit trail. Its hash is BLAKE2b-256 over the previous row's hash (32 bytes) followed by
/// audit_canonical() of the row (docs/contract.md, 8).
struct AuditRow {
  std::string_view id, chain;
  std::int64_t seq = 0;
  std::string_view actor_type;
  std::optional<std::string_view> actor_id, token_id;
  std::string_view action;
  std::string_view target_type, target_id;
  std::string_view request_id;
  std::string_view metadata;  ///< canonical JSON
  std::string_view created_at;
};

inline constexpr std::string_view kStudioChain = "studio";
/// What the first row of a chain has as its previous hash.
inline constexpr std::string_view kGenesis = "0000000000000000000000000000000000000000000000000000000000000000";

/// The row as canonical JSON, without its hashes: what is hashed.
void append_audit_canonical(std::string& out, const AuditRow& row);
/// `previous_hex` and the result are 64 hex digits.
std::string audit_hash(std::string_view previous_hex, std::string_view canonical);

/// Appends the row of one operation to a chain and moves the chain's head. Called once per write, by the pipeline only.
void append_audit(db::Tx& tx, const Actor& actor, std::string_view action, std::string_view target_type,
                  std::string_view target_id, std::string_view request_id, const Json& metadata,
                  std::string_view chain = kStudioChain);

/// A clock that has jumped back would put documents, expiries and the chain itself out of order: a machine may lag ten
/// minutes behind the last recorded change, not more. Errors: precondition "clock_behind".
void require_clock(db::Tx& tx, std::string_view chain = kStudioChain);

/// What verifying a chain found.
struct AuditVerdict {
  std::string verdict;  ///< "intact", "tampered", "unverifiable"
  std::int64_t entries = 0;
  std::int64_t first_bad = 0;  ///< seq of the first broken row; 0 for none
  std::string reason;
  std::string head;  ///< hash of the last row
};

/// Re-computes a chain from its first row; memory does not grow with it. `at`, when given, is called with each row's
/// seq and hash (for a checkpoint).
AuditVerdict verify_audit(db::Tx& tx, std::string_view chain = kStudioChain,
                          const std::function<void(std::int64_t seq, std::string_view hash)>& at = {});

}  // namespace steward::ops
