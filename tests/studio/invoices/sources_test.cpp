#include <catch2/catch.hpp>

#include "studio/commerce.h"

using namespace steward;
using namespace steward::test;

namespace {

// An accepted proposal of 1000.00 at 21 % and 100.00 without a tax: 1310.00; its number.
std::string taxed_proposal(Sandbox& box) {
  tax(box);
  const auto file = box.write("p.csv", "description,quantity,unit_price,tax\nDays,2,500,VAT21\nTravel,1,100,\n");
  const auto id =
      text(box.data("proposals.create",
                    {{"title", {"Two days"}}, {"client-email", {kClient}}, {"currency", {"EUR"}}, {"lines", {file}}}),
           "id");
  const auto number = text(box.data("proposals.send", {{"proposal", {id}}}), "number");
  box.run("proposals.accept", {{"proposal", {number}}});
  return number;
}

Json raised(Sandbox& box, const std::string& proposal, const ops::RawArgs& more = {}) {
  ops::RawArgs args{{"proposal", {proposal}}};
  args.insert(more.begin(), more.end());
  return invoice(box, text(box.data("invoices.create", args), "id"));
}

}  // namespace

TEST_CASE("CM-6: an invoice of a whole proposal takes its lines and taxes over", "[invoices][operations]") {
  Sandbox box;
  const auto proposal = taxed_proposal(box);
  const auto shown = raised(box, proposal);
  const auto original = box.data("proposals.show", {{"proposal", {proposal}}});
  CHECK(number(shown, "amount_cents") == 131'000);
  CHECK(number(shown, "tax_cents") == 21'000);
  CHECK(shown.at("lines") == original.at("lines"));
  CHECK(shown.at("taxes") == original.at("taxes"));
  check_books(box);
}

TEST_CASE("CM-6: an invoice of a part of a proposal takes each tax in proportion, and the rest is what is left",
          "[invoices][operations]") {
  Sandbox box;
  const auto proposal = taxed_proposal(box);
  const auto part = raised(box, proposal, {{"amount", {"655.00"}}});
  CHECK(number(part, "amount_cents") == 65'500);
  CHECK(number(part, "tax_cents") == 10'500);
  CHECK(part.at("taxes").items().size() == 2);
  const auto rest = raised(box, proposal);
  CHECK(number(rest, "amount_cents") == 65'500);
  CHECK(number(rest, "tax_cents") == 10'500);
  CHECK(box.error_code("invoices.create", {{"proposal", {proposal}}}) == "overinvoiced");
  check_books(box);
}

TEST_CASE("CM-6: more than a proposal, another currency or client, or a tax on top is refused",
          "[invoices][operations]") {
  Sandbox box;
  const auto proposal = taxed_proposal(box);
  const auto code = [&](ops::RawArgs args) {
    args["proposal"] = {proposal};
    return box.error_code("invoices.create", args);
  };
  CHECK(code({{"amount", {"1310.01"}}}) == "overinvoiced");
  CHECK(code({{"amount", {"1200"}}, {"tax", {"VAT21"}}}) == "overinvoiced");
  CHECK(code({{"amount", {"1"}}, {"currency", {"USD"}}}) == "currency_mismatch");
  CHECK(code({{"currency", {"USD"}}}) == "currency_mismatch");
  CHECK(code({{"client-email", {"bob@client.example"}}}) == "client_mismatch");
  CHECK(code({{"amount", {"1310"}}}) == "");
}

TEST_CASE("a part of a proposal under its own description keeps the proposal's taxes", "[invoices][operations]") {
  Sandbox box;
  const auto proposal = taxed_proposal(box);
  const auto part = raised(box, proposal, {{"amount", {"655.00"}}, {"description", {"Deposit"}}});
  CHECK(number(part, "amount_cents") == 65'500);
  CHECK(number(part, "tax_cents") == 10'500);
  CHECK(text(part.at("lines").items().at(0), "description") == "Deposit");
  const auto rest = raised(box, proposal, {{"description", {"Balance"}}});
  CHECK(number(rest, "tax_cents") == 10'500);
  CHECK(text(rest.at("lines").items().at(0), "description") == "Balance");
}

TEST_CASE("an amount is all that is paid without a tax, and net with one", "[invoices][operations]") {
  Sandbox box;
  tax(box);
  CHECK(number(invoice(box, issued_with(box, {{"amount", {"100"}}})), "tax_cents") == 0);
  const auto taxed = invoice(box, issued_with(box, {{"amount", {"100"}}, {"tax", {"VAT21"}}}));
  CHECK(number(taxed, "amount_cents") == 12'100);
  CHECK(number(taxed, "net_cents") == 10'000);
  check_books(box);
}

TEST_CASE("an update works taxes out anew, even where the lines read the same", "[invoices][operations]") {
  Sandbox box;
  tax(box);
  const auto proposal = accepted_proposal(box, "0.03");
  // 0.03 with the tax inside is 0.02 and 0.01; 0.02 with the tax on top is 0.02 and nothing.
  const auto id = text(raised(box, proposal, {{"tax", {"VAT21"}}}), "id");
  CHECK(number(invoice(box, id), "tax_cents") == 1);
  box.run("invoices.update", {{"invoice", {id}}, {"amount", {"0.02"}}, {"tax", {"VAT21"}}});
  CHECK(number(invoice(box, id), "amount_cents") == 2);
  CHECK(number(invoice(box, id).at("taxes").items().at(0), "tax_amount_cents") == 0);
  check_books(box);
}

TEST_CASE("a duplicate says the same as its original, taxes included, within what may still be invoiced",
          "[invoices][operations]") {
  Sandbox box;
  const auto proposal = taxed_proposal(box);
  const auto number_of = text(box.data("invoices.issue", {{"invoice", {text(raised(box, proposal), "id")}}}), "number");
  CHECK(box.error_code("invoices.duplicate", {{"invoice", {number_of}}}) == "overinvoiced");
  box.run("invoices.void", {{"invoice", {number_of}}, {"reason", {"Wrong address"}}});
  const auto copy = invoice(box, text(box.data("invoices.duplicate", {{"invoice", {number_of}}}), "id"));
  CHECK(text(copy, "status") == "DRAFT");
  CHECK(copy.at("number").is_null());
  CHECK(number(copy, "tax_cents") == 21'000);
  CHECK(copy.at("lines") == invoice(box, number_of).at("lines"));
  check_books(box);
}

TEST_CASE("CM-6: what a credit note took back of a proposal's invoice may be invoiced again",
          "[invoices][operations]") {
  Sandbox box;
  const auto proposal = taxed_proposal(box);
  const auto number_of = text(box.data("invoices.issue", {{"invoice", {text(raised(box, proposal), "id")}}}), "number");
  const auto payment = pay(box, number_of, "1310.00");
  box.run("invoices.credit", {{"invoice", {number_of}}, {"reason", {"Wrong legal name"}}});
  box.run("payments.refund", {{"payment", {payment}}, {"amount", {"1310.00"}}, {"reason", {"Wrong legal name"}}});
  CHECK(number(box.data("invoices.duplicate", {{"invoice", {number_of}}}), "amount_cents") == 131'000);
  CHECK(box.error_code("invoices.create", {{"proposal", {proposal}}}) == "overinvoiced");
  check_books(box);
}

TEST_CASE("a tax that changed between draft and issue stops the issue until the draft is worked out anew",
          "[invoices][operations]") {
  Sandbox box;
  tax(box);
  const auto id =
      text(box.data("invoices.create",
                    {{"client-email", {kClient}}, {"currency", {"EUR"}}, {"amount", {"100"}}, {"tax", {"VAT21"}}}),
           "id");
  box.run("taxes.set", {{"code", {"VAT21"}}, {"rate-bp", {"2200"}}, {"from", {"2026-03-02"}}});
  const auto error = box.refusal("invoices.issue", {{"invoice", {id}}});
  CHECK(error.code() == "tax_changed");
  CHECK(error.exit_code() == 5);
  CHECK_THAT(error.what(), Catch::Contains("2100") && Catch::Contains("2200"));
  CHECK(box.value("SELECT count(*) FROM invoices WHERE number IS NOT NULL") == "0");
  box.run("invoices.update", {{"invoice", {id}}, {"amount", {"100"}}, {"tax", {"VAT21"}}});
  CHECK(number(box.data("invoices.issue", {{"invoice", {id}}}), "amount_cents") == 12'200);
  box.run("taxes.set", {{"code", {"VAT21"}}, {"rate-bp", {"2300"}}, {"from", {"2026-03-03"}}});
  CHECK(number(invoice(box, "INV-2026-0001"), "tax_cents") == 2'200);
  check_books(box);
}

TEST_CASE("a draft under an old rate is still issued with a date of that rate", "[invoices][operations]") {
  Sandbox box;
  tax(box);
  const auto id =
      text(box.data("invoices.create",
                    {{"client-email", {kClient}}, {"currency", {"EUR"}}, {"amount", {"100"}}, {"tax", {"VAT21"}}}),
           "id");
  box.run("taxes.set", {{"code", {"VAT21"}}, {"rate-bp", {"2200"}}, {"from", {"2026-03-02"}}});
  const auto issued = box.data("invoices.issue", {{"invoice", {id}}, {"date", {"2026-03-01"}}});
  CHECK(number(issued, "amount_cents") == 12'100);
}

TEST_CASE("a draft that is to be dated before a tax changed is worked out for that day", "[invoices][operations]") {
  Sandbox box;
  tax(box);
  box.run("taxes.set", {{"code", {"VAT21"}}, {"rate-bp", {"2200"}}, {"from", {"2026-03-02"}}});
  const ops::RawArgs asked{{"client-email", {kClient}}, {"currency", {"EUR"}}, {"amount", {"100"}}, {"tax", {"VAT21"}}};
  const auto id = text(box.data("invoices.create", asked), "id");
  const auto error = box.refusal("invoices.issue", {{"invoice", {id}}, {"date", {"2026-03-01"}}});
  CHECK(error.code() == "tax_changed");
  CHECK_THAT(error.hint(), Catch::Contains("--date 2026-03-01"));
  box.run("invoices.update", {{"invoice", {id}}, {"amount", {"100"}}, {"tax", {"VAT21"}}, {"date", {"2026-03-01"}}});
  CHECK(number(box.data("invoices.issue", {{"invoice", {id}}, {"date", {"2026-03-01"}}}), "tax_cents") == 2'100);
  auto dated = asked;
  dated["date"] = {"2026-03-01"};
  CHECK(number(box.data("invoices.create", dated), "tax_cents") == 2'100);
  CHECK(number(box.data("invoices.create", asked), "tax_cents") == 2'200);
  CHECK(box.error_code("invoices.update", {{"invoice", {id}}, {"date", {"2026-03-01"}}}) == "missing_argument");
}
