#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "core/text.h"
#include "ops/run.h"
#include "studio/commerce.h"
#include "studio/deals/atelier.h"

using namespace steward;
using namespace steward::test;

namespace {

std::string exported(Sandbox& box, const std::string& format, const std::string& from = "2026-01-01",
                     const std::string& to = "2026-12-31") {
  const auto file = box.path("books." + format);
  std::filesystem::remove(file);
  box.run("books.export", {{"from", {from}}, {"to", {to}}, {"format", {format}}, {"file", {file}}});
  return box.read(file);
}

// The rows of a CSV export that are of one kind: "account amount currency", each.
std::vector<std::string> postings(Sandbox& box, const std::string& kind, const std::string& from = "2026-01-01",
                                  const std::string& to = "2026-12-31") {
  std::vector<std::string> out;
  const auto csv = exported(box, "csv", from, to);
  for (const auto line : split(csv, '\n')) {
    const auto cells = split(line, ',');  // the text may have commas of its own
    const auto n = cells.size();
    if (n >= 11 && cells[1] == kind)
      out.push_back(fmt::format("{} {} {} {}", cells[0], cells[n - 3], cells[n - 2], cells[n - 1]));
  }
  return out;
}

using Lines = std::vector<std::string>;

std::string taxed_invoice(Sandbox& box) {
  box.run("taxes.set", {{"code", {"VAT21"}}, {"rate-bp", {"2100"}}, {"from", {"2026-01-01"}}});
  box.run("taxes.set", {{"code", {"VAT6"}}, {"rate-bp", {"600"}}, {"from", {"2026-01-01"}}});
  const auto lines = box.write("lines.csv",
                               "description,quantity,unit_price,tax\n"
                               "Days,2,50.00,VAT21\nBook,1,10.00,VAT6\n");
  const auto id =
      text(box.data("invoices.create", {{"client-email", {kClient}}, {"currency", {"EUR"}}, {"lines", {lines}}}), "id");
  return text(box.data("invoices.issue", {{"invoice", {id}}}), "number");
}

}  // namespace

TEST_CASE("an invoice is what the client owes, against net and tax by code and rate", "[books][operations]") {
  Sandbox box;
  taxed_invoice(box);
  CHECK(postings(box, "invoice") ==
        Lines{"2026-03-02 Assets:Receivable:ada@client.example 131.60 EUR",
              "2026-03-02 Income:Sales:VAT21:21.00% -100.00 EUR", "2026-03-02 Liabilities:Tax:VAT21:21.00% -21.00 EUR",
              "2026-03-02 Income:Sales:VAT6:6.00% -10.00 EUR", "2026-03-02 Liabilities:Tax:VAT6:6.00% -0.60 EUR"});
}

TEST_CASE("a void takes the whole invoice back on its own day; a draft is in no books", "[books][operations]") {
  Sandbox box;
  draft_invoice(box);
  const auto number = issued_invoice(box);
  box.at("2026-04-01T09:00:00Z");
  box.run("invoices.void", {{"invoice", {number}}, {"reason", {"Wrong client"}}});
  CHECK(postings(box, "invoice") == Lines{"2026-03-02 Assets:Receivable:ada@client.example 100.00 EUR",
                                          "2026-03-02 Income:Sales:Untaxed -100.00 EUR"});
  CHECK(postings(box, "void") == Lines{"2026-04-01 Assets:Receivable:ada@client.example -100.00 EUR",
                                       "2026-04-01 Income:Sales:Untaxed 100.00 EUR"});
}

TEST_CASE("a credit note takes back net and tax of its part", "[books][operations]") {
  Sandbox box;
  const auto number = taxed_invoice(box);
  box.run("invoices.credit", {{"invoice", {number}}, {"reason", {"Nothing was delivered"}}});
  CHECK(postings(box, "credit_note") ==
        Lines{"2026-03-02 Assets:Receivable:ada@client.example -131.60 EUR",
              "2026-03-02 Income:Sales:VAT21:21.00% 100.00 EUR", "2026-03-02 Liabilities:Tax:VAT21:21.00% 21.00 EUR",
              "2026-03-02 Income:Sales:VAT6:6.00% 10.00 EUR", "2026-03-02 Liabilities:Tax:VAT6:6.00% 0.60 EUR"});
}

TEST_CASE("money comes to the bank, goes back from it, and is reversed on the day that it was", "[books][operations]") {
  Sandbox box;
  const auto first = issued_invoice(box, "100", "JPY"), second = issued_invoice(box, "1.500", "KWD");
  const auto yen = pay(box, first, "100"), dinars = pay(box, second, "0.005");
  box.at("2026-03-05T09:00:00Z");
  box.run("payments.refund", {{"payment", {yen}}, {"amount", {"40"}}, {"reason", {"Late"}}});
  box.run("payments.reverse", {{"payment", {dinars}}, {"reason", {"Mistyped"}}});
  CHECK(postings(box, "payment") ==
        Lines{"2026-03-02 Assets:Bank:JPY 100 JPY", "2026-03-02 Assets:Receivable:ada@client.example -100 JPY",
              "2026-03-02 Assets:Bank:KWD 0.005 KWD", "2026-03-02 Assets:Receivable:ada@client.example -0.005 KWD"});
  CHECK(postings(box, "refund") ==
        Lines{"2026-03-05 Assets:Bank:JPY -40 JPY", "2026-03-05 Assets:Receivable:ada@client.example 40 JPY"});
  CHECK(postings(box, "payment_reversed") ==
        Lines{"2026-03-05 Assets:Bank:KWD -0.005 KWD", "2026-03-05 Assets:Receivable:ada@client.example 0.005 KWD"});
}

TEST_CASE("credit that is used moves between the client's invoices, and no bank sees it", "[books][operations]") {
  Sandbox box;
  const auto from = issued_invoice(box), to = issued_invoice(box);
  box.run("payments.record", {{"invoice", {from}}, {"amount", {"130.00"}}, {"allow-credit", {"true"}}});
  box.run("payments.use-credit", {{"invoice", {to}}, {"credit-of", {from}}});
  CHECK(postings(box, "credit_out") == Lines{"2026-03-02 Assets:Clearing:Credit -30.00 EUR",
                                             "2026-03-02 Assets:Receivable:ada@client.example 30.00 EUR"});
  CHECK(postings(box, "credit_in") == Lines{"2026-03-02 Assets:Clearing:Credit 30.00 EUR",
                                            "2026-03-02 Assets:Receivable:ada@client.example -30.00 EUR"});
}

TEST_CASE("a period holds its first and last day in studio.timezone, and nothing else", "[books][operations]") {
  Sandbox box;
  box.run("settings.set", {{"key", {"studio.timezone"}}, {"value", {"Asia/Tokyo"}}});
  const auto number = issued_invoice(box);
  for (const auto* at :
       {"2026-02-27T14:59:59Z", "2026-02-27T15:00:00Z", "2026-02-28T14:59:59Z", "2026-02-28T15:00:00Z"})
    box.run("payments.record", {{"invoice", {number}}, {"amount", {"10.00"}}, {"paid-at", {at}}});
  CHECK(postings(box, "payment", "2026-02-28", "2026-02-28").size() == 4);
  CHECK(postings(box, "payment", "2026-02-28", "2026-02-28").front() == "2026-02-28 Assets:Bank:EUR 10.00 EUR");
  CHECK(postings(box, "payment", "2026-03-01", "2026-03-01").size() == 2);
  CHECK(postings(box, "invoice", "2026-02-28", "2026-03-01").empty());
}

TEST_CASE("what people earn is owed to them by the day it was booked, until a payout arrived", "[books][operations]") {
  Atelier box;
  const auto entry = box.approved_entry(box.delivered(100'000));
  box.run("ledger.payout", {{"entry", {entry}}, {"expect-total", {"600.00 EUR"}}, {"reference", {"SEPA 1"}}});
  const Lines earned{"2026-03-02 Expenses:Deals:Provider-Payout 600.00 EUR",
                     "2026-03-02 Liabilities:Payable:noor@atelier.example -600.00 EUR"};
  CHECK(postings(box, "earned") == earned);
  CHECK(postings(box, "payout").empty());
  box.at("2026-03-03T09:00:00Z");
  box.run("ledger.confirm-payout", {{"entry", {entry}}});
  CHECK(postings(box, "payout") == Lines{"2026-03-03 Liabilities:Payable:noor@atelier.example 600.00 EUR",
                                         "2026-03-03 Assets:Bank:EUR -600.00 EUR"});
}

TEST_CASE("an entry that was voided stays on its day in the books, and goes on another", "[books][operations]") {
  Atelier box;
  const auto deal = box.delivered(10'000, true);
  box.at("2026-04-02T09:00:00Z");
  box.run("ledger.void", {{"entry", {box.entry(deal, "REFERRER_COMMISSION")}}, {"reason", {"Withdrawn"}}});
  CHECK(postings(box, "earned", "2026-03-01", "2026-03-31").size() == 4);
  CHECK(postings(box, "voided") == Lines{"2026-04-02 Expenses:Deals:Referrer-Commission -4.00 EUR",
                                         "2026-04-02 Liabilities:Payable:lucia@atelier.example 4.00 EUR"});
}

TEST_CASE("the ledger's journal leaves VOID entries out and keeps the month that an entry was counted to",
          "[books][operations]") {
  Atelier box;
  box.at("2026-03-31T22:30:00Z");
  const auto deal = box.delivered(10'000, true);
  box.run("ledger.void", {{"entry", {box.entry(deal, "REFERRER_COMMISSION")}}, {"reason", {"Withdrawn"}}});
  box.run("settings.set", {{"key", {"studio.timezone"}}, {"value", {"Europe/Paris"}}});
  const auto file = box.path("ledger.csv");
  const auto answer = box.data("ledger.export", {{"format", {"csv"}}, {"to", {file}}});
  CHECK(answer.at("transactions").integer() == 2);
  CHECK(text(answer, "format") == "CSV");
  const auto csv = box.read(file);
  CHECK(csv.find("REFERRER") == std::string::npos);
  CHECK(csv.find("Referrer-Commission,") == std::string::npos);
  CHECK(csv.find("2026-03-31,earned,") != std::string::npos);
  CHECK(csv.find("2026-04-01") == std::string::npos);
}

TEST_CASE("an export goes to standard output, whole and nothing else, unless a file is named", "[books][cli]") {
  Sandbox box;
  issued_invoice(box);
  const auto said =
      box.steward({"books", "export", "--from", "2026-01-01", "--to", "2026-12-31", "--format", "hledger"});
  CHECK(said.exit == 0);
  CHECK(said.out == exported(box, "hledger"));
  CHECK(said.err.empty());
  CHECK(box.steward({"ledger", "export", "--format", "csv"}).out ==
        "date,kind,id,number,invoice,party,text,status,account,amount,currency\n");
}

TEST_CASE("contract 3: with -o json the journal is a text within the one object", "[books][cli]") {
  Sandbox box;
  issued_invoice(box);
  const std::vector<std::string> words{"books",      "export",   "--from", "2026-01-01", "--to",
                                       "2026-12-31", "--format", "csv",    "--json"};
  const auto said = box.steward(words).json();
  CHECK(said.at("ok").boolean());
  CHECK(text(said.at("data"), "text") == exported(box, "csv"));
}

TEST_CASE("a file is replaced by an export only when that is confirmed, and never the database", "[books][cli]") {
  Sandbox box;
  const auto file = box.write("2026.journal", "mine");
  const std::vector<std::string> words{"books",      "export",   "--from",  "2026-01-01", "--to",
                                       "2026-12-31", "--format", "hledger", "--file",     file};
  CHECK(box.steward(words).exit == 6);
  CHECK(box.read(file) == "mine");
  auto confirmed = words;
  confirmed.emplace_back("--yes");
  CHECK(box.steward(confirmed).exit == 0);
  CHECK(box.read(file) != "mine");
  auto onto_key = confirmed;
  onto_key[9] = box.key_file();
  CHECK(box.steward(onto_key).exit == 2);
}

TEST_CASE("a period that ends before it begins is refused", "[books][operations]") {
  Sandbox box;
  CHECK(box.error_code("books.export", {{"from", {"2026-02-01"}}, {"to", {"2026-01-31"}}, {"format", {"csv"}}}) ==
        "invalid_date");
}

TEST_CASE("a long export to a file says how far it is; one to standard output says nothing beside it",
          "[books][operations][sqlite]") {
  Atelier box;
  const auto deal = box.delivered(100'000);
  box.sql(fmt::format(
      "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 20001)"
      " INSERT INTO ledger_entries (id, deal_id, entry_type, beneficiary_user_id, amount_cents, currency, status,"
      " basis_cents, basis, earned_at, earned_month, part, created_at, updated_at)"
      " SELECT printf('019c0000-0000-7000-8000-%012x', i), deal_id, entry_type, beneficiary_user_id, i, currency,"
      " status, basis_cents, basis, earned_at, earned_month, i, created_at, updated_at"
      " FROM ledger_entries, n WHERE deal_id = '{}' AND entry_type = 'PROVIDER_PAYOUT'",
      deal));
  std::vector<std::string> said;
  auto house = box.house();
  house.progress = [&](const std::string& line) { said.push_back(line); };
  ops::Request request;
  request.operation = Sandbox::registry().find("ledger.export");
  request.raw = {{"format", {"csv"}}, {"to", {box.path("ledger.csv")}}};
  const auto answer = ops::run(house, request, nullptr);
  CHECK(answer.data.at("transactions").integer() == 20'002);
  CHECK(said == Lines{"Wrote 20000 transactions"});
  const auto bare = box.steward({"ledger", "export", "--format", "csv"});
  CHECK(bare.err.empty());
  CHECK(std::ranges::count(bare.out, '\n') == 1 + 2 * 20'002);
}
