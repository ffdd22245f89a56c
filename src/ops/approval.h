#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "ops/context.h"

namespace steward::ops {

enum class ApprovalReason { agent, two_person };

struct Filed {
  std::string id;
  bool fresh;  ///< false: it was waiting already
};

/// What a call came to when it was rehearsed: what the person who approves it looks at, and is bound to.
struct Rehearsal {
  std::string sentence;    ///< Change::sentence
  std::string state_hash;  ///< state_hash()
};

/// The records that a call is about, as they stood before it, as one hash: its target, and the version of every record
/// that it changes or deletes. What is new (its id), the clock and the next number of a year don't count, so the same
/// call comes to the same hash until somebody changes one of those records.
std::string state_hash(const Change& change, const std::vector<db::RowChange>& rows);

/// Whether a call by this actor may come to wait for somebody, so that its changes are to be captured.
bool may_be_filed(const Operation& operation, const Actor& actor);

/// Files a call for a person to approve, or finds the same actor's same call, on the same state, that is waiting
/// already. Expires after 24 hours (studio-model PR-3). Its payload_hash is request_hash() of the call: files count by
/// their content.
Filed file_approval(db::Tx& tx, const Actor& actor, const Operation& operation, const RawArgs& raw,
                    ApprovalReason reason, const Rehearsal& rehearsal, std::string_view request_id);

/// What the caller is told: precondition "approval_required" with details.approval_id.
[[noreturn]] void refuse_until_approved(const Operation& operation, const std::string& approval_id,
                                        ApprovalReason reason);

}  // namespace steward::ops
