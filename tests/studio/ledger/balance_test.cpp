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
