#include <catch2/catch.hpp>

#include "studio/commerce.h"
#include "studio/payments/historical/older.h"

using namespace steward;
using namespace steward::test;

namespace {

// The checks that fail: "numbers counters".
std::string broken(Sandbox& box) {
  if (box.error_code("invoices.check").empty()) return "";
  std::string out;
  const auto error = box.refusal("invoices.check");
  for (const auto& check : error.details().at("checks").items())
    if (!check.at("ok").boolean()) out += (out.empty() ? "" : " ") + check.at("name").text();
  return out;
}

}  // namespace

TEST_CASE("no number is missing of what was issued, credited or taken down", "[invoices][check]") {
  Sandbox box;
  const auto number_of = issued_invoice(box);
  box.run("invoices.credit", {{"invoice", {number_of}}, {"reason", {"x"}}});
  import_older(box, older({{"number", "INV-2025-0003"}}) + older({{"number", "INV-2025-0007"}}) + older({}));
  CHECK(broken(box) == "");
}

TEST_CASE("a number that is missing and a counter that lies behind are named", "[invoices][check]") {
  Sandbox box;
  issued_invoice(box);
  SECTION("of an invoice") {
    box.sql("UPDATE document_counters SET next = 4 WHERE series = 'INV'");
    issued_invoice(box);
    CHECK(broken(box) == "numbers");
    CHECK_THAT(to_text(box.refusal("invoices.check").details()),
               Catch::Contains("INV-2026-0004") && Catch::Contains("the one before it is number 1"));
  }
  SECTION("of a credit note") {
    box.run("invoices.credit", {{"invoice", {issued_invoice(box)}}, {"reason", {"x"}}});
    box.sql("UPDATE document_counters SET next = 4 WHERE series = 'CN'");
    box.run("invoices.credit", {{"invoice", {issued_invoice(box)}}, {"reason", {"x"}}});
    CHECK(broken(box) == "numbers");
  }
  SECTION("of a counter") {
    box.sql("UPDATE document_counters SET next = 1 WHERE series = 'INV'");
    CHECK(broken(box) == "counters");
  }
}

TEST_CASE("invoices check answers at the shell, and exits 6 with what is wrong", "[invoices][check][binary]") {
  Sandbox box;
  issued_invoice(box);
  const auto good = box.steward({"invoices", "check", "--json"});
  CHECK(good.exit == 0);
  CHECK(good.json().at("data").at("checks").items().size() == 2);
  box.sql("UPDATE document_counters SET next = 1 WHERE series = 'INV'");
  const auto bad = box.steward({"invoices", "check"});
  CHECK(bad.exit == 6);
  CHECK(bad.out.empty());
  CHECK_THAT(bad.err, Catch::Contains("counters: INV-2026 the counter says 1"));
}
