#include "core/quantity.h"

#include <fmt/format.h>

#include "core/decimal.h"
#include "core/error.h"
#include "core/money.h"
#include "core/phrase.h"

namespace steward {
namespace {

constexpr int kDecimals = 4;
constexpr std::int64_t kMost = 1'000'000'000LL * 10'000;

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
  refuse_usage("invalid_quantity", fmt::format("Not a quantity: {} {}.", in_quotes(text), why), {},
               "Write it like 2 or 1.5.");
}

}  // namespace

Quantity parse_quantity(std::string_view text) {
  const auto parts = read_decimal(text);
  if (!parts) refuse(text, "is no decimal number");
  if (parts->negative) refuse(text, "is negative");
  if (parts->fraction.size() > kDecimals) refuse(text, "has more than four digits after its point");
  const auto e4 = scaled_to(*parts, kDecimals, kMost);
  if (e4 == 0) refuse(text, "is zero");
  if (e4 > kMost) refuse(text, "is more than a thousand million");
  return {static_cast<std::int64_t>(e4)};
}

std::string to_text(Quantity quantity) {
  auto text = decimal_text(quantity.e4, kDecimals);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace steward
