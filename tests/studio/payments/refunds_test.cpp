#include <catch2/catch.hpp>

#include "studio/commerce.h"

using namespace steward;
using namespace steward::test;

namespace {

ops::RawArgs refund_of(const std::string& payment, const std::string& amount, const std::string& reference = "") {
  ops::RawArgs out{{"payment", {payment}}, {"amount", {amount}}, {"reason", {"Half a day less"}}};
  if (!reference.empty()) out["reference"] = {reference};
  return out;
}

std::string refunded(Sandbox& box, const std::string& payment, const std::string& amount) {
  return text(box.data("payments.refund", refund_of(payment, amount)), "id");
}

void reverse(Sandbox& box, const std::string& payment) {
  box.run("payments.reverse", {{"payment", {payment}}, {"reason", {"Mistake"}}});
}

// An invoice over 100.00 that received 150.00; its number.
std::string overpaid(Sandbox& box, const std::string& currency = "EUR") {
  const auto number_of = issued_invoice(box, "100.00", currency);
  box.run("payments.record", {{"invoice", {number_of}}, {"amount", {"150.00"}}, {"allow-credit", {"true"}}});
  return number_of;
}

ops::RawArgs use(const std::string& from, const std::string& to, const std::string& amount = "") {
  ops::RawArgs out{{"credit-of", {from}}, {"invoice", {to}}};
  if (!amount.empty()) out["amount"] = {amount};
  return out;
}

}  // namespace

TEST_CASE("a refund takes from what an invoice holds, and its status follows", "[payments][refunds]") {
  Sandbox box;
  const auto number_of = issued_invoice(box);
  const auto payment = pay(box, number_of, "100.00");
  const auto answer = box.run("payments.refund", refund_of(payment, "40.00"));
  CHECK(answer.sentence == "Refunded 40.00 EUR of INV-2026-0001; 40.00 EUR outstanding. Transfer it.");
  CHECK(text(answer.data, "kind") == "REFUND");
  CHECK(text(answer.data, "counterpart_id") == payment);
  CHECK(text(answer.data, "reason") == "Half a day less");
  refunded(box, payment, "60.00");
  CHECK(path_of(invoice(box, number_of)) == "DRAFT ISSUED PAID PARTIALLY_PAID ISSUED");
  CHECK(invoice(box, number_of).at("paid_at").is_null());
  check_books(box);
}

TEST_CASE("a refund is of the day when the money went, between its coming and now, and of no closed one",
          "[payments][refunds]") {
  Sandbox box;
  const auto number_of = issued_invoice(box, "100.00");
  const auto payment =
      text(box.data("payments.record",
                    {{"invoice", {number_of}}, {"amount", {"100.00"}}, {"paid-at", {"2026-02-10T09:00:00Z"}}}),
           "id");
  const auto at = [&](const std::string& when) {
    auto args = refund_of(payment, "10.00");
    args["paid-at"] = {when};
    return args;
  };
  CHECK(box.error_code("payments.refund", at("2026-02-09T09:00:00Z")) == "out_of_range");
  CHECK(box.error_code("payments.refund", at("2026-03-03T09:00:00Z")) == "in_the_future");
  CHECK(text(box.data("payments.refund", at("2026-02-27T09:00:00Z")), "paid_at") == "2026-02-27T09:00:00.000Z");
  box.run("books.close", {{"until", {"2026-02-28"}}});
  const auto closed = box.refusal("payments.refund", at("2026-02-28T09:00:00Z"));
  CHECK(closed.code() == "books_closed");
  CHECK(closed.field() == "paid-at");
  CHECK(text(box.data("payments.refund", refund_of(payment, "10.00")), "paid_at") == to_text(box.now()));
}

TEST_CASE("no more goes back than is left of a payment that came and counts", "[payments][refunds]") {
  Sandbox box;
  const auto number_of = issued_invoice(box);
  const auto payment = pay(box, number_of, "60.00"), other = pay(box, number_of, "40.00");
  const auto refund = refunded(box, payment, "20.00");
  const auto error = box.refusal("payments.refund", refund_of(payment, "40.01"));
  CHECK(error.code() == "over_refunded");
  CHECK(error.exit_code() == 5);
  CHECK(number(error.details(), "remaining_cents") == 4'000);
  CHECK(box.error_code("payments.refund", refund_of(refund, "1")) == "not_refundable");
  CHECK(box.error_code("payments.refund", refund_of(payment, "0")) == "invalid_money");
  reverse(box, other);
  CHECK(box.error_code("payments.refund", refund_of(other, "1")) == "not_refundable");
  check_books(box);
}

TEST_CASE("a refund recorded by mistake is reversed; what was refunded is not reversed before it",
          "[payments][refunds]") {
  Sandbox box;
  const auto number_of = issued_invoice(box);
  const auto payment = pay(box, number_of, "100.00"), refund = refunded(box, payment, "40.00");
  CHECK(box.error_code("payments.reverse", {{"payment", {payment}}, {"reason", {"x"}}}) == "payment_in_use");
  reverse(box, refund);
  CHECK(text(invoice(box, number_of), "status") == "PAID");
  refunded(box, payment, "100.00");
  CHECK(number(invoice(box, number_of), "paid_cents") == 0);
  check_books(box);
}

TEST_CASE("credit then refund leaves an invoice paid in what it still asks for", "[payments][refunds]") {
  Sandbox box;
  const auto number_of = issued_invoice(box);
  const auto payment = pay(box, number_of, "100.00");
  box.run("invoices.credit", {{"invoice", {number_of}}, {"amount", {"30.00"}}, {"reason", {"x"}}});
  refunded(box, payment, "30.00");
  CHECK(text(invoice(box, number_of), "status") == "PAID");
  CHECK(number(invoice(box, number_of), "credit_cents") == 0);
  check_books(box);
}

TEST_CASE("two people: a refund waits for another person in staging and in prod", "[payments][refunds]") {
  Sandbox box;
  const auto number_of = issued_invoice(box);
  const auto payment = pay(box, number_of, "100.00");
  const auto ana = box.user("ana@studio.example", {"ADMIN"}), bo = box.user("bo@studio.example", {"ADMIN"});
  const auto hers = box.token({"*"}, "PERSON", ana), his = box.token({"*"}, "PERSON", bo);
  box.become(GENERATE(as<std::string>(), "staging", "prod"));
  const auto asked = box.refusal("payments.refund", refund_of(payment, "100.00"), {.token = hers});
  CHECK(asked.code() == "approval_required");
  CHECK(asked.exit_code() == 6);
  CHECK(box.value("SELECT count(*) FROM payments") == "1");
  const auto id = text(asked.details(), "approval_id");
  CHECK(box.error_code("approvals.approve", {{"approval", {id}}}, {.token = hers}) == "same_person");
  box.run("approvals.approve", {{"approval", {id}}}, {.token = his});
  CHECK(box.value("SELECT count(*) FROM payments WHERE kind = 'REFUND'") == "1");
  CHECK(box.value("SELECT paid_cents FROM invoices") == "0");
}

TEST_CASE("an approved refund is checked again: of two over one payment the second finds nothing left",
          "[payments][refunds]") {
  Sandbox box;
  const auto payment = pay(box, issued_invoice(box), "100.00");
  const auto hers = box.token({"*"}, "PERSON", box.user("ana@studio.example", {"ADMIN"}));
  const auto his = box.token({"*"}, "PERSON", box.user("bo@studio.example", {"ADMIN"}));
  box.become("staging");
  const auto ask = [&](const std::string& amount) {
    return text(box.refusal("payments.refund", refund_of(payment, amount), {.token = hers}).details(), "approval_id");
  };
  const auto first = ask("100.00"), second = ask("60.00");
  box.run("approvals.approve", {{"approval", {first}}}, {.token = his});
  CHECK(box.error_code("approvals.approve", {{"approval", {second}}}, {.token = his}) != "");
  CHECK(box.value("SELECT count(*) FROM payments WHERE kind = 'REFUND'") == "1");
}

TEST_CASE("after init --solo a refund asks for nobody else", "[payments][refunds][cli]") {
  Sandbox box;
  box.use_database(box.place_for_database());
  const auto made = box.steward({"init", "--env", "prod", "--solo", "--admin-email", "ana@studio.example"}, {},
                                {{"STEWARD_NOW", std::nullopt}});
  CAPTURE(made.out, made.err);
  REQUIRE(made.exit == 0);
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--yes", "-o", "json"});
    const auto done = box.steward(words, {}, {{"STEWARD_NOW", std::nullopt}});
    CAPTURE(done.out, done.err);
    REQUIRE(done.exit == 0);
    return done.json().at("data");
  };
  const auto id =
      text(run({"invoices", "create", "--client-email", kClient, "--amount", "100", "--currency", "EUR"}), "id");
  run({"invoices", "issue", id});
  const auto payment = text(run({"payments", "record", "--invoice", id, "--amount", "100"}), "id");
  const auto refund = run({"payments", "refund", payment, "--amount", "100", "--reason", "Cancelled"});
  CHECK(text(refund, "kind") == "REFUND");
}

// ---- credit

TEST_CASE("CM-3: what a client paid too much pays another invoice of the client's", "[payments][refunds]") {
  Sandbox box;
  const auto from = overpaid(box), to = issued_invoice(box, "80.00");
  CHECK(number(invoice(box, from), "credit_cents") == 5'000);
  const auto used = box.data("payments.use-credit", use(from, to));
  CHECK(text(used, "kind") == "CREDIT_IN");
  CHECK(number(used, "amount_cents") == 5'000);
  CHECK(text(invoice(box, to), "status") == "PARTIALLY_PAID");
  CHECK(text(invoice(box, from), "status") == "PAID");
  CHECK(number(invoice(box, from), "credit_cents") == 0);
  CHECK(box.error_code("payments.use-credit", use(from, to)) == "no_credit");
  check_books(box);
}

TEST_CASE("a credit is of one client and one currency, and no more than there is or is owed", "[payments][refunds]") {
  Sandbox box;
  const auto from = overpaid(box), to = issued_invoice(box, "30.00"), yen = issued_invoice(box, "100", "JPY");
  const auto bobs = issued_with(box, {{"client-email", {"bob@client.example"}}, {"amount", {"10"}}});
  CHECK(box.error_code("payments.use-credit", use(from, bobs)) == "client_mismatch");
  CHECK(box.error_code("payments.use-credit", use(from, yen)) == "currency_mismatch");
  CHECK(box.error_code("payments.use-credit", use(from, from)) == "conflicting_arguments");
  CHECK(box.error_code("payments.use-credit", use(from, to, "50.01")) == "no_credit");
  CHECK(box.error_code("payments.use-credit", use(from, to, "30.01")) == "overpayment");
  CHECK(box.error_code("payments.use-credit", use(to, from, "1")) != "");
  CHECK(box.error_code("payments.use-credit", use(from, draft_invoice(box), "1")) == "not_payable");
  CHECK(number(box.data("payments.use-credit", use(from, to)), "amount_cents") == 3'000);
  CHECK(box.run("payments.use-credit", use(from, to)).warnings.at(0).code == "no_change");
  CHECK(number(invoice(box, from), "credit_cents") == 2'000);
  check_books(box);
}

TEST_CASE("a use of credit is reversed by either of its halves, and both go", "[payments][refunds]") {
  Sandbox box;
  const auto from = overpaid(box), to = issued_invoice(box, "80.00");
  const auto in = box.data("payments.use-credit", use(from, to));
  const auto half = GENERATE(as<std::string>(), "id", "counterpart_id");
  reverse(box, text(in, half));
  CHECK(number(invoice(box, from), "credit_cents") == 5'000);
  CHECK(number(invoice(box, to), "paid_cents") == 0);
  CHECK(box.value("SELECT count(*) FROM payments WHERE status = 'REVERSED'") == "2");
  CHECK(text(box.data("payments.use-credit", use(from, to)), "kind") == "CREDIT_IN");
  check_books(box);
}

TEST_CASE("money whose credit is used elsewhere neither goes back nor is reversed", "[payments][refunds]") {
  Sandbox box;
  const auto from = overpaid(box), to = issued_invoice(box, "80.00");
  box.run("payments.use-credit", use(from, to));
  const auto payment = box.value("SELECT id FROM payments WHERE kind = 'RECEIVED'");
  CHECK(box.error_code("payments.reverse", {{"payment", {payment}}, {"reason", {"x"}}}) == "payment_in_use");
  CHECK(box.error_code("payments.refund", refund_of(payment, "100.01")) == "payment_in_use");
  refunded(box, payment, "100.00");
  check_books(box);
}

TEST_CASE("of refunds of one payment at once only those go that it has money for", "[payments][refunds][slow]") {
  Sandbox box;
  const auto payment = pay(box, issued_invoice(box), "100.00");
  in_processes(4, [&](int) {
    box.error_code("payments.refund", refund_of(payment, "60.00"));
    return 0;
  });
  CHECK(box.value("SELECT count(*) FROM payments WHERE kind = 'REFUND'") == "1");
  check_books(box);
}
