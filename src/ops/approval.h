#pragma once
#include <string>
#include <string_view>

#include "ops/context.h"

namespace steward::ops {

enum class ApprovalReason { agent, two_person };

struct Filed {
  std::string id;
  bool fresh;  ///< false: it was waiting already
};

/// Files a call for a person to approve, or finds the same actor's same call that is waiting already.
/// Expires after 24 hours (studio-model PR-3). Its payload_hash is request_hash() of the call: files count by their
/// content.
Filed file_approval(db::Tx& tx, const Actor& actor, const Operation& operation, const RawArgs& raw,
                    ApprovalReason reason, std::string_view request_id);

/// What the caller is told: precondition "approval_required" with details.approval_id.
[[noreturn]] void refuse_until_approved(const Operation& operation, const std::string& approval_id,
                                        ApprovalReason reason);

}  // namespace steward::ops
