#include "studio/numbering/numbering.h"

#include <catch2/catch.hpp>

#include "support/sandbox.h"

using namespace steward;
using namespace steward::test;
using numbering::kInvoices, numbering::kProposals;

namespace {

std::string take(Sandbox& box, const numbering::Series& series, std::string_view date, bool keep = true,
                 std::int64_t first = 1) {
  auto connection = box.connect();
  db::Tx tx(*connection, db::Access::write, box.now());
  const auto number = numbering::take(tx, series, parse_date(date), first);
  if (keep) tx.commit();
  return number.text;
}

}  // namespace

TEST_CASE("CM-8: numbers count up within a series and a year, and start anew in the next", "[numbering]") {
  Sandbox box;
  CHECK(take(box, kInvoices, "2026-01-01") == "INV-2026-0001");
  CHECK(take(box, kInvoices, "2026-12-31") == "INV-2026-0002");
  CHECK(take(box, kProposals, "2026-06-01") == "PRO-2026-0001");
  CHECK(take(box, kInvoices, "2027-01-01") == "INV-2027-0001");
  CHECK(take(box, kInvoices, "2026-03-01") == "INV-2026-0003");
}

TEST_CASE("CM-8: a number that is rolled back is taken by the next", "[numbering]") {
  Sandbox box;
  CHECK(take(box, kInvoices, "2026-01-01") == "INV-2026-0001");
  CHECK(take(box, kInvoices, "2026-01-01", false) == "INV-2026-0002");
  CHECK(take(box, kInvoices, "2026-01-01") == "INV-2026-0002");
}

TEST_CASE("a year begins at the number asked for, which no longer matters once it has begun", "[numbering]") {
  Sandbox box;
  CHECK(take(box, kInvoices, "2026-01-01", true, 148) == "INV-2026-0148");
  CHECK(take(box, kInvoices, "2026-01-01", true, 7) == "INV-2026-0149");
  CHECK(take(box, kInvoices, "2027-01-01", true, 9999) == "INV-2027-9999");
  CHECK(take(box, kInvoices, "2027-01-01") == "INV-2027-10000");
}
