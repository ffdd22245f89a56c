#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace steward {

/// The parts of a plain decimal number, "-1250.00": digits, and at most one point between digits.
struct Decimal {
  bool negative;
  std::string_view whole, fraction;
};

/// nullopt for anything else: no group separators, no exponent, no plus sign, no white space.
std::optional<Decimal> read_decimal(std::string_view text);

/// The digits of its magnitude as a whole number of 10^-decimals; digits after that many are left off. Stops growing
/// once it is past `limit`, so that no length of text overflows.
__int128 scaled_to(const Decimal& decimal, int decimals, std::int64_t limit);

}  // namespace steward
