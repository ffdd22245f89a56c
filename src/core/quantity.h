#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace steward {

/// How much of something a line asks for: an exact decimal above zero with at most four digits after its point.
struct Quantity {
  std::int64_t e4;  ///< ten-thousandths: 1.5 is 15000
  friend bool operator==(const Quantity&, const Quantity&) = default;
};
inline constexpr Quantity kOne{10'000};

/// "2", "1.5", "0.25". Errors: usage "invalid_quantity" for anything else, zero, more digits, or more than a thousand
/// million.
Quantity parse_quantity(std::string_view text);
/// Without needless digits: "1.5".
std::string to_text(Quantity quantity);

}  // namespace steward
