// A beneficiary's statement against the ledger it is made from.

#include <catch2/catch.hpp>
#include <map>
#include <regex>

#include "adapters/pdf/reading.h"
#include "core/money.h"
#include "studio/commerce.h"
#include "studio/deals/atelier.h"

using namespace steward;
using namespace steward::test;

namespace {

struct Balances {
  std::string opening, closing;
};

std::string statement(Sandbox& box, const std::string& user, const std::string& month) {
  box.run("ledger.statement", {{"user", {user}}, {"month", {month}}, {"to", {box.path("s.pdf")}}});
  return text_of_pdf(box.read("s.pdf"));
}

// By currency, as printed.
std::map<std::string, Balances> balances_of(const std::string& text) {
  static const std::regex kOpening("Opening balance +(-?[0-9.]+) ([A-Z]{3})"),
      kClosing("Closing balance +(-?[0-9.]+) ([A-Z]{3})");
  std::map<std::string, Balances> out;
  for (std::sregex_iterator at(text.begin(), text.end(), kOpening), end; at != end; ++at)
    out[(*at)[2]].opening = (*at)[1];
  for (std::sregex_iterator at(text.begin(), text.end(), kClosing), end; at != end; ++at)
    out[(*at)[2]].closing = (*at)[1];
  return out;
}

// What a person is owed in all, straight from the tables: "EUR" -> "1500.00".
std::map<std::string, std::string> owed(const Sandbox& box, const std::string& user_id) {
  std::map<std::string, std::string> out;
  for (const auto& row :
       box.rows("SELECT currency, CAST(sum(minor) AS bigint) FROM ("
                "SELECT currency, CASE WHEN entry_type = 'CLAWBACK' THEN -amount_cents ELSE amount_cents END AS minor"
                " FROM ledger_entries WHERE status <> 'VOID' AND CAST(beneficiary_user_id AS text) = '" +
                user_id +
                "' UNION ALL "
                "SELECT currency, -total_cents FROM payouts WHERE status = 'CONFIRMED' AND CAST(beneficiary_user_id AS "
                "text) = '" +
                user_id + "') s GROUP BY currency"))
    out[row[0]] = decimal_text(std::stoll(row[1]), Currency::parse(row[0]).exponent());
  return out;
}

std::vector<std::string> months_until(const std::string& last) {
  std::vector<std::string> out;
  for (Date day = parse_date("2024-01-01"); month_text(day) <= last; day = day + std::chrono::days{31})
    if (out.empty() || out.back() != month_text(day)) out.push_back(month_text(day));
  return out;
}

}  // namespace

TEST_CASE("a person's statements follow each other, and the last one is what the ledger owes", "[ledger][documents]") {
  Sandbox box(World::season);
  const auto now = month_text(parse_date(to_text(box.now()).substr(0, 10)));
  int people = 0;
  for (const auto& row :
       box.rows("SELECT DISTINCT beneficiary_user_id FROM ledger_entries WHERE beneficiary_user_id IS NOT NULL")) {
    const auto& user = row.front();
    CAPTURE(user);
    ++people;
    std::map<std::string, std::string> carried;
    for (const auto& month : months_until(now)) {
      CAPTURE(month);
      const auto balances = balances_of(statement(box, user, month));
      for (const auto& [currency, balance] : balances) {
        const auto before = carried.find(currency);
        CHECK(Currency::parse(currency).exponent() >= 0);
        CHECK(parse_money(balance.opening, Currency::parse(currency), Sign::any) ==
              parse_money(before == carried.end() ? "0" : before->second, Currency::parse(currency), Sign::any));
        carried[currency] = balance.closing;
      }
    }
    for (const auto& [currency, amount] : owed(box, user)) CHECK(carried[currency] == amount);
  }
  CHECK(people > 3);
}

TEST_CASE("a statement lists the month's entries and confirmed payouts with their references", "[ledger][documents]") {
  Sandbox box(World::season);
  const auto payouts = box.rows(
      "SELECT p.beneficiary_user_id, p.confirmed_at, p.reference, p.total_cents, p.currency FROM payouts p"
      " WHERE p.status = 'CONFIRMED' AND p.reference IS NOT NULL ORDER BY p.id");
  REQUIRE(!payouts.empty());
  const auto& paid = payouts.front();
  const auto page = statement(box, paid[0], paid[1].substr(0, 7));
  CAPTURE(page);
  CHECK_THAT(page, Catch::Contains("Payout, " + paid[2]) && Catch::Contains("Paid out"));
  CHECK_THAT(page, Catch::Contains("-" + decimal_text(std::stoll(paid[3]), Currency::parse(paid[4]).exponent())));
}

TEST_CASE("a month without anything says so", "[ledger][documents]") {
  Sandbox box;
  box.user("noor@atelier.example", {"ASSOCIATE"}, "نور الحسن");
  const auto page = statement(box, "noor@atelier.example", "2026-02");
  CHECK_THAT(
      page, Catch::Contains("February 2026") && Catch::Contains("Nothing was earned") && Catch::Contains("2026-02-28"));
  CHECK_THAT(page, Catch::Contains("نور"));
}

TEST_CASE("who is no administrator gets his own statement and nobody else's", "[ledger][documents]") {
  Sandbox box;
  const auto noor = box.user("noor@atelier.example", {"ASSOCIATE"});
  box.user("tom@atelier.example", {"ASSOCIATE"});
  const Call as_noor{.token = box.token({"ledger:read"}, "PERSON", noor)};
  const auto ask = [&](const std::string& user) {
    return box.error_code("ledger.statement", {{"user", {user}}, {"month", {"2026-02"}}, {"to", {box.path("s.pdf")}}},
                          as_noor);
  };
  CHECK(ask("noor@atelier.example").empty());
  CHECK(ask("tom@atelier.example") == "not_found");
}

TEST_CASE("a month's statement stays what it was when a later month voids an entry of it", "[ledger][documents]") {
  Atelier box;  // 2026-03-02
  const auto deal = box.delivered(250'000), other = box.delivered(100'000);
  box.run("ledger.void", {{"entry", {box.entry(other, "PROVIDER_PAYOUT")}}, {"reason", {"Twice"}}});
  const auto march = balances_of(statement(box, box.noor, "2026-03")).at("EUR");
  CHECK(march.closing == "1500.00");  // what was voided in its own month was never there
  box.at("2026-04-05T09:00:00Z");
  box.run("ledger.void", {{"entry", {box.entry(deal, "PROVIDER_PAYOUT")}}, {"reason", {"Left"}}});
  const auto again = statement(box, box.noor, "2026-03"), april = statement(box, box.noor, "2026-04");
  CHECK(balances_of(again).at("EUR").closing == march.closing);
  CHECK_THAT(again, Catch::Contains("Void later"));
  CHECK(balances_of(april).at("EUR").opening == "1500.00");
  CHECK(balances_of(april).at("EUR").closing == "0.00");
  CHECK_THAT(april, Catch::Contains("-1500.00"));
}

TEST_CASE("a claw-back that a later payout nets in part stays on the statement of its own month",
          "[ledger][documents]") {
  Atelier box;
  const auto deal = box.approved();
  const auto draft = text(box.data("invoices.create", {{"deal", {deal}}}), "id");
  pay(box, text(box.data("invoices.issue", {{"invoice", {draft}}}), "number"), "2500.00");
  for (const auto* move : {"deals.start", "deals.deliver"}) box.run(move, {{"deal", {deal}}});
  const auto entry = box.approved_entry(deal);
  box.run("ledger.payout", {{"entry", {entry}}, {"expect-total", {"1500.00 EUR"}}});
  box.run("ledger.confirm-payout", {{"entry", {entry}}});
  box.run("deals.refund", {{"deal", {deal}}, {"amount", {"1000.00"}}, {"reason", {"Less"}}, {"reference", {"R"}}});
  const auto march = balances_of(statement(box, box.noor, "2026-03")).at("EUR").closing;
  CHECK(march == "-600.00");
  box.at("2026-04-05T09:00:00Z");
  const auto next = box.approved_entry(box.delivered(50'000));
  CHECK(std::string(box.refusal("ledger.payout", {{"entry", {next}}, {"expect-total", {"300.00 EUR"}}}).what()) ==
        "These entries come to 0.00 EUR (300.00 EUR of claw-backs taken off), not to 300.00 EUR.");
  CHECK_THAT(box.run("ledger.payout", {{"entry", {next}}, {"expect-total", {"0.00 EUR"}}}).sentence,
             Catch::EndsWith("(300.00 EUR of claw-backs taken off): there is nothing to transfer; confirm it."));
  CHECK(box.value("SELECT count(*) FROM ledger_entries WHERE entry_type = 'CLAWBACK'") == "3");
  CHECK(balances_of(statement(box, box.noor, "2026-03")).at("EUR").closing == march);
  CHECK(balances_of(statement(box, box.noor, "2026-04")).at("EUR").opening == march);
  CHECK(balances_of(statement(box, box.noor, "2026-04")).at("EUR").closing == "-300.00");
}
