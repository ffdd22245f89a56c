#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "support/example.h"

using namespace steward;
using namespace steward::test;

namespace {

using Names = std::set<std::string>;

Names names(const Sandbox& box, const std::string& query) {
  Names out;
  for (const auto& row : box.rows(query)) out.insert(row.front());
  return out;
}

int count(const Sandbox& box, const std::string& from) { return std::stoi(box.value("SELECT count(*) FROM " + from)); }

std::string block_of(char32_t c) {
  constexpr std::pair<char32_t, const char*> kBlocks[] = {
      {0x0000, "Latin"},    {0x0370, "Greek"}, {0x0400, "Cyrillic"}, {0x0590, "Hebrew"},
      {0x0600, "Arabic"},   {0x0700, "other"}, {0x0900, "Indic"},    {0x0e00, "Thai"},
      {0x1200, "Ethiopic"}, {0x1e00, "Latin"}, {0x2000, "other"},    {0x3040, "Kana"},
      {0x3100, "other"},    {0x4e00, "Han"},   {0xac00, "Hangul"},   {0xd7b0, "other"},
  };
  std::string out;
  for (const auto& [from, name] : kBlocks)
    if (c >= from) out = name;
  return out;
}

// The scripts that a text of UTF-8 is written in.
Names scripts_of(const std::string& text) {
  Names out;
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const int more = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : byte >= 0xc0 ? 1 : 0;
    char32_t c = more == 0 ? byte : byte & (0x3f >> more);
    for (int k = 1; k <= more; ++k) c = (c << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3f);
    out.insert(block_of(c));
    i += static_cast<std::size_t>(more) + 1;
  }
  return out;
}

const Names kFour{"EUR", "JPY", "KWD", "USD"};

}  // namespace

TEST_CASE("a demo is never played over a database that is there, and says where else", "[demo]") {
  Sandbox box;
  const auto error = box.refusal("demo", {{"to", {box.database()}}});
  CHECK(error.code() == "duplicate");
  CHECK(error.field() == "to");
  CHECK_THAT(error.hint(), Catch::Contains("--to") && !Catch::Contains("--db"));
}

TEST_CASE("the season has about forty inquiries, of people and organisations in many scripts", "[demo]") {
  Sandbox box(World::season);
  CHECK(count(box, "intake_requests") >= 38);
  CHECK(count(box, "intake_requests") <= 45);
  CHECK(names(box, "SELECT status FROM intake_requests") == Names{"BOOKED", "LOST", "NEW", "QUALIFIED", "TRIAGED"});
  for (const char* column : {"contact_name", "organization_name"}) {
    Names scripts;
    for (const auto& row : box.rows(std::string("SELECT ") + column + " FROM intake_requests"))
      scripts.merge(scripts_of(row.front()));
    CAPTURE(column, scripts);
    for (const char* script : {"Latin", "Cyrillic", "Arabic", "Indic", "Han", "Hangul"})
      CHECK(scripts.contains(script));
  }
}

TEST_CASE("the season trades in euro, dollar, yen and dinar", "[demo]") {
  Sandbox box(World::season);
  const auto offered = names(box, "SELECT currency FROM offers");
  CHECK(std::ranges::includes(offered, kFour));
  CHECK(names(box, "SELECT currency FROM invoices") == kFour);
  CHECK(names(box, "SELECT agreed_currency FROM deals") == kFour);
  CHECK(names(box, "SELECT currency FROM payments WHERE status = 'RECORDED'") == kFour);
}

TEST_CASE("the season has a dozen proposals in every status", "[demo]") {
  Sandbox box(World::season);
  CHECK(count(box, "proposals") >= 12);
  CHECK(names(box, "SELECT status FROM proposals") == Names{"ACCEPTED", "DECLINED", "DRAFT", "EXPIRED", "SENT"});
}

TEST_CASE("the season has invoices issued, partly paid, paid, overdue and void", "[demo]") {
  Sandbox box(World::season);
  CHECK(names(box, "SELECT status FROM invoices") == Names{"DRAFT", "ISSUED", "PAID", "PARTIALLY_PAID", "VOID"});
  CHECK(count(box, "invoices WHERE status = 'VOID' AND number IS NOT NULL") >= 1);
  CHECK(count(box, "payments WHERE status = 'REVERSED'") >= 1);
  const auto overdue = box.list("invoices.list", {{"overdue", {"true"}}}).items().size();
  CHECK(overdue >= 2);
  CHECK(overdue < static_cast<std::size_t>(count(box, "invoices WHERE status IN ('ISSUED', 'PARTIALLY_PAID')")));
}

TEST_CASE("the season has deals in every stage and ledger entries in every status", "[demo]") {
  Sandbox box(World::season);
  // No deal was refunded in full: those that went wrong were settled in part.
  CHECK(names(box, "SELECT status FROM deals") ==
        Names{"ASSIGNED", "CLOSED", "DELIVERED", "IN_PROGRESS", "MAESTRO_APPROVED", "PAID", "QUEUED"});
  CHECK(names(box, "SELECT status FROM ledger_entries") == Names{"APPROVED", "EARNED", "PAID", "PAYING", "VOID"});
  CHECK(names(box, "SELECT entry_type FROM ledger_entries WHERE status <> 'VOID'") ==
        Names{"CLAWBACK", "PLATFORM_REVENUE", "PROVIDER_PAYOUT", "REFERRER_COMMISSION"});
  CHECK(names(box, "SELECT status FROM payouts") == Names{"CONFIRMED", "FAILED", "STARTED"});
  CHECK(count(box, "deals WHERE dispute_opened_at IS NOT NULL") == 1);
}

TEST_CASE("the season has taxes, credit notes, a refund, and a client's credit that was used", "[demo]") {
  Sandbox box(World::season);
  CHECK(names(box, "SELECT t.treatment FROM invoice_lines l JOIN taxes t ON t.id = l.tax_id") ==
        Names{"EXEMPT", "REVERSE_CHARGE", "STANDARD"});
  CHECK(count(box, "credit_notes") == 3);
  CHECK(names(box, "SELECT kind FROM payments") == Names{"CREDIT_IN", "CREDIT_OUT", "RECEIVED", "REFUND"});
  CHECK(count(box, "invoice_parties") == 2 * count(box, "invoices WHERE number IS NOT NULL"));
}

TEST_CASE("the season's people hold every role of the house, and its offers are on sale and off", "[demo]") {
  Sandbox box(World::season);
  const auto held = names(box, "SELECT DISTINCT r.name FROM user_roles u JOIN roles r ON r.id = u.role_id");
  for (const char* role :
       {"SUPER_ADMIN", "ADMIN", "STAFF", "MAESTRO", "ASSOCIATE", "CERTIFIED_CONSULTANT", "APPRENTICE", "AFFILIATE"})
    CHECK(held.contains(role));
  CHECK(names(box, "SELECT status FROM offers") == Names{"ACTIVE", "INACTIVE"});
}

TEST_CASE("the season holds to every rule", "[demo]") {
  Sandbox box(World::season);
  CHECK(box.error_code("ledger.check").empty());
  CHECK(box.error_code("deals.check").empty());
  CHECK(box.error_code("db.check").empty());
  CHECK(box.data("audit.verify").at("verdict").text() == "intact");
}

TEST_CASE("the season can be played on any day: at the year's turn, a leap day, and when the clocks change",
          "[demo][binary][slow]") {
  const auto now = GENERATE("2027-01-01T00:30:00Z", "2028-02-29T23:59:00Z", "2026-03-29T01:30:00Z");
  CAPTURE(now);
  Sandbox box;
  const auto database = box.place_for_database("demo.db");
  const auto made = box.steward({"demo", "--to", database}, {}, {{"STEWARD_NOW", now}});
  CAPTURE(made.out, made.err);
  REQUIRE(made.exit == 0);
  box.use_database(database);
  box.at(now);
  CHECK(box.error_code("ledger.check").empty());
  CHECK(box.error_code("deals.check").empty());
}

TEST_CASE("the demo ends with agenda, aging, ledger, what to try, and where the database lies", "[demo][binary]") {
  Sandbox box;
  const auto database = box.place_for_database("demo.db");
  const auto made = box.steward({"demo", "--to", database});
  CAPTURE(made.out, made.err);
  REQUIRE(made.exit == 0);
  std::size_t at = 0;
  for (const auto& part : {std::string("agenda\n"), std::string("steward intake triage "), std::string("\naging\n"),
                           std::string("\nledger\n"), std::string("(the studio)"), std::string("\ntry\n"),
                           "database  " + database + "\n"}) {
    CAPTURE(part);
    at = made.out.find(part, at);
    REQUIRE(at != std::string::npos);
  }
  // Nothing but how to use it follows, so it is what a person sees last.
  CHECK(made.out.size() - at < 300);
}

TEST_CASE("every command that the demo says to try runs on its database", "[demo][binary]") {
  Sandbox box;
  const auto made = box.steward({"demo", "--to", box.place_for_database("demo.db"), "--json"});
  REQUIRE(made.exit == 0);
  const auto data = made.json().at("data");
  box.use_database(data.at("database").text());
  CHECK(data.at("use").text() == "export STEWARD_DB=" + shell_word(data.at("database").text()));
  for (const auto& stop : data.at("try").items()) {
    const auto ran = box.steward(words_of(stop.at("command").text()));
    CAPTURE(stop.at("command").text(), ran.err);
    CHECK(ran.exit == 0);
    CHECK(std::ranges::count(ran.out, '\n') >= 1);
  }
}

TEST_CASE("the demo never writes into a database that exists", "[demo][binary]") {
  Sandbox box;
  const auto digest = box.table_digest();
  const auto made = box.steward({"demo", "--to", box.database()});
  CHECK(made.exit == 5);
  CHECK(box.table_digest() == digest);
}
