#include "core/decimal.h"

#include <algorithm>

namespace steward {
namespace {

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<Decimal> read_decimal(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  const auto fraction = point == text.npos ? std::string_view() : text.substr(point + 1);
  if (!all_digits(whole) || (point != text.npos && !all_digits(fraction))) return std::nullopt;
  return Decimal{negative, whole, fraction};
}

__int128 scaled_to(const Decimal& decimal, int decimals, std::int64_t limit) {
  __int128 out = 0;
  const auto take = [&](char digit) {
    if (out <= limit) out = out * 10 + (digit - '0');
  };
  for (const char digit : decimal.whole) take(digit);
  for (std::size_t i = 0; i < static_cast<std::size_t>(decimals); ++i)
    take(i < decimal.fraction.size() ? decimal.fraction[i] : '0');
  return out;
}

}  // namespace steward
