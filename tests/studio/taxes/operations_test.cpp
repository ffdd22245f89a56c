#include <catch2/catch.hpp>

#include "studio/commerce.h"

using namespace steward;
using namespace steward::test;

namespace {

ops::RawArgs tax(const std::string& code, const std::string& rate_bp, const std::string& from = "2026-01-01") {
  return {{"code", {code}}, {"rate-bp", {rate_bp}}, {"from", {from}}};
}

}  // namespace

TEST_CASE("a tax is set by its code in any case, and listed with what holds today", "[taxes][operations]") {
  Sandbox box;
  const auto answer = box.run("taxes.set", tax("vat21", "2100"));
  CHECK(answer.sentence == "VAT21 is 21.00 % for documents from 2026-01-01 on.");
  CHECK(text(answer.data, "code") == "VAT21");
  CHECK(text(answer.data, "treatment") == "STANDARD");
  CHECK(number(answer.data, "rate_bp") == 2100);
  CHECK(box.actions() == std::vector<std::string>{"taxes.set"});
  box.run("taxes.set", tax("VAT21", "2200", "2026-03-03"));
  const auto listed = box.list("taxes.list", {{"code", {"vat21"}}});
  REQUIRE(listed.items().size() == 2);
  for (const auto& one : listed.items()) {
    CAPTURE(text(one, "valid_from"));
    CHECK(one.at("in_force").boolean() == (text(one, "valid_from") == "2026-01-01"));
  }
  box.at("2026-03-03T00:00:00Z");
  const auto later = box.list("taxes.list");
  for (const auto& one : later.items())
    CHECK(one.at("in_force").boolean() == (text(one, "valid_from") == "2026-03-03"));
  CHECK(box.list("taxes.list", {{"since", {"2026-02-01"}}}).items().size() == 1);
  CHECK(box.list("taxes.list", {{"until", {"2026-02-01"}}}).items().size() == 1);
  CHECK(box.list("taxes.list", {{"treatment", {"exempt"}}}).items().empty());
}

TEST_CASE("a tax holds from today unless another date is named", "[taxes][operations]") {
  Sandbox box;
  CHECK(text(box.data("taxes.set", {{"code", {"ZERO"}}, {"treatment", {"exempt"}}}), "valid_from") == "2026-03-02");
}

TEST_CASE("asking for what holds already changes nothing; another meaning of the same date is refused",
          "[taxes][operations]") {
  Sandbox box;
  box.run("taxes.set", tax("VAT21", "2100"));
  CHECK(box.run("taxes.set", tax("VAT21", "2100")).warnings.at(0).code == "no_change");
  CHECK(box.run("taxes.set", tax("VAT21", "2100", "2026-02-01")).warnings.at(0).code == "no_change");
  const auto error = box.refusal("taxes.set", tax("VAT21", "2000"));
  CHECK(error.code() == "duplicate");
  CHECK(error.exit_code() == 5);
  CHECK(box.value("SELECT count(*) FROM taxes") == "1");
}

TEST_CASE("a tax that was set is never edited nor deleted, not even by hand", "[taxes][operations]") {
  Sandbox box;
  box.run("taxes.set", tax("VAT21", "2100"));
  CHECK_THROWS_AS(box.sql("UPDATE taxes SET rate_bp = 1"), Error);
  CHECK_THROWS_AS(box.sql("DELETE FROM taxes"), Error);
}

TEST_CASE("what is no tax is refused before anything is looked up", "[taxes][operations]") {
  Sandbox box;
  CHECK(box.error_code("taxes.set", tax("VAT 21", "2100")) == "invalid_tax_code");
  CHECK(box.error_code("taxes.set", tax("", "2100")) == "invalid_tax_code");
  CHECK(box.error_code("taxes.set", tax("ABCDEFGHIJKLMNOPQRSTU", "2100")) == "invalid_tax_code");
  CHECK(box.error_code("taxes.set", tax("VAT21", "10001")) == "out_of_range");
  CHECK(box.error_code("taxes.set", {{"code", {"VAT21"}}}) == "missing_argument");
  for (const char* treatment : {"exempt", "reverse-charge"}) {
    CAPTURE(treatment);
    auto args = tax(treatment, "100");
    args["treatment"] = {treatment};
    CHECK(box.error_code("taxes.set", args) == "out_of_range");
    args["rate-bp"] = {"0"};
    CHECK(box.error_code("taxes.set", args) == "");
  }
}

TEST_CASE("a document names a tax that is known and in force, or says why it can't", "[taxes][operations]") {
  Sandbox box;
  box.run("taxes.set", tax("VAT21", "2100", "2026-04-01"));
  ops::RawArgs args{{"client-email", {kClient}}, {"amount", {"100"}}, {"currency", {"EUR"}}, {"tax", {"VAT9"}}};
  const auto unknown = box.refusal("invoices.create", args);
  CHECK(unknown.code() == "not_found");
  CHECK(unknown.exit_code() == 4);
  CHECK(unknown.field() == "tax");
  args["tax"] = {"vat21"};
  const auto early = box.refusal("invoices.create", args);
  CHECK(early.code() == "tax_not_in_force");
  CHECK(early.exit_code() == 6);
  box.at("2026-04-01T09:00:00Z");
  const auto made = box.data("invoices.create", args);
  CHECK(number(made, "amount_cents") == 12'100);
  CHECK(number(made, "net_cents") == 10'000);
  CHECK(number(made, "tax_cents") == 2'100);
}
