#include "studio/offers/rules.h"

#include <catch2/catch.hpp>

using namespace steward;
using namespace steward::offers;

TEST_CASE("an offer goes on sale and off it freely", "[offers][rules]") {
  CHECK(kLifecycle.allows(Status::active, Status::inactive));
  CHECK(kLifecycle.allows(Status::inactive, Status::active));
}

TEST_CASE("OF-3: on sale is what is free or has a price", "[offers][rules]") {
  CHECK_NOTHROW(require_price({1, false}, "x"));
  CHECK_NOTHROW(require_price({{}, true}, "x"));
  CHECK_THROWS_AS(require_price({}, "x"), Error);
}

TEST_CASE("OF-3: audiences are individuals, groups and both", "[offers][rules]") {
  CHECK(parse_enum<Audience>("both") == Audience::both);
  CHECK_THROWS_AS(parse_enum<Audience>("TEAM"), Error);
}

TEST_CASE("a price reads as money, as free, or as none", "[offers][rules]") {
  const auto dinar = Currency::parse("KWD");
  CHECK(price_text({1250500, false}, dinar) == "1250.500 KWD");
  CHECK(price_text({{}, true}, dinar) == "free");
  CHECK(price_text({}, dinar) == "no price");
}
