#include "core/countries.h"

#include <catch2/catch.hpp>

#include "core/error.h"

using namespace steward;

TEST_CASE("a country is two letters of ISO 3166, in any case", "[core][countries]") {
  for (const auto* typed : {"AD", "DE", "bv", " Bw ", "ZW"}) {
    CAPTURE(typed);
    CHECK(parse_country(typed).size() == 2);
  }
  CHECK(parse_country(" bw ") == "BW");
}

TEST_CASE("what is no country's two letters is refused", "[core][countries]") {
  // "DA" and "D A" stand in the list where one country ends and the next begins.
  for (const auto* typed : {"", "D", "DA", "D A", "DEU", "XX", "AD AE", "E "}) {
    CAPTURE(typed);
    CHECK_THROWS_AS(parse_country(typed), Error);
  }
}
