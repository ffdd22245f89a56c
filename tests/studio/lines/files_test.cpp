#include <catch2/catch.hpp>

#include "studio/commerce.h"

using namespace steward;
using namespace steward::test;

namespace {

ops::RawArgs of_file(const std::string& path, const std::string& currency = "EUR") {
  return {{"client-email", {kClient}}, {"currency", {currency}}, {"lines", {path}}};
}

Json drafted(Sandbox& box, std::string_view name, std::string_view content, const std::string& currency = "EUR") {
  return invoice(box, text(box.data("invoices.create", of_file(box.write(name, content), currency)), "id"));
}

Error refused(Sandbox& box, std::string_view content, std::string_view name = "lines.csv") {
  return box.refusal("invoices.create", of_file(box.write(name, content)));
}

}  // namespace

TEST_CASE("a document's lines are read from CSV, taxed once a tax, and shown", "[lines][operations]") {
  Sandbox box;
  tax(box);
  tax(box, "VAT9", "900");
  const auto shown = drafted(box, "lines.csv",
                             "description,quantity,unit_price,tax\n"
                             "\"Workshop, two days\",2,500.00,VAT21\n"
                             "Hours,1.5,33.33,vat21\n"
                             "Book,3,9.99,VAT9\n"
                             "Discount,1,-100.00,VAT21\n");
  // 1000.00 + 50.00 (49.995) - 100.00 at 21 %, 29.97 at 9 %
  CHECK(number(shown, "net_cents") == 97'997);
  CHECK(number(shown, "tax_cents") == 19'950 + 270);
  CHECK(number(shown, "amount_cents") == 97'997 + 19'950 + 270);
  const auto lines = shown.at("lines");
  REQUIRE(lines.items().size() == 4);
  CHECK(text(lines.items()[0], "description") == "Workshop, two days");
  CHECK(text(lines.items()[1], "quantity") == "1.5");
  CHECK(number(lines.items()[1], "net_cents") == 5'000);
  CHECK(number(lines.items()[3], "net_cents") == -10'000);
  const auto taxes = shown.at("taxes");
  REQUIRE(taxes.items().size() == 2);
  CHECK(text(taxes.items()[0], "tax") == "VAT21");
  CHECK(number(taxes.items()[0], "net_cents") == 95'000);
  CHECK(number(taxes.items()[1], "tax_amount_cents") == 270);
  check_books(box);
}

TEST_CASE("the same lines as JSON come to the same, with amounts as text or whole numbers", "[lines][operations]") {
  Sandbox box;
  tax(box);
  const auto csv =
      drafted(box, "lines.csv", "description,quantity,unit_price,tax\nDays,2,500.00,VAT21\nHours,1.5,33,VAT21\n");
  const auto json = drafted(box, "lines.jsonl",
                            "{\"description\":\"Days\",\"quantity\":2,\"unit_price\":\"500.00\",\"tax\":\"VAT21\"}\n"
                            "{\"description\":\"Hours\",\"quantity\":\"1.5\",\"unit_price\":33,\"tax\":\"VAT21\"}\n");
  CHECK(json.at("lines") == csv.at("lines"));
  CHECK(json.at("taxes") == csv.at("taxes"));
  CHECK(number(json, "amount_cents") == number(csv, "amount_cents"));
}

TEST_CASE("what lines leave out is one piece, without a tax unless --tax names one", "[lines][operations]") {
  Sandbox box;
  tax(box);
  const auto bare = drafted(box, "lines.csv", "description,unit_price\nDay,100\n");
  CHECK(number(bare, "amount_cents") == 10'000);
  CHECK(bare.at("lines").items()[0].at("tax").is_null());
  auto args = of_file(box.write("lines.csv", "description,unit_price\nDay,100\n"));
  args["tax"] = {"VAT21"};
  CHECK(number(box.data("invoices.create", args), "amount_cents") == 12'100);
}

TEST_CASE("lines are in the digits of the document's currency", "[lines][operations]") {
  Sandbox box;
  CHECK(number(drafted(box, "a.csv", "description,quantity,unit_price\nX,1.5,101\n", "JPY"), "amount_cents") == 152);
  CHECK(number(drafted(box, "b.csv", "description,quantity,unit_price\nX,1,1.005\n", "KWD"), "amount_cents") == 1'005);
}

TEST_CASE("every bad line is named, and nothing is drafted", "[lines][operations]") {
  Sandbox box;
  tax(box);
  const auto error = refused(box,
                             "description,quantity,unit_price,tax\n"
                             "Good,1,1.00,VAT21\n"
                             ",1,1.00,VAT21\n"
                             "No price,1,,VAT21\n"
                             "Zero,0,1.00,VAT21\n"
                             "Minus,-1,1.00,VAT21\n"
                             "Fine,1.23456,1.00,VAT21\n"
                             "Cents,1,1.001,VAT21\n"
                             "Comma,1,\"1,00\",VAT21\n"
                             "Tax,1,1.00,VAT99\n"
                             "Code,1,1.00,V A T\n");
  CHECK(error.code() == "invalid_lines");
  CHECK(error.exit_code() == 2);
  CHECK(error.field() == "lines");
  CHECK(number(error.details(), "count") == 9);
  std::vector<std::int64_t> lines;
  const auto named = error.details().at("lines");
  for (const auto& one : named.items()) lines.push_back(number(one, "line"));
  CHECK(lines == std::vector<std::int64_t>{3, 4, 5, 6, 7, 8, 9, 10, 11});
  CHECK(text(named.items()[2], "code") == "invalid_quantity");
  CHECK(text(named.items()[5], "code") == "invalid_money");
  CHECK(text(named.items()[7], "code") == "not_found");
  CHECK(box.value("SELECT count(*) FROM invoices") == "0");
}

TEST_CASE("a fraction in JSON is no amount: it would have been through floating point", "[lines][operations]") {
  Sandbox box;
  for (const char* line :
       {"{\"description\":\"X\",\"unit_price\":1.5}", "{\"description\":\"X\",\"unit_price\":true}",
        "{\"description\":\"X\",\"unit_price\":\"1\",\"quantity\":0.5}", "{\"description\":\"X\",\"unit_price\":[1]}",
        "[1]", "{\"description\":\"X\"", "{\"description\":\"X\",\"unit_price\":\"1\",\"discount\":\"1\"}"}) {
    CAPTURE(line);
    const auto error = refused(box, std::string(line) + "\n", "lines.jsonl");
    CHECK(error.code() == "invalid_lines");
    CHECK(number(error.details(), "count") == 1);
  }
}

TEST_CASE("a document has at least one line and at most a thousand", "[lines][operations]") {
  Sandbox box;
  std::string file = "description,unit_price\n";
  for (int i = 0; i < 1'000; ++i) file += fmt::format("Line {},1.00\n", i);
  CHECK(number(drafted(box, "lines.csv", file), "amount_cents") == 100'000);
  const auto error = refused(box, file + "One more,1.00\n");
  CHECK(error.code() == "invalid_lines");
  CHECK(text(error.details().at("lines").items().at(0), "code") == "file_too_large");
  CHECK(number(error.details().at("lines").items().at(0), "line") == 1'002);
  CHECK(refused(box, "description,unit_price\n").code() == "invalid_lines");
  CHECK(refused(box, "").code() == "invalid_lines");
}

TEST_CASE("lines that come to nothing or less, or to more than there is, ask for nothing", "[lines][operations]") {
  Sandbox box;
  tax(box);
  const auto negative = refused(box, "description,unit_price,tax\nX,1,VAT21\nDiscount,-2,VAT21\nY,10,\n");
  CHECK(negative.code() == "negative_total");
  CHECK(negative.exit_code() == 2);
  CHECK(refused(box, "description,unit_price\nX,1\nY,-1\n").code() == "negative_total");
  CHECK(refused(box, "description,quantity,unit_price\nX,1000000000,90071992547409.91\n").code() == "invalid_lines");
  CHECK(refused(box, "description,unit_price\nX,90071992547409.91\nY,0.01\n").code() == "amount_too_large");
}

TEST_CASE("lines and an amount exclude each other, and each needs its currency", "[lines][operations]") {
  Sandbox box;
  auto args = of_file(box.write("lines.csv", "description,unit_price\nX,1\n"));
  args["amount"] = {"1"};
  CHECK(box.error_code("invoices.create", args) == "conflicting_arguments");
  args.erase("amount");
  args["description"] = {"All of it"};
  CHECK(box.error_code("invoices.create", args) == "conflicting_arguments");
  args.erase("description");
  args.erase("currency");
  CHECK(box.error_code("invoices.create", args) == "missing_argument");
  CHECK(box.refusal("invoices.create", of_file(box.path("missing.csv"))).exit_code() != 0);
}

TEST_CASE("lines come by standard input too, and a bad file leaves nothing behind", "[lines][cli]") {
  Sandbox box;
  const std::vector<std::string> words{
      "invoices", "create", "--client-email", kClient, "--currency", "EUR", "--lines", "-", "-o", "json"};
  const auto made = box.steward(words, "description,quantity,unit_price\nDay,2,500.00\n");
  CHECK(made.exit == 0);
  CHECK_THAT(made.out, Catch::Contains("\"amount_cents\":100000"));
  const auto bad = box.steward(words, "description,quantity,unit_price\nDay,two,500.00\n");
  CHECK(bad.exit == 2);
  CHECK_THAT(bad.out, Catch::Contains("\"line\":2"));
  CHECK(box.value("SELECT count(*) FROM invoices") == "1");
}

TEST_CASE("a proposal's lines are replaced while it is a draft and stand once it is sent", "[lines][proposals]") {
  Sandbox box;
  tax(box);
  const auto id = text(box.data("proposals.create", {{"title", {"T"}},
                                                     {"client-email", {kClient}},
                                                     {"currency", {"EUR"}},
                                                     {"lines", {box.write("a.csv", "description,unit_price\nX,1\n")}}}),
                       "id");
  const auto file = box.write("b.csv", "description,unit_price,tax\nY,100,VAT21\nZ,50,\n");
  const auto changed = box.data("proposals.update", {{"proposal", {id}}, {"lines", {file}}});
  CHECK(number(changed, "amount_cents") == 17'100);
  CHECK(box.run("proposals.update", {{"proposal", {id}}, {"lines", {file}}}).warnings.at(0).code == "no_change");
  CHECK(box.data("proposals.show", {{"proposal", {id}}}).at("lines").items().size() == 2);
  box.run("proposals.send", {{"proposal", {id}}});
  CHECK(box.error_code("proposals.update", {{"proposal", {id}}, {"lines", {file}}}) == "immutable");
  for (const char* table : {"proposal_lines", "proposal_taxes"}) {
    CHECK_THROWS_AS(box.sql(fmt::format("UPDATE {} SET net_cents = 1", table)), Error);
    CHECK_THROWS_AS(box.sql(fmt::format("DELETE FROM {}", table)), Error);
  }
}

TEST_CASE("a line break within a cell of a document's lines is one, also where Windows wrote it",
          "[lines][operations]") {
  Sandbox box;
  const auto args = of_file(box.write("lines.csv", "description,unit_price\r\n\"Two\r\nlines\",1\r\n"));
  box.run("invoices.create", args);
  CHECK(box.value("SELECT description FROM invoice_lines") == "Two\nlines");
}
