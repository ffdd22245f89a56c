#include "studio/payments/bank/rules.h"

#include <catch2/catch.hpp>

#include "core/refusal.h"

using namespace steward;
using namespace steward::payments;
using Numbers = std::vector<std::string>;

TEST_CASE("a document's number is read in any case, with blanks, dashes or nothing between", "[payments][rules]") {
  for (const auto* text : {"INV-2026-0007", "inv-2026-0007", "Rechnung INV 2026 0007, danke", "INV20260007",
                           "Re.Inv-2026 0007", "inv_2026.0007", "INV-2026-00007", "INV-2026-0007/INV 2026-0007"})
    CHECK(numbers_named("INV", text) == Numbers{"INV-2026-0007"});
  CHECK(numbers_named("INV", "INV-2026-12345") == Numbers{"INV-2026-12345"});
  CHECK(numbers_named("INV", "INV-2026-0007 INV-2025-0001") == Numbers{"INV-2026-0007", "INV-2025-0001"});
}

TEST_CASE("what only resembles a document's number names none", "[payments][rules]") {
  for (const auto* text : {"", "INV", "INV-2026", "INV-2026-7", "INV-26-0007", "XINV-2026-0007", "INV-2026-0007b",
                           "INV-2026-0007-", "PRO-2026-0007", "ÄINV-2026-0007", "INV-2026-0123456789"}) {
    INFO(text);
    CHECK(numbers_named("INV", text) ==
          (std::string_view(text) == "INV-2026-0007-" ? Numbers{"INV-2026-0007"} : Numbers{}));
  }
}

TEST_CASE("money that went out pays no invoice", "[payments][rules]") {
  const auto euro = Currency::parse("EUR");
  CHECK_NOTHROW(require_incoming({1, euro}, "Bank line 1"));
  CHECK_THROWS_AS(require_incoming({-1, euro}, "Bank line 1"), Error);
}
