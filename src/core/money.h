#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace steward {

/// An ISO 4217 code with the number of digits after its decimal point.
class Currency {
 public:
  /// Any case. Errors: Error{usage, "invalid_currency"} for a code that ISO 4217 does not
  /// list as money people pay with (XAU, XXX and other "no minor unit" codes are refused).
  static Currency parse(std::string_view code);
  std::string_view code() const { return {code_, 3}; }  ///< "EUR"
  int exponent() const { return exponent_; }            ///< JPY 0, EUR 2, KWD 3, CLF 4
  bool operator==(const Currency&) const = default;

 private:
  Currency(std::string_view code, int exponent);
  char code_[3];
  signed char exponent_;
};

/// The largest amount, in minor units: 2^53-1, so that every JSON reader keeps it exact.
inline constexpr std::int64_t kMaxMinor = 9'007'199'254'740'991;

/// An exact amount, never a double. Adding, subtracting or ordering two currencies throws
/// Error{conflict, "currency_mismatch"}; leaving ±kMaxMinor throws Error{usage, "amount_too_large"}.
struct Money {
  std::int64_t minor;  ///< minor units: cents for EUR, whole yen for JPY
  Currency currency;
  friend bool operator==(const Money&, const Money&) = default;
  friend Money operator+(const Money& a, const Money& b);
  friend Money operator-(const Money& a, const Money& b);
  friend bool operator<(const Money& a, const Money& b);
  friend bool operator<=(const Money& a, const Money& b) { return !(b < a); }
  friend bool operator>(const Money& a, const Money& b) { return b < a; }
  friend bool operator>=(const Money& a, const Money& b) { return !(a < b); }
};

/// Which amounts an argument admits.
enum class Sign { positive, zero_or_more, any };

/// Reads an amount as an operator types it: "1250", "1250.00", ".5" is refused, "-3" only
/// with Sign::any. No group separators, no exponent, no plus sign, no white space; leading zeros do no harm.
///
/// Units:  `text` is in major units (euros); the result is in minor units (cents).
/// Errors: Error{usage, "invalid_money"} for anything else, for more decimals than the
///         currency has, and for a sign that is not admitted; Error{usage, "amount_too_large"}
///         past kMaxMinor.
/// Source: exponents are the ISO 4217 minor units.
Money parse_money(std::string_view text, Currency currency, Sign sign = Sign::positive);

/// True when `text` has the shape parse_money reads, whatever the currency.
bool is_decimal_amount(std::string_view text);

/// Refuses what no currency would read as an amount above zero; for where the currency is known only later.
/// Errors: as parse_money.
void require_amount(std::string_view text);

/// Decimal text in major units, with every digit of the currency: "1250.00", "-0.005" (KWD).
std::string decimal_text(std::int64_t minor, int exponent);
inline std::string decimal_text(const Money& m) { return decimal_text(m.minor, m.currency.exponent()); }
/// For people: "1250.00 EUR".
std::string to_text(const Money& money);

/// a + b, or Error{usage, "amount_too_large"} past ±kMaxMinor.
std::int64_t add_minor(std::int64_t a, std::int64_t b);

/// The share of `minor` (>= 0) at `basis_points` (0…10000), rounded down to a whole minor unit.
/// Exact for every admissible amount (128-bit product). Source: studio-model LG-1.
std::int64_t share_of(std::int64_t minor, int basis_points);

/// minor × numerator / denominator (> 0), rounded once to a whole minor unit, a half away from zero. Exact before the
/// rounding (128-bit product). Errors: usage "amount_too_large".
std::int64_t scaled(std::int64_t minor, std::int64_t numerator, std::int64_t denominator);

}  // namespace steward
