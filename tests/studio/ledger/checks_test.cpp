#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "studio/deals/atelier.h"

using namespace steward;
using namespace steward::test;

namespace {

std::vector<std::string> broken(Atelier& box) {
  std::vector<std::string> out;
  const auto error = box.refusal("ledger.check");
  CHECK(error.code() == "check_failed");
  CHECK(error.exit_code() == 6);
  for (const auto& check : error.details().at("checks").items())
    if (!check.at("ok").boolean()) out.push_back(check.at("name").text());
  return out;
}

// Past every trigger, as a hand on the file would.
void tamper(Atelier& box, const std::string& statements) { box.sql_without_rules(statements); }

// One deal whose provider was paid, one whose payout is under way, one with a payout that failed.
void fill(Atelier& box) {
  for (const auto* end : {"confirm", "wait", "fail"}) {
    const auto entry = box.approved_entry(box.delivered(250'000, true));
    box.run("ledger.payout", {{"entry", {entry}}, {"expect-total", {"1500.00 EUR"}}});
    if (end == std::string("confirm")) box.run("ledger.confirm-payout", {{"entry", {entry}}});
    if (end == std::string("fail")) box.run("ledger.fail-payout", {{"entry", {entry}}, {"reason", {"Account closed"}}});
  }
}

}  // namespace

TEST_CASE("LG-12: ledger check finds nothing where everything went through the commands", "[ledger][operations]") {
  Atelier box;
  CHECK(box.data("ledger.check").at("checks").items().size() == 15);
  fill(box);
  box.run("ledger.void",
          {{"entry", {box.value("SELECT id FROM ledger_entries WHERE entry_type = 'REFERRER_COMMISSION'")}},
           {"reason", {"x"}}});
  const auto report = box.data("ledger.check");
  for (const auto& check : report.at("checks").items()) {
    CAPTURE(check.at("name").text());
    CHECK(check.at("ok").boolean());
  }
}

TEST_CASE("LG-12: ledger check names what was broken by hand", "[ledger][operations]") {
  struct Damage {
    const char *what, *statements;
    std::vector<std::string> names;
  };
  const auto damage = GENERATE(values<Damage>({
      {"a remainder too small",
       "UPDATE ledger_entries SET amount_cents = amount_cents - 1 WHERE entry_type = 'PLATFORM_REVENUE'",
       {"deal_sums"}},
      {"an entry out of the way",
       "UPDATE ledger_entries SET status = 'VOID', void_reason = 'x', voided_at = earned_at WHERE entry_type = "
       "'PLATFORM_REVENUE'",
       {"deal_sums", "history"}},
      {"a share too large",
       "UPDATE ledger_entries SET amount_cents = amount_cents + 1 WHERE entry_type = 'REFERRER_COMMISSION';"
       "UPDATE ledger_entries SET amount_cents = amount_cents - 1 WHERE entry_type = 'PLATFORM_REVENUE'",
       {"shares"}},
      {"another rate", "UPDATE ledger_entries SET rate_bp = 401 WHERE entry_type = 'REFERRER_COMMISSION'", {"shares"}},
      {"a deal put back", "UPDATE deals SET status = 'IN_PROGRESS'", {"only_delivered"}},
      {"another currency",
       "UPDATE ledger_entries SET currency = 'USD' WHERE entry_type = 'PLATFORM_REVENUE'",
       {"currencies"}},
      {"paid without a payout",
       "UPDATE ledger_entries SET status = 'PAID', paid_at = earned_at WHERE entry_type = 'REFERRER_COMMISSION'",
       {"paid_once", "claims", "history"}},
      {"paid twice",
       "INSERT INTO payout_entries SELECT p.id, e.id, e.amount_cents FROM payouts p, ledger_entries e"
       " WHERE p.status = 'CONFIRMED' AND e.status = 'APPROVED' AND e.entry_type = 'PROVIDER_PAYOUT'",
       {"paid_once", "payout_totals"}},
      {"a confirmation lost",
       "UPDATE payouts SET status = 'STARTED', confirmed_at = NULL WHERE status = 'CONFIRMED'",
       {"paid_once", "claims"}},
      {"a claim lost",
       "UPDATE ledger_entries SET status = 'APPROVED', payout_id = NULL WHERE status = 'PAYING'",
       {"claims", "history"}},
      {"another total", "UPDATE payouts SET total_cents = 1 WHERE status = 'FAILED'", {"payout_totals"}},
      {"another person's",
       "UPDATE payouts SET beneficiary_user_id = (SELECT id FROM users WHERE email LIKE 'lucia%')",
       {"payout_totals"}},
      {"approved by himself", "UPDATE ledger_entries SET approved_by_user_id = beneficiary_user_id", {"approvals"}},
      {"a status without its history",
       "UPDATE ledger_entries SET status = 'EARNED' WHERE status = 'APPROVED'",
       {"history"}},
      {"an invoice that says too much", "UPDATE invoices SET paid_cents = paid_cents + 1", {"invoice_sums"}},
      {"a payment gone",
       "DELETE FROM payments WHERE id = (SELECT id FROM payments ORDER BY id LIMIT 1)",
       {"invoice_sums"}},
      {"an invoice that says ISSUED",
       "UPDATE invoices SET status = 'ISSUED', paid_at = NULL",
       {"invoice_status", "deal_payments"}},
      {"a deal payment of another amount",
       "UPDATE deal_payments SET amount_cents = amount_cents + 1",
       {"deal_sums", "deal_payments"}},
      {"a paid invoice that its deal forgot",
       "UPDATE deal_payments SET status = 'FAILED'",
       {"deal_sums", "deal_payments"}},
  }));
  CAPTURE(damage.what);
  Atelier box;
  fill(box);
  tamper(box, damage.statements);
  CHECK(broken(box) == damage.names);
}

TEST_CASE("a claw-back counts against its deal, and takes no more than was paid", "[ledger][operations]") {
  Atelier box;
  fill(box);
  const auto take = [&](int cents) {
    box.sql(fmt::format(
        "INSERT INTO ledger_entries (id, deal_id, entry_type, beneficiary_user_id, amount_cents, currency, status,"
        " basis_cents, basis, adjusts_entry_id, earned_at, earned_month, created_at, updated_at)"
        " SELECT '{}', deal_id, 'CLAWBACK', beneficiary_user_id, {}, currency, 'EARNED', 0, 'refund', id,"
        " earned_at, earned_month, earned_at, earned_at FROM ledger_entries WHERE status = 'PAID'",
        new_uuid(box.now().ms), cents));
    box.sql(
        "INSERT INTO ledger_status_history (id, ledger_entry_id, to_status, changed_at, actor, request_id, operation)"
        " SELECT id, id, 'EARNED', earned_at, 'x', 'x', 'x' FROM ledger_entries WHERE entry_type = 'CLAWBACK'"
        " AND id NOT IN (SELECT ledger_entry_id FROM ledger_status_history)");
  };
  take(1'000);
  box.sql(
      "UPDATE deal_payments SET refunded_cents = 1000 WHERE deal_id IN (SELECT deal_id FROM ledger_entries WHERE "
      "status = 'PAID')");
  box.sql(
      "INSERT INTO credit_notes (id, number, invoice_id, amount_cents, tax_cents, currency, reason, issue_date, "
      "created_at,"
      " updated_at) SELECT id, 'CN-2026-0001', id, 1000, 0, currency, 'x', '2026-11-22', created_at, created_at FROM "
      "invoices"
      " WHERE id IN (SELECT invoice_id FROM deal_payments WHERE refunded_cents = 1000);"
      "INSERT INTO credit_note_taxes (credit_note_id, position, net_cents, tax_cents) SELECT id, 1, 1000, 0 FROM "
      "credit_notes;"
      "UPDATE invoices SET credited_cents = 1000 WHERE id IN (SELECT id FROM credit_notes)");
  box.data("ledger.check");
  take(150'000);
  CHECK(broken(box) == std::vector<std::string>{"deal_sums", "clawbacks"});
}
