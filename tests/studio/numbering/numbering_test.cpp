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

TEST_CASE("CM-8: SQL tells the numbers of a series from what resembles one, as place_of does", "[numbering]") {
  Sandbox box;
  std::string texts;
  for (const auto* text : {"INV-2025-0042",      "INV-2025-9999", "INV-2025-10000",
                           "INV-2025-123456789", "INV-1900-0001", "",
                           "INV-2025-",          "INV-2025-42",   "INV-2025-042",
                           "INV-2025-00042",     "inv-2025-0042", "INV-2025-1234567890",
                           "INV-25-0042",        "INV-2025-00 4", "INV-2025-0042-1",
                           "CN-2025-0042",       "CN-2025-00042", "PRO-2025-0042",
                           "INV--2025-0042",     "INV-+025-0042", "INV-2025-004x",
                           "INV-2025x0042",      "INV 2025-0042", "INV-2025-\u0660\u0660\u0664\u0662"})
    texts += fmt::format("{}SELECT '{}' AS number", texts.empty() ? "" : " UNION ALL ", text);
  for (const auto& series : {kInvoices, numbering::kCreditNotes}) {
    std::vector<std::vector<std::string>> expected;
    for (const auto& row : box.rows(texts + " ORDER BY 1"))
      if (const auto place = numbering::place_of(series, row[0]))
        expected.push_back({row[0], std::to_string(place->year), std::to_string(place->number)});
    CHECK(expected.size() == (series.code == kInvoices.code ? 5 : 1));
    CHECK(box.rows("SELECT number, year, n FROM (" + numbering::own_numbers(series, "(" + texts + ") given") +
                   ") own ORDER BY 1") == expected);
  }
}
