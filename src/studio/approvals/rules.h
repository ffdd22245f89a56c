#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "core/enums.h"
#include "core/instant.h"
#include "core/transitions.h"

namespace steward::approvals {

enum class Status { pending, approved, denied, expired, cancelled };
inline constexpr std::array<std::string_view, 5> kStatusNames{"PENDING", "APPROVED", "DENIED", "EXPIRED", "CANCELLED"};
constexpr EnumNames names_of(Status) { return {"status", kStatusNames}; }

inline constexpr Step<Status> kSteps[] = {
    {Status::pending, Status::approved, "approve"},   {Status::pending, Status::denied, "deny"},
    {Status::pending, Status::cancelled, "withdraw"}, {Status::pending, Status::cancelled, "tokens revoke"},
    {Status::pending, Status::expired, "expire-due"},
};
inline constexpr Lifecycle<Status> kLifecycle{"approval", Status::pending, kSteps};

/// Who did one half of it. Two tokens of one person are one person.
struct Party {
  std::string actor;                   ///< a user's id, "operator:LOGIN" or a token's id
  std::optional<std::string> user_id;  ///< where a user acted
};

/// Refuses to decide what is decided, and what waited too long (studio-model PR-2, PR-3).
/// Errors: conflict "invalid_transition", "expired".
void require_waiting(Status status, Status to, Instant expires_at, Instant now, std::string_view label);

bool same_person(const Party& a, const Party& b);
/// Errors: permission "same_person" (studio-model PR-4: nobody reviews what they asked for).
void require_other_person(const Party& proposer, const Party& reviewer);

}  // namespace steward::approvals
