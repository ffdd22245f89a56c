#include "studio/payments/rules.h"

#include <catch2/catch.hpp>

#include "core/refusal.h"

using namespace steward;
using namespace steward::payments;
using steward::test::refusal;
using steward::test::refusal_code;

namespace {
Claim claim(std::string_view status, std::int64_t outstanding) {
  return {"Invoice INV-2026-0007", status, {outstanding, Currency::parse("EUR")}};
}
}  // namespace

TEST_CASE("only an issued invoice takes payments", "[payments][rules]") {
  for (const auto status : {"DRAFT", "VOID"})
    CHECK(refusal_code([&] { require_payable(claim(status, 0)); }) == "not_payable");
  for (const auto status : {"ISSUED", "PARTIALLY_PAID", "PAID"})
    CHECK(refusal_code([&] { require_payable(claim(status, 0)); }).empty());
}

TEST_CASE("CM-3: no more is taken than is owed, and the rest is told", "[payments][rules]") {
  const auto euros = [](std::int64_t cents) { return Money{cents, Currency::parse("EUR")}; };
  CHECK(refusal_code([&] { require_owed(claim("ISSUED", 100), euros(100)); }).empty());
  const auto error = refusal([&] { require_owed(claim("ISSUED", 100), euros(101)); });
  REQUIRE(error);
  CHECK(error->code() == "overpayment");
  CHECK(error->exit_code() == 5);
  CHECK(error->details().at("outstanding_cents").integer() == 100);
  CHECK(error->what() == std::string("1.01 EUR is more than Invoice INV-2026-0007 owes, which is 1.00 EUR."));
}

TEST_CASE("money is in the invoice's currency and has come", "[payments][rules]") {
  CHECK(refusal_code([] { require_currency(claim("ISSUED", 1), Currency::parse("USD")); }) == "currency_mismatch");
  CHECK(refusal_code([] { require_come(Instant{2}, Instant{1}); }) == "in_the_future");
  CHECK(refusal_code([] { require_come(Instant{1}, Instant{1}); }).empty());
}
