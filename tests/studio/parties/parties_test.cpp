#include <catch2/catch.hpp>

#include "studio/commerce.h"

using namespace steward;
using namespace steward::test;

namespace {

void say_who_we_are(Sandbox& box) {
  for (const auto& [key, value] :
       {std::pair("business.legal_name", "Atelier SARL"), std::pair("business.address", "1 rue des Lilas, Paris"),
        std::pair("business.country", "FR"), std::pair("business.tax_id", "FR12345678901")})
    box.run("settings.set", {{"key", {key}}, {"value", {value}}});
}

void contact(Sandbox& box, const ops::RawArgs& more = {}) {
  ops::RawArgs args{{"email", {kClient}}, {"name", {"Ada Byron"}}};
  args.insert(more.begin(), more.end());
  box.run("contacts.create", args);
}

const ops::RawArgs kWhole{{"legal-name", {"Lovelace Ltd"}}, {"address", {"12 St James Square"}}, {"country", {"GB"}}};

std::vector<std::string> missing(const Error& error) {
  std::vector<std::string> out;
  const auto names = error.details().at("missing");
  for (const auto& name : names.items()) out.push_back(name.text());
  return out;
}

}  // namespace

TEST_CASE("a studio that has said nothing of itself issues without parties, and is warned", "[parties][operations]") {
  Sandbox box;
  const auto answer = box.run("invoices.issue", {{"invoice", {draft_invoice(box)}}});
  REQUIRE(answer.warnings.size() == 1);
  CHECK(answer.warnings[0].code == "incomplete_parties");
  CHECK(box.value("SELECT count(*) FROM invoice_parties") == "0");
  CHECK(invoice(box, "INV-2026-0001").at("parties").is_null());
}

TEST_CASE("an issued invoice needs both of its parties whole, and tells all that is missing", "[parties][operations]") {
  Sandbox box;
  box.run("settings.set", {{"key", {"business.legal_name"}}, {"value", {"Atelier SARL"}}});
  const auto draft = draft_invoice(box);
  const auto error = box.refusal("invoices.issue", {{"invoice", {draft}}});
  CHECK(error.code() == "incomplete_parties");
  CHECK(error.exit_code() == 6);
  CHECK(missing(error) ==
        std::vector<std::string>{"business.address", "business.country", "business.tax_id", "the client's contact"});
  say_who_we_are(box);
  contact(box);
  CHECK(missing(box.refusal("invoices.issue", {{"invoice", {draft}}})) ==
        std::vector<std::string>{"the client's address", "the client's country"});
  CHECK(box.value("SELECT count(*) FROM document_counters WHERE series = 'INV' AND next > 1") == "0");
  CHECK(box.value("SELECT status FROM invoices") == "DRAFT");
}

TEST_CASE("an invoice keeps who its parties were on its day", "[parties][operations]") {
  Sandbox box;
  say_who_we_are(box);
  contact(box, kWhole);
  const auto number_of = issued_invoice(box);
  box.run("contacts.update", {{"contact", {kClient}}, {"legal-name", {"Babbage Ltd"}}, {"country", {"FR"}}});
  box.run("settings.set", {{"key", {"business.legal_name"}}, {"value", {"Another SARL"}}});
  const auto parties = invoice(box, number_of).at("parties");
  CHECK(text(parties.at("seller"), "legal_name") == "Atelier SARL");
  CHECK(text(parties.at("client"), "legal_name") == "Lovelace Ltd");
  CHECK(text(parties.at("client"), "country") == "GB");
  CHECK(text(invoice(box, issued_invoice(box)).at("parties").at("client"), "legal_name") == "Babbage Ltd");
  CHECK_THROWS_AS(box.sql("UPDATE invoice_parties SET legal_name = 'x'"), Error);
  CHECK_THROWS_AS(box.sql("DELETE FROM invoice_parties"), Error);
  check_books(box);
}

TEST_CASE("under reverse charge the client must be known to the tax office", "[parties][operations]") {
  Sandbox box;
  say_who_we_are(box);
  contact(box, kWhole);
  box.run("taxes.set", {{"code", {"RC"}}, {"treatment", {"reverse-charge"}}, {"from", {"2026-01-01"}}});
  const auto draft =
      text(box.data("invoices.create",
                    {{"client-email", {kClient}}, {"amount", {"100"}}, {"currency", {"EUR"}}, {"tax", {"RC"}}}),
           "id");
  const auto error = box.refusal("invoices.issue", {{"invoice", {draft}}});
  CHECK(error.code() == "incomplete_parties");
  CHECK(missing(error) == std::vector<std::string>{"the client's tax_id"});
  CHECK(issued_invoice(box) == "INV-2026-0001");
  box.run("contacts.update", {{"contact", {kClient}}, {"tax-id", {"GB123456789"}}});
  const auto issued = box.data("invoices.issue", {{"invoice", {draft}}});
  CHECK(text(issued, "number") == "INV-2026-0002");
  CHECK(number(issued, "tax_cents") == 0);
  CHECK(text(invoice(box, "INV-2026-0002").at("parties").at("client"), "tax_id") == "GB123456789");
}
