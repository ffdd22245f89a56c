#include "studio/ledger/balance.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "studio/deals/atelier.h"

using namespace steward;
using namespace steward::test;

namespace {

// "noor@… EUR EARNED 1 90.00" a row.
std::vector<std::string> balance(Atelier& box, const std::string& by, const std::string& group) {
  std::vector<std::string> out;
  const auto rows = box.list("ledger.balance", {{"by", {by}}});
  for (const auto& row : rows.items()) {
    const auto& name = row.at(group);
    out.push_back(fmt::format("{} {} {} {} {}", name.is_null() ? "-" : name.text(), row.at("currency").text(),
                              row.at("status").text(), row.at("entries").integer(), row.at("amount").text()));
  }
  return out;
}

// A studio with entries of two months, two currencies, every status, and a claw-back.
void fill(Atelier& box) {
  box.offer("yen", 680'000, "JPY");
  const auto paid = box.approved_entry(box.delivered(100'000));
  box.run("ledger.payout", {{"entry", {paid}}, {"expect-total", {"600.00 EUR"}}});
  box.run("ledger.confirm-payout", {{"entry", {paid}}});
  box.at("2026-04-02T09:00:00Z");
  const auto deal = box.delivered(10'000, true);
  box.run("ledger.void", {{"entry", {box.entry(deal, "REFERRER_COMMISSION")}}, {"reason", {"Withdrawn"}}});
  box.delivered(1'000, true, "yen");
  box.sql(fmt::format(
      "INSERT INTO ledger_entries (id, deal_id, entry_type, beneficiary_user_id, amount_cents, currency, status,"
      " basis_cents, basis, adjusts_entry_id, earned_at, earned_month, created_at, updated_at)"
      " SELECT '{}', deal_id, 'CLAWBACK', beneficiary_user_id, 1000, currency, 'EARNED', 0, 'refund', id,"
      " '2026-04-02T09:00:00.000Z', '2026-04', '2026-04-02T09:00:00.000Z', '2026-04-02T09:00:00.000Z'"
      " FROM ledger_entries WHERE id = '{}'",
      new_uuid(box.now().ms), paid));
}

}  // namespace

TEST_CASE("the balance says by person what is owed and was paid, per currency, without what is VOID",
          "[ledger][operations]") {
  Atelier box;
  fill(box);
  CHECK(balance(box, "beneficiary", "beneficiary_email") ==
        std::vector<std::string>{"lucia@atelier.example JPY EARNED 1 40", "noor@atelier.example EUR EARNED 2 50.00",
                                 "noor@atelier.example EUR PAID 1 600.00", "noor@atelier.example JPY EARNED 1 600",
                                 "- EUR EARNED 2 440.00", "- JPY EARNED 1 360"});
}

TEST_CASE("the balance by type shows claw-backs as what they take", "[ledger][operations]") {
  Atelier box;
  fill(box);
  CHECK(balance(box, "type", "entry_type") ==
        std::vector<std::string>{"CLAWBACK EUR EARNED 1 -10.00", "PLATFORM_REVENUE EUR EARNED 2 440.00",
                                 "PLATFORM_REVENUE JPY EARNED 1 360", "PROVIDER_PAYOUT EUR EARNED 1 60.00",
                                 "PROVIDER_PAYOUT EUR PAID 1 600.00", "PROVIDER_PAYOUT JPY EARNED 1 600",
                                 "REFERRER_COMMISSION JPY EARNED 1 40"});
}

TEST_CASE("the balance by month adds no month to another", "[ledger][operations]") {
  Atelier box;
  fill(box);
  CHECK(balance(box, "month", "earned_month") ==
        std::vector<std::string>{"2026-03 EUR EARNED 1 400.00", "2026-03 EUR PAID 1 600.00",
                                 "2026-04 EUR EARNED 3 90.00", "2026-04 JPY EARNED 3 1000"});
}

TEST_CASE("however it is grouped, the balance is the sum of the entries that count", "[ledger][operations]") {
  Atelier box;
  fill(box);
  for (const auto* by : {"beneficiary", "type", "month"}) {
    CAPTURE(by);
    std::int64_t euros = 0;
    const auto rows = box.list("ledger.balance", {{"by", {by}}});
    for (const auto& row : rows.items())
      if (row.at("currency").text() == "EUR") euros += row.at("amount_cents").integer();
    CHECK(euros == 100'000 + 10'000 - 1'000);
  }
}

TEST_CASE("an empty ledger has an empty balance", "[ledger][operations]") {
  Atelier box;
  CHECK(box.list("ledger.balance").items().empty());
}

TEST_CASE("the balance reads its entries from the index alone, in its order, however it is grouped",
          "[ledger][operations][sqlite]") {
  Atelier box;
  for (const auto by : {ledger::By::beneficiary, ledger::By::type, ledger::By::month}) {
    CAPTURE(to_text(by));
    const auto plan = box.rows("EXPLAIN QUERY PLAN SELECT * FROM " + ledger::balance_source(by));
    int scans = 0;
    for (std::size_t i = 0; i < plan.size(); ++i) {
      const auto& step = plan[i][3];
      CAPTURE(step);
      if (step.find("ledger_entries") == std::string::npos) continue;
      ++scans;
      CHECK(step == "SCAN ledger_entries USING COVERING INDEX ledger_entries_balance");
      // A sort of the entries would stand beside the scan, under the same step.
      for (const auto& other : plan)
        if (other[1] == plan[i][1]) CHECK(other[3].find("TEMP B-TREE") == std::string::npos);
    }
    CHECK(scans == 1);
  }
}

TEST_CASE("contract 2: a balance beyond 2^53-1 minor units is refused, by whatever it is grouped",
          "[ledger][operations]") {
  Atelier box;
  box.offer("most", kMaxMinor, "JPY");
  box.delivered(kMaxMinor, false, "most");
  CHECK(box.list("ledger.balance").items().size() == 2);
  box.delivered(kMaxMinor, false, "most");
  for (const char* by : {"beneficiary", "type", "month"})
    CHECK(box.error_code("ledger.balance", {{"by", {by}}}) == "amount_too_large");
  CHECK(box.error_code("ledger.check").empty());
}

TEST_CASE("LG-1: money without decimals and with three is divided to its last unit", "[ledger][operations]") {
  const auto [currency, cents, entries] = GENERATE(table<std::string, std::int64_t, std::string>({
      {"JPY", 1, "PLATFORM_REVENUE 1"},
      {"JPY", 7, "PROVIDER_PAYOUT 4, PLATFORM_REVENUE 3"},
      {"KWD", 1'250'503, "PROVIDER_PAYOUT 750301, REFERRER_COMMISSION 50020, PLATFORM_REVENUE 450182"},
      {"KWD", kMaxMinor,
       "PROVIDER_PAYOUT 5404319552844594, REFERRER_COMMISSION 360287970189639, PLATFORM_REVENUE 3242591731706758"},
  }));
  CAPTURE(currency, cents);
  Atelier box;
  box.offer("edge", cents, currency);
  CHECK(box.entries(box.delivered(cents, true, "edge")) == entries);
  CHECK(box.error_code("ledger.check").empty());
}

TEST_CASE("the month of an entry is the studio's, at 23:30 UTC on the last of the year", "[ledger][operations]") {
  const auto [zone, month] =
      GENERATE(table<std::string, std::string>({{"Europe/Paris", "2027-01"}, {"America/New_York", "2026-12"}}));
  CAPTURE(zone);
  Atelier box;
  box.run("settings.set", {{"key", {"studio.timezone"}}, {"value", {zone}}});
  const auto deal = box.started(100'00);
  box.at("2026-12-31T23:30:00Z");
  box.run("deals.deliver", {{"deal", {deal}}});
  const auto rows = box.list("ledger.balance", {{"by", {"month"}}});
  for (const auto& row : rows.items()) CHECK(row.at("earned_month").text() == month);
  CHECK(box.list("ledger.list", {{"month", {month}}}).items().size() == 2);
}
