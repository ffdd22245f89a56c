#include "core/money.h"

#include <catch2/catch.hpp>
#include <random>

#include "refusal.h"

namespace steward {
namespace {

using test::refusal;
using test::refusal_code;

const auto kEur = Currency::parse("EUR");
const auto kUsd = Currency::parse("USD");

TEST_CASE("a currency is known in any case, with its digits", "[core][money]") {
  const auto [typed, code, exponent] = GENERATE(table<std::string, std::string, int>({{"EUR", "EUR", 2},
                                                                                      {"eur", "EUR", 2},
                                                                                      {"Jpy", "JPY", 0},
                                                                                      {"KRW", "KRW", 0},
                                                                                      {"ISK", "ISK", 0},
                                                                                      {"UGX", "UGX", 0},
                                                                                      {"XOF", "XOF", 0},
                                                                                      {"KWD", "KWD", 3},
                                                                                      {"TND", "TND", 3},
                                                                                      {"CLF", "CLF", 4},
                                                                                      {"UYW", "UYW", 4},
                                                                                      {"MGA", "MGA", 2},
                                                                                      {"AED", "AED", 2},
                                                                                      {"ZWG", "ZWG", 2}}));
  const auto currency = Currency::parse(typed);
  CHECK(currency.code() == code);
  CHECK(currency.exponent() == exponent);
}

TEST_CASE("what nobody pays with is no currency", "[core][money]") {
  const auto code = GENERATE(as<std::string>(), "", "E", "EU", "EURO", "EU R", " EUR", "€", "ABC", "XXX", "XTS", "XAU",
                             "XAG", "XPD", "XPT", "XDR", "XSU", "XUA", "XBA", "XBB", "XBC", "XBD", "DEM", "HRK", "123");
  CAPTURE(code);
  CHECK(refusal_code([&] { Currency::parse(code); }) == "invalid_currency");
}

TEST_CASE("an amount is read exactly into minor units", "[core][money]") {
  const auto [text, code, minor] =
      GENERATE(table<std::string, std::string, std::int64_t>({{"1250", "EUR", 125'000},
                                                              {"1250.0", "EUR", 125'000},
                                                              {"1250.00", "EUR", 125'000},
                                                              {"0.01", "EUR", 1},
                                                              {"0.1", "EUR", 10},
                                                              {"007.50", "EUR", 750},
                                                              {"00000000000000000000000001", "EUR", 100},
                                                              {"1250", "JPY", 1250},
                                                              {"1.5", "KWD", 1500},
                                                              {"0.005", "KWD", 5},
                                                              {"1.2345", "CLF", 12'345},
                                                              {"90071992547409.91", "EUR", kMaxMinor},
                                                              {"9007199254740991", "JPY", kMaxMinor},
                                                              {"9007199254740.991", "KWD", kMaxMinor},
                                                              {"900719925474.0991", "CLF", kMaxMinor}}));
  CAPTURE(text, code);
  CHECK(parse_money(text, Currency::parse(code)) == Money{minor, Currency::parse(code)});
}

TEST_CASE("what has not the shape of an amount is refused", "[core][money]") {
  const auto text = GENERATE(as<std::string>(), "", "-", ".", ".5", "5.", "1,5", "1,000.00", "1 000", " 1", "1 ", "+1",
                             "1e3", "0x10", "1.2.3", "--1", "1-", "-.5", "١", "1.00 EUR", "NaN", "1\n");
  CAPTURE(text);
  CHECK_FALSE(is_decimal_amount(text));
  CHECK(refusal_code([&] { parse_money(text, kEur, Sign::any); }) == "invalid_money");
}

TEST_CASE("more decimals than the currency has are refused, zeros too", "[core][money]") {
  const auto [text, code] = GENERATE(table<std::string, std::string>(
      {{"1.234", "EUR"}, {"1.230", "EUR"}, {"1.0", "JPY"}, {"1.2345", "KWD"}, {"1.23456", "CLF"}}));
  CAPTURE(text, code);
  CHECK(is_decimal_amount(text));
  CHECK(refusal_code([&, t = text, c = code] { parse_money(t, Currency::parse(c)); }) == "invalid_money");
}

TEST_CASE("an amount past 2^53-1 minor units is too large", "[core][money]") {
  const auto [text, code] =
      GENERATE(table<std::string, std::string>({{"90071992547409.92", "EUR"},
                                                {"9007199254740992", "JPY"},
                                                {"9007199254740.992", "KWD"},
                                                {"-90071992547409.92", "EUR"},
                                                {"18446744073709551616", "JPY"},
                                                {"340282366920938463463374607431768211456", "JPY"},
                                                {std::string(10'000, '9'), "EUR"}}));
  CHECK(refusal_code([&, t = text, c = code] { parse_money(t, Currency::parse(c), Sign::any); }) == "amount_too_large");
}

TEST_CASE("the sign must be one that the argument admits", "[core][money]") {
  const auto [text, sign, code] =
      GENERATE(table<std::string, Sign, std::string>({{"1", Sign::positive, ""},
                                                      {"0", Sign::positive, "invalid_money"},
                                                      {"0.00", Sign::positive, "invalid_money"},
                                                      {"-1", Sign::positive, "invalid_money"},
                                                      {"0", Sign::zero_or_more, ""},
                                                      {"-0", Sign::zero_or_more, "invalid_money"},
                                                      {"-0.01", Sign::zero_or_more, "invalid_money"},
                                                      {"-3", Sign::any, ""},
                                                      {"-0", Sign::any, ""},
                                                      {"-90071992547409.91", Sign::any, ""}}));
  CAPTURE(text);
  CHECK(refusal_code([&, t = text, s = sign] { parse_money(t, kEur, s); }) == code);
}

TEST_CASE("a negative amount keeps its sign", "[core][money]") {
  CHECK(parse_money("-3", kEur, Sign::any).minor == -300);
  CHECK(parse_money("-0.05", kEur, Sign::any).minor == -5);
  CHECK(parse_money("-0", kEur, Sign::any).minor == 0);
}

TEST_CASE("an amount is written with every digit of its currency", "[core][money]") {
  const auto [minor, exponent, expected] =
      GENERATE(table<std::int64_t, int, std::string>({{125'000, 2, "1250.00"},
                                                      {0, 2, "0.00"},
                                                      {5, 2, "0.05"},
                                                      {-5, 2, "-0.05"},
                                                      {-5, 3, "-0.005"},
                                                      {0, 0, "0"},
                                                      {-7, 0, "-7"},
                                                      {12'345, 4, "1.2345"},
                                                      {kMaxMinor, 2, "90071992547409.91"},
                                                      {INT64_MIN, 2, "-92233720368547758.08"}}));
  CHECK(decimal_text(minor, exponent) == expected);
}

TEST_CASE("people see the code behind the amount", "[core][money]") {
  CHECK(to_text(Money{125'000, kEur}) == "1250.00 EUR");
  CHECK(to_text(Money{-5, Currency::parse("KWD")}) == "-0.005 KWD");
}

TEST_CASE("every amount that is written is read back", "[core][money][property]") {
  std::mt19937_64 random(53);
  const Currency currencies[] = {kEur, Currency::parse("JPY"), Currency::parse("KWD"), Currency::parse("CLF")};
  for (int i = 0; i < 20'000; ++i) {
    const auto size = random() % 54;
    const auto magnitude = static_cast<std::int64_t>(random() & ((std::uint64_t{1} << size) - 1));
    const Money money{i % 2 == 0 ? magnitude : -magnitude, currencies[random() % 4]};
    CAPTURE(to_text(money));
    REQUIRE(parse_money(decimal_text(money), money.currency, Sign::any) == money);
  }
}

TEST_CASE("sums and differences are exact up to the limit and refused past it", "[core][money]") {
  const Money most{kMaxMinor, kEur}, least{-kMaxMinor, kEur}, one{1, kEur};
  CHECK((most - one + one) == most);
  CHECK((least + most).minor == 0);
  CHECK(refusal_code([&] { most + one; }) == "amount_too_large");
  CHECK(refusal_code([&] { least - one; }) == "amount_too_large");
  CHECK(refusal_code([&] { most - least; }) == "amount_too_large");
}

TEST_CASE("minor units are added with the same limit", "[core][money]") {
  CHECK(add_minor(kMaxMinor - 1, 1) == kMaxMinor);
  CHECK(add_minor(-kMaxMinor, 0) == -kMaxMinor);
  CHECK(refusal_code([] { add_minor(kMaxMinor, 1); }) == "amount_too_large");
  CHECK(refusal_code([] { add_minor(-kMaxMinor, -1); }) == "amount_too_large");
  CHECK(refusal_code([] { add_minor(INT64_MAX, INT64_MAX); }) == "amount_too_large");
  CHECK(refusal_code([] { add_minor(INT64_MIN, INT64_MIN); }) == "amount_too_large");
}

TEST_CASE("two currencies do not mix", "[core][money]") {
  const Money euros{100, kEur}, dollars{100, kUsd};
  const auto error = refusal([&] { euros + dollars; });
  REQUIRE(error);
  CHECK(error->code() == "currency_mismatch");
  CHECK(error->kind() == ErrorKind::conflict);
  CHECK(refusal_code([&] { euros - dollars; }) == "currency_mismatch");
  CHECK(refusal_code([&] { (void)(euros < dollars); }) == "currency_mismatch");
  CHECK(refusal_code([&] { (void)(euros >= dollars); }) == "currency_mismatch");
  CHECK_FALSE(euros == dollars);
}

TEST_CASE("amounts of one currency are ordered", "[core][money]") {
  const Money less{-1, kEur}, more{1, kEur};
  CHECK((less < more && less <= more && more > less && more >= less));
  CHECK((less <= less && less >= less && !(less < less) && !(less > less)));
}

TEST_CASE("a share is rounded down to a whole minor unit", "[core][money]") {
  const auto [minor, basis_points, expected] =
      GENERATE(table<std::int64_t, int, std::int64_t>({{10'000, 1'000, 1'000},
                                                       {0, 5'000, 0},
                                                       {999, 0, 0},
                                                       {999, 10'000, 999},
                                                       {1, 9'999, 0},
                                                       {101, 5'000, 50},
                                                       {3, 3'333, 0},
                                                       {kMaxMinor, 10'000, kMaxMinor},
                                                       {kMaxMinor, 9'999, 9'006'298'534'815'516},
                                                       {kMaxMinor, 1, 900'719'925'474}}));
  CAPTURE(minor, basis_points);
  CHECK(share_of(minor, basis_points) == expected);
}

TEST_CASE("a share and what is left of it make the whole, give or take the rounding", "[core][money][property]") {
  std::mt19937_64 random(1);
  for (int i = 0; i < 10'000; ++i) {
    const auto minor = static_cast<std::int64_t>(random() % kMaxMinor);
    const auto points = static_cast<int>(random() % 10'001);
    const auto sum = share_of(minor, points) + share_of(minor, 10'000 - points);
    REQUIRE((sum == minor || sum == minor - 1));
  }
}

TEST_CASE("a share outside its limits is a defect", "[core][money]") {
  for (const auto points : {-1, 10'001}) CHECK(refusal([&] { share_of(1, points); })->kind() == ErrorKind::defect);
  CHECK(refusal([] { share_of(-1, 1); })->kind() == ErrorKind::defect);
}

TEST_CASE("an amount is scaled and rounded once, a half away from zero", "[core][money]") {
  const auto [minor, numerator, denominator, expected] =
      GENERATE(table<std::int64_t, std::int64_t, std::int64_t, std::int64_t>({
          {100, 2'100, 10'000, 21},
          {0, 2'100, 10'000, 0},
          {1, 1, 2, 1},
          {-1, 1, 2, -1},
          {3, 1, 2, 2},
          {-3, 1, 2, -2},
          {1, 4'999, 10'000, 0},
          {-1, 4'999, 10'000, 0},
          {5, 1, 3, 2},
          {4, 1, 3, 1},
          {7, 3, 1, 21},
          {100, 0, 7, 0},
          {50, -1, 100, -1},
          {10, 500, 10'000, 1},
          {9, 500, 10'000, 0},
      }));
  CAPTURE(minor, numerator, denominator);
  CHECK(scaled(minor, numerator, denominator) == expected);
}

TEST_CASE("scaling is exact for the largest amounts, and refuses what leaves the limits", "[core][money]") {
  CHECK(scaled(kMaxMinor, 10'000, 10'000) == kMaxMinor);
  CHECK(scaled(kMaxMinor, kMaxMinor, kMaxMinor) == kMaxMinor);
  CHECK(scaled(-kMaxMinor, kMaxMinor, kMaxMinor) == -kMaxMinor);
  CHECK(scaled(kMaxMinor, 1, 10'000) == 900'719'925'474);
  CHECK(scaled(kMaxMinor - 1, 1, 2) == (kMaxMinor - 1) / 2);
  CHECK(scaled(kMaxMinor, 1, 2) == kMaxMinor / 2 + 1);
  CHECK(refusal_code([] { scaled(kMaxMinor, 10'001, 10'000); }) == "amount_too_large");
  CHECK(refusal_code([] { scaled(-kMaxMinor, 10'001, 10'000); }) == "amount_too_large");
  CHECK(refusal_code([] { scaled(kMaxMinor, 10'000'000'000'000, 10'000); }) == "amount_too_large");
}

}  // namespace

TEST_CASE("an amount whose currency is not known yet is above zero, decimal and within every limit", "[core][money]") {
  for (const auto* text : {"1", "0.01", "0.0001", "1250.00", "9007199254740991", "000.5"})
    CHECK_NOTHROW(require_amount(text));
  const auto code = [](std::string_view text) { return refusal_code([&] { require_amount(text); }); };
  for (const auto* text : {"", "0", "0.00", "-1", "-0", "1.", ".5", "1e3", " 1", "1,5"}) {
    CAPTURE(text);
    CHECK(code(text) == "invalid_money");
  }
  CHECK(code("9007199254740992") == "amount_too_large");
  CHECK(code(std::string(1000, '9')) == "amount_too_large");
}

}  // namespace steward
