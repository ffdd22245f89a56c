#include "core/quantity.h"

#include <catch2/catch.hpp>
#include <random>

#include "refusal.h"

namespace steward {
namespace {

using test::refusal;
using test::refusal_code;

TEST_CASE("a quantity is read to the ten-thousandth and written without needless digits", "[core][quantity]") {
  const auto [typed, e4, written] = GENERATE(table<std::string, std::int64_t, std::string>({
      {"1", 10'000, "1"},
      {"2", 20'000, "2"},
      {"1.5", 15'000, "1.5"},
      {"0.25", 2'500, "0.25"},
      {"0.0001", 1, "0.0001"},
      {"1.0000", 10'000, "1"},
      {"007", 70'000, "7"},
      {"10", 100'000, "10"},
      {"100.10", 1'001'000, "100.1"},
      {"1000000000", 10'000'000'000'000, "1000000000"},
      {"1000000000.0000", 10'000'000'000'000, "1000000000"},
      {"999999999.9999", 9'999'999'999'999, "999999999.9999"},
  }));
  CAPTURE(typed);
  CHECK(parse_quantity(typed).e4 == e4);
  CHECK(to_text(parse_quantity(typed)) == written);
}

TEST_CASE("what is no quantity is refused with the reason", "[core][quantity]") {
  const auto [typed, why] = GENERATE(table<std::string, std::string>({
      {"", "is no decimal number"},
      {" 1", "is no decimal number"},
      {"+1", "is no decimal number"},
      {".5", "is no decimal number"},
      {"1.", "is no decimal number"},
      {"1,5", "is no decimal number"},
      {"1e3", "is no decimal number"},
      {"1.2.3", "is no decimal number"},
      {"0x10", "is no decimal number"},
      {"two", "is no decimal number"},
      {"-1", "is negative"},
      {"-0", "is negative"},
      {"0", "is zero"},
      {"0.0000", "is zero"},
      {"0.00001", "has more than four digits after its point"},
      {"1.00000", "has more than four digits after its point"},
      {"1000000000.0001", "is more than a thousand million"},
      {"1000000001", "is more than a thousand million"},
  }));
  CAPTURE(typed);
  const auto error = refusal([&, text = typed] { parse_quantity(text); });
  REQUIRE(error);
  CHECK(error->code() == "invalid_quantity");
  CHECK(error->exit_code() == 2);
  CHECK_THAT(error->what(), Catch::Contains(why));
}

TEST_CASE("a quantity of any length is refused without overflowing", "[core][quantity]") {
  CHECK(refusal_code([] { parse_quantity(std::string(1'000, '9')); }) == "invalid_quantity");
  CHECK(parse_quantity(std::string(1'000, '0') + "1").e4 == 10'000);
}

TEST_CASE("a quantity that was written is read as the same", "[core][quantity]") {
  const auto seed = GENERATE(1u, 2u, 3u);
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 2'000; ++i) {
    const Quantity quantity{std::uniform_int_distribution<std::int64_t>(1, 10'000'000'000'000)(random) >> (i % 40)};
    if (quantity.e4 == 0) continue;
    const auto written = to_text(quantity);
    CAPTURE(quantity.e4, written);
    REQUIRE(parse_quantity(written) == quantity);
  }
}

}  // namespace
}  // namespace steward
