#include "studio/books/accounts.h"

#include <catch2/catch.hpp>
#include <regex>
#include <set>

using namespace steward::books;

namespace {

const std::string kId = "019c0000-0000-7000-8000-00000000beef", kOther = "019c0000-0000-7000-8000-00000000cafe";

constexpr std::string_view kHostile[] = {
    "a:b@x.example",      "a;b@x.example",
    "a b@x.example",      "a  b@x.example",
    "a\"b@x.example",     "a\nb@x.example",
    "(a)@x.example",      "[a]@x.example",
    "o'brien@x.example",  "a%3Ab@x.example",
    "-a@x.example",       "*@x.example",
    "\xc3\xa9@x.example", "\xe4\xbd\x90\xe8\x97\xa4@x.example",
    "a@x.example",        "A=1@x.example",
};

}  // namespace

TEST_CASE("an address is read as it is written, where a program can read it", "[books][rules]") {
  const Accounts accounts(Format::hledger);
  CHECK(accounts.receivable("ada+x@client.example") == "Assets:Receivable:ada+x@client.example");
  CHECK(accounts.payable("noor@atelier.example", kId) == "Liabilities:Payable:noor@atelier.example");
  CHECK(accounts.receivable("o'brien@x.example") == "Assets:Receivable:o%27brien@x.example");
}

TEST_CASE("whatever an address holds, hledger's account is one word of plain letters, and nobody else's",
          "[books][rules]") {
  const Accounts accounts(Format::hledger);
  std::set<std::string> seen;
  for (const auto email : kHostile) {
    const auto account = accounts.receivable(email);
    CAPTURE(account);
    CHECK(std::regex_match(account, std::regex("Assets:Receivable:[A-Za-z0-9@._+%-]+")));
    CHECK(seen.insert(account).second);
  }
}

TEST_CASE("beancount's accounts have capitals, digits and dashes only, and tell people apart by more than the address",
          "[books][rules]") {
  const Accounts accounts(Format::beancount);
  const std::regex strict("(Assets|Liabilities|Income)(:[A-Z0-9][A-Za-z0-9-]*)+");
  std::set<std::string> seen;
  for (const auto email : kHostile) {
    CAPTURE(email);
    CHECK(std::regex_match(accounts.receivable(email), strict));
    CHECK(std::regex_match(accounts.payable(email, kId), strict));
    CHECK(seen.insert(accounts.receivable(email)).second);
  }
  CHECK(accounts.payable("noor@atelier.example", kId) == "Liabilities:Payable:Noor-atelier-example-00000000beef");
  CHECK(accounts.payable("noor@atelier.example", kId) != accounts.payable("noor@atelier.example", kOther));
}

TEST_CASE("a tax has an account by its code and rate", "[books][rules]") {
  const Accounts hledger(Format::hledger), beancount(Format::beancount);
  CHECK(hledger.tax({"VAT21", 2100}) == "Liabilities:Tax:VAT21:21.00%");
  CHECK(hledger.income({"VAT21", 550}) == "Income:Sales:VAT21:5.50%");
  CHECK(hledger.income({}) == "Income:Sales:Untaxed");
  CHECK(beancount.tax({"VAT21", 2100}) == "Liabilities:Tax:VAT21:21-00");
  CHECK(beancount.income({"VAT_21", 2105}) == "Income:Sales:VAT-u-21:21-05");
  std::set<std::string> seen;
  for (const auto* code : {"A-B", "A_B", "-A", "_A", "XA", "X-A", "A-U-B"})
    CHECK(seen.insert(beancount.tax({code, 0})).second);
}
