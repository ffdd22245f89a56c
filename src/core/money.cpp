#include "core/money.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/currencies.h"
#include "core/error.h"
#include "core/phrase.h"
#include "core/text.h"

namespace steward {
namespace {

using Wide = __int128;

/// The parts of "-1250.00".
struct Decimal {
  bool negative;
  std::string_view whole, fraction;
};

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<Decimal> read_decimal(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  const auto fraction = point == text.npos ? std::string_view() : text.substr(point + 1);
  if (!all_digits(whole) || (point != text.npos && !all_digits(fraction))) return std::nullopt;
  return Decimal{negative, whole, fraction};
}

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

/// `minor` and one more digit; stops growing once it is past every limit.
Wide with_digit(Wide minor, char digit) { return minor > kMaxMinor ? minor : minor * 10 + (digit - '0'); }

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

  Wide minor = 0;
  for (const char digit : parts->whole) minor = with_digit(minor, digit);
  for (std::size_t i = 0; i < decimals; ++i)
    minor = with_digit(minor, i < parts->fraction.size() ? parts->fraction[i] : '0');
  const auto checked = within_limits(parts->negative ? -minor : minor);
  require_sign(text, parts->negative, checked, sign);
  return {checked, currency};
}

void require_amount(std::string_view text) {
  const auto parts = read_decimal(text);
  if (!parts) refuse_money(text, "is no decimal number");
  Wide whole = 0;
  for (const char digit : parts->whole) whole = with_digit(whole, digit);
  within_limits(whole);
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

std::int64_t share_of(std::int64_t minor, int basis_points) {
  if (minor < 0 || basis_points < 0 || basis_points > 10'000)
    throw Error{ErrorKind::defect, "defect", fmt::format("No share of {} at {} bp.", minor, basis_points)};
  return static_cast<std::int64_t>(Wide{minor} * basis_points / 10'000);
}

}  // namespace steward
