#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "db/tx.h"
#include "studio/ledger/ledger.h"

namespace steward::ledger {

/// A month in studio.timezone: [from, until).
struct Period {
  std::string month;  ///< "2026-11"
  Instant from, until;
};

/// One line of a person's account.
struct Movement {
  Instant at;
  std::string what;     ///< an entry's type, or "PAYOUT"
  std::string deal_id;  ///< empty for a payout
  std::string detail;   ///< an entry's status, VOID_LATER for one that a later month takes off, or a payout's reference
  Money amount;         ///< signed: a claw-back and a payout subtract
};

/// A person's account in one currency: entries add to it by the month they were earned in, and are taken off when they
/// are voided, as in the books; payouts subtract when they were confirmed. So a month's statement stays what it was.
struct Account {
  Money opening;
  std::vector<Movement> movements;  ///< oldest first
};

/// By currency; those with neither a balance nor a movement are left out.
std::map<std::string, Account> accounts_of(db::Tx& tx, std::string_view user_id, const Period& period);

}  // namespace steward::ledger
