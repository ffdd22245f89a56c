#include <catch2/catch.hpp>
#include <random>

#include "studio/commerce.h"
#include "studio/deals/atelier.h"
#include "support/triggers.h"

using namespace steward;
using namespace steward::test;

namespace {

ops::RawArgs payment(const std::string& invoice, const std::string& amount, const ops::RawArgs& more = {}) {
  ops::RawArgs out{{"invoice", {invoice}}, {"amount", {amount}}};
  out.insert(more.begin(), more.end());
  return out;
}

void reverse(Sandbox& box, const std::string& id) {
  box.run("payments.reverse", {{"payment", {id}}, {"reason", {"Recorded by mistake"}}});
}

}  // namespace

TEST_CASE("CM-2: payments move an invoice from ISSUED over PARTIALLY_PAID to PAID", "[payments][operations]") {
  Sandbox box;
  const auto number_of = issued_invoice(box, "100.00");
  const auto first = box.run("payments.record", payment(number_of, "40.00", {{"reference", {"TX-1"}}}));
  CHECK(first.sentence == "Recorded 40.00 EUR for INV-2026-0001; 60.00 EUR outstanding.");
  CHECK(text(first.data, "status") == "RECORDED");
  CHECK(text(first.data, "invoice_number") == number_of);
  CHECK(text(first.data, "invoice_status") == "PARTIALLY_PAID");
  CHECK(text(first.data, "paid_at") == "2026-03-02T09:00:00.000Z");
  pay(box, number_of, "10");
  CHECK(path_of(invoice(box, number_of)) == "DRAFT ISSUED PARTIALLY_PAID");  // the second moved nothing
  const auto last = box.run("payments.record", payment(number_of, "50", {{"paid-at", {"2026-02-28T10:00:00Z"}}}));
  CHECK(last.sentence == "Recorded 50.00 EUR for INV-2026-0001; it is paid in full.");
  const auto paid = invoice(box, number_of);
  CHECK(text(paid, "status") == "PAID");
  CHECK(number(paid, "outstanding_cents") == 0);
  CHECK(text(paid, "paid_at") == "2026-02-28T10:00:00.000Z");
  CHECK(paid.at("payments").items().size() == 3);
  CHECK(path_of(paid) == "DRAFT ISSUED PARTIALLY_PAID PAID");
}

TEST_CASE("recording asks nobody, reversing does", "[payments][operations]") {
  Sandbox box;
  const auto number_of = issued_invoice(box);
  Call call;
  call.yes = false;
  const auto id = text(box.data("payments.record", payment(number_of, "1"), call), "id");
  CHECK(box.error_code("payments.reverse", {{"payment", {id}}, {"reason", {"R"}}}, call) == "confirmation_needed");
}

TEST_CASE("CM-3: an overpayment is refused, and a paid invoice takes nothing", "[payments][operations]") {
  Sandbox box;
  const auto number_of = issued_invoice(box, "100.00");
  pay(box, number_of, "60");
  const auto error = box.refusal("payments.record", payment(number_of, "40.01"));
  CHECK(error.code() == "overpayment");
  CHECK(error.exit_code() == 5);
  CHECK(text(error.details(), "outstanding") == "40.00");
  pay(box, number_of, "40");
  CHECK(box.error_code("payments.record", payment(number_of, "0.01")) == "overpayment");
}

TEST_CASE("CM-3: a bank's line is recorded once an invoice", "[payments][operations]") {
  Sandbox box;
  const auto number_of = issued_invoice(box), other = issued_invoice(box);
  const auto id = text(box.data("payments.record", payment(number_of, "10", {{"reference", {"TX-1"}}})), "id");
  const auto error = box.refusal("payments.record", payment(number_of, "10", {{"reference", {"TX-1"}}}));
  CHECK(error.code() == "duplicate");
  CHECK(error.exit_code() == 5);
  CHECK(error.field() == "reference");
  CHECK(number(invoice(box, number_of), "paid_cents") == 1000);
  box.run("payments.record", payment(other, "10", {{"reference", {"TX-1"}}}));
  pay(box, number_of, "1");
  pay(box, number_of, "1");  // without a reference, as often as it comes
  reverse(box, id);
  box.run("payments.record", payment(number_of, "12", {{"reference", {"TX-1"}}}));
  CHECK(number(invoice(box, number_of), "paid_cents") == 1400);
}

TEST_CASE("CM-3: the same key records once", "[payments][operations]") {
  Sandbox box;
  const auto number_of = issued_invoice(box);
  Call call;
  call.key = "bank-2026-03-02-1";
  const auto first = box.data("payments.record", payment(number_of, "10"), call);
  const auto again = box.run("payments.record", payment(number_of, "10"), call);
  CHECK(to_canonical(again.data) == to_canonical(first));
  CHECK(again.warnings.at(0).code == "idempotent_replay");
  CHECK(box.error_code("payments.record", payment(number_of, "11"), call) == "idempotency_conflict");
  CHECK(number(invoice(box, number_of), "paid_cents") == 1000);
}

TEST_CASE("a draft and a void invoice take no payment", "[payments][operations]") {
  Sandbox box;
  const auto draft = draft_invoice(box);
  CHECK(box.error_code("payments.record", payment(draft, "1")) == "not_payable");
  const auto number_of = issued_invoice(box);
  box.run("invoices.void", {{"invoice", {number_of}}, {"reason", {"R"}}});
  CHECK(box.refusal("payments.record", payment(number_of, "1")).exit_code() == 5);
  CHECK(box.refusal("payments.record", payment("INV-2026-0099", "1")).exit_code() == 4);
}

TEST_CASE("a payment is in the invoice's currency, and has come", "[payments][operations]") {
  Sandbox box;
  const auto yen = issued_invoice(box, "1500", "JPY");
  CHECK(box.error_code("payments.record", payment(yen, "10", {{"currency", {"EUR"}}})) == "currency_mismatch");
  CHECK(box.error_code("payments.record", payment(yen, "10.5")) == "invalid_money");
  CHECK(number(box.data("payments.record", payment(yen, "10", {{"currency", {"jpy"}}})), "amount_cents") == 10);
  const auto dinar = issued_invoice(box, "1.234", "KWD");
  CHECK(text(box.data("payments.record", payment(dinar, "1.234")), "amount") == "1.234");
  CHECK(text(invoice(box, dinar), "status") == "PAID");
  CHECK(box.error_code("payments.record", payment(yen, "1", {{"paid-at", {"2026-03-02T09:00:01Z"}}})) ==
        "in_the_future");
  CHECK(box.error_code("payments.record", payment(yen, "0")) == "invalid_money");
  CHECK_THROWS_AS(box.sql("UPDATE payments SET amount_cents = 1"), Error);
  CHECK_THROWS_AS(box.sql("DELETE FROM payments"), Error);
}

TEST_CASE("CM-4: a reversed payment counts nothing, and the invoice falls back", "[payments][operations]") {
  Sandbox box;
  const auto number_of = issued_invoice(box, "100.00");
  const auto first = pay(box, number_of, "40"), second = pay(box, number_of, "60");
  const auto done = box.run("payments.reverse", {{"payment", {second.substr(28)}}, {"reason", {"Another client's"}}});
  CHECK(done.sentence == "Reversed 60.00 EUR of INV-2026-0001; 60.00 EUR outstanding.");
  CHECK(text(done.data, "status") == "REVERSED");
  CHECK(text(done.data, "reversal_reason") == "Another client's");
  auto now = invoice(box, number_of);
  CHECK(text(now, "status") == "PARTIALLY_PAID");
  CHECK(number(now, "paid_cents") == 4000);
  CHECK(now.at("paid_at").is_null());
  const auto again = box.run("payments.reverse", {{"payment", {second}}, {"reason", {"R"}}});
  CHECK(again.warnings.at(0).code == "no_change");
  CHECK(number(invoice(box, number_of), "paid_cents") == 4000);
  reverse(box, first);
  now = invoice(box, number_of);
  CHECK(text(now, "status") == "ISSUED");
  CHECK(path_of(now) == "DRAFT ISSUED PARTIALLY_PAID PAID PARTIALLY_PAID ISSUED");
  CHECK(text(now.at("history").items().back(), "note") == "Recorded by mistake");
}

TEST_CASE("DL-1: a deal's invoice that is paid in full pays the deal, in the same transaction",
          "[payments][operations]") {
  Sandbox box;
  const auto deal = raw_deal(box, 100'00);
  const auto number_of =
      text(box.data("invoices.issue", {{"invoice", {text(box.data("invoices.create", {{"deal", {deal}}}), "id")}}}),
           "number");
  pay(box, number_of, "99.99");
  CHECK(box.value("SELECT status FROM deals") == "MAESTRO_APPROVED");
  CHECK(box.value("SELECT count(*) FROM deal_payments") == "0");
  const auto seq = box.audit_seq();
  const auto last = pay(box, number_of, "0.01");
  CHECK(box.value("SELECT status FROM deals") == "PAID");
  CHECK(box.value("SELECT provider || ' ' || status || ' ' || amount_cents FROM deal_payments") ==
        "INVOICE PAID 10000");
  CHECK(box.actions(seq) == std::vector<std::string>{"payments.record"});

  reverse(box, last);
  CHECK(box.value("SELECT status FROM deals") == "MAESTRO_APPROVED");
  CHECK(box.value("SELECT status FROM deal_payments") == "FAILED");
  pay(box, number_of, "0.01");
  CHECK(box.value("SELECT status FROM deals") == "PAID");
}

TEST_CASE("CM-4: a payment that a deal was worked on with is not reversed", "[payments][operations]") {
  Sandbox box;
  const auto deal = raw_deal(box, 100'00);
  const auto number_of =
      text(box.data("invoices.issue", {{"invoice", {text(box.data("invoices.create", {{"deal", {deal}}}), "id")}}}),
           "number");
  const auto id = pay(box, number_of, "100");
  box.sql("UPDATE deals SET status = 'IN_PROGRESS'");
  const auto before = box.table_digest();
  const auto error = box.refusal("payments.reverse", {{"payment", {id}}, {"reason", {"R"}}});
  CHECK(error.exit_code() == 5);
  CHECK(error.code() == "payment_in_use");
  CHECK(box.table_digest() == before);
}

TEST_CASE("CM-1: a payment whose audit row cannot be written leaves nothing", "[payments][operations]") {
  Sandbox box;
  const auto number_of = issued_invoice(box);
  box.sql(trigger_that_refuses("no_audit", "BEFORE INSERT ON audit_log", "append_only: audit_log"));
  const auto before = box.snapshot();
  CHECK_FALSE(box.error_code("payments.record", payment(number_of, "10")).empty());
  CHECK(differences(before, box.snapshot()).empty());
}

TEST_CASE("CM-2: whatever is recorded and reversed, the sum and the status follow", "[payments][operations]") {
  Sandbox box;
  std::mt19937 random(20260302);
  for (const auto& [currency, asked] : {std::pair{"JPY", 5000}, {"EUR", 12345}, {"KWD", 99999}}) {
    const auto exponent = Currency::parse(currency).exponent();
    const auto number_of = issued_invoice(box, decimal_text(asked, exponent), currency);
    std::vector<std::pair<std::string, std::int64_t>> recorded;
    std::int64_t expected = 0;
    for (int step = 0; step < 40; ++step) {
      CAPTURE(currency, step, expected);
      if (!recorded.empty() && random() % 3 == 0) {
        const auto at = random() % recorded.size();
        reverse(box, recorded[at].first);
        expected -= recorded[at].second;
        recorded.erase(recorded.begin() + static_cast<std::ptrdiff_t>(at));
      } else {
        const std::int64_t amount = 1 + static_cast<std::int64_t>(random() % static_cast<unsigned>(asked));
        const auto args = payment(number_of, decimal_text(amount, exponent));
        if (amount > asked - expected) {
          REQUIRE(box.error_code("payments.record", args) == "overpayment");
          continue;
        }
        recorded.emplace_back(text(box.data("payments.record", args), "id"), amount);
        expected += amount;
      }
      const auto row =
          box.rows(fmt::format(
                       "SELECT paid_cents, status, paid_at, (SELECT coalesce(sum(amount_cents), 0) FROM payments WHERE"
                       " invoice_id = invoices.id AND status = 'RECORDED') FROM invoices WHERE number = '{}'",
                       number_of))
              .front();
      REQUIRE(row[0] == std::to_string(expected));
      REQUIRE(row[3] == row[0]);
      REQUIRE(row[1] == (expected == 0 ? "ISSUED" : expected == asked ? "PAID" : "PARTIALLY_PAID"));
      REQUIRE(row[2].empty() == (expected != asked));
    }
  }
}

TEST_CASE("CM-3: payers at once never take an invoice past its amount", "[payments][operations][slow]") {
  Sandbox box;
  const auto number_of = issued_invoice(box, "10.00");
  const auto exits = in_processes(4, [&](int) {
    int refused = 0;
    for (int i = 0; i < 10; ++i)
      if (box.error_code("payments.record", payment(number_of, "0.40")) == "overpayment") ++refused;
    return refused;
  });
  int refused = 0;
  for (const auto exit : exits) refused += exit;
  CHECK(refused == 15);  // 25 of the 40 fit
  CHECK(number(invoice(box, number_of), "paid_cents") == 1000);
  CHECK(box.value("SELECT count(*) FROM payments") == "25");
}

TEST_CASE("payments are listed by invoice, client, status, time and text", "[payments][operations]") {
  Sandbox box;
  const auto number_of = issued_invoice(box);
  box.run("payments.record", payment(number_of, "1", {{"reference", {"TX-77"}}, {"paid-at", {"2026-02-01"}}}));
  reverse(box, pay(box, number_of, "2"));
  const auto count = [&](const ops::RawArgs& args) { return box.list("payments.list", args).items().size(); };
  CHECK(count({}) == 2);
  CHECK(count({{"invoice", {number_of}}}) == 2);
  CHECK(count({{"client", {kClient}}}) == 2);
  CHECK(count({{"client", {"bob@client.example"}}}) == 0);
  CHECK(count({{"status", {"REVERSED"}}}) == 1);
  CHECK(count({{"since", {"2026-03-01"}}}) == 1);
  CHECK(count({{"search", {"tx-7"}}}) == 1);
  const auto id = text(box.list("payments.list").items().at(1), "id");
  CHECK(text(box.data("payments.show", {{"payment", {id}}}), "reference") == "TX-77");
}

TEST_CASE("CM-3: --allow-credit keeps what is too much as the client's credit", "[payments][operations]") {
  Sandbox box;
  const auto number = issued_invoice(box);
  CHECK(box.error_code("payments.record", {{"invoice", {number}}, {"amount", {"130.00"}}}) == "overpayment");
  const auto answer =
      box.run("payments.record", {{"invoice", {number}}, {"amount", {"130.00"}}, {"allow-credit", {"true"}}});
  CHECK(answer.sentence.find("30.00 EUR are the client's credit") != std::string::npos);
  auto shown = invoice(box, number);
  CHECK(text(shown, "status") == "PAID");
  CHECK(shown.at("paid_cents").integer() == 130'00);
  CHECK(shown.at("credit_cents").integer() == 30'00);
  CHECK(shown.at("outstanding_cents").integer() == 0);
  const auto paid_at = text(shown, "paid_at");

  // More credit later neither pays it again nor moves the day it was paid.
  box.at("2026-03-05T09:00:00Z");
  const auto later = text(
      box.data("payments.record", {{"invoice", {number}}, {"amount", {"5.00"}}, {"allow-credit", {"true"}}}), "id");
  CHECK(text(invoice(box, number), "paid_at") == paid_at);
  box.run("payments.reverse", {{"payment", {later}}, {"reason", {"x"}}});
  shown = invoice(box, number);
  CHECK(text(shown, "paid_at") == paid_at);
  CHECK(shown.at("credit_cents").integer() == 30'00);
  CHECK(box.error_code("ledger.check").empty());
  CHECK(box.error_code("db.check").empty());
}

TEST_CASE("CM-9: credit is no negative debt in totals and aging", "[payments][operations]") {
  Sandbox box;
  const auto credited = issued_invoice(box);
  issued_invoice(box, "40.00");
  box.run("payments.record", {{"invoice", {credited}}, {"amount", {"130.00"}}, {"allow-credit", {"true"}}});
  box.at("2026-06-02T09:00:00Z");
  const auto totals = box.list("invoices.totals").items().front();
  CHECK(totals.at("invoiced_cents").integer() == 140'00);
  CHECK(totals.at("paid_cents").integer() == 130'00);
  CHECK(totals.at("outstanding_cents").integer() == 40'00);
  CHECK(totals.at("overdue_cents").integer() == 40'00);
  CHECK(totals.at("credit_cents").integer() == 30'00);
  CHECK(box.list("invoices.aging").items().front().at("outstanding_cents").integer() == 40'00);
}

TEST_CASE("CM-3: credit on a deal's invoice pays the deal once, and divides what was agreed", "[payments][deals]") {
  Atelier box;
  const auto deal = box.approved();
  const auto draft = text(box.data("invoices.create", {{"deal", {deal}}}), "id");
  box.run("invoices.issue", {{"invoice", {draft}}});
  const auto record = [&](const char* amount) {
    return text(box.data("payments.record", {{"invoice", {draft}}, {"amount", {amount}}, {"allow-credit", {"true"}}}),
                "id");
  };
  record("2600.00");
  const auto extra = record("10.00");
  CHECK(box.status(deal) == "PAID");
  box.run("payments.reverse", {{"payment", {extra}}, {"reason", {"x"}}});
  CHECK(box.status(deal) == "PAID");
  box.run("deals.deliver", {{"deal", {deal}}});
  CHECK(box.entries(deal) == "PROVIDER_PAYOUT 150000, PLATFORM_REVENUE 100000");
  CHECK(box.error_code("ledger.check").empty());
}

TEST_CASE("contract 2: payments and credit stop at 2^53-1 minor units", "[payments][operations]") {
  Sandbox box;
  const auto number = issued_invoice(box, "9007199254740991", "JPY");
  pay(box, number, "9007199254740991");
  CHECK(text(invoice(box, number), "status") == "PAID");
  CHECK(box.error_code("payments.record", {{"invoice", {number}}, {"amount", {"1"}}, {"allow-credit", {"true"}}}) ==
        "amount_too_large");
  CHECK(box.error_code("ledger.check").empty());
}

TEST_CASE("contract 7: a token's ceiling holds for money that is recorded and taken back", "[payments][operations]") {
  Sandbox box;
  const auto token = text(box.data("tokens.create", {{"name", {"till"}},
                                                     {"scope", {"payments:write"}},
                                                     {"kind", {"person"}},
                                                     {"user", {box.user("ana@x.example", {"ADMIN"})}},
                                                     {"max-amount", {"10.00 EUR/call"}}}),
                          "token");
  const auto euros = issued_invoice(box, "100.00"), yen = issued_invoice(box, "5000", "JPY");
  const auto record = [&](const std::string& invoice, const std::string& amount) {
    return box.error_code("payments.record", {{"invoice", {invoice}}, {"amount", {amount}}}, {.token = token});
  };
  CHECK(record(euros, "10.01") == "ceiling_reached");
  CHECK(record(yen, "1") == "ceiling_reached");
  CHECK(box.value("SELECT count(*) FROM payments") == "0");
  CHECK(record(euros, "10.00") == "");
  CHECK(Catch::contains(box.value("SELECT metadata FROM audit_log ORDER BY seq DESC LIMIT 1"),
                        R"("moved":{"amount_cents":1000,"currency":"EUR"})"));
  const auto reverse = [&](const std::string& payment) {
    return box.error_code("payments.reverse", {{"payment", {payment}}, {"reason", {"Wrong invoice"}}},
                          {.token = token});
  };
  CHECK(reverse(pay(box, euros, "10.01")) == "ceiling_reached");
  CHECK(reverse(box.value("SELECT id FROM payments WHERE amount_cents = 1000")) == "");
}
