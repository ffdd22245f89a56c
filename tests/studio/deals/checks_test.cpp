#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "studio/deals/atelier.h"

using namespace steward;
using namespace steward::test;

namespace {

// The names of the checks that fail.
std::vector<std::string> broken(Atelier& box) {
  std::vector<std::string> out;
  const auto error = box.refusal("deals.check");
  CHECK(error.code() == "check_failed");
  CHECK(error.exit_code() == 6);
  for (const auto& check : error.details().at("checks").items())
    if (!check.at("ok").boolean()) out.push_back(check.at("name").text());
  return out;
}

// Past every trigger, as a hand on the file would.
void tamper(Atelier& box, const std::string& statements) { box.sql_without_rules(statements); }

}  // namespace

TEST_CASE("deals check finds nothing where everything went through the commands", "[deals][operations]") {
  Atelier box;
  box.queued(true);
  box.approved();
  box.delivered(250'000, true);
  const auto report = box.data("deals.check");
  for (const auto& check : report.at("checks").items()) {
    CAPTURE(check.at("name").text());
    CHECK(check.at("ok").boolean());
    CHECK_FALSE(check.at("detail").text().empty());
  }
}

TEST_CASE("DL-5, DL-1, DL-2, DL-8, DL-6, DL-7, DL-10: deals check names what was broken by hand",
          "[deals][operations]") {
  struct Damage {
    const char *what, *statements;
    std::vector<std::string> names;
  };
  const auto damage = GENERATE(values<Damage>({
      {"entries voided by hand",
       "UPDATE ledger_entries SET status = 'VOID', void_reason = 'x', voided_at = earned_at",
       {"delivered_earned"}},
      {"payment gone", "UPDATE deal_payments SET status = 'FAILED'", {"paid_by_payment", "payment_known"}},
      {"stage put back", "UPDATE deals SET status = 'MAESTRO_APPROVED'", {"payment_applied", "history"}},
      {"approval of nothing",
       "UPDATE deals SET approval_id = '01930000-0000-7000-8000-000000000000'",
       {"approval_current"}},
      {"people exchanged",
       "UPDATE deals SET provider_user_id = (SELECT id FROM users WHERE email LIKE 'pavel%')",
       {"assignment_recorded"}},
      {"approved by the provider", "UPDATE deals SET approved_by = provider_user_id", {"approver"}},
      {"self-supervised", "UPDATE deals SET maestro_user_id = provider_user_id", {"assignment_recorded", "people"}},
      {"intake lost", "UPDATE intake_requests SET status = 'LOST'", {"intake_booked"}},
  }));
  CAPTURE(damage.what);
  Atelier box;
  box.delivered(250'000);
  tamper(box, damage.statements);
  CHECK(broken(box) == damage.names);
}

TEST_CASE("a check counts every problem and names the first twenty", "[deals][operations]") {
  Atelier box;
  for (int i = 0; i < 23; ++i) box.queued();
  tamper(box, "UPDATE intake_requests SET status = 'NEW'");
  const auto error = box.refusal("deals.check");
  const auto& last = error.details().at("checks").items().back();
  CHECK(last.at("count").integer() == 23);
  CHECK(last.at("problems").items().size() == 20);
}
