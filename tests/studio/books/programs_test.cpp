// hledger, Ledger and beancount on what steward exports: they take it, and hledger comes to the same sums, to the minor
// unit of every currency.
#include "studio/books/programs.h"

#include <fmt/format.h>

#include <filesystem>
#include <random>

#include "core/error.h"
#include "studio/commerce.h"
#include "studio/deals/atelier.h"

using namespace steward;
using namespace steward::test;

namespace {

std::string exported(Sandbox& box, const std::string& which, const std::string& format) {
  const auto file = box.path(which + "." + format);
  std::filesystem::remove(file);
  if (which == "ledger")
    box.run("ledger.export", {{"format", {format}}, {"to", {file}}});
  else
    box.run("books.export", {{"from", {"2000-01-01"}}, {"to", {"2099-12-31"}}, {"format", {format}}, {"file", {file}}});
  return file;
}

void all_three_accept(Sandbox& box) {
  for (const auto* which : {"ledger", "books"}) {
    CAPTURE(which);
    both_ledgers_accept(exported(box, which, "hledger"));
    beancount_accepts(exported(box, which, "beancount"));
  }
}

void books_are_equal(Sandbox& box) {
  const auto journal = exported(box, "books", "hledger");
  CHECK(hledger_balances(journal, {"^Assets:Receivable"}) == receivable(box));
  CHECK(hledger_balances(journal, {"^Liabilities:Payable"}) == payable(box));
  CHECK(hledger_balances(journal, {"^Assets:Bank"}) == in_the_bank(box));
  CHECK(hledger_balances(journal, {"^Liabilities:Tax"}) == sold_tax(box));
  CHECK(hledger_balances(journal, {"^Income:Sales"}) == sold_net(box));
  CHECK(hledger_balances(journal, {"^Assets:Clearing"}).empty());
}

// `ledger balance` by person and status, as a balance of what is owed.
Balances our_balance(Sandbox& box, const std::string& status) {
  Balances out;
  const auto rows = box.list("ledger.balance");
  for (const auto& row : rows.items())
    if (row.at("status").text() == status) {
      const auto& person = row.at("beneficiary_email");
      const auto account =
          person.is_null() ? std::string("Equity:Deals:Platform-Revenue") : "Liabilities:Payable:" + person.text();
      out[account + " " + row.at("currency").text()] -= row.at("amount_cents").integer();
    }
  std::erase_if(out, [](const auto& one) { return one.second == 0; });
  return out;
}

void ledger_is_equal(Sandbox& box) {
  const auto journal = exported(box, "ledger", "hledger");
  for (const auto* status : {"EARNED", "APPROVED", "PAYING", "PAID"}) {
    CAPTURE(status);
    CHECK(hledger_balances(journal, {"^Liabilities:Payable", "^Equity:Deals:Platform-Revenue",
                                     fmt::format("tag:status=^{}$", status)}) == our_balance(box, status));
  }
  CHECK(hledger_balances(journal, {"^Liabilities:Payable"}) == payable(box));
}

// ---- random trading

class Trader {
 public:
  Trader(Atelier& box, unsigned seed) : box_(box), random_(seed) {
    box_.run("taxes.set", {{"code", {"VAT21"}}, {"rate-bp", {"2100"}}, {"from", {"2026-01-01"}}});
    box_.run("taxes.set", {{"code", {"VAT_5-5"}}, {"rate-bp", {"550"}}, {"from", {"2026-01-01"}}});
    box_.run("taxes.set", {{"code", {"REVERSE"}}, {"treatment", {"reverse_charge"}}, {"from", {"2026-01-01"}}});
    box_.offer("yen", 680'000, "JPY");
    box_.offer("dinar", 1'250'500, "KWD");
  }

  void step() {
    hour_ += 1 + below(60);
    box_.at(to_text(Instant{parse_instant("2026-03-02T09:00:00Z").ms + hour_ * 3'600'000}));
    try {
      once(below(12));
      ++done_;
    } catch (const Error& error) {  // what can't be done now is tried again another time
      if (error.kind() == ErrorKind::defect || error.kind() == ErrorKind::temporary) throw;
    }
  }
  int done() const { return done_; }

 private:
  unsigned below(unsigned n) { return std::uniform_int_distribution<unsigned>(0, n - 1)(random_); }
  std::string one_of(const std::string& sql) {
    const auto rows = box_.rows(sql);
    return rows.empty() ? std::string(36, '0') : rows[below(static_cast<unsigned>(rows.size()))].front();
  }
  std::string invoice() { return one_of("SELECT id FROM invoices WHERE number IS NOT NULL AND deal_id IS NULL"); }
  std::string payment() {
    return one_of("SELECT p.id FROM payments p JOIN invoices i ON i.id = p.invoice_id WHERE i.deal_id IS NULL");
  }
  std::string amount() { return std::to_string(1 + below(900)); }

  void sell() {
    constexpr const char* kClients[] = {"ada@client.example", "bo+billing@client.example", "cy_9@client.example"};
    constexpr const char* kCurrencies[] = {"EUR", "JPY", "KWD"};
    constexpr const char* kTaxes[] = {"VAT21", "VAT_5-5", "REVERSE", ""};
    const std::string currency = kCurrencies[below(3)];
    std::string lines = "description,quantity,unit_price,tax\n";
    for (unsigned i = 0; i <= below(4); ++i)
      lines += fmt::format("Line {},{}.{},{}{},{}\n", i, 1 + below(9), below(10), 1 + below(500),
                           currency == "JPY" ? "" : ".07", kTaxes[below(4)]);
    const auto id = text(box_.data("invoices.create", {{"client-email", {kClients[below(3)]}},
                                                       {"currency", {currency}},
                                                       {"lines", {box_.write("lines.csv", lines)}}}),
                         "id");
    if (below(10) > 0) box_.run("invoices.issue", {{"invoice", {id}}});
  }
  void earn() {
    constexpr const char* kOffers[] = {"workshop", "yen", "dinar"};
    box_.delivered(1000 + below(90'000), below(2) == 0, kOffers[below(3)]);
  }
  void pay_out() {
    const auto entry =
        one_of("SELECT id FROM ledger_entries WHERE status = 'EARNED' AND beneficiary_user_id IS NOT NULL");
    if (below(5) == 0) {
      box_.run("ledger.void", {{"entry", {entry}}, {"reason", {"Withdrawn"}}});
      return;
    }
    const auto record = box_.data("ledger.approve", {{"entry", {entry}}});
    box_.run("ledger.payout",
             {{"entry", {entry}}, {"expect-total", {text(record, "amount") + " " + text(record, "currency")}}});
    switch (below(3)) {
      case 0:
        return;
      case 1:
        box_.run("ledger.fail-payout", {{"entry", {entry}}, {"reason", {"Wrong account"}}});
        return;
      default:
        box_.run("ledger.confirm-payout", {{"entry", {entry}}});
    }
  }
  void undo() {
    if (below(2) == 0)
      box_.run("payments.reverse", {{"payment", {payment()}}, {"reason", {"Mistyped"}}});
    else
      box_.run("invoices.void", {{"invoice", {invoice()}}, {"reason", {"Wrong client"}}});
  }
  void once(unsigned what) {
    if (what < 3) return sell();
    if (what < 6)
      box_.run("payments.record", {{"invoice", {invoice()}}, {"amount", {amount()}}, {"allow-credit", {"true"}}});
    if (what == 6)
      box_.run("invoices.credit", {{"invoice", {invoice()}}, {"amount", {amount()}}, {"reason", {"Less"}}});
    if (what == 7)
      box_.run("payments.refund", {{"payment", {payment()}}, {"amount", {amount()}}, {"reason", {"Back"}}});
    if (what == 8) box_.run("payments.use-credit", {{"invoice", {invoice()}}, {"credit-of", {invoice()}}});
    if (what == 9) undo();
    if (what == 10) earn();
    if (what == 11) pay_out();
  }

  Atelier& box_;
  std::mt19937 random_;
  std::int64_t hour_ = 0;
  int done_ = 0;
};

}  // namespace

TEST_CASE("hledger, Ledger and beancount accept the demo season, and hledger's balances are ours",
          "[books][programs]") {
  Sandbox box(World::season);
  all_three_accept(box);
  books_are_equal(box);
  ledger_is_equal(box);
}

TEST_CASE("after any trading the three programs accept the books, and hledger's balances are ours",
          "[books][programs]") {
  const auto seed = GENERATE(1U, 2U, 3U, 4U);
  CAPTURE(seed);
  Atelier box;
  box.run("settings.set", {{"key", {"studio.timezone"}}, {"value", {"Pacific/Auckland"}}});
  Trader trader(box, seed);
  for (int i = 0; i < 60; ++i) trader.step();
  CHECK(trader.done() > 20);
  all_three_accept(box);
  books_are_equal(box);
  ledger_is_equal(box);
}

TEST_CASE("each part of a year by itself is accepted, and the parts come to the whole", "[books][programs]") {
  Atelier box;
  Trader trader(box, 7);
  for (int i = 0; i < 60; ++i) trader.step();
  Balances parts;
  for (const auto& [from, to] : {std::pair{"2026-01-01", "2026-03-31"}, std::pair{"2026-04-01", "2026-12-31"}}) {
    const auto file = box.path(std::string(from) + ".journal");
    box.run("books.export", {{"from", {from}}, {"to", {to}}, {"format", {"hledger"}}, {"file", {file}}});
    both_ledgers_accept(file);
    for (const auto& [account, cents] : hledger_balances(file)) parts[account] += cents;
  }
  std::erase_if(parts, [](const auto& one) { return one.second == 0; });
  CHECK(parts == hledger_balances(exported(box, "books", "hledger")));
}

TEST_CASE("no name, address, number or reference breaks a journal or puts an entry into it", "[books][programs]") {
  Atelier box;
  const auto payee = box.user("o'brien|x@atelier.example", {"ASSOCIATE"}, "x\"; y\\ (z) | ; kind: theft");
  box.sql(fmt::format("UPDATE users SET display_name = 'Bo\"by; \\' || ' | (Tables)' WHERE id = '{}'", box.noor));
  const auto entry = box.approved_entry(box.delivered(100'000));
  box.run("ledger.payout", {{"entry", {entry}}, {"expect-total", {"600.00 EUR"}}, {"reference", {"a\";b ) | =1+1"}}});
  box.run("ledger.confirm-payout", {{"entry", {entry}}});
  const auto number = issued_invoice(box);
  box.run("payments.record",
          {{"invoice", {number}}, {"amount", {"40.00"}}, {"reference", {"\"; x:\\y (1) | [2026-01-01]"}}});
  // As somebody with the file could write them.
  box.sql(fmt::format(
      "UPDATE users SET display_name = 'a\n2026-01-01 * theft\n    Assets:Bank:EUR  1.00 EUR' WHERE id = '{}'",
      box.pavel));
  box.sql(fmt::format(
      "INSERT INTO invoices (id, number, client_email, amount_cents, currency, status, issue_date, due_date, issued_at,"
      " created_at, updated_at) VALUES ('{}', 'N) \";|\n2', 'a:b;c \"d\"  e@x.example', 700, 'EUR', 'ISSUED', "
      "'2026-03-02',"
      " '2026-03-02', '2026-03-02T09:00:00.000Z', '2026-03-02T09:00:00.000Z', '2026-03-02T09:00:00.000Z')",
      new_uuid(box.now().ms)));
  all_three_accept(box);
  CHECK(hledger_balances(exported(box, "books", "hledger"), {"^Assets:Bank"}) == in_the_bank(box));
  CHECK(hledger_balances(exported(box, "books", "hledger"), {"e@x.example"}) ==
        Balances{{"Assets:Receivable:a%3Ab%3Bc%20%22d%22%20%20e@x.example EUR", 700}});
  const auto dates = run_program("hledger", {"-f", exported(box, "books", "hledger"), "register", "date:2026-01-01"});
  CHECK(dates.out.empty());
  CHECK(payee.size() == 36);
}
