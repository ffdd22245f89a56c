#include "studio/rates/rules.h"

#include <catch2/catch.hpp>

using namespace steward;
using namespace steward::rates;

TEST_CASE("the highest rate of a stretch of time counts what held at its start and what begins within it",
          "[rates][rules]") {
  const DatedRate rates[] = {{{0}, 400}, {{100}, 3000}, {{200}, 500}};
  CHECK(highest_between(rates, {0}, Instant{100}) == 400);
  CHECK(highest_between(rates, {0}, Instant{101}) == 3000);
  CHECK(highest_between(rates, {50}, {}) == 3000);
  CHECK(highest_between(rates, {150}, {}) == 3000);
  CHECK(highest_between(rates, {200}, {}) == 500);
  CHECK(highest_between({}, {0}, {}) == 0);
}

TEST_CASE("LG-1: provider and referrer together are at most the whole", "[rates][rules]") {
  CHECK_NOTHROW(require_within_whole(RateName::provider, 9600, 400));
  CHECK_NOTHROW(require_within_whole(RateName::referrer, 0, 10000));
  try {
    require_within_whole(RateName::provider, 9601, 400);
    FAIL("not refused");
  } catch (const Error& error) {
    CHECK(error.code() == "rates_exceed_whole");
    CHECK(error.exit_code() == 5);
    CHECK(error.field() == "bp");
    CHECK(error.hint() == "PROVIDER can be at most 9600 for that time.");
    CHECK(error.details().at("provider_bp").integer() == 9601);
  }
}

TEST_CASE("a rate is never set for the past", "[rates][rules]") {
  CHECK_NOTHROW(require_not_past({5}, {5}));
  CHECK_THROWS_AS(require_not_past({4}, {5}), Error);
}
