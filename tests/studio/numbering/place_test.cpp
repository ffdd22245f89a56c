#include <catch2/catch.hpp>

#include "studio/numbering/numbering.h"

using namespace steward;
using numbering::kInvoices;

TEST_CASE("CM-8: a number of a series is told from what only resembles one", "[numbering][core]") {
  const auto place = numbering::place_of(kInvoices, "INV-2025-0042");
  REQUIRE(place);
  CHECK(place->year == 2025);
  CHECK(place->number == 42);
  CHECK(numbering::place_of(kInvoices, "INV-2025-123456789")->number == 123456789);
  for (const auto* text : {"", "INV-2025-", "INV-2025-42", "INV-2025-00042", "INV-2025-0000", "INV-1899-0001",
                           "inv-2025-0042", "INV-2025-1234567890", "INV-25-0042", "INV-2025-00 4", "INV-2025-0042-1",
                           "PRO-2025-0042", "INV--2025-0042", "INV-+025-0042"}) {
    CAPTURE(text);
    CHECK(!numbering::place_of(kInvoices, text));
  }
}
