#include "studio/books/rows.h"

namespace steward::books {
namespace {

constexpr auto kCurrenciesOfLedger = R"sql(
  SELECT currency FROM ledger_entries UNION SELECT currency FROM payouts ORDER BY currency
)sql";
constexpr auto kCurrenciesOfBooks = R"sql(
  SELECT currency FROM invoices WHERE number IS NOT NULL
  UNION SELECT currency FROM ledger_entries UNION SELECT currency FROM payouts ORDER BY currency
)sql";
constexpr auto kTaxes = "SELECT DISTINCT code, rate_bp FROM taxes ORDER BY code, rate_bp";
constexpr auto kClients = "SELECT DISTINCT client_email FROM invoices WHERE number IS NOT NULL ORDER BY client_email";
constexpr auto kBeneficiaries = R"sql(
  SELECT u.id, u.email FROM users u
   WHERE EXISTS (SELECT 1 FROM ledger_entries e WHERE e.beneficiary_user_id = u.id) ORDER BY u.email
)sql";

std::vector<Currency> currencies(db::Tx& tx, std::string_view sql) {
  return tx.all(sql, {}, [](const db::Row& row) { return Currency::parse(row.text(0)); });
}

}  // namespace

std::vector<Currency> currencies_of_ledger(db::Tx& tx) { return currencies(tx, kCurrenciesOfLedger); }

std::vector<Currency> currencies_of_books(db::Tx& tx) { return currencies(tx, kCurrenciesOfBooks); }

std::vector<TaxGroup> tax_groups(db::Tx& tx) {
  return tx.all(kTaxes, {}, [](const db::Row& row) { return TaxGroup{row.str(0), static_cast<int>(row.integer(1))}; });
}

void each_client(db::Tx& tx, const std::function<void(std::string_view)>& taken) {
  tx.each(kClients, {}, [&](const db::Row& row) { taken(row.text(0)); });
}

void each_beneficiary(db::Tx& tx, const std::function<void(std::string_view, std::string_view)>& taken) {
  tx.each(kBeneficiaries, {}, [&](const db::Row& row) { taken(row.text(0), row.text(1)); });
}

}  // namespace steward::books
