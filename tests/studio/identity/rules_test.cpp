#include "studio/identity/rules.h"

#include <catch2/catch.hpp>

#include "core/refusal.h"

using namespace steward;
using namespace steward::identity;
using steward::test::refusal_code;

TEST_CASE("ID-2: a disabled person is let back in by enable, and nobody becomes PENDING again", "[identity][rules]") {
  CHECK(kUserLifecycle.allows(UserStatus::disabled, UserStatus::active));
  CHECK(kUserLifecycle.allows(UserStatus::pending, UserStatus::active));
  CHECK(kUserLifecycle.allows(UserStatus::active, UserStatus::disabled));
  for (const auto from : {UserStatus::active, UserStatus::disabled})
    CHECK_FALSE(kUserLifecycle.allows(from, UserStatus::pending));
}

TEST_CASE("ID-3: a token lives 90 days unless said, and 365 at most", "[identity][rules]") {
  CHECK(token_life({}) == parse_duration("90d"));
  CHECK(token_life(parse_duration("365d")) == parse_duration("365d"));
  CHECK(refusal_code([] { token_life(Duration{parse_duration("365d").ms + 1}); }) == "out_of_range");
  CHECK(refusal_code([] { token_life(Duration{0}); }) == "out_of_range");
}

TEST_CASE("a token is revoked, expired or active, in that order", "[identity][rules]") {
  const Instant now{1000};
  CHECK(token_status(now, {1001}, {}) == TokenStatus::active);
  CHECK(token_status(now, {1000}, {}) == TokenStatus::expired);
  CHECK(token_status(now, {1000}, Instant{5}) == TokenStatus::revoked);
}

TEST_CASE("a scope is group:verb, either of them *, or * alone", "[identity][rules]") {
  const auto [text, expected] =
      GENERATE(table<std::string, std::string>({{"events:write", "events:write"},
                                                {" Invoices:READ ", "invoices:read"},
                                                {"*:read", "*:read"},
                                                {"ledger:*", "ledger:*"},
                                                {"field-reports:write", "field-reports:write"},
                                                {"*:*", "*"},
                                                {"*", "*"}}));
  CHECK(parse_scope(text) == expected);
}

TEST_CASE("what is no scope is refused", "[identity][rules]") {
  const auto text =
      GENERATE("", "events", ":", "events:", ":write", "a:b:c", "ev*:read", "events write", "e1:read", "**");
  CAPTURE(text);
  CHECK(refusal_code([&] { parse_scope(text); }) == "invalid_scope");
}

TEST_CASE("a ceiling is an amount, its currency and a period", "[identity][rules]") {
  CHECK(parse_ceiling("500.00 EUR/day") == Ceiling{Ceiling::Per::day, {50000, Currency::parse("EUR")}});
  CHECK(parse_ceiling("90000 jpy/Month") == Ceiling{Ceiling::Per::month, {90000, Currency::parse("JPY")}});
  CHECK(parse_ceiling("1.500 KWD / call") == Ceiling{Ceiling::Per::call, {1500, Currency::parse("KWD")}});
  CHECK(parse_ceiling("10 EUR/week").per == Ceiling::Per::week);
}

TEST_CASE("what is no ceiling is refused", "[identity][rules]") {
  const auto [text, code] = GENERATE(table<std::string, std::string>({{"500.00 EUR", "invalid_ceiling"},
                                                                      {"500.00/day", "invalid_ceiling"},
                                                                      {"500.00 EUR/year", "invalid_ceiling"},
                                                                      {"", "invalid_ceiling"},
                                                                      {"0 EUR/day", "invalid_money"},
                                                                      {"5.001 EUR/day", "invalid_money"},
                                                                      {"-5 EUR/day", "invalid_money"},
                                                                      {"5 XXX/day", "invalid_currency"}}));
  CAPTURE(text);
  CHECK(refusal_code([&, t = text] { parse_ceiling(t); }) == code);
}
