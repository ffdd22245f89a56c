#include <catch2/catch.hpp>

#include "studio/commerce.h"
#include "studio/deals/atelier.h"

using namespace steward;
using namespace steward::test;

namespace {

// A deal over 2500.00 EUR (provider 60 %, referrer 4 %) whose money comes through invoices and payments.
struct Trade : Atelier {
  explicit Trade(bool referred = false) : deal(approved(referred)) {}
  std::string deal;

  /// An issued invoice of the deal; its number.
  std::string bill(const std::string& amount, const std::string& tax_code = "") {
    ops::RawArgs args{{"deal", {deal}}, {"amount", {amount}}};
    if (!tax_code.empty()) args["tax"] = {tax_code};
    return text(data("invoices.issue", {{"invoice", {text(data("invoices.create", args), "id")}}}), "number");
  }
  std::string billed_and_paid(const std::string& amount) {
    const auto number_of = bill(amount);
    test::pay(*this, number_of, amount);
    return number_of;
  }
  void deliver() {
    run("deals.start", {{"deal", {deal}}});
    run("deals.deliver", {{"deal", {deal}}});
  }
  ops::RawArgs refund_args(const std::string& amount = "", const std::string& reference = "") const {
    ops::RawArgs out{{"deal", {deal}}, {"reason", {"Cancelled by the client"}}};
    if (!amount.empty()) out["amount"] = {amount};
    if (!reference.empty()) out["reference"] = {reference};
    return out;
  }
  Json refund(const std::string& amount = "") { return data("deals.refund", refund_args(amount)); }
  std::string stage() const { return status(deal); }
  std::string divided() const { return entries(deal); }

  /// Approves the entry of that type and pays it out, for so much in all.
  void pay_out(const std::string& total, std::string_view type = "PROVIDER_PAYOUT") {
    const auto id = approved_entry(deal, type);
    run("ledger.payout", {{"entry", {id}}, {"expect-total", {total}}});
    run("ledger.confirm-payout", {{"entry", {id}}});
  }
  std::string clawbacks() const {
    std::string out;
    for (const auto& row :
         rows("SELECT amount_cents, status FROM ledger_entries WHERE entry_type = 'CLAWBACK' AND status <> 'VOID'"
              " ORDER BY amount_cents DESC, id"))
      out += (out.empty() ? "" : ", ") + row[0] + " " + row[1];
    return out;
  }
};

}  // namespace

TEST_CASE("PY-5: a deal refunded in full before delivery is REFUNDED, with credit note and refund",
          "[deals][refunds]") {
  Trade box;
  const auto number_of = box.billed_and_paid("2500.00");
  const auto done = box.refund();
  CHECK(text(done, "status") == "REFUNDED");
  CHECK(done.at("credit_notes").items().size() == 1);
  CHECK(number(done.at("refunds").items().at(0), "amount_cents") == 250'000);
  CHECK(number(invoice(box, number_of), "paid_cents") == 0);
  CHECK(number(invoice(box, number_of), "outstanding_cents") == 0);
  CHECK(box.divided().empty());
  CHECK(box.run("deals.refund", box.refund_args()).warnings.at(0).code == "no_change");
  check_books(box);
}

TEST_CASE("PY-5: a part refunded before delivery leaves less to divide", "[deals][refunds]") {
  Trade box(true);
  box.billed_and_paid("2500.00");
  box.refund("500.00");
  CHECK(box.stage() == "PAID");
  check_books(box);
  box.deliver();
  CHECK(box.divided() == "PROVIDER_PAYOUT 120000, REFERRER_COMMISSION 8000, PLATFORM_REVENUE 72000");
  check_books(box);
}

TEST_CASE("PY-5: entries that are not paid out are divided anew, pro rata", "[deals][refunds]") {
  Trade box(true);
  box.billed_and_paid("2500.00");
  box.deliver();
  if (GENERATE(false, true)) box.approved_entry(box.deal);
  box.refund("0.01");
  CHECK(box.divided() == "PROVIDER_PAYOUT 149999, REFERRER_COMMISSION 9999, PLATFORM_REVENUE 90001");
  check_books(box);
  box.refund("1000.00");
  CHECK(box.divided() == "PROVIDER_PAYOUT 89999, REFERRER_COMMISSION 5999, PLATFORM_REVENUE 54001");
  check_books(box);
  box.refund();
  CHECK(box.divided().empty());
  CHECK(box.stage() == "REFUNDED");
  check_books(box);
}

TEST_CASE("LG-5: nothing is refunded while a payout of it is under way", "[deals][refunds]") {
  Trade box;
  const auto number_of = box.billed_and_paid("2500.00");
  box.deliver();
  const auto id = box.approved_entry(box.deal);
  box.run("ledger.payout", {{"entry", {id}}, {"expect-total", {"1500.00 EUR"}}});
  const auto error = box.refusal("deals.refund", box.refund_args("100.00"));
  CHECK(error.code() == "ledger_settled");
  CHECK(error.exit_code() == 5);
  CHECK(number(invoice(box, number_of), "credited_cents") == 0);
  check_books(box);
  box.run("ledger.fail-payout", {{"entry", {id}}, {"reason", {"Account closed"}}});
  box.refund("100.00");
  CHECK(box.divided() == "PROVIDER_PAYOUT 144000, PLATFORM_REVENUE 96000");
  check_books(box);
}

TEST_CASE("PY-6: what was paid out is taken back from the next payout", "[deals][refunds]") {
  Trade box(true);
  box.billed_and_paid("2500.00");
  box.deliver();
  box.pay_out("1500.00 EUR");
  box.refund("500.00");
  CHECK(box.divided() == "PROVIDER_PAYOUT 150000, CLAWBACK 30000, REFERRER_COMMISSION 8000, PLATFORM_REVENUE 72000");
  check_books(box);
  // The same provider's next deal.
  box.deal = box.approved();
  box.billed_and_paid("1000.00");
  box.deliver();
  const auto id = box.approved_entry(box.deal);
  const auto error = box.refusal("ledger.payout", {{"entry", {id}}, {"expect-total", {"600.00 EUR"}}});
  CHECK(error.code() == "total_mismatch");
  CHECK(number(error.details(), "total_cents") == 30'000);
  box.run("ledger.payout", {{"entry", {id}}, {"expect-total", {"300.00 EUR"}}});
  CHECK(box.clawbacks() == "30000 PAYING");
  check_books(box);
  box.run("ledger.confirm-payout", {{"entry", {id}}});
  CHECK(box.clawbacks() == "30000 PAID");
  check_books(box);
}

TEST_CASE("PY-6: a claw-back larger than a payout is netted in parts", "[deals][refunds]") {
  Trade box;
  box.billed_and_paid("2500.00");
  box.deliver();
  box.pay_out("1500.00 EUR");
  box.refund();
  CHECK(box.stage() == "REFUNDED");
  CHECK(box.clawbacks() == "150000 EARNED");
  check_books(box);
  box.deal = box.approved();
  box.billed_and_paid("1000.00");
  box.deliver();
  const auto id = box.approved_entry(box.deal);
  box.run("ledger.payout", {{"entry", {id}}, {"expect-total", {"0.00 EUR"}}});
  CHECK(box.clawbacks() == "90000 EARNED, 60000 PAYING");
  check_books(box);
  box.run("ledger.fail-payout", {{"entry", {id}}, {"reason", {"Not meant"}}});
  CHECK(box.clawbacks() == "90000 EARNED, 60000 APPROVED");
  check_books(box);
  box.run("ledger.payout", {{"entry", {id}}, {"expect-total", {"0.00 EUR"}}});
  box.run("ledger.confirm-payout", {{"entry", {id}}});
  check_books(box);
  box.deal = box.approved();
  box.billed_and_paid("2500.00");
  box.deliver();
  box.pay_out("600.00 EUR");
  CHECK(box.clawbacks() == "90000 PAID, 60000 PAID");
  check_books(box);
}

TEST_CASE("PY-6: money that comes after a claw-back is divided by itself", "[deals][refunds]") {
  Trade box;
  box.billed_and_paid("1500.00");
  box.deliver();
  box.pay_out("900.00 EUR");
  box.refund("500.00");
  CHECK(box.clawbacks() == "30000 EARNED");
  box.billed_and_paid("1000.00");
  check_books(box);
  box.refund("1200.00");
  check_books(box);
  box.refund();
  CHECK(box.stage() == "REFUNDED");
  check_books(box);
}

TEST_CASE("a deal's split is of the money net of tax, and a refund takes tax back with it", "[deals][refunds]") {
  Trade box;
  tax(box);
  const auto number_of = box.bill("2000.00", "VAT21");
  test::pay(box, number_of, "2420.00");
  box.deliver();
  CHECK(box.divided() == "PROVIDER_PAYOUT 120000, PLATFORM_REVENUE 80000");
  check_books(box);
  box.refund("1210.00");
  CHECK(box.divided() == "PROVIDER_PAYOUT 60000, PLATFORM_REVENUE 40000");
  CHECK(number(box.data("invoices.credit-notes.show", {{"credit-note", {"CN-2026-0001"}}}), "tax_cents") == 21'000);
  check_books(box);
  box.pay_out("600.00 EUR");
  box.refund();
  CHECK(box.clawbacks() == "60000 EARNED");
  CHECK(box.stage() == "REFUNDED");
  check_books(box);
}

TEST_CASE("a deal gives back no more than it holds", "[deals][refunds]") {
  Trade box;
  CHECK(box.error_code("deals.refund", box.refund_args()) == "not_refundable");
  const auto first = box.bill("1000.00");
  test::pay(box, first, "400.00");
  CHECK(box.error_code("deals.refund", box.refund_args()) == "not_refundable");
  test::pay(box, first, "600.00");
  const auto error = box.refusal("deals.refund", box.refund_args("1000.01"));
  CHECK(error.code() == "over_refunded");
  CHECK(number(error.details(), "remaining_cents") == 100'000);
  check_books(box);
}

TEST_CASE("a deal paid in instalments is refunded over all of its invoices and payments, under one reference",
          "[deals][refunds]") {
  Trade box;
  const auto first = box.bill("1000.00");
  test::pay(box, first, "400.00");
  test::pay(box, first, "600.00");
  box.billed_and_paid("500.00");
  const auto done = box.data("deals.refund", box.refund_args("1300.00", "SEPA-17"));
  CHECK(done.at("credit_notes").items().size() == 2);
  CHECK(done.at("refunds").items().size() == 3);
  CHECK(box.value("SELECT CAST(sum(amount_cents) AS text) FROM payments WHERE kind = 'REFUND'") == "130000");
  CHECK(box.value("SELECT count(*) FROM payments WHERE kind = 'REFUND' AND reference LIKE 'SEPA-17%'") == "3");
  CHECK(box.stage() == "PAID");
  check_books(box);
  CHECK(box.error_code("deals.refund", box.refund_args("", "SEPA-17")) == "duplicate");
  check_books(box);
  box.data("deals.refund", box.refund_args("", "SEPA-18"));
  CHECK(box.stage() == "REFUNDED");
  check_books(box);
}

TEST_CASE("a refund that was recorded by mistake is reversed after its deal is REFUNDED", "[deals][refunds]") {
  Trade box;
  const auto number_of = box.billed_and_paid("2500.00");
  const auto done = box.refund();
  box.run("payments.reverse",
          {{"payment", {text(done.at("refunds").items().at(0), "payment_id")}}, {"reason", {"Never transferred"}}});
  CHECK(number(invoice(box, number_of), "credit_cents") == 250'000);
  CHECK(box.stage() == "REFUNDED");
  check_books(box);
}

TEST_CASE("a deal's invoice that is credited in full holds the client's money, not the deal's", "[deals][refunds]") {
  Trade box;
  const auto number_of = box.bill("2500.00");
  const auto payment = test::pay(box, number_of, "1000.00");
  box.run("invoices.credit", {{"invoice", {number_of}}, {"reason", {"Cancelled"}}});
  CHECK(box.stage() == "MAESTRO_APPROVED");
  CHECK(number(invoice(box, number_of), "credit_cents") == 100'000);
  check_books(box);
  box.run("payments.refund", {{"payment", {payment}}, {"amount", {"1000.00"}}, {"reason", {"Cancelled"}}});
  check_books(box);
  box.billed_and_paid("2500.00");
  CHECK(box.stage() == "PAID");
  check_books(box);
}

TEST_CASE("a credit note that settles a deal's invoice pays the deal by what came", "[deals][refunds]") {
  Trade box;
  const auto number_of = box.bill("2500.00");
  test::pay(box, number_of, "1000.00");
  box.run("invoices.credit", {{"invoice", {number_of}}, {"amount", {"1500.00"}}, {"reason", {"Less work"}}});
  CHECK(box.stage() == "PAID");
  box.deliver();
  CHECK(box.divided() == "PROVIDER_PAYOUT 60000, PLATFORM_REVENUE 40000");
  check_books(box);
}

TEST_CASE("a deal that is REFUNDED takes no more money", "[deals][refunds]") {
  Trade box;
  box.billed_and_paid("1000.00");
  const auto open = box.bill("1000.00");
  box.refund();
  CHECK(box.stage() == "REFUNDED");
  const auto error = box.refusal("payments.record", {{"invoice", {open}}, {"amount", {"1000.00"}}});
  CHECK(error.code() == "not_payable");
  CHECK(error.exit_code() == 5);
  CHECK(box.error_code("invoices.create", {{"deal", {box.deal}}, {"amount", {"1.00"}}}) == "not_payable");
  box.run("invoices.credit", {{"invoice", {open}}, {"reason", {"Cancelled"}}});
  check_books(box);
}

TEST_CASE("what came as another invoice's credit stays the client's when its deal is refunded", "[deals][refunds]") {
  Trade box;
  const auto client = box.value(fmt::format(
      "SELECT contact_email FROM intake_requests WHERE id = (SELECT intake_id FROM deals WHERE id = '{}')", box.deal));
  const auto other = issued_with(box, {{"client-email", {client}}, {"amount", {"100.00"}}});
  box.run("payments.record", {{"invoice", {other}}, {"amount", {"600.00"}}, {"allow-credit", {"true"}}});
  const auto number_of = box.bill("2500.00");
  box.run("payments.use-credit", {{"credit-of", {other}}, {"invoice", {number_of}}});
  test::pay(box, number_of, "2000.00");
  const auto done = box.run("deals.refund", box.refund_args());
  CHECK_THAT(done.sentence, Catch::Contains("500.00 EUR of it came as credit"));
  CHECK(number(invoice(box, number_of), "credit_cents") == 50'000);
  CHECK(box.stage() == "REFUNDED");
  check_books(box);
}

TEST_CASE("two people: a deal's refund waits for another person where two are asked for", "[deals][refunds]") {
  Trade box;
  box.billed_and_paid("2500.00");
  const auto hers = box.as(box.admin), his = box.as(box.other_admin);
  box.become("staging");
  const auto asked = box.refusal("deals.refund", box.refund_args(), hers);
  CHECK(asked.code() == "approval_required");
  CHECK(box.stage() == "PAID");
  const ops::RawArgs id{{"approval", {text(asked.details(), "approval_id")}}};
  CHECK(box.error_code("approvals.approve", id, hers) == "same_person");
  box.run("approvals.approve", id, his);
  CHECK(box.stage() == "REFUNDED");
}

TEST_CASE("a deal's price has its tax in it: what came for it is not short of that", "[deals][payments]") {
  Trade box;
  tax(box);
  const auto draft = text(box.data("invoices.create", {{"deal", {box.deal}}, {"tax", {"VAT21"}}}), "id");
  test::pay(box, text(box.data("invoices.issue", {{"invoice", {draft}}}), "number"), "2500.00");
  CHECK(box.run("deals.start", {{"deal", {box.deal}}}).warnings.empty());
  CHECK(box.run("deals.deliver", {{"deal", {box.deal}}}).warnings.empty());
}
