#include "studio/payments/historical/rules.h"

#include <catch2/catch.hpp>

#include "core/refusal.h"

using namespace steward;
using namespace steward::payments;
using namespace steward::test;

namespace {

Money euros(std::int64_t cents) { return {cents, Currency::parse("EUR")}; }

std::string field_of(const std::function<void()>& action) {
  const auto error = refusal(action);
  return error ? error->field() : "";
}

}  // namespace

TEST_CASE("what was paid of an older invoice is nothing, some of it, or all", "[payments][rules]") {
  CHECK(paid_of({}, euros(100), false) == 0);
  CHECK(paid_of({.minor = 0}, euros(100), false) == 0);
  CHECK(paid_of({.minor = 40, .dated = true}, euros(100), false) == 40);
  CHECK(paid_of({.minor = 100, .dated = true, .referenced = true}, euros(100), false) == 100);
  CHECK(paid_of({.in_full = true, .dated = true}, euros(100), false) == 100);
  CHECK(refusal_code([] { paid_of({.minor = 101, .dated = true}, euros(100), false); }) == "overpayment");
}

TEST_CASE("money has its day, and a day or a reference their money", "[payments][rules]") {
  CHECK(field_of([] { paid_of({.in_full = true}, euros(100), false); }) == "paid_date");
  CHECK(field_of([] { paid_of({.dated = true}, euros(100), false); }) == "paid_amount");
  CHECK(field_of([] { paid_of({.minor = 0, .dated = true}, euros(100), false); }) == "paid_amount");
  CHECK(field_of([] { paid_of({.referenced = true}, euros(100), false); }) == "paid_amount");
}

TEST_CASE("a void invoice holds no money", "[payments][rules]") {
  CHECK(paid_of({}, euros(100), true) == 0);
  CHECK(field_of([] { paid_of({.minor = 1, .dated = true}, euros(100), true); }) == "paid_amount");
}

TEST_CASE("a tax stays as it was stated within two minor units of what its rate gives", "[payments][rules]") {
  CHECK(tax_of({}, 1900, euros(11900), true) == 1900);
  for (const std::int64_t stated : {1898, 1899, 1900, 1901, 1902})
    CHECK(tax_of(stated, 1900, euros(11900), true) == stated);
  for (const std::int64_t stated : {0, 1897, 1903, 11900})
    CHECK(field_of([&] { tax_of(stated, 1900, euros(11900), true); }) == "tax_amount");
}

TEST_CASE("what is not taxed has no tax, and no tax is more than all of it", "[payments][rules]") {
  CHECK(tax_of(0, 0, euros(100), false) == 0);
  CHECK(field_of([] { tax_of(1, 0, euros(100), false); }) == "tax_amount");
  CHECK(field_of([] { tax_of(2, 0, euros(1), true); }) == "tax_amount");
}

TEST_CASE("CM-8: a number of ours has the year of its date, another one any shape but a flag's", "[payments][rules]") {
  const auto day = parse_date("2025-12-31");
  require_number("INV-2025-0042", 2025, day);
  require_number("RE 42/1999", {}, day);
  CHECK(field_of([&] { require_number("INV-2026-0042", 2026, day); }) == "number");
  CHECK(field_of([&] { require_number("-42", {}, day); }) == "number");
  CHECK(field_of([] { require_number("42", {}, parse_date("0025-12-31")); }) == "issue_date");
}

TEST_CASE("a status that is said is the one that was made", "[payments][rules]") {
  require_status("PAID", "PAID");
  for (const auto* said : {"DRAFT", "ISSUED", "VOID"})
    CHECK(field_of([&] { require_status(said, "PAID"); }) == "status");
}

TEST_CASE("a number that could be taken for an id is refused", "[payments][rules]") {
  CHECK_THROWS_AS(require_number("019C2150-6acc-7000-afa3-523dadb996c1", std::nullopt, parse_date("2025-11-03")),
                  Error);
  CHECK_NOTHROW(require_number("019C2150-6acc", std::nullopt, parse_date("2025-11-03")));
}
