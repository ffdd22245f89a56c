#include "studio/books/journal.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace steward;
using namespace steward::books;

namespace {

Transaction sale() {
  Transaction out;
  out.date = "2026-03-02";
  out.kind = "invoice";
  out.id = "019c0000-0000-7000-8000-00000000beef";
  out.number = out.invoice = "INV-2026-0001";
  out.party = "Ada";
  out.text = "Invoice INV-2026-0001";
  out.currency = "EUR";
  out.exponent = 2;
  out.postings = {
      {"Assets:Receivable:ada", 12'100}, {"Income:Sales:VAT21", -10'000}, {"Liabilities:Tax:VAT21", -2'100}};
  return out;
}

std::string written(Format format, const Transaction& transaction) {
  std::string out;
  Journal journal(format, [&](std::string_view piece) { out += piece; });
  journal.write(transaction);
  CHECK(journal.written() == 1);
  return out;
}

std::string declared(Format format, const char* currency) {
  std::string out;
  Journal journal(format, [&](std::string_view piece) { out += piece; });
  journal.declare(Currency::parse(currency));
  return out;
}

}  // namespace

TEST_CASE("a transaction in each format", "[books][rules]") {
  CHECK(written(Format::hledger, sale()) ==
        "\n2026-03-02 * (INV-2026-0001) Ada | Invoice INV-2026-0001\n"
        "    ; id: 019c0000-0000-7000-8000-00000000beef\n    ; kind: invoice\n    ; invoice: INV-2026-0001\n"
        "    Assets:Receivable:ada  121.00 EUR\n    Income:Sales:VAT21  -100.00 EUR\n"
        "    Liabilities:Tax:VAT21  -21.00 EUR\n");
  CHECK(written(Format::beancount, sale()) ==
        "\n2026-03-02 * \"Ada\" \"Invoice INV-2026-0001\"\n"
        "  id: \"019c0000-0000-7000-8000-00000000beef\"\n  kind: \"invoice\"\n  number: \"INV-2026-0001\"\n"
        "  invoice: \"INV-2026-0001\"\n"
        "  Assets:Receivable:ada  121.00 EUR\n  Income:Sales:VAT21  -100.00 EUR\n"
        "  Liabilities:Tax:VAT21  -21.00 EUR\n");
  CHECK(written(Format::csv, sale())
            .starts_with("2026-03-02,invoice,019c0000-0000-7000-8000-00000000beef,INV-2026-0001,INV-2026-0001,Ada,"
                         "Invoice INV-2026-0001,,"
                         "Assets:Receivable:ada,121.00,EUR\n"));
}

TEST_CASE("amounts have the digits of their currency, and say so", "[books][rules]") {
  auto transaction = sale();
  transaction.currency = "JPY";
  transaction.exponent = 0;
  CHECK(written(Format::hledger, transaction).find("  12100 JPY\n") != std::string::npos);
  transaction.exponent = 3;
  CHECK(written(Format::hledger, transaction).find("  -2.100 JPY\n") != std::string::npos);
  CHECK(declared(Format::hledger, "KWD") == "commodity KWD\n    format 1000.000 KWD\n");
  CHECK(declared(Format::hledger, "JPY") == "commodity JPY\n");
  CHECK(declared(Format::beancount, "JPY") == "1900-01-01 commodity JPY\n");
  CHECK(declared(Format::csv, "JPY").empty());
}

TEST_CASE("no text reaches past its place in a line of hledger or Ledger", "[books][rules]") {
  CHECK(journal_text("a; b | c") == "a, b / c");
  CHECK(journal_text("a\n2026-01-01 * theft\n  Assets:Bank  1 EUR") == "a 2026-01-01 * theft Assets:Bank 1 EUR");
  CHECK(journal_text("  a \t\r\n  b  ") == "a b");
  CHECK(journal_text("(INV-9)") == "[INV-9]");
  auto transaction = sale();
  transaction.party = "x\n    Assets:Bank:EUR  1000.00 EUR ; y";
  transaction.number = "N) z ;\n";
  const auto hostile = written(Format::hledger, transaction), plain = written(Format::hledger, sale());
  CHECK(std::ranges::count(hostile, '\n') == std::ranges::count(plain, '\n'));
  CHECK(std::ranges::count(hostile, ';') == std::ranges::count(plain, ';'));
}

TEST_CASE("no text ends a string of beancount", "[books][rules]") {
  CHECK(beancount_text("a\"b\\c\nd") == "a\\\"b\\\\c d");
}
