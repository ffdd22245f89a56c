#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "studio/deals/atelier.h"
#include "support/triggers.h"

using namespace steward;
using namespace steward::test;

namespace {

std::string cell(const Atelier& box, std::string_view column, const std::string& deal) {
  return box.value(fmt::format("SELECT {} FROM deals WHERE id = '{}'", column, deal));
}

std::vector<std::string> stages(const Atelier& box, const std::string& deal) {
  std::vector<std::string> out;
  for (const auto& row :
       box.rows(fmt::format("SELECT to_status FROM deal_status_history WHERE deal_id = '{}' ORDER BY id", deal)))
    out.push_back(row[0]);
  return out;
}

ops::RawArgs assignment(const std::string& deal, const std::string& provider, const std::string& maestro) {
  return {{"deal", {deal}}, {"provider", {provider}}, {"maestro", {maestro}}};
}

}  // namespace

TEST_CASE("DL-10: a deal is made of a QUALIFIED intake, which is BOOKED with it", "[deals][operations]") {
  Atelier box;
  const auto intake = box.intake("QUALIFIED");
  const auto deal = box.data("deals.create", {{"intake", {intake}}});
  CHECK(deal.at("status").text() == "QUEUED");
  CHECK(deal.at("agreed_price").text() == "2500.00");
  CHECK(deal.at("client_email").text().ends_with("@clients.example"));
  CHECK(box.value("SELECT status FROM intake_requests") == "BOOKED");
  CHECK(box.value("SELECT to_status FROM intake_status_history ORDER BY id DESC") == "BOOKED");
  CHECK(box.actions() == std::vector<std::string>{"deals.create"});
}

TEST_CASE("DL-10: a BOOKED intake without a deal may get one; no other status may", "[deals][operations]") {
  Atelier box;
  CHECK(box.data("deals.create", {{"intake", {box.intake("BOOKED")}}}).at("status").text() == "QUEUED");
  for (const auto* status : {"NEW", "TRIAGED", "LOST"}) {
    CAPTURE(status);
    const auto intake = box.intake(status);
    const auto digest = box.table_digest();
    CHECK(box.error_code("deals.create", {{"intake", {intake}}}) == "invalid_transition");
    CHECK(box.table_digest() == digest);
  }
}

TEST_CASE("an intake makes one deal", "[deals][operations]") {
  Atelier box;
  const auto intake = box.intake();
  box.run("deals.create", {{"intake", {intake}}});
  const auto refused = box.refusal("deals.create", {{"intake", {intake}}});
  CHECK(refused.code() == "duplicate");
  CHECK(refused.exit_code() == 5);
}

TEST_CASE("a deal needs an offer that is on sale and has a price", "[deals][operations]") {
  Atelier box;
  CHECK(box.error_code("deals.create", {{"intake", {box.intake("QUALIFIED", std::nullopt)}}}) == "offer_missing");
  const auto of_workshop = box.intake();
  box.sql("UPDATE offers SET price_cents = NULL, is_free = true");
  CHECK(box.error_code("deals.create", {{"intake", {of_workshop}}}) == "no_price");
  box.sql("UPDATE offers SET status = 'INACTIVE'");
  CHECK(box.error_code("deals.create", {{"intake", {of_workshop}}}) == "offer_inactive");
}

TEST_CASE("DL-4: price and rates stay as they were when the deal was made", "[deals][operations]") {
  Atelier box;
  const auto deal = box.queued(true);
  box.sql("UPDATE offers SET price_cents = 999900");
  box.run("rates.set", {{"rate", {"PROVIDER"}}, {"bp", {"5000"}}});
  CHECK(cell(box, "agreed_price_cents", deal) == "250000");
  CHECK(cell(box, "provider_rate_bp", deal) == "6000");
  CHECK(cell(box, "provider_rate_bp", box.queued()) == "5000");
  CHECK(cell(box, "agreed_price_cents", box.queued()) == "999900");
  box.run("deals.assign", assignment(deal, box.noor, box.ines));
  box.run("deals.approve", {{"deal", {deal}}});
  box.pay(deal, 250'000);
  box.run("deals.deliver", {{"deal", {deal}}});
  CHECK(box.entries(deal) == "PROVIDER_PAYOUT 150000, REFERRER_COMMISSION 10000, PLATFORM_REVENUE 90000");
  CHECK_THROWS_AS(box.sql("UPDATE deals SET agreed_price_cents = 1"), Error);
}

TEST_CASE("the referrer is the intake's unless somebody else is named", "[deals][operations]") {
  Atelier box;
  CHECK(cell(box, "referrer_user_id", box.queued(true)) == box.lucia);
  const auto intake = box.intake("QUALIFIED", "workshop", box.lucia);
  const auto named = box.data("deals.create", {{"intake", {intake}}, {"referrer", {"client@atelier.example"}}});
  CHECK(named.at("referrer_email").text() == "client@atelier.example");
}

TEST_CASE("DL-6: provider and maestro hold their roles, and are ACTIVE", "[deals][operations]") {
  Atelier box;
  const auto deal = box.queued();
  CHECK(box.error_code("deals.assign", assignment(deal, box.client, box.ines)) == "role_missing");
  CHECK(box.error_code("deals.assign", assignment(deal, box.noor, box.pavel)) == "role_missing");
  box.sql("UPDATE users SET status = 'DISABLED' WHERE id = '" + box.noor + "'");
  CHECK(box.error_code("deals.assign", assignment(deal, box.noor, box.ines)) == "user_not_active");
  CHECK(box.error_code("deals.create", {{"intake", {box.intake()}}, {"provider-requested", {box.client}}}) ==
        "role_missing");
  CHECK(box.status(deal) == "QUEUED");
}

TEST_CASE("DL-6, RF-3: nobody supervises himself, or delivers to a client he referred", "[deals][operations]") {
  Atelier box;
  const auto both = box.user("both@atelier.example", {"ASSOCIATE", "MAESTRO"});
  CHECK(box.error_code("deals.assign", assignment(box.queued(), both, both)) == "same_person");
  const auto intake = box.intake("QUALIFIED", "workshop", box.noor);
  const auto deal = box.data("deals.create", {{"intake", {intake}}}).at("id").text();
  CHECK(box.error_code("deals.assign", assignment(deal, box.noor, box.ines)) == "same_person");
}

TEST_CASE("DL-6: a deal's own maestro or an ADMIN approves it, never its provider", "[deals][operations]") {
  Atelier box;
  const auto deal = box.assigned();
  CHECK(box.error_code("deals.approve", {{"deal", {deal}}}, box.as(box.takumi)) == "forbidden");
  CHECK(box.error_code("deals.approve", {{"deal", {deal}}}, box.as(box.noor)) == "forbidden");
  Call agent;
  agent.token = box.token({"deals:write"});
  CHECK(box.error_code("deals.approve", {{"deal", {deal}}}, agent) == "forbidden");
  CHECK(box.run("deals.approve", {{"deal", {deal}}}, box.as(box.ines)).data.at("status").text() == "MAESTRO_APPROVED");
  CHECK(cell(box, "approved_by", deal) == box.ines);

  const auto self = box.user("self@atelier.example", {"ASSOCIATE", "ADMIN"});
  const auto own = box.queued();
  box.run("deals.assign", assignment(own, self, box.ines));
  CHECK(box.error_code("deals.approve", {{"deal", {own}}}, box.as(self)) == "forbidden");
  CHECK(box.run("deals.approve", {{"deal", {own}}}, box.as(box.admin)).data.at("status").text() == "MAESTRO_APPROVED");
}

TEST_CASE("DL-7: a new assignment resets the approval and says who was replaced", "[deals][operations]") {
  Atelier box;
  const auto deal = box.approved();
  const auto seq = box.audit_seq();
  box.at("2026-03-03T09:00:00Z");
  const auto record = box.data("deals.assign", assignment(deal, box.pavel, box.takumi));
  CHECK(record.at("status").text() == "ASSIGNED");
  CHECK(record.at("approval_id").is_null());
  const auto shown = box.data("deals.show", {{"deal", {deal}}});
  const auto& last = shown.at("assignments").items().back();
  CHECK(last.at("replaced_provider_user_id").text() == box.noor);
  CHECK(last.at("provider_user_id").text() == box.pavel);
  CHECK(last.at("replaced_maestro_user_id").text() == box.ines);
  CHECK(last.at("maestro_email").text() == "takumi@atelier.example");
  const auto metadata = parse_json(box.value(fmt::format("SELECT metadata FROM audit_log WHERE seq = {}", seq + 1)));
  CHECK(metadata.at("before").at("provider_user_id").text() == box.noor);
  CHECK(metadata.find("approval_reset"));
}

TEST_CASE("assigning the same people again changes nothing", "[deals][operations]") {
  Atelier box;
  const auto deal = box.approved();
  const auto digest = box.table_digest();
  const auto answer = box.run("deals.assign", assignment(deal, box.noor, box.ines));
  CHECK(answer.warnings.front().code == "no_change");
  CHECK(answer.data.at("status").text() == "MAESTRO_APPROVED");
  CHECK(box.table_digest() == digest);
}

TEST_CASE("DL-8: a new provider does not inherit the old one's approval", "[deals][operations]") {
  Atelier box;
  const auto deal = box.approved();
  const auto old_approval = cell(box, "approval_id", deal);
  CHECK(box.value("SELECT to_status FROM deal_status_history WHERE id = '" + old_approval + "'") == "MAESTRO_APPROVED");
  box.run("deals.assign", assignment(deal, box.pavel, box.ines));
  box.pay(deal, 250'000);
  CHECK(box.status(deal) == "ASSIGNED");
  CHECK(box.error_code("deals.start", {{"deal", {deal}}}) == "invalid_transition");
  box.run("deals.approve", {{"deal", {deal}}});
  CHECK(cell(box, "approval_id", deal) != old_approval);
  CHECK(box.status(deal) == "PAID");
}

TEST_CASE("DL-1: the database itself refuses PAID without a payment", "[deals][operations]") {
  Atelier box;
  const auto deal = box.approved();
  CHECK_THROWS_AS(box.sql("UPDATE deals SET status = 'PAID'"), Error);
  CHECK_THROWS_AS(box.sql("UPDATE deals SET status = 'DELIVERED'"), Error);
  CHECK_THROWS_AS(box.sql("UPDATE deals SET status = 'REFUNDED'"), Error);
  CHECK(box.status(deal) == "MAESTRO_APPROVED");
}

TEST_CASE("an invoice paid in full makes an approved deal PAID, under the payment's own audit row",
          "[deals][operations]") {
  Atelier box;
  const auto deal = box.approved();
  const auto seq = box.audit_seq();
  const auto changed = box.hand_over(box.invoice(deal, 250'000, "EUR"));
  CHECK(box.status(deal) == "PAID");
  CHECK(changed.at("deal_id").text() == deal);
  CHECK(changed.at("deal_status").at("to").text() == "PAID");
  CHECK(box.actions(seq) == std::vector<std::string>{"payments.test"});
  CHECK(box.rows("SELECT provider, status, amount_cents, currency FROM deal_payments") ==
        std::vector<std::vector<std::string>>{{"INVOICE", "PAID", "250000", "EUR"}});
  CHECK(box.value("SELECT operation FROM deal_status_history ORDER BY id DESC") == "payments.test");
}

TEST_CASE("DL-2: money before the approval waits on the payment and is applied with it", "[deals][operations]") {
  Atelier box;
  const auto early = box.queued();
  box.pay(early, 250'000);
  CHECK(box.status(early) == "QUEUED");
  box.run("deals.assign", assignment(early, box.noor, box.ines));
  CHECK(box.status(early) == "ASSIGNED");
  const auto answer = box.run("deals.approve", {{"deal", {early}}});
  CHECK(answer.data.at("status").text() == "PAID");
  CHECK(answer.next.find("deals start") != std::string::npos);
  CHECK(stages(box, early) == std::vector<std::string>{"QUEUED", "ASSIGNED", "MAESTRO_APPROVED", "PAID"});
  CHECK(box.data("deals.check").at("checks").items().size() == 10);
}

TEST_CASE("money in another currency than the deal's is refused", "[deals][operations]") {
  Atelier box;
  const auto deal = box.approved();
  const auto invoice = box.invoice(deal, 250'000, "USD");
  const auto digest = box.table_digest();
  try {
    box.hand_over(invoice);
    FAIL("it was taken");
  } catch (const Error& error) {
    CHECK(error.code() == "currency_mismatch");
  }
  CHECK(box.table_digest() == digest);
}

TEST_CASE("a mistaken payment is taken back, and the right one recorded on the same invoice", "[deals][operations]") {
  Atelier box;
  const auto deal = box.approved();
  const auto invoice = box.pay(deal, 250'000);
  const auto changed = box.take_back(invoice);
  CHECK(changed.at("deal_status").at("to").text() == "MAESTRO_APPROVED");
  CHECK(box.status(deal) == "MAESTRO_APPROVED");
  CHECK(box.value("SELECT status FROM deal_payments") == "FAILED");
  CHECK(box.take_back(box.invoice(deal, 1, "EUR")).members().empty());
  box.sql(fmt::format("UPDATE invoices SET status = 'PAID', paid_cents = amount_cents, paid_at = '{}'",
                      to_text(box.now())));
  box.hand_over(invoice);
  CHECK(box.status(deal) == "PAID");
  CHECK(box.rows("SELECT status FROM deal_payments") == std::vector<std::vector<std::string>>{{"PAID"}});
}

TEST_CASE("a payment that work began on cannot be taken back, unless other money is there", "[deals][operations]") {
  Atelier box;
  const auto deal = box.approved();
  const auto first = box.pay(deal, 100'000);
  const auto second = box.pay(deal, 150'000);
  box.run("deals.start", {{"deal", {deal}}});
  box.run("deals.deliver", {{"deal", {deal}}});
  CHECK(box.entries(deal) == "PROVIDER_PAYOUT 150000, PLATFORM_REVENUE 100000");
  box.take_back(second);
  CHECK(box.status(deal) == "DELIVERED");
  CHECK(box.entries(deal) == "PROVIDER_PAYOUT 60000, PLATFORM_REVENUE 40000");
  try {
    box.take_back(first);
    FAIL("it was taken back");
  } catch (const Error& error) {
    CHECK(error.code() == "payment_in_use");
  }
}

TEST_CASE("money that comes after delivery is divided with what is there, until something was paid out",
          "[deals][operations]") {
  Atelier box;
  const auto deal = box.delivered(100'000);
  box.pay(deal, 50'001);
  CHECK(box.entries(deal) == "PROVIDER_PAYOUT 90000, PLATFORM_REVENUE 60001");
  box.data("ledger.check");
}

namespace {

// A deposit of 1000.00, delivered, and its provider paid.
std::string deal_with_payout(Atelier& box) {
  const auto deal = box.delivered(100'000, true);
  const auto entry = box.approved_entry(deal);
  box.run("ledger.payout", {{"entry", {entry}}, {"expect-total", {"600.00 EUR"}}});
  box.run("ledger.confirm-payout", {{"entry", {entry}}});
  return deal;
}
constexpr auto kDeposit = "PROVIDER_PAYOUT 60000, REFERRER_COMMISSION 4000, PLATFORM_REVENUE 36000";

}  // namespace

TEST_CASE("LG-2, LG-9: an instalment that comes after a payout is divided by itself, by the same rates",
          "[deals][operations]") {
  Atelier box;
  const auto deal = deal_with_payout(box);
  CHECK(box.entries(deal) == kDeposit);
  const auto first = box.pay(deal, 50'001);
  const auto of_the_first = ", PROVIDER_PAYOUT 30000, REFERRER_COMMISSION 2000, PLATFORM_REVENUE 18001";
  CHECK(box.entries(deal) == kDeposit + std::string(of_the_first));
  CHECK(box.rows("SELECT DISTINCT part, basis_cents FROM ledger_entries ORDER BY part") ==
        std::vector<std::vector<std::string>>{{"1", "100000"}, {"2", "50001"}});
  box.data("ledger.check");
  box.data("deals.check");
  SECTION("a third one joins what is not paid out yet") {
    box.pay(deal, 99'999);
    CHECK(box.entries(deal) ==
          kDeposit + std::string(", PROVIDER_PAYOUT 90000, REFERRER_COMMISSION 6000, PLATFORM_REVENUE 54000"));
  }
  SECTION("its own payout can be made, and the next one is another part") {
    const auto entry = box.value(
        "SELECT id FROM ledger_entries WHERE part = 2 AND entry_type = 'PROVIDER_PAYOUT' AND status = 'EARNED'");
    box.run("ledger.approve", {{"entry", {entry}}});
    box.run("ledger.payout", {{"entry", {entry}}, {"expect-total", {"300.00 EUR"}}});
    box.pay(deal, 1'000);
    CHECK(box.entries(deal) ==
          kDeposit + std::string(of_the_first) + ", PROVIDER_PAYOUT 600, REFERRER_COMMISSION 40, PLATFORM_REVENUE 360");
  }
  SECTION("a mistaken one is taken back as if it had never come") {
    box.take_back(first);
    CHECK(box.entries(deal) == kDeposit);
  }
  SECTION("a share that is voided goes to the platform's of its own part, and stays there") {
    box.run("ledger.void", {{"entry",
                             {box.value("SELECT id FROM ledger_entries WHERE part = 2 AND entry_type = "
                                        "'REFERRER_COMMISSION'")}},
                            {"reason", {"Left the programme"}}});
    CHECK(box.entries(deal) == kDeposit + std::string(", PROVIDER_PAYOUT 30000, PLATFORM_REVENUE 20001"));
    box.pay(deal, 49'999);
    CHECK(box.entries(deal) == kDeposit + std::string(", PROVIDER_PAYOUT 60000, PLATFORM_REVENUE 40000"));
    box.run("deals.earn", {{"deal", {deal}}});
    CHECK(box.entries(deal) ==
          kDeposit + std::string(", PROVIDER_PAYOUT 60000, REFERRER_COMMISSION 4000, PLATFORM_REVENUE 36000"));
  }
  SECTION("its part is as immutable as its amount, and a type stands once in a part") {
    CHECK_THROWS_AS(box.sql("UPDATE ledger_entries SET part = 3 WHERE part = 2"), Error);
    CHECK_THROWS_AS(box.sql("UPDATE ledger_entries SET part = 1 WHERE part = 2"), Error);
  }
  box.data("ledger.check");
}

TEST_CASE("an instalment during a payout is divided by itself, and both parts stay when that payout fails",
          "[deals][operations]") {
  Atelier box;
  const auto deal = box.delivered(100'000);
  const auto entry = box.approved_entry(deal);
  box.run("ledger.payout", {{"entry", {entry}}, {"expect-total", {"600.00 EUR"}}});
  box.pay(deal, 1'000);
  box.run("ledger.fail-payout", {{"entry", {entry}}, {"reason", {"Account closed"}}});
  const auto both = "PROVIDER_PAYOUT 60000, PLATFORM_REVENUE 40000, PROVIDER_PAYOUT 600, PLATFORM_REVENUE 400";
  CHECK(box.entries(deal) == both);
  CHECK(box.run("deals.earn", {{"deal", {deal}}}).warnings.at(0).code == "no_change");
  CHECK(box.entries(deal) == both);
  box.pay(deal, 500);
  CHECK(box.entries(deal) == "PROVIDER_PAYOUT 60900, PLATFORM_REVENUE 40600");
  box.data("ledger.check");
}

TEST_CASE("PY-6: what was paid out of money that is taken back is a claw-back, and the check agrees",
          "[deals][operations]") {
  Atelier box;
  const auto deal = deal_with_payout(box);
  const auto deposit = box.value("SELECT invoice_id FROM deal_payments");
  box.pay(deal, 50'000);
  box.take_back(deposit);
  CHECK(box.value("SELECT sum(amount_cents) FROM ledger_entries WHERE entry_type = 'CLAWBACK' AND status = 'EARNED'") ==
        "30000");
  box.data("ledger.check");
}

TEST_CASE("start, deliver and close say what of the agreed price is missing, and nothing when all of it came",
          "[deals][operations]") {
  Atelier box;
  const auto missing = [&](const char* verb, const std::string& deal) {
    const auto answer = box.run(verb, {{"deal", {deal}}});
    return answer.warnings.empty() ? "" : answer.warnings.at(0).code + ": " + answer.warnings.at(0).message;
  };
  const auto of = GENERATE(as<std::pair<std::int64_t, std::string>>(), std::pair(100, "2499.00 EUR"),
                           std::pair(249'999, "0.01 EUR"), std::pair(250'000, ""));
  const auto deal = box.paid(of.first);
  for (const char* verb : {"deals.start", "deals.deliver", "deals.close"}) {
    CAPTURE(verb, of.first);
    const auto said = missing(verb, deal);
    CHECK(said == (of.second.empty()
                       ? ""
                       : fmt::format("underpaid: {} of the 2500.00 EUR agreed for Deal {} did not come yet.", of.second,
                                     deal.substr(28))));
  }
}

TEST_CASE("a share that was voided in a part that is paid out is not renewed by deals earn", "[deals][operations]") {
  Atelier box;
  const auto deal = box.delivered(100'000, true);
  box.run("ledger.void", {{"entry", {box.entry(deal, "REFERRER_COMMISSION")}}, {"reason", {"Left"}}});
  box.run("ledger.payout", {{"entry", {box.approved_entry(deal)}}, {"expect-total", {"600.00 EUR"}}});
  CHECK(box.error_code("deals.earn", {{"deal", {deal}}}) == "ledger_settled");
}

TEST_CASE("DL-5: stage and ledger entries commit together or not at all", "[deals][operations]") {
  Atelier box;
  const auto deal = box.started(250'000);
  box.sql(trigger_that_refuses("broken", "BEFORE INSERT ON ledger_entries", "immutable: ledger_entries",
                               "NEW.entry_type = 'PLATFORM_REVENUE'"));
  const auto digest = box.table_digest();
  CHECK_FALSE(box.error_code("deals.deliver", {{"deal", {deal}}}).empty());
  CHECK(box.table_digest() == digest);
  box.sql(drop_trigger("broken", "ledger_entries"));
  box.run("deals.deliver", {{"deal", {deal}}});
  CHECK(box.status(deal) == "DELIVERED");
  CHECK(box.entries(deal) == "PROVIDER_PAYOUT 150000, PLATFORM_REVENUE 100000");
}

TEST_CASE("delivering twice earns once", "[deals][operations]") {
  Atelier box;
  const auto deal = box.delivered(250'000);
  const auto digest = box.table_digest();
  CHECK(box.run("deals.deliver", {{"deal", {deal}}}).warnings.front().code == "no_change");
  CHECK(box.table_digest() == digest);
}

TEST_CASE("DL-9: every verb asks the one table of moves, from every stage", "[deals][operations]") {
  Atelier box;
  const std::map<std::string, std::string> deals{
      {"QUEUED", box.queued()},    {"ASSIGNED", box.assigned()},          {"MAESTRO_APPROVED", box.approved()},
      {"PAID", box.paid(250'000)}, {"IN_PROGRESS", box.started(250'000)}, {"DELIVERED", box.delivered(250'000)}};
  const std::map<std::string, deals::Status> verbs{{"deals.assign", deals::Status::assigned},
                                                   {"deals.approve", deals::Status::maestro_approved},
                                                   {"deals.start", deals::Status::in_progress},
                                                   {"deals.deliver", deals::Status::delivered},
                                                   {"deals.close", deals::Status::closed}};
  Call rehearsal;
  rehearsal.dry_run = true;
  for (const auto& [stage, deal] : deals)
    for (const auto& [verb, to] : verbs) {
      CAPTURE(stage, verb);
      const auto from = parse_enum<deals::Status>(stage);
      const auto raw =
          verb == "deals.assign" ? assignment(deal, box.pavel, box.takumi) : ops::RawArgs{{"deal", {deal}}};
      const bool fine = from == to || std::ranges::any_of(deals::kSteps, [&](const auto& step) {
                          return step.from == from && step.to == to && verb == "deals." + std::string(step.verb);
                        });
      CHECK(box.error_code(verb, raw, rehearsal) == (fine ? "" : "invalid_transition"));
    }
}

TEST_CASE("DL-11: while a deal is disputed, nothing of it is approved or paid out", "[deals][operations]") {
  Atelier box;
  const auto deal = box.delivered(250'000, true);
  const auto approved = box.approved_entry(deal);
  const auto earned = box.entry(deal, "REFERRER_COMMISSION");
  CHECK_FALSE(
      box.data("deals.dispute", {{"deal", {deal}}, {"reason", {"The second day"}}}).at("dispute_opened_at").is_null());
  const auto refused = box.refusal("ledger.approve", {{"entry", {earned}}});
  CHECK(refused.code() == "deal_disputed");
  CHECK(refused.exit_code() == 6);
  const auto payout = box.refusal("ledger.payout", {{"entry", {approved}}, {"expect-total", {"1500.00 EUR"}}});
  CHECK(payout.details().at("entries").items().front().at("code").text() == "deal_disputed");
  box.run("deals.settle", {{"deal", {deal}}});
  box.run("ledger.approve", {{"entry", {earned}}});
  box.run("ledger.payout", {{"entry", {approved}}, {"expect-total", {"1500.00 EUR"}}});
  CHECK(box.run("deals.settle", {{"deal", {deal}}}).warnings.front().code == "no_change");
}

TEST_CASE("a deal is walked from intake to its end by its own people", "[deals][operations]") {
  Atelier box;
  const auto deal = box.assigned();
  box.run("deals.approve", {{"deal", {deal}}}, box.as(box.ines));
  box.pay(deal, 250'000);
  CHECK(box.error_code("deals.start", {{"deal", {deal}}}, box.as(box.pavel)) == "forbidden");
  box.at("2026-03-03T09:00:00Z");
  box.run("deals.start", {{"deal", {deal}}, {"note", {"Day one"}}}, box.as(box.noor));
  CHECK(box.error_code("deals.deliver", {{"deal", {deal}}}, box.as(box.takumi)) == "forbidden");
  box.at("2026-03-04T09:00:00Z");
  box.run("deals.deliver", {{"deal", {deal}}}, box.as(box.noor));
  CHECK(box.error_code("deals.close", {{"deal", {deal}}}, box.as(box.noor)) == "forbidden");
  box.run("deals.close", {{"deal", {deal}}}, box.as(box.ines));
  const auto shown = box.data("deals.show", {{"deal", {deal.substr(24)}}});
  CHECK(shown.at("status").text() == "CLOSED");
  CHECK(shown.at("payments").items().size() == 1);
  CHECK(shown.at("ledger_entries").items().size() == 2);
  CHECK(shown.at("history").items().size() == 7);
  CHECK(shown.at("history").items()[4].at("note").text() == "Day one");
}

TEST_CASE("providers and referrers see the deals they have a part in, maestros and agents see all",
          "[deals][operations]") {
  Atelier box;
  const auto of_noor = box.assigned();
  const auto of_pavel = box.queued(true);
  box.run("deals.assign", assignment(of_pavel, box.pavel, box.ines));
  const auto seen = [&](const Call& call) { return box.list("deals.list", {}, call).items().size(); };
  CHECK(seen(box.as(box.noor)) == 1);
  CHECK(seen(box.as(box.lucia)) == 1);
  CHECK(seen(box.as(box.ines)) == 2);
  CHECK(seen(box.as(box.admin)) == 2);
  Call agent;
  agent.token = box.token({"deals:read"});
  CHECK(seen(agent) == 2);
  CHECK(box.error_code("deals.show", {{"deal", {of_pavel}}}, box.as(box.noor)) == "not_found");
  CHECK(box.data("deals.show", {{"deal", {of_noor}}}, box.as(box.noor)).at("status").text() == "ASSIGNED");
  CHECK(box.error_code("deals.list", {}, box.as(box.client)) == "forbidden");
}

TEST_CASE("the list is filtered by stage, people, client, offer, intake, time and text", "[deals][operations]") {
  Atelier box;
  box.offer("clinic", 90'000, "USD");
  const auto workshop = box.assigned(true);
  box.at("2026-03-05T09:00:00Z");
  const auto clinic = box.queued(false, "clinic");
  const auto found = [&](const std::string& flag, const std::string& text) {
    const auto rows = box.list("deals.list", {{flag, {text}}});
    return rows.items().size() == 1 ? rows.items().front().at("id").text() : std::to_string(rows.items().size());
  };
  CHECK(found("status", "QUEUED") == clinic);
  CHECK(found("provider", "noor@atelier.example") == workshop);
  CHECK(found("maestro", box.ines) == workshop);
  CHECK(found("referrer", box.lucia) == workshop);
  CHECK(found("offer", "clinic") == clinic);
  CHECK(found("intake", cell(box, "intake_id", clinic)) == clinic);
  CHECK(found("since", "2026-03-04") == clinic);
  CHECK(found("until", "2026-03-04") == workshop);
  CHECK(found("search", "CLIN") == clinic);
  CHECK(found("search", "kim client") == "2");
  CHECK(found("disputed", "true") == "0");
  const auto client =
      box.list("deals.list", {{"intake", {cell(box, "intake_id", clinic)}}}).items()[0].at("client_email").text();
  CHECK(found("client-email", client) == clinic);
}

TEST_CASE("two people who move one deal at once: the second is told", "[deals][operations]") {
  Atelier box;
  const auto deal = box.paid(250'000);
  // What the first read is gone by the time it writes: as if another transaction had come between.
  box.sql(trigger_that_skips("meanwhile", "BEFORE UPDATE OF status ON deals", "NEW.status = 'IN_PROGRESS'"));
  CHECK(box.error_code("deals.start", {{"deal", {deal}}}) == "stale_version");
}

TEST_CASE("IK-1, DL-10: a client may withdraw until the deal is paid, and deals check stays content",
          "[deals][operations]") {
  Atelier box;
  const auto early = box.approved();
  const auto intake_of = [&](const std::string& deal) {
    return box.value("SELECT intake_id FROM deals WHERE id = '" + deal + "'");
  };
  // The atelier's intakes come into being QUALIFIED, so that booking is the first row of their history.
  box.run("intake.lose", {{"intake", {intake_of(early)}}, {"note", {"Withdrew"}}});
  CHECK(box.error_code("deals.check").empty());
  const auto late = box.paid(250'000);
  const auto error = box.refusal("intake.lose", {{"intake", {intake_of(late)}}});
  CHECK(error.code() == "still_referenced");
  CHECK(std::string(error.what()).find("which is PAID") != std::string::npos);
  CHECK(box.error_code("deals.check").empty());
}
