#include "studio/ledger/statement_rows.h"

#include <algorithm>

namespace steward::ledger {
namespace {

constexpr auto kEarnedBefore = R"sql(
  SELECT currency, CAST(sum(CASE WHEN entry_type = 'CLAWBACK' THEN -amount_cents ELSE amount_cents END) AS bigint)
    FROM ledger_entries WHERE beneficiary_user_id = $1 AND earned_month < $2
     AND (status <> 'VOID' OR voided_at >= $3) GROUP BY currency
)sql";
constexpr auto kPaidBefore = R"sql(
  SELECT currency, CAST(-sum(total_cents) AS bigint)
    FROM payouts WHERE beneficiary_user_id = $1 AND status = 'CONFIRMED' AND confirmed_at < $2 GROUP BY currency
)sql";
// What was voided within the month that earned it was never on a statement.
constexpr auto kEarned = R"sql(
  SELECT currency, CASE WHEN entry_type = 'CLAWBACK' THEN -amount_cents ELSE amount_cents END, earned_at, entry_type,
         deal_id, CASE WHEN status = 'VOID' THEN 'VOID_LATER' ELSE status END
    FROM ledger_entries WHERE beneficiary_user_id = $1 AND earned_month = $2
     AND (status <> 'VOID' OR voided_at >= $3) ORDER BY earned_at, id
)sql";
constexpr auto kVoided = R"sql(
  SELECT currency, CASE WHEN entry_type = 'CLAWBACK' THEN amount_cents ELSE -amount_cents END, voided_at, entry_type,
         deal_id, status
    FROM ledger_entries WHERE beneficiary_user_id = $1 AND earned_month < $2 AND status = 'VOID'
     AND voided_at >= $3 AND voided_at < $4 ORDER BY voided_at, id
)sql";
constexpr auto kPaid = R"sql(
  SELECT currency, -total_cents, confirmed_at, 'PAYOUT', '', coalesce(reference, '')
    FROM payouts WHERE beneficiary_user_id = $1 AND status = 'CONFIRMED' AND confirmed_at >= $2 AND confirmed_at < $3
   ORDER BY confirmed_at, id
)sql";

Money money_of(const db::Row& row) { return {row.integer(1), Currency::parse(row.text(0))}; }

class Accounts {
 public:
  void open(const Money& balance) {
    auto& account = of(balance.currency);
    account.opening = account.opening + balance;
  }
  void move(const db::Row& row) {
    const auto amount = money_of(row);
    of(amount.currency).movements.push_back({row.instant(2), row.str(3), row.str(4), row.str(5), amount});
  }
  std::map<std::string, Account> take() {
    for (auto& [currency, account] : accounts_)
      std::ranges::stable_sort(account.movements, {}, [](const Movement& one) { return one.at.ms; });
    std::erase_if(accounts_,
                  [](const auto& one) { return one.second.opening.minor == 0 && one.second.movements.empty(); });
    return std::move(accounts_);
  }

 private:
  Account& of(const Currency& currency) {
    return accounts_.try_emplace(std::string(currency.code()), Account{{0, currency}, {}}).first->second;
  }
  std::map<std::string, Account> accounts_;
};

}  // namespace

std::map<std::string, Account> accounts_of(db::Tx& tx, std::string_view user_id, const Period& period) {
  Accounts out;
  const auto opens = [&](const db::Row& row) { out.open(money_of(row)); };
  const auto moves = [&](const db::Row& row) { out.move(row); };
  tx.each(kEarnedBefore, {user_id, period.month, period.from}, opens);
  tx.each(kPaidBefore, {user_id, period.from}, opens);
  tx.each(kEarned, {user_id, period.month, period.until}, moves);
  tx.each(kVoided, {user_id, period.month, period.from, period.until}, moves);
  tx.each(kPaid, {user_id, period.from, period.until}, moves);
  return out.take();
}

}  // namespace steward::ledger
