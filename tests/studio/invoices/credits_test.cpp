#include <catch2/catch.hpp>
#include <set>

#include "studio/commerce.h"
#include "studio/numbering/numbering.h"

using namespace steward;
using namespace steward::test;

namespace {

ops::RawArgs credit_of(const std::string& number_of, const std::string& amount = "") {
  ops::RawArgs out{{"invoice", {number_of}}, {"reason", {"Half a day less"}}};
  if (!amount.empty()) out["amount"] = {amount};
  return out;
}

Json credited(Sandbox& box, const std::string& number_of, const std::string& amount = "") {
  return box.data("invoices.credit", credit_of(number_of, amount));
}

// 100.00 at 21 % and 50.00 without a tax: 171.00.
std::string taxed_invoice(Sandbox& box) {
  return issued_with(box, {{"lines", {box.write("i.csv", "description,unit_price,tax\nDay,100,VAT21\nTravel,50,\n")}}});
}

ops::RawArgs credit_lines(Sandbox& box, const std::string& number_of, const std::string& lines) {
  auto out = credit_of(number_of);
  out["lines"] = {box.write("c.csv", "description,unit_price,tax\n" + lines)};
  return out;
}

}  // namespace

TEST_CASE("a credit note has a number of its own series and takes tax back in proportion", "[invoices][credits]") {
  Sandbox box;
  tax(box);
  const auto number_of = taxed_invoice(box);
  const auto half = box.run("invoices.credit", credit_of(number_of, "85.50"));
  CHECK(half.sentence == "Credited 85.50 EUR of INV-2026-0001 with CN-2026-0001; 85.50 EUR outstanding.");
  CHECK(number(half.data, "tax_cents") == 1'050);
  const auto shown = box.data("invoices.credit-notes.show", {{"credit-note", {"cn-2026-0001"}}});
  CHECK(shown.at("taxes").items().size() == 2);
  CHECK(shown.at("lines").items().size() == 2);
  const auto rest = credited(box, number_of);
  CHECK(text(rest, "number") == "CN-2026-0002");
  CHECK(number(rest, "amount_cents") == 8'550);
  CHECK(number(rest, "tax_cents") == 1'050);
  const auto left = invoice(box, number_of);
  CHECK(text(left, "status") == "ISSUED");
  CHECK(number(left, "outstanding_cents") == 0);
  CHECK(number(left, "credited_cents") == 17'100);
  CHECK(box.run("invoices.credit", credit_of(number_of)).warnings.at(0).code == "no_change");
  CHECK(box.list("invoices.credit-notes.list", {{"invoice", {number_of}}}).items().size() == 2);
  CHECK(issued_invoice(box) == "INV-2026-0002");
  check_books(box);
}

TEST_CASE("no more is credited than an invoice still asks for", "[invoices][credits]") {
  Sandbox box;
  const auto number_of = issued_invoice(box);
  credited(box, number_of, "60.00");
  const auto error = box.refusal("invoices.credit", credit_of(number_of, "40.01"));
  CHECK(error.code() == "overcredited");
  CHECK(error.exit_code() == 5);
  CHECK(number(error.details(), "remaining_cents") == 4'000);
  CHECK(box.error_code("invoices.credit", credit_of(number_of, "0")) == "invalid_money");
  CHECK(box.error_code("invoices.credit", credit_of(number_of, "-1")) == "invalid_money");
  CHECK(box.error_code("payments.record", {{"invoice", {number_of}}, {"amount", {"40.01"}}}) == "overpayment");
  pay(box, number_of, "40.00");
  CHECK(text(invoice(box, number_of), "status") == "PAID");
  check_books(box);
}

TEST_CASE("lines of a credit note take back no more of a tax than was asked for of it", "[invoices][credits]") {
  Sandbox box;
  tax(box);
  tax(box, "VAT9", "900");
  const auto number_of = taxed_invoice(box);
  CHECK(box.error_code("invoices.credit", credit_lines(box, number_of, "X,101,VAT21\n")) == "overcredited");
  CHECK(box.error_code("invoices.credit", credit_lines(box, number_of, "X,1,VAT9\n")) == "overcredited");
  CHECK(box.error_code("invoices.credit", credit_lines(box, number_of, "X,51,\n")) == "overcredited");
  CHECK(box.error_code("invoices.credit", credit_lines(box, number_of, "X,-1,\n")) == "negative_total");
  auto both = credit_lines(box, number_of, "X,1,\n");
  both["amount"] = {"1"};
  CHECK(box.error_code("invoices.credit", both) == "conflicting_arguments");
  const auto note = box.data("invoices.credit", credit_lines(box, number_of, "Half a day,50,VAT21\n"));
  CHECK(text(note, "number") == "CN-2026-0001");
  CHECK(number(note, "amount_cents") == 6'050);
  CHECK(number(credited(box, number_of), "tax_cents") == 1'050);
  check_books(box);
}

TEST_CASE("a credit note names the tax of the invoice's date, whatever the rate is now", "[invoices][credits]") {
  Sandbox box;
  tax(box);
  const auto number_of = taxed_invoice(box);
  box.at("2026-05-01T09:00:00Z");
  box.run("taxes.set", {{"code", {"VAT21"}}, {"rate-bp", {"2500"}}, {"from", {"2026-04-01"}}});
  CHECK(number(box.data("invoices.credit", credit_lines(box, number_of, "Day,100,VAT21\n")), "tax_cents") == 2'100);
  check_books(box);
}

TEST_CASE("a draft and a void invoice have nothing to credit, and no number is used up", "[invoices][credits]") {
  Sandbox box;
  const auto draft = draft_invoice(box), number_of = issued_invoice(box);
  box.run("invoices.void", {{"invoice", {number_of}}, {"reason", {"x"}}});
  for (const auto& one : {draft, number_of}) {
    CHECK(box.error_code("invoices.credit", credit_of(one)) == "not_creditable");
    CHECK(box.error_code("invoices.credit", credit_of(one, "1")) == "not_creditable");
    CHECK(box.error_code("invoices.credit", credit_lines(box, one, "X,1,\n")) == "not_creditable");
  }
  CHECK(text(credited(box, issued_invoice(box)), "number") == "CN-2026-0001");
}

TEST_CASE("CM-5: what was credited, or received money, is not voided", "[invoices][credits]") {
  Sandbox box;
  const auto number_of = issued_invoice(box);
  credited(box, number_of, "1.00");
  const ops::RawArgs args{{"invoice", {number_of}}, {"reason", {"x"}}};
  CHECK(box.error_code("invoices.void", args) == "credited");
  credited(box, number_of);
  CHECK(box.error_code("invoices.void", args) == "credited");
  CHECK_THROWS_AS(box.sql("UPDATE invoices SET status = 'VOID', void_reason = 'x', voided_at = issued_at"), Error);
  const auto paid = issued_invoice(box);
  pay(box, paid, "1.00");
  CHECK(box.error_code("invoices.void", {{"invoice", {paid}}, {"reason", {"x"}}}) == "payments_received");
}

TEST_CASE("crediting what is not paid settles an invoice, and a full credit takes no payment", "[invoices][credits]") {
  Sandbox box;
  const auto number_of = issued_invoice(box);
  const auto payment = pay(box, number_of, "50.00");
  credited(box, number_of, "50.00");
  CHECK(path_of(invoice(box, number_of)) == "DRAFT ISSUED PARTIALLY_PAID PAID");
  const auto more = box.run("invoices.credit", credit_of(number_of, "20.00"));
  CHECK_THAT(more.sentence, Catch::Contains("20.00 EUR are the client's"));
  CHECK(number(invoice(box, number_of), "credit_cents") == 2'000);
  box.run("payments.reverse", {{"payment", {payment}}, {"reason", {"Other invoice"}}});
  CHECK(text(invoice(box, number_of), "status") == "ISSUED");
  CHECK(number(invoice(box, number_of), "outstanding_cents") == 3'000);
  credited(box, number_of);
  CHECK(box.error_code("payments.record", {{"invoice", {number_of}}, {"amount", {"1"}}, {"allow-credit", {"true"}}}) ==
        "not_payable");
  CHECK(box.list("invoices.list", {{"overdue", {"true"}}}).items().empty());
  check_books(box);
}

TEST_CASE("a credit note is unchangeable, in the database too", "[invoices][credits]") {
  Sandbox box;
  credited(box, issued_invoice(box));
  for (const char* table : {"credit_notes", "credit_note_lines", "credit_note_taxes"}) {
    CAPTURE(table);
    CHECK_THROWS_AS(box.sql(fmt::format("DELETE FROM {}", table)), Error);
  }
  CHECK_THROWS_AS(box.sql("UPDATE credit_notes SET reason = 'y'"), Error);
  CHECK_THROWS_AS(box.sql("UPDATE credit_note_lines SET net_cents = 1"), Error);
  CHECK_THROWS_AS(box.sql("UPDATE credit_note_taxes SET net_cents = 1"), Error);
}

TEST_CASE("contract 7: after a restore credit notes wait for their number, apart from invoices",
          "[invoices][credits][pause]") {
  Sandbox box;
  const auto number_of = issued_invoice(box);
  credited(box, number_of, "1.00");
  {
    auto connection = box.connect();
    db::Tx tx(*connection, db::Access::write, box.now());
    numbering::pause(tx);
    tx.commit();
  }
  box.run("invoices.confirm-number", {{"number", {"9"}}});
  CHECK(issued_invoice(box) == "INV-2026-0009");
  const auto paused = box.refusal("invoices.credit", credit_of(number_of, "1.00"));
  CHECK(paused.code() == "numbering_paused");
  CHECK(paused.exit_code() == 6);
  CHECK_THAT(paused.hint(), Catch::Contains("--credit-notes"));
  CHECK(number(invoice(box, number_of), "credited_cents") == 100);
  const auto answer = box.data("invoices.confirm-number", {{"number", {"5"}}, {"credit-notes", {"true"}}});
  CHECK(text(answer, "next") == "CN-2026-0005");
  CHECK(text(credited(box, number_of, "1.00"), "number") == "CN-2026-0005");
}

TEST_CASE("credit notes issued at once share no number, skip none, and credit no more than there is",
          "[invoices][credits][slow]") {
  Sandbox box;
  const auto number_of = issued_invoice(box, "20.00");
  constexpr int kProcesses = 4, kEach = 8;
  in_processes(kProcesses, [&](int) {
    for (int i = 0; i < kEach; ++i) box.error_code("invoices.credit", credit_of(number_of, "1.00"));
    return 0;
  });
  std::set<std::string> numbers;
  for (const auto& row : box.rows("SELECT number FROM credit_notes")) numbers.insert(row[0]);
  REQUIRE(numbers.size() == 20);
  CHECK(*numbers.begin() == "CN-2026-0001");
  CHECK(*numbers.rbegin() == "CN-2026-0020");
  CHECK(number(invoice(box, number_of), "credited_cents") == 2'000);
  check_books(box);
}
