#include "studio/books/balances.h"

#include <fmt/format.h>

#include "core/csv.h"
#include "core/money.h"

namespace steward::test {
namespace {

constexpr auto kReceivable = R"sql(
  SELECT 'Assets:Receivable:' || client_email, currency, CAST(sum(amount_cents - credited_cents - paid_cents) AS bigint)
    FROM invoices WHERE number IS NOT NULL AND status <> 'VOID' GROUP BY client_email, currency)sql";
constexpr auto kPayable = R"sql(
  SELECT 'Liabilities:Payable:' || u.email, e.currency,
         CAST(sum(CASE WHEN e.entry_type = 'CLAWBACK' THEN e.amount_cents ELSE -e.amount_cents END) AS bigint)
    FROM ledger_entries e JOIN users u ON u.id = e.beneficiary_user_id WHERE e.status IN ('EARNED', 'APPROVED', 'PAYING')
   GROUP BY u.email, e.currency)sql";
constexpr auto kBank = R"sql(
  SELECT 'Assets:Bank:' || currency, currency, CAST(sum(cents) AS bigint) FROM (
    SELECT currency, CASE WHEN kind = 'REFUND' THEN -amount_cents ELSE amount_cents END AS cents FROM payments
     WHERE status = 'RECORDED' AND kind IN ('RECEIVED', 'REFUND')
    UNION ALL SELECT currency, -total_cents FROM payouts WHERE status = 'CONFIRMED') b GROUP BY currency)sql";
// Net and tax, by "CODE RATE": {0} is what is summed.
constexpr auto kSold = R"sql(
  SELECT '{1}:' || coalesce(t.code, 'Untaxed') || ' ' || CAST(coalesce(t.rate_bp, 0) AS text), s.currency,
         CAST(-sum(s.{0}) AS bigint)
    FROM (SELECT g.tax_id, i.currency, coalesce(g.net_cents, i.amount_cents) AS net_cents,
                 coalesce(g.tax_cents, 0) AS tax_cents
            FROM invoices i LEFT JOIN invoice_taxes g ON g.invoice_id = i.id
           WHERE i.number IS NOT NULL AND i.status <> 'VOID'
          UNION ALL SELECT g.tax_id, n.currency, -g.net_cents, -g.tax_cents
            FROM credit_notes n JOIN credit_note_taxes g ON g.credit_note_id = n.id) s
         LEFT JOIN taxes t ON t.id = s.tax_id GROUP BY t.code, t.rate_bp, s.currency)sql";

std::string spelled(const std::string& account) {
  const auto rate = account.rfind(' ');
  if (account.ends_with("Untaxed 0")) return account.substr(0, rate);
  const auto bp = std::stoi(account.substr(rate));
  return fmt::format("{}:{}.{:02}%", account.substr(0, rate), bp / 100, bp % 100);
}

Balances sold(const Sandbox& box, const char* what, const char* account) {
  Balances out;
  for (const auto& row : box.rows(fmt::format(kSold, what, account)))
    if (row[2] != "0") out[spelled(row[0]) + " " + row[1]] += std::stoll(row[2]);
  return out;
}

// The transactions stand one after the other, each with its postings.
class BooksReader final : public JsonLineHandler {
 public:
  void record(std::int64_t, Json line) override {
    const auto cell = [&](std::string_view name) { return line.at(name).text(); };
    const auto currency = Currency::parse(cell("currency"));
    const auto minor = parse_money(cell("amount"), currency, Sign::any).minor;
    books.all[cell("account") + " " + std::string(currency.code())] += minor;
    books.postings.push_back(fmt::format("{} {} {} {} {} {}", cell("date"), cell("kind"), cell("id"), cell("account"),
                                         cell("amount"), cell("currency")));
    left_[cell("kind") + " " + cell("id")] += minor;
  }
  void bad_line(std::int64_t, const Error& error, std::string_view) override { throw error; }

  CsvBooks finish() {
    for (const auto& [id, minor] : left_)
      if (minor != 0) books.unbalanced.push_back(id);
    std::erase_if(books.all, [](const auto& one) { return one.second == 0; });
    return books;
  }
  CsvBooks books;

 private:
  std::map<std::string, std::int64_t> left_;
};

}  // namespace

Balances sums(const Sandbox& box, const std::string& query) {
  Balances out;
  for (const auto& row : box.rows(query)) out[row[0] + " " + row[1]] += std::stoll(row[2]);
  std::erase_if(out, [](const auto& one) { return one.second == 0; });
  return out;
}

Balances receivable(const Sandbox& box) { return sums(box, kReceivable); }
Balances payable(const Sandbox& box) { return sums(box, kPayable); }
Balances in_the_bank(const Sandbox& box) { return sums(box, kBank); }
Balances sold_net(const Sandbox& box) { return sold(box, "net_cents", "Income:Sales"); }
Balances sold_tax(const Sandbox& box) { return sold(box, "tax_cents", "Liabilities:Tax"); }

Balances CsvBooks::of(std::string_view account) const {
  Balances out;
  for (const auto& [name, minor] : all)
    if (name.starts_with(account)) out[name] = minor;
  return out;
}

CsvBooks read_books(const std::string& csv) {
  BooksReader reader;
  read_csv(bytes_of(csv), reader);
  return reader.finish();
}

}  // namespace steward::test
