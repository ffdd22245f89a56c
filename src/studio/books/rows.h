#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "db/tx.h"
#include "studio/books/accounts.h"
#include "studio/books/journal.h"

namespace steward::books {

/// From the first day to the last, both within; documents are dated by days, the rest by instants of
/// studio.timezone's days.
struct Period {
  Date from, to;
  Zone zone;
  Instant begin() const { return start_of(from, zone); }
  Instant end() const { return start_of(to + std::chrono::days{1}, zone); }
};

/// Takes a transaction, and keeps nothing of it.
using Taker = std::function<void(const Transaction&)>;

// What the accounts are made of. Each is read in the order of its key.
std::vector<Currency> currencies_of_ledger(db::Tx& tx);
std::vector<Currency> currencies_of_books(db::Tx& tx);
std::vector<TaxGroup> tax_groups(db::Tx& tx);
void each_client(db::Tx& tx, const std::function<void(std::string_view email)>& taken);
void each_beneficiary(db::Tx& tx, const std::function<void(std::string_view id, std::string_view email)>& taken);

/// What was earned, and the payouts that arrived, each in the order of their ids; VOID entries are left out.
void each_of_ledger(db::Tx& tx, const Accounts& accounts, const Zone& zone, const Taker& taken);
/// Everything of the books within a period: kind by kind, each in the order of its days.
void each_of_books(db::Tx& tx, const Accounts& accounts, const Period& period, const Taker& taken);

}  // namespace steward::books
