#include "studio/ledger/balance.h"

#include <fmt/format.h>

#include "ops/declare.h"
#include "studio/identity/identity.h"
#include "studio/ledger/operations.h"
#include "studio/ledger/rows.h"

namespace steward::ledger {
namespace {

using ops::Kind;
using ops::Shown;

constexpr std::string_view kAmountHelp = "Claw-backs subtracted; VOID is no part of it";

constexpr ops::Column kByBeneficiary[] = {
    {"beneficiary_user_id", "s.beneficiary_user_id", Kind::text, Shown::record, "Empty: the studio itself"},
    {"beneficiary_email", "u.email"},
    {"currency", "s.currency"},
    {"status", "s.status"},
    {"entries", "s.entries", Kind::integer},
    {"amount_cents", "s.amount_cents", Kind::money, Shown::always, kAmountHelp},
};
constexpr ops::Column kByType[] = {
    {"entry_type", "s.entry_type"},
    {"currency", "s.currency"},
    {"status", "s.status"},
    {"entries", "s.entries", Kind::integer},
    {"amount_cents", "s.amount_cents", Kind::money, Shown::always, kAmountHelp},
};
constexpr ops::Column kByMonth[] = {
    {"earned_month", "s.earned_month"},
    {"currency", "s.currency"},
    {"status", "s.status"},
    {"entries", "s.entries", Kind::integer},
    {"amount_cents", "s.amount_cents", Kind::money, Shown::always, kAmountHelp},
};
// What the three have between them, for the reference.
constexpr ops::Column kEveryColumn[] = {
    {"beneficiary_user_id", {}, Kind::text, Shown::record, "With --by beneficiary"},
    {"beneficiary_email", {}, Kind::text, Shown::always, "With --by beneficiary; empty: the studio itself"},
    {"entry_type", {}, Kind::text, Shown::always, "With --by type"},
    {"earned_month", {}, Kind::text, Shown::always, "With --by month"},
    {"currency"},
    {"status"},
    {"entries", {}, Kind::integer},
    {"amount_cents", {}, Kind::money, Shown::always, kAmountHelp},
};

// The entries are read once, in the order of the index ledger_entries_balance and from it alone, so that a million of
// them need neither the table nor a sort; what is left (a cell a person, type, month, currency and status) is small and
// is put together after that. The CASE is of the cell's own type: a claw-back subtracts.
constexpr auto kSource = R"sql((
  WITH cells AS MATERIALIZED (
    SELECT beneficiary_user_id, entry_type, earned_month, currency, status, count(*) AS entries,
           CASE WHEN entry_type = 'CLAWBACK' THEN -sum(amount_cents) ELSE sum(amount_cents) END AS amount
      FROM ledger_entries GROUP BY beneficiary_user_id, entry_type, earned_month, currency, status)
  SELECT {0}, currency, status, CAST(sum(entries) AS bigint) AS entries, CAST(sum(amount) AS bigint) AS amount_cents
    FROM cells WHERE status <> 'VOID' GROUP BY {0}, currency, status) s)sql";

struct BalanceArgs {
  std::optional<By> by;
};

ops::Listing balance(ops::Context&, const BalanceArgs& args) {
  const auto by = args.by.value_or(By::beneficiary);
  switch (by) {
    case By::type:
      return ops::Listing(kByType, balance_source(by)).grouped("", "s.entry_type, s.currency, s.status");
    case By::month:
      return ops::Listing(kByMonth, balance_source(by)).grouped("", "s.earned_month, s.currency, s.status");
    default:
      return ops::Listing(kByBeneficiary, balance_source(by) + " LEFT JOIN users u ON u.id = s.beneficiary_user_id")
          .grouped("", "CASE WHEN s.beneficiary_user_id IS NULL THEN 1 ELSE 0 END, u.email, s.currency, s.status");
  }
}

}  // namespace

std::string balance_source(By by) {
  constexpr std::array<std::string_view, 3> kGroups{"beneficiary_user_id", "entry_type", "earned_month"};
  return fmt::format(kSource, kGroups[static_cast<std::size_t>(by)]);
}

void register_balance(ops::Registry& registry) {
  registry.add(ops::declare<BalanceArgs>("ledger.balance", "Sum what is owed and was paid, by currency and status")
                   .details("VOID entries are left out and claw-backs subtracted. Currencies are never added together.")
                   .option("by", &BalanceArgs::by, "What a row stands for; beneficiary if absent")
                   .needs("ledger:read")
                   .example("steward ledger balance --by month")
                   .lists(balance, kEveryColumn));
}

}  // namespace steward::ledger
