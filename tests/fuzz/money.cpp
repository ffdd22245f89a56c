// Text to money and back: what is accepted is exact, what is not is an Error.
#include <array>

#include "check.h"
#include "core/error.h"
#include "core/money.h"

using namespace steward;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const char* code : std::array{"EUR", "JPY", "KWD", "CLF"}) {
    const auto currency = Currency::parse(code);
    for (const auto sign : {Sign::positive, Sign::zero_or_more, Sign::any}) {
      try {
        const auto money = parse_money(text, currency, sign);
        must(is_decimal_amount(text));
        must(money.minor <= kMaxMinor && money.minor >= -kMaxMinor);
        must(parse_money(decimal_text(money), currency, Sign::any) == money);
        if (sign == Sign::positive) must(money.minor > 0);
        if (money.minor >= 0) must(share_of(money.minor, 6000) + share_of(money.minor, 400) <= money.minor);
      } catch (const Error& error) {
        must(error.kind() == ErrorKind::usage);
      }
    }
  }
  try {
    const auto currency = Currency::parse(text);
    must(Currency::parse(currency.code()) == currency);
  } catch (const Error&) {
  }
  return 0;
}
