#include "core/money.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/currencies.h"
#include "core/decimal.h"
#include "core/error.h"
#include "core/phrase.h"
#include "core/text.h"

namespace steward {
namespace {

using Wide = __int128;

[[noreturn]] void refuse_money(std::string_view text, std::string_view why) {
  refuse_usage("invalid_money", fmt::format("Not an amount: {} {}.", in_quotes(text), why), {},
               "Write it like 1250.00, without group separators.");
}

std::int64_t within_limits(Wide minor) {
  if (minor > kMaxMinor || minor < -Wide{kMaxMinor})
    refuse_usage("amount_too_large", fmt::format("The amount is larger than {} minor units.", kMaxMinor));
  return static_cast<std::int64_t>(minor);
}

void require_sign(std::string_view text, bool negative, std::int64_t minor, Sign sign) {
  if (sign != Sign::any && negative) refuse_money(text, "is negative");
  if (sign == Sign::positive && minor == 0) refuse_money(text, "is zero");
}

void require_same(const Money& a, const Money& b) {
  if (a.currency == b.currency) return;
  refuse_conflict("currency_mismatch",
                  fmt::format("The amounts {} and {} are not in the same currency.", to_text(a), to_text(b)));
}

}  // namespace

Currency::Currency(std::string_view code, int exponent)
    : code_{code[0], code[1], code[2]}, exponent_(static_cast<signed char>(exponent)) {}

Currency Currency::parse(std::string_view code) {
  const auto upper = to_upper(code);
  if (const auto exponent = currency_exponent(upper)) return {upper, *exponent};
  refuse_usage("invalid_currency", fmt::format("Not an ISO 4217 currency: {}.", in_quotes(code)), {},
               "Write three letters, such as EUR.");
}

Money operator+(const Money& a, const Money& b) {
  require_same(a, b);
  return {within_limits(Wide{a.minor} + b.minor), a.currency};
}

Money operator-(const Money& a, const Money& b) {
  require_same(a, b);
  return {within_limits(Wide{a.minor} - b.minor), a.currency};
}

bool operator<(const Money& a, const Money& b) {
  require_same(a, b);
  return a.minor < b.minor;
}

Money parse_money(std::string_view text, Currency currency, Sign sign) {
  const auto parts = read_decimal(text);
  if (!parts) refuse_money(text, "is no decimal number");
  const auto decimals = static_cast<std::size_t>(currency.exponent());
  if (parts->fraction.size() > decimals)
    refuse_money(text, fmt::format("has more decimals than the {} of {}", decimals, currency.code()));

  const auto minor = scaled_to(*parts, currency.exponent(), kMaxMinor);
  const auto checked = within_limits(parts->negative ? -minor : minor);
  require_sign(text, parts->negative, checked, sign);
  return {checked, currency};
}

void require_amount(std::string_view text) {
  const auto parts = read_decimal(text);
  if (!parts) refuse_money(text, "is no decimal number");
  within_limits(scaled_to(*parts, 0, kMaxMinor));
  require_sign(text, parts->negative, text.find_first_of("123456789") == text.npos ? 0 : 1, Sign::positive);
}

bool is_decimal_amount(std::string_view text) { return read_decimal(text).has_value(); }

std::string decimal_text(std::int64_t minor, int exponent) {
  const auto magnitude = minor < 0 ? 0 - static_cast<std::uint64_t>(minor) : static_cast<std::uint64_t>(minor);
  auto digits = fmt::format("{:0{}}", magnitude, exponent + 1);
  if (exponent > 0) digits.insert(digits.size() - exponent, 1, '.');
  return minor < 0 ? "-" + digits : digits;
}

std::string to_text(const Money& money) { return fmt::format("{} {}", decimal_text(money), money.currency.code()); }

std::int64_t add_minor(std::int64_t a, std::int64_t b) { return within_limits(Wide{a} + b); }

std::int64_t scaled(std::int64_t minor, std::int64_t numerator, std::int64_t denominator) {
  const auto product = Wide{minor} * numerator;
  const auto magnitude = product < 0 ? -product : product;
  const auto rounded = (magnitude * 2 + denominator) / (Wide{denominator} * 2);
  return within_limits(product < 0 ? -rounded : rounded);
}

std::int64_t share_of(std::int64_t minor, int basis_points) {
  if (minor < 0 || basis_points < 0 || basis_points > 10'000)
    throw Error{ErrorKind::defect, "defect", fmt::format("No share of {} at {} bp.", minor, basis_points)};
  return static_cast<std::int64_t>(Wide{minor} * basis_points / 10'000);
}

}  // namespace steward
