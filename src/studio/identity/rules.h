#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "core/enums.h"
#include "core/instant.h"
#include "core/money.h"
#include "core/transitions.h"

namespace steward::identity {

/// Only an ACTIVE user can act, and be given something to do. PENDING waits for whoever runs the studio.
enum class UserStatus { pending, active, disabled };
inline constexpr std::array<std::string_view, 3> kUserStatusNames{"PENDING", "ACTIVE", "DISABLED"};
constexpr EnumNames names_of(UserStatus) { return {"status", kUserStatusNames}; }

/// DISABLED is left by an operator's `enable` only (studio-model ID-2).
inline constexpr Step<UserStatus> kUserSteps[] = {
    {UserStatus::pending, UserStatus::active, "enable"},
    {UserStatus::pending, UserStatus::disabled, "disable"},
    {UserStatus::active, UserStatus::disabled, "disable"},
    {UserStatus::disabled, UserStatus::active, "enable"},
};
inline constexpr Lifecycle<UserStatus> kUserLifecycle{"user", UserStatus::active, kUserSteps};

/// A person's token acts as that person; an agent's proposes what is high; a job's runs what is scheduled or approved.
enum class TokenKind { person, agent, job };
inline constexpr std::array<std::string_view, 3> kTokenKindNames{"PERSON", "AGENT", "JOB"};
constexpr EnumNames names_of(TokenKind) { return {"kind", kTokenKindNames}; }

/// What a token is at one instant; nothing stores it.
enum class TokenStatus { active, expired, revoked };
inline constexpr std::array<std::string_view, 3> kTokenStatusNames{"ACTIVE", "EXPIRED", "REVOKED"};
constexpr EnumNames names_of(TokenStatus) { return {"status", kTokenStatusNames}; }

TokenStatus token_status(Instant now, Instant expires_at, const std::optional<Instant>& revoked_at);

/// Source: studio-model ID-3.
inline constexpr Duration kDefaultTokenLife{90LL * 24 * 3600 * 1000};
inline constexpr Duration kLongestTokenLife{365LL * 24 * 3600 * 1000};

/// How long a new token lives. Errors: usage "out_of_range" for nothing, and for more than 365 days.
Duration token_life(const std::optional<Duration>& asked);

/// "events:write", "events:*", "*:read" or "*"; words are a-z and - only. Lower-cased.
/// Errors: usage "invalid_scope".
std::string parse_scope(std::string_view text);

/// The most a token may move in money.
struct Ceiling {
  enum class Per { call, day, week, month } per;
  Money amount;
  bool operator==(const Ceiling&) const = default;
};
inline constexpr std::array<std::string_view, 4> kPerNames{"CALL", "DAY", "WEEK", "MONTH"};
constexpr EnumNames names_of(Ceiling::Per) { return {"period", kPerNames}; }

/// "500.00 EUR/day"; the period is call, day, week or month. Errors: usage "invalid_ceiling" and those of money.
Ceiling parse_ceiling(std::string_view text);

}  // namespace steward::identity
