#pragma once
#include <map>
#include <vector>

#include "studio/ledger/rows.h"

namespace steward::ledger {

/// Takes `shortage` back from parts that payouts have touched, the latest first: each part is divided anew by the rates
/// of its entries, what was paid out beyond a share becomes a CLAWBACK of that entry, and entries not paid yet are made
/// anew. Returns what is new, as earn() does. Source: studio-model PY-5, PY-6.
/// Errors: conflict "ledger_settled" while a payout of such an entry is under way.
Json take_back(ops::Context& context, const std::map<int, std::vector<Entry>>& parts, Money shortage);

/// What a person owes is netted from his next payout: adds his open claw-backs in that currency to `entries`, oldest
/// first, as far as the total stays at zero or more. The one that is larger than what is left is split, and its rest
/// waits for the payout after.
void net(ops::Context& context, std::vector<Entry>& entries);

}  // namespace steward::ledger
