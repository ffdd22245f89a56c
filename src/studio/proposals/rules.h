#pragma once
#include <array>
#include <optional>
#include <string_view>

#include "core/instant.h"
#include "core/transitions.h"

namespace steward::proposals {

enum class Status { draft, sent, accepted, declined, expired };
inline constexpr std::array<std::string_view, 5> kStatusNames{"DRAFT", "SENT", "ACCEPTED", "DECLINED", "EXPIRED"};
constexpr EnumNames names_of(Status) { return {"status", kStatusNames}; }

inline constexpr Step<Status> kSteps[] = {
    {Status::draft, Status::sent, "send"},       {Status::draft, Status::declined, "decline"},
    {Status::draft, Status::expired, "expire"},  {Status::sent, Status::accepted, "accept"},
    {Status::sent, Status::declined, "decline"}, {Status::sent, Status::expired, "expire"},
};
inline constexpr Lifecycle<Status> kLifecycle{"proposal", Status::draft, kSteps};

/// A proposal stands until its expiry, not through it.
bool is_over(const std::optional<Instant>& expires_at, Instant now);

/// CM-7: what has expired is neither sent nor accepted. `label` is "Proposal PRO-2026-0001".
/// Errors: conflict "proposal_expired".
void require_standing(const std::optional<Instant>& expires_at, Instant now, std::string_view label);

/// What was sent is what the client answers: it stays as it is. Errors: conflict "immutable".
void require_draft(Status status, std::string_view label);

/// A new expiry lies ahead. Errors: usage "in_the_past".
void require_ahead(Instant expires_at, Instant now);

/// What was accepted is agreed, and a draft is simply changed. Errors: conflict "not_revisable".
void require_revisable(Status status, std::string_view label);

}  // namespace steward::proposals
