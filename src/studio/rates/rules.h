#pragma once
#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "core/enums.h"
#include "core/instant.h"

namespace steward::rates {

/// Whose share of the money collected on a deal a rate sets. What remains is the platform's (studio-model LG-1).
enum class RateName { provider, referrer };
inline constexpr std::array<std::string_view, 2> kRateNames{"PROVIDER", "REFERRER"};
constexpr EnumNames names_of(RateName) { return {"rate", kRateNames}; }

/// A share of everything, in basis points.
inline constexpr int kWhole = 10'000;
/// What a new database starts with, in basis points (docs/contract.md: provider 6000, referrer 400).
inline constexpr int kProviderSeed = 6'000, kReferrerSeed = 400;

constexpr RateName other_than(RateName name) {
  return name == RateName::provider ? RateName::referrer : RateName::provider;
}

/// A rate as it stands from an instant on, until the next one takes over.
struct DatedRate {
  Instant from;
  int bp;  ///< basis points
};

/// The highest rate in force somewhere in [from, until); no `until` means for ever.
/// `rates` is in order of its instants. Nothing in force yet counts as 0.
int highest_between(std::span<const DatedRate> rates, Instant from, const std::optional<Instant>& until);

/// Errors: conflict "rates_exceed_whole" when both shares together are more than there is.
void require_within_whole(RateName name, int bp, int highest_of_other);

/// A rate is set for what comes, never for what was. Errors: usage "in_the_past", naming "from".
void require_not_past(Instant from, Instant now);

}  // namespace steward::rates
