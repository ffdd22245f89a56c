#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "studio/deals/atelier.h"
#include "studio/ledger/rows.h"
#include "support/triggers.h"

using namespace steward;
using namespace steward::test;

namespace {

ops::RawArgs payout(const std::vector<std::string>& entries, const std::string& total) {
  return {{"entry", entries}, {"expect-total", {total}}};
}

std::vector<std::string> moves(const Sandbox& box, const std::string& entry) {
  std::vector<std::string> out;
  for (const auto& row : box.rows(
           fmt::format("SELECT to_status FROM ledger_status_history WHERE ledger_entry_id = '{}' ORDER BY id", entry)))
    out.push_back(row[0]);
  return out;
}

Json last_metadata(const Sandbox& box) {
  return parse_json(box.value("SELECT metadata FROM audit_log ORDER BY seq DESC LIMIT 1"));
}

void two_people(Sandbox& box) {
  box.sql(
      "INSERT INTO settings (key, value, updated_at) VALUES ('controls.two_person', 'on', '2026-03-02T09:00:00.000Z')");
}

}  // namespace

TEST_CASE("LG-1, LG-2: what was collected is divided, rate and basis kept with each entry", "[ledger][operations]") {
  Atelier box;
  const auto deal = box.delivered(99'999, true);  // of an agreed 2500.00
  CHECK(box.entries(deal) == "PROVIDER_PAYOUT 59999, REFERRER_COMMISSION 3999, PLATFORM_REVENUE 36001");
  const auto shown = box.data("ledger.show", {{"entry", {box.entry(deal, "PROVIDER_PAYOUT")}}});
  CHECK(shown.at("status").text() == "EARNED");
  CHECK(shown.at("amount").text() == "599.99");
  CHECK(shown.at("rate_bp").integer() == 6000);
  CHECK(shown.at("basis_cents").integer() == 99'999);
  CHECK(shown.at("basis_of").text() == "net collected");
  CHECK(shown.at("beneficiary_email").text() == "noor@atelier.example");
  CHECK(shown.at("history").items().size() == 1);
  const auto platform = box.data("ledger.show", {{"entry", {box.entry(deal, "PLATFORM_REVENUE")}}});
  CHECK(platform.at("basis_of").text() == "remainder");
  CHECK(platform.at("beneficiary_user_id").is_null());
}

TEST_CASE("LG-1: a share of zero makes no entry, in currencies of any size", "[ledger][operations]") {
  Atelier box;
  CHECK(box.entries(box.delivered(1, true)) == "PLATFORM_REVENUE 1");
  CHECK(box.entries(box.delivered(2, true)) == "PROVIDER_PAYOUT 1, PLATFORM_REVENUE 1");
  box.offer("yen", 680'000, "JPY");
  const auto in_yen = box.delivered(680'001, false, "yen");
  CHECK(box.entries(in_yen) == "PROVIDER_PAYOUT 408000, PLATFORM_REVENUE 272001");
  CHECK(box.list("ledger.list", {{"deal", {in_yen}}, {"type", {"provider-payout"}}}).items()[0].at("amount").text() ==
        "408000");
  box.offer("dinar", 1'234'567, "KWD");
  const auto in_dinar = box.delivered(1'234'567, true, "dinar");
  CHECK(box.list("ledger.list", {{"deal", {in_dinar}}, {"type", {"REFERRER_COMMISSION"}}})
            .items()[0]
            .at("amount")
            .text() == "49.382");
  box.data("ledger.check");
}

TEST_CASE("the month of an entry is the studio's, not Greenwich's", "[ledger][operations]") {
  Atelier box;
  box.sql(
      "INSERT INTO settings (key, value, updated_at) VALUES ('studio.timezone', 'Asia/Tokyo', "
      "'2026-03-02T09:00:00.000Z')");
  box.at("2026-03-31T20:00:00Z");
  const auto deal = box.delivered(1'000);
  const auto rows = box.list("ledger.list", {{"month", {"2026-04"}}});
  CHECK(rows.items().size() == 2);
  CHECK(rows.items().front().at("earned_at").text() == "2026-03-31T20:00:00.000Z");
  CHECK(box.list("ledger.list", {{"month", {"2026-03"}}}).items().empty());
  CHECK(box.error_code("ledger.list", {{"month", {"2026-13"}}}) == "invalid_date");
}

TEST_CASE("LG-4: who receives an entry does not approve it", "[ledger][operations]") {
  Atelier box;
  const auto deal = box.delivered(250'000);
  const auto entry = box.entry(deal, "PROVIDER_PAYOUT");
  box.sql(
      fmt::format("INSERT INTO user_roles (user_id, role_id, granted_at) SELECT '{}', id, '2026-03-02T09:00:00.000Z'"
                  " FROM roles WHERE name = 'ADMIN'",
                  box.noor));
  CHECK(box.error_code("ledger.approve", {{"entry", {entry}}}, box.as(box.noor)) == "forbidden");
  CHECK(box.error_code("ledger.approve", {{"entry", {entry}}}, box.as(box.ines)) == "forbidden");
  CHECK(box.error_code("ledger.approve", {{"entry", {entry}}}, box.as(box.admin, {"ledger:read"})) == "forbidden");
  const auto record = box.run("ledger.approve", {{"entry", {entry}}}, box.as(box.admin, {"ledger:approve"})).data;
  CHECK(record.at("status").text() == "APPROVED");
  CHECK(record.at("approved_by_email").text() == "ada@atelier.example");
  CHECK(box.run("ledger.approve", {{"entry", {entry}}}, box.as(box.admin)).warnings.front().code == "no_change");
}

TEST_CASE("approving, voiding and paying out ask first; an agent's call waits for a person", "[ledger][operations]") {
  Atelier box;
  const auto deal = box.delivered(250'000);
  const auto entry = box.entry(deal, "PROVIDER_PAYOUT");
  Call unasked;
  unasked.yes = false;
  for (const auto* verb : {"ledger.approve", "ledger.void", "ledger.payout"})
    CHECK(Sandbox::registry().find(verb)->risk == ops::Risk::high);
  CHECK(box.error_code("ledger.approve", {{"entry", {entry}}}, unasked) == "confirmation_needed");
  Call agent;
  agent.token = box.token({"ledger:approve"});
  CHECK(box.error_code("ledger.approve", {{"entry", {entry}}}, agent) == "approval_required");
  CHECK(box.entry_status(entry) == "EARNED");
}

TEST_CASE("a payout goes in two steps: claimed, then confirmed", "[ledger][operations]") {
  Atelier box;
  const auto one = box.delivered(250'000), two = box.delivered(100'000);
  const auto first = box.approved_entry(one), second = box.approved_entry(two);
  auto raw = payout({first, second.substr(26)}, "2100.00 eur");
  raw["reference"] = {"SEPA 17"};
  const auto started = box.run("ledger.payout", raw);
  CHECK(started.data.at("status").text() == "STARTED");
  CHECK(started.data.at("total").text() == "2100.00");
  CHECK(started.data.at("beneficiary_email").text() == "noor@atelier.example");
  CHECK(started.data.at("entries").items().size() == 2);
  CHECK(started.next.find("confirm-payout") != std::string::npos);
  CHECK(box.entry_status(first) == "PAYING");
  CHECK(last_metadata(box).at("moved").at("amount_cents").integer() == 210'000);
  box.data("ledger.check");

  const auto confirmed = box.data("ledger.confirm-payout", {{"entry", {second}}, {"reference", {"SEPA 18"}}});
  CHECK(confirmed.at("status").text() == "CONFIRMED");
  CHECK(confirmed.at("reference").text() == "SEPA 18");
  CHECK(moves(box, first) == std::vector<std::string>{"EARNED", "APPROVED", "PAYING", "PAID"});
  CHECK(moves(box, second) == moves(box, first));
  CHECK(box.run("ledger.confirm-payout", {{"entry", {first}}}).warnings.front().code == "no_change");
  CHECK_FALSE(last_metadata(box).find("moved"));
  box.data("ledger.check");
}

TEST_CASE("a payout that failed may be made again, and is remembered", "[ledger][operations]") {
  Atelier box;
  const auto entry = box.approved_entry(box.delivered(250'000));
  box.run("ledger.payout", payout({entry}, "1500.00 EUR"));
  const auto failed = box.data("ledger.fail-payout", {{"entry", {entry}}, {"reason", {"Account closed"}}});
  CHECK(failed.at("status").text() == "FAILED");
  CHECK(failed.at("failure_reason").text() == "Account closed");
  CHECK(box.entry_status(entry) == "APPROVED");
  CHECK(box.error_code("ledger.confirm-payout", {{"entry", {entry}}}) == "invalid_transition");
  CHECK_THAT(box.refusal("ledger.fail-payout", {{"entry", {entry}}, {"reason", {"x"}}}).what(),
             Catch::Contains("no payout of it is under way"));
  CHECK(box.error_code("ledger.fail-payout", {{"entry", {entry}}, {"reason", {"x"}}}) == "invalid_transition");
  box.at("2026-03-03T09:00:00Z");
  box.run("ledger.payout", payout({entry}, "1500.00 EUR"));
  box.run("ledger.confirm-payout", {{"entry", {entry}}});
  CHECK(box.error_code("ledger.fail-payout", {{"entry", {entry}}, {"reason", {"x"}}}) == "invalid_transition");
  const auto shown = box.data("ledger.show", {{"entry", {entry}}});
  CHECK(shown.at("payouts").items().size() == 2);
  CHECK(shown.at("payouts").items().front().at("status").text() == "FAILED");
  CHECK(box.list("ledger.payouts", {{"status", {"CONFIRMED"}}}).items().size() == 1);
  box.data("ledger.check");
}

TEST_CASE("the total must be what was expected, in its currency", "[ledger][operations]") {
  Atelier box;
  const auto entry = box.approved_entry(box.delivered(250'000));
  const auto digest = box.table_digest();
  for (const auto* total : {"1500.01 EUR", "0 EUR", "1500.00 USD"}) {
    CAPTURE(total);
    const auto refused = box.refusal("ledger.payout", payout({entry}, total));
    CHECK(refused.code() == "total_mismatch");
    CHECK(refused.exit_code() == 5);
    CHECK(refused.details().at("total_cents").integer() == 150'000);
  }
  CHECK(box.error_code("ledger.payout", {{"expect-total", {"0 EUR"}}}) == "missing_argument");
  for (const auto* total : {"1500", "1500.001 EUR", "-1 EUR", "EUR 1500", "many EUR"}) {
    CAPTURE(total);
    CHECK(box.refusal("ledger.payout", payout({entry}, total)).exit_code() == 2);
  }
  CHECK(box.table_digest() == digest);
}

TEST_CASE("LG-3: one entry that may not be paid stops the whole batch, and each is named", "[ledger][operations]") {
  Atelier box;
  const auto deal = box.delivered(250'000, true);
  const auto fine = box.approved_entry(deal);
  const auto earned = box.entry(box.delivered(100'000), "PROVIDER_PAYOUT");
  const auto other = box.approved_entry(deal, "REFERRER_COMMISSION");
  const auto platform = box.approved_entry(deal, "PLATFORM_REVENUE");
  const auto digest = box.table_digest();
  const auto refused = box.refusal("ledger.payout", payout({fine, earned, other, platform}, "1500.00 EUR"));
  CHECK(refused.code() == "not_payable");
  const auto& problems = refused.details().at("entries").items();
  REQUIRE(problems.size() == 3);
  CHECK(problems[0].at("id").text() == earned);
  CHECK(problems[0].at("code").text() == "invalid_transition");
  CHECK(problems[1].at("code").text() == "other_beneficiary");
  CHECK(problems[2].at("code").text() == "no_beneficiary");
  // The sentence says the first of them, the lines below it the others.
  CHECK_THAT(refused.what(), Catch::StartsWith(problems[0].at("message").text()));
  const auto& lines = refused.details().at("lines").items();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].at("id").text() == other);
  CHECK(box.refusal("ledger.payout", payout({earned}, "600.00 EUR")).details().at("lines").items().empty());
  CHECK(box.error_code("ledger.payout", payout({fine, fine}, "3000.00 EUR")) == "not_payable");
  CHECK(box.error_code("ledger.payout", payout({fine, new_uuid(1)}, "1500.00 EUR")) == "not_found");
  CHECK(box.table_digest() == digest);
}

TEST_CASE("LG-4: while two people are asked for, who approved does not pay", "[ledger][operations]") {
  Atelier box;
  two_people(box);
  const auto entry = box.entry(box.delivered(250'000), "PROVIDER_PAYOUT");
  box.run("ledger.approve", {{"entry", {entry}}}, box.as(box.admin));
  CHECK(box.error_code("ledger.payout", payout({entry}, "1500.00 EUR"), box.as(box.admin)) == "forbidden");
  box.run("ledger.payout", payout({entry}, "1500.00 EUR"), box.as(box.other_admin));
  CHECK(box.entry_status(entry) == "PAYING");
  CHECK_FALSE(last_metadata(box).find("two_person"));
}

TEST_CASE("LG-4: while one person may do both, the audit says so", "[ledger][operations]") {
  Atelier box;
  const auto entry = box.approved_entry(box.delivered(250'000));
  box.run("ledger.payout", payout({entry}, "1500.00 EUR"));
  CHECK(last_metadata(box).at("two_person").text() == "off");
}

TEST_CASE("LG-5: what a payout claimed cannot be voided under it", "[ledger][operations]") {
  Atelier box;
  const auto entry = box.approved_entry(box.delivered(250'000));
  box.run("ledger.payout", payout({entry}, "1500.00 EUR"));
  CHECK(box.error_code("ledger.void", {{"entry", {entry}}, {"reason", {"Too late"}}}) == "invalid_transition");
  box.run("ledger.confirm-payout", {{"entry", {entry}}});
  CHECK(box.error_code("ledger.void", {{"entry", {entry}}, {"reason", {"Too late"}}}) == "invalid_transition");
  CHECK_THROWS_AS(box.sql("UPDATE ledger_entries SET status = 'VOID' WHERE status = 'PAID'"), Error);
}

TEST_CASE("LG-6: an entry is claimed once, whoever asks twice", "[ledger][operations]") {
  Atelier box;
  const auto entry = box.approved_entry(box.delivered(250'000));
  box.run("ledger.payout", payout({entry}, "1500.00 EUR"));
  CHECK(box.error_code("ledger.payout", payout({entry}, "1500.00 EUR")) == "not_payable");
  CHECK(box.value("SELECT count(*) FROM payouts") == "1");
}

TEST_CASE("LG-6: a payout that read an entry before another claimed it is told, and leaves nothing",
          "[ledger][operations]") {
  Atelier box;
  const auto entry = box.approved_entry(box.delivered(250'000));
  box.sql(trigger_that_skips("meanwhile", "BEFORE UPDATE OF status ON ledger_entries", "NEW.status = 'PAYING'"));
  const auto digest = box.table_digest();
  CHECK(box.error_code("ledger.payout", payout({entry}, "1500.00 EUR")) == "stale_version");
  CHECK(box.table_digest() == digest);
}

TEST_CASE("LG-7: the proof of a payout cannot be taken away", "[ledger][operations]") {
  Atelier box;
  const auto deal = box.delivered(250'000);
  const auto entry = box.approved_entry(deal);
  box.run("ledger.payout", payout({entry}, "1500.00 EUR"));
  box.run("ledger.confirm-payout", {{"entry", {entry}}});
  for (const auto* table : {"payouts", "payout_entries", "ledger_entries", "ledger_status_history", "deal_payments"}) {
    CAPTURE(table);
    CHECK_THROWS_AS(box.sql(fmt::format("DELETE FROM {}", table)), Error);
  }
  CHECK_THROWS_AS(box.sql("DELETE FROM deals"), Error);
  CHECK_THROWS_AS(box.sql("DELETE FROM intake_requests"), Error);
  CHECK_THROWS_AS(box.sql("UPDATE payouts SET total_cents = 1"), Error);
  CHECK_THROWS_AS(box.sql("UPDATE ledger_entries SET amount_cents = 1"), Error);
}

TEST_CASE("LG-8: below the least amount nothing is paid out, unless enough waits", "[ledger][operations]") {
  Atelier box;
  box.sql(
      "INSERT INTO settings (key, value, updated_at) VALUES ('payouts.minimum', '50.00 EUR', "
      "'2026-03-02T09:00:00.000Z')");
  const auto small = box.approved_entry(box.delivered(5'000));  // 30.00 for the provider
  const auto refused = box.refusal("ledger.payout", payout({small}, "30.00 EUR"));
  CHECK(refused.code() == "below_minimum");
  CHECK(refused.exit_code() == 6);
  const auto other = box.approved_entry(box.delivered(5'000));
  box.run("ledger.payout", payout({small, other}, "60.00 EUR"));
  box.offer("yen", 680'000, "JPY");
  const auto in_yen = box.approved_entry(box.delivered(10, false, "yen"));
  box.run("ledger.payout", payout({in_yen}, "6 JPY"));
}

TEST_CASE("a token moves no more than its ceiling", "[ledger][operations]") {
  Atelier box;
  const auto entry = box.approved_entry(box.delivered(250'000));
  const auto call = box.as(box.other_admin);
  box.sql("UPDATE service_tokens SET max_amount_cents = 100000, max_amount_currency = 'EUR', max_amount_per = 'DAY'");
  CHECK(box.error_code("ledger.payout", payout({entry}, "1500.00 EUR"), call) == "ceiling_reached");
  CHECK(box.entry_status(entry) == "APPROVED");
}

TEST_CASE("what is voided goes to the platform, so that the deal still adds up", "[ledger][operations]") {
  Atelier box;
  const auto deal = box.delivered(250'000, true);
  const auto commission = box.entry(deal, "REFERRER_COMMISSION");
  const auto remainder = box.entry(deal, "PLATFORM_REVENUE");
  const auto record = box.data("ledger.void", {{"entry", {commission}}, {"reason", {"Referred herself"}}});
  CHECK(record.at("status").text() == "VOID");
  CHECK(record.at("void_reason").text() == "Referred herself");
  CHECK(box.entries(deal) == "PROVIDER_PAYOUT 150000, PLATFORM_REVENUE 100000");
  CHECK(last_metadata(box).at("platform").at("replaced_entry_id").text() == remainder);
  CHECK(to_text(last_metadata(box)).find("herself") == std::string::npos);
  CHECK(box.run("ledger.void", {{"entry", {commission}}, {"reason", {"Again"}}}).warnings.front().code == "no_change");
  CHECK(box.error_code("ledger.void", {{"entry", {box.entry(deal, "PLATFORM_REVENUE")}}, {"reason", {"x"}}}) ==
        "not_voidable");
  box.run("ledger.void", {{"entry", {box.entry(deal, "PROVIDER_PAYOUT")}}, {"reason", {"Not delivered"}}});
  CHECK(box.entries(deal) == "PLATFORM_REVENUE 250000");
  box.data("ledger.check");
  box.data("deals.check");
}

TEST_CASE("what is divided anew stays in the month in which the deal earned it", "[ledger][operations]") {
  Atelier box;
  const auto deal = box.delivered(250'000, true);
  box.at("2026-05-02T09:00:00Z");
  box.run("ledger.void", {{"entry", {box.entry(deal, "REFERRER_COMMISSION")}}, {"reason", {"Withdrawn"}}});
  box.pay(deal, 1'000);
  CHECK(box.rows("SELECT DISTINCT earned_month FROM ledger_entries") ==
        std::vector<std::vector<std::string>>{{"2026-03"}});
  CHECK(box.value("SELECT max(created_at) FROM ledger_entries").starts_with("2026-05"));
}

TEST_CASE("LG-9: a VOID entry does not stand in the way of a new one", "[ledger][operations]") {
  Atelier box;
  const auto deal = box.delivered(250'000, true);
  const auto before = box.entries(deal);
  box.run("ledger.void", {{"entry", {box.entry(deal, "REFERRER_COMMISSION")}}, {"reason", {"By mistake"}}});
  CHECK(box.run("deals.earn", {{"deal", {deal}}}).data.at("id").text() == deal);
  CHECK(box.entries(deal) == before);
  CHECK(box.run("deals.earn", {{"deal", {deal}}}).warnings.front().code == "no_change");
  box.data("ledger.check");
  CHECK(box.error_code("deals.earn", {{"deal", {box.paid(1'000)}}}) == "not_delivered");
}

TEST_CASE("LG-9: entries that are missing are made again, those paid out stay", "[ledger][operations]") {
  Atelier box;
  const auto deal = box.delivered(250'000, true);
  box.sql(
      fmt::format("UPDATE ledger_entries SET status = 'VOID', void_reason = 'lost', voided_at = earned_at"
                  " WHERE deal_id = '{}' AND entry_type <> 'PROVIDER_PAYOUT'",
                  deal));
  CHECK(box.refusal("ledger.check").code() == "check_failed");
  box.run("deals.earn", {{"deal", {deal}}});
  CHECK(box.entries(deal) == "PROVIDER_PAYOUT 150000, REFERRER_COMMISSION 10000, PLATFORM_REVENUE 90000");
}

TEST_CASE("money that comes later leaves a commission void that somebody voided", "[ledger][operations]") {
  Atelier box;
  const auto deal = box.delivered(100'000, true);
  box.run("ledger.void", {{"entry", {box.entry(deal, "REFERRER_COMMISSION")}}, {"reason", {"Withdrawn"}}});
  box.pay(deal, 100'000);
  CHECK(box.entries(deal) == "PROVIDER_PAYOUT 120000, PLATFORM_REVENUE 80000");
  box.data("ledger.check");
}

TEST_CASE("an earner sees what is his, and nothing else", "[ledger][operations]") {
  Atelier box;
  const auto deal = box.delivered(250'000, true);
  const auto entry = box.approved_entry(deal);
  box.run("ledger.payout", payout({entry}, "1500.00 EUR"));
  CHECK(box.list("ledger.list", {}, box.as(box.noor)).items().size() == 1);
  CHECK(box.list("ledger.list", {}, box.as(box.lucia)).items().size() == 1);
  CHECK(box.list("ledger.list", {}, box.as(box.pavel)).items().empty());
  CHECK(box.list("ledger.list", {}, box.as(box.admin)).items().size() == 3);
  CHECK(box.list("ledger.payouts", {}, box.as(box.lucia)).items().empty());
  CHECK(box.error_code("ledger.show", {{"entry", {entry}}}, box.as(box.lucia)) == "not_found");
  CHECK(box.data("ledger.show", {{"entry", {entry}}}, box.as(box.noor)).at("payouts").items().size() == 1);
  CHECK(box.error_code("ledger.balance", {}, box.as(box.noor)) == "forbidden");
}

TEST_CASE("the list is filtered by status, person, deal, currency, time and text", "[ledger][operations]") {
  Atelier box;
  box.offer("yen", 680'000, "JPY");
  const auto deal = box.delivered(250'000, true);
  box.at("2026-03-20T09:00:00Z");
  box.delivered(10'000, false, "yen");
  box.approved_entry(deal);
  const auto count = [&](const std::string& flag, const std::string& text) {
    return box.list("ledger.list", {{flag, {text}}}).items().size();
  };
  CHECK(count("status", "approved") == 1);
  CHECK(count("beneficiary", "noor@atelier.example") == 2);
  CHECK(count("deal", deal) == 3);
  CHECK(count("currency", "jpy") == 2);
  CHECK(count("type", "PLATFORM_REVENUE") == 2);
  CHECK(count("since", "2026-03-10") == 2);
  CHECK(count("until", "2026-03-10") == 3);
  CHECK(count("search", "LUCIA") == 1);
}

TEST_CASE("LG-5: what is claimed by a payout is not approved again, so that it can't be paid twice",
          "[ledger][operations]") {
  Atelier box;
  const auto entry = box.approved_entry(box.delivered(100'00));
  box.run("ledger.payout", payout({entry}, "60.00 EUR"));
  const auto error = box.refusal("ledger.approve", {{"entry", {entry}}});
  CHECK(error.code() == "invalid_transition");
  CHECK(error.exit_code() == 5);
  CHECK(box.entry_status(entry) == "PAYING");
  box.run("ledger.confirm-payout", {{"entry", {entry}}});
  CHECK(box.error_code("ledger.approve", {{"entry", {entry}}}) == "invalid_transition");
}
