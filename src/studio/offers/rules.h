#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "core/enums.h"
#include "core/money.h"
#include "core/transitions.h"

namespace steward::offers {

/// Whom an offer is for; the one source of these names (studio-model OF-3).
enum class Audience { individual, group, both };
inline constexpr std::array<std::string_view, 3> kAudienceNames{"INDIVIDUAL", "GROUP", "BOTH"};
constexpr EnumNames names_of(Audience) { return {"audience", kAudienceNames}; }

enum class DeliveryMode { online, in_person, hybrid };
inline constexpr std::array<std::string_view, 3> kDeliveryModeNames{"ONLINE", "IN_PERSON", "HYBRID"};
constexpr EnumNames names_of(DeliveryMode) { return {"delivery mode", kDeliveryModeNames}; }

/// INACTIVE is also the archive: an offer is never deleted (OF-1).
enum class Status { active, inactive };
inline constexpr std::array<std::string_view, 2> kStatusNames{"ACTIVE", "INACTIVE"};
constexpr EnumNames names_of(Status) { return {"status", kStatusNames}; }

extern const Lifecycle<Status> kLifecycle;

/// What an offer costs: nothing said yet, nothing at all, or an amount.
struct Price {
  std::optional<std::int64_t> cents;  ///< minor units, above 0; nullopt: none yet, or free
  bool free = false;
  bool operator==(const Price&) const = default;
  bool is_set() const { return free || cents.has_value(); }
};

/// "free", "1250.00 EUR", "no price".
std::string price_text(const Price& price, Currency currency);

/// An active offer is free or has a price (OF-3: a price of 0 is no price). `slug` is for the sentence.
/// Errors: conflict "no_price".
void require_price(const Price& price, std::string_view slug);

}  // namespace steward::offers
