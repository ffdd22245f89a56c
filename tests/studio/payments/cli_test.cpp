#include <catch2/catch.hpp>

#include "studio/commerce.h"

using namespace steward;
using namespace steward::test;

namespace {

Json data_of(Sandbox& box, std::vector<std::string> words) {
  words.insert(words.end(), {"--yes", "--json"});
  const auto ran = box.steward(words);
  INFO(ran.out << ran.err);
  REQUIRE(ran.exit == 0);
  return ran.json().at("data");
}

}  // namespace

TEST_CASE("from a proposal to a paid invoice at the shell", "[payments][cli]") {
  Sandbox box;
  const auto draft = data_of(box, {"proposals", "create", "--title", "Two days on site", "--amount", "2400.00",
                                   "--currency", "EUR", "--client-email", kClient});
  CHECK(text(data_of(box, {"proposals", "send", std::string(short_id(text(draft, "id")))}), "number") ==
        "PRO-2026-0001");
  data_of(box, {"proposal", "accept", "pro-2026-0001"});
  const auto made = data_of(box, {"invoices", "create", "--proposal", "PRO-2026-0001"});
  CHECK(text(data_of(box, {"invoices", "issue", text(made, "id"), "--due", "+14d"}), "due_date") == "2026-03-16");
  data_of(box, {"payments", "record", "--invoice", "INV-2026-0001", "--amount", "2400", "--reference", "TX-1"});
  CHECK(text(data_of(box, {"invoices", "show", "INV-2026-0001"}), "status") == "PAID");
}

TEST_CASE("several drafts are issued in one call, each for itself, and the worst exit code counts", "[payments][cli]") {
  Sandbox box;
  const auto first = draft_invoice(box), second = draft_invoice(box), dropped = draft_invoice(box);
  box.run("invoices.void", {{"invoice", {dropped}}, {"reason", {"R"}}});
  const auto ran = box.steward({"invoices", "issue", first, dropped, second, "--yes", "--json"});
  CHECK(ran.exit == 5);
  CHECK(box.rows("SELECT number FROM invoices WHERE number IS NOT NULL ORDER BY number").size() == 2);
}

TEST_CASE("an overpayment at the shell exits 5, says what is owed, and changes nothing", "[payments][cli]") {
  Sandbox box;
  const auto number_of = issued_invoice(box, "10.00");
  const auto before = box.table_digest();
  const auto ran = box.steward({"payments", "record", "--invoice", number_of, "--amount", "10.01", "--json"});
  CHECK(ran.exit == 5);
  CHECK(ran.error_code() == "overpayment");
  CHECK(text(ran.json().at("errors").items().at(0).at("details"), "outstanding") == "10.00");
  CHECK(box.table_digest() == before);
}

TEST_CASE("the aging report is a table that a person reads", "[payments][cli]") {
  Sandbox box;
  issued_invoice(box, "10.00");
  const auto ran = box.steward({"invoices", "aging"});
  CHECK(ran.exit == 0);
  CHECK_THAT(ran.out, Catch::Contains("10.00") && Catch::Contains("EUR"));
}
