#include "studio/payments/random_trading.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "studio/books/programs.h"
#include "studio/commerce.h"

namespace steward::test {
namespace {
constexpr auto kLastDay = "2027-12-31";
// Those that the rows say something of, under a step's.
constexpr auto kAccounts = "^s..:(Assets:(Receivable|Bank|Clearing)|Liabilities:(Payable|Tax)|Income:Sales)";
}  // namespace

Trading::Trading(const CurrencyKind& currency, unsigned seed) : random_(seed), currency_(currency) {
  box_.pool();
  box_.keep_open();
  tax(box_, "VAT21", "2100");
  tax(box_, "VAT7", "700");
  box_.run("taxes.set", {{"code", {"FREE"}}, {"treatment", {"exempt"}}, {"from", {"2026-01-01"}}});
  box_.offer("random", 1 + below(below(3) == 0 ? 100 : 100'000), currency_.code);
  for (int i = 0; i < 2; ++i) deliver_deal();
}

std::string Trading::step() {
  switch (below(14)) {
    case 0:
      return open_deal();
    case 1:
      return bill_deal();
    case 2:
      return bill_client();
    case 3:
    case 4:
      return record();
    case 5:
      return credit();
    case 6:
      return refund();
    case 7:
      return attempt("payments.reverse", {{"payment", {any("SELECT id FROM payments")}}, {"reason", {"x"}}});
    case 8:
      return use_credit();
    case 9:
      return refund_deal();
    case 10:
      return pass_days();
    case 11:
      return close_books();
    default:
      return pay_out();
  }
}

std::string Trading::flaw() {
  if (const auto wrong = sums_flaw(); !wrong.empty()) return wrong;
  for (const char* check : {"ledger.check", "deals.check"})
    if (const auto broken = refused(check, {}); !broken.empty()) return std::string(check) + ": " + broken;
  return books_flaw();
}

std::string Trading::sums_flaw() const {
  const auto net = box_.value(
      "SELECT id FROM invoices i WHERE amount_cents - tax_cents <>"
      " (SELECT sum(net_cents) FROM invoice_lines l WHERE l.invoice_id = i.id)");
  if (!net.empty()) return "invoice " + net;
  const auto note = box_.value(
      "SELECT id FROM credit_notes n WHERE amount_cents - tax_cents <>"
      " (SELECT sum(net_cents) FROM credit_note_lines l WHERE l.credit_note_id = n.id)");
  if (!note.empty()) return "credit note " + note;
  return "";
}

std::string Trading::exported(const std::string& to, const std::string& format) {
  const auto file = fmt::format("books-{}.{}", ++exports_, format);
  box_.run("books.export", {{"from", {"2026-01-01"}}, {"to", {to}}, {"format", {format}}, {"file", {box_.path(file)}}});
  return box_.read(file);
}

std::string Trading::books_flaw() {
  const auto books = read_books(exported(kLastDay, "csv"));
  if (!books.unbalanced.empty()) return "unbalanced: " + books.unbalanced.front();
  const auto step = fmt::format("s{:02}", ++checked_);
  for (const auto& [account, owed] : {std::pair{"Assets:Receivable", receivable(box_)},
                                      {"Liabilities:Payable", payable(box_)},
                                      {"Assets:Bank", in_the_bank(box_)},
                                      {"Liabilities:Tax", sold_tax(box_)},
                                      {"Income:Sales", sold_net(box_)},
                                      {"Assets:Clearing", Balances{}}}) {
    if (books.of(account) != owed) return std::string("the books say something else of ") + account;
    for (const auto& [name, minor] : owed) by_rows_[step + ":" + name] = minor;
  }
  journals_ += fmt::format("apply account {}\n{}\nend apply account\n", step, exported(kLastDay, "hledger"));
  if (!closed_.empty() && read_books(exported(closed_, "csv")).postings != settled_)
    return "what was closed until " + closed_ + " has changed";
  return "";
}

std::string Trading::hledger_flaw() {
  auto apart = by_rows_;
  for (const auto& [account, minor] : hledger_balances(box_.write("steps.journal", journals_), {"--strict", kAccounts}))
    apart[account] -= minor;
  for (const auto& [account, minor] : apart)
    if (minor != 0) return fmt::format("hledger says less of {} by {}", account, minor);
  return "";
}

std::int64_t Trading::below(std::int64_t most) {
  return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(most));
}

std::string Trading::any(const std::string& query) {
  const auto rows = box_.rows(query + " ORDER BY 1");
  if (rows.empty()) return "000000";
  return rows[static_cast<std::size_t>(below(static_cast<std::int64_t>(rows.size())))][0];
}

std::string Trading::amount() {
  const auto most = below(2) == 0 ? 50 : 50'000;
  return decimal_text(1 + below(most), currency_.exponent);
}

// A part of the amount that a query answers, mostly; sometimes all, sometimes more.
std::string Trading::part_of(const std::string& query) {
  const auto cents = box_.value(query);
  const auto most = cents.empty() || cents == "0" ? 10 : std::stoll(cents);
  const auto part = below(8) == 0 ? most + 1 : below(4) == 0 ? most : 1 + below(most);
  return decimal_text(part, currency_.exponent);
}

std::string Trading::lately() { return to_text(Instant{box_.now().ms - below(5 * 86'400) * 1000}); }

std::string Trading::credit() {
  const auto id = any("SELECT id FROM invoices WHERE number IS NOT NULL");
  ops::RawArgs args{{"invoice", {id}}, {"reason", {"x"}}};
  if (below(4) > 0 && id != "000000")
    args["amount"] = {part_of(fmt::format("SELECT amount_cents - credited_cents FROM invoices WHERE id = '{}'", id))};
  return attempt("invoices.credit", args);
}

std::string Trading::refund() {
  const auto id = any("SELECT id FROM payments WHERE kind = 'RECEIVED'");
  if (id == "000000") return "";
  ops::RawArgs args{{"payment", {id}},
                    {"amount", {part_of(fmt::format("SELECT amount_cents FROM payments WHERE id = '{}'", id))}},
                    {"reason", {"x"}}};
  if (below(3) == 0) args["paid-at"] = {lately()};
  return attempt("payments.refund", args);
}

std::string Trading::refund_deal() {
  const auto id = any("SELECT deal_id FROM deal_payments WHERE status = 'PAID'");
  ops::RawArgs args{{"deal", {id}}, {"reason", {"x"}}, {"reference", {fmt::format("R{}", ++transfers_)}}};
  if (below(4) > 0 && id != "000000")
    args["amount"] = {part_of(fmt::format(
        "SELECT amount_cents - refunded_cents FROM deal_payments WHERE deal_id = '{}' AND status = 'PAID'", id))};
  return attempt("deals.refund", args);
}

// The error that it is refused with, with what a check found; "" when it went through.
std::string Trading::refused(const std::string& path, const ops::RawArgs& args) {
  try {
    box_.run(path, args);
    done_.insert(path);
    return "";
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::defect || error.code().starts_with("constraint")) FAIL(path << ": " << error.what());
    return error.code() == "check_failed" ? to_text(error.details()) : error.code();
  }
}

std::string Trading::attempt(const std::string& path, const ops::RawArgs& args) {
  const auto code = refused(path, args);
  std::string said = path;
  for (const auto& [name, values] : args) said += " --" + name + " " + values.front();
  return said + (code.empty() ? "" : " -> " + code);
}

void Trading::add_tax(ops::RawArgs& args) {
  static const char* const kTaxes[] = {"VAT21", "VAT7", "FREE"};
  if (below(3) > 0) args["tax"] = {kTaxes[below(3)]};
}

std::string Trading::raise(const ops::RawArgs& args) {
  const auto done = attempt("invoices.create", args);
  ops::RawArgs issue{{"invoice", {any("SELECT id FROM invoices WHERE status = 'DRAFT'")}}};
  if (below(3) == 0) issue["date"] = {to_text(parse_date("2026-03-02") + std::chrono::days{days_ - below(5)})};
  return done + "; " + attempt("invoices.issue", issue);
}

std::string Trading::open_deal() {
  if (below(2) == 0) return deliver_deal();
  return "deal " + (below(2) == 0 ? box_.approved(below(2) == 0, "random") : box_.assigned(false, "random"));
}

// From the assignment to the delivery, paid in one or two invoices.
std::string Trading::deliver_deal() {
  const auto deal = box_.approved(below(2) == 0, "random");
  ops::RawArgs args{{"deal", {deal}}};
  const auto price = fmt::format("SELECT agreed_price_cents FROM deals WHERE id = '{}'", deal);
  if (below(2) == 0) args["amount"] = {part_of(price)};
  add_tax(args);
  auto said = raise(args);
  const auto open =
      box_.value(fmt::format("SELECT number FROM invoices WHERE deal_id = '{}' AND status = 'ISSUED'", deal));
  if (open.empty()) return said;
  said +=
      "; " + attempt("payments.record", {{"invoice", {open}}, {"amount", {text(invoice(box_, open), "outstanding")}}});
  return said + "; " + attempt("deals.deliver", {{"deal", {deal}}});
}

std::string Trading::bill_deal() {
  ops::RawArgs args{{"deal", {any("SELECT id FROM deals")}}};
  if (below(3) > 0) args["amount"] = {amount()};
  add_tax(args);
  return raise(args);
}

std::string Trading::bill_client() {
  ops::RawArgs args{{"client-email", {kClient}}, {"currency", {currency_.code}}};
  if (below(2) == 0) {
    args["amount"] = {amount()};
    add_tax(args);
    return raise(args);
  }
  std::string file = "description,quantity,unit_price,tax\n";
  for (auto lines = 1 + below(4); lines > 0; --lines)
    file += fmt::format("L,{}.{:04},{},{}\n", below(3), 1 + below(9'999), amount(), below(2) == 0 ? "VAT21" : "VAT7");
  args["lines"] = {box_.write("lines.csv", file)};
  return raise(args);
}

std::string Trading::record() {
  const auto number_of = any("SELECT number FROM invoices WHERE status IN ('ISSUED', 'PARTIALLY_PAID')");
  ops::RawArgs args{{"invoice", {number_of}}, {"amount", {amount()}}};
  if (below(3) == 0) args["allow-credit"] = {"true"};
  if (below(3) == 0) args["paid-at"] = {lately()};
  if (below(2) == 0 && number_of != "000000") args["amount"] = {text(invoice(box_, number_of), "outstanding")};
  const auto done = attempt("payments.record", args);
  const auto deal = any("SELECT id FROM deals WHERE status IN ('ASSIGNED', 'PAID', 'IN_PROGRESS')");
  return done + "; " + attempt(below(2) == 0 ? "deals.deliver" : "deals.approve", {{"deal", {deal}}});
}

std::string Trading::use_credit() {
  return attempt("payments.use-credit",
                 {{"credit-of", {any("SELECT number FROM invoices WHERE paid_cents > amount_cents - credited_cents")}},
                  {"invoice", {any("SELECT number FROM invoices WHERE status IN ('ISSUED', 'PARTIALLY_PAID')")}}});
}

std::string Trading::pay_out() {
  const auto under_way = box_.value("SELECT id FROM ledger_entries WHERE status = 'PAYING' ORDER BY id");
  if (!under_way.empty() && below(4) > 0)
    return below(4) > 0 ? attempt("ledger.confirm-payout", {{"entry", {under_way}}})
                        : attempt("ledger.fail-payout", {{"entry", {under_way}}, {"reason", {"x"}}});
  const auto id =
      any("SELECT id FROM ledger_entries WHERE status IN ('EARNED', 'APPROVED') AND beneficiary_user_id IS NOT NULL");
  auto said = attempt("ledger.approve", {{"entry", {id}}});
  // What it comes to, once what is taken back is netted, the refusal says.
  ops::RawArgs args{{"entry", {id}},
                    {"expect-total", {decimal_text(kMaxMinor, currency_.exponent) + " " + currency_.code}}};
  try {
    box_.run("ledger.payout", args);
  } catch (const Error& error) {
    if (error.code() != "total_mismatch" || !error.details().find("total_cents")) return said + "; " + error.code();
    args["expect-total"] = {decimal_text(number(error.details(), "total_cents"), currency_.exponent) + " " +
                            currency_.code};
  }
  return said + "; " + attempt("ledger.payout", args);
}

std::string Trading::pass_days() {
  days_ += 1 + below(9);
  const Instant now{parse_instant("2026-03-02T09:00:00Z").ms + days_ * 86'400'000};
  box_.at(to_text(now));
  return to_text(now);
}

// Only days that are over are closed, each once.
std::string Trading::close_books() {
  const auto until = to_text(parse_date("2026-03-02") + std::chrono::days{days_ - below(4)});
  const auto said = attempt("books.close", {{"until", {until}}});
  if (said.ends_with(until)) {
    closed_ = until;
    settled_ = read_books(exported(closed_, "csv")).postings;
  }
  return said;
}

}  // namespace steward::test
