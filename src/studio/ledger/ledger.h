#pragma once
#include <optional>
#include <string>

#include "core/money.h"
#include "ops/context.h"
#include "ops/handle.h"
#include "studio/ledger/rules.h"

namespace steward::ledger {

struct EntryTag {
  static constexpr ops::HandleSpec spec{.noun = "entry", .table = "ledger_entries", .label = "entry_type"};
};
using EntryId = Id<EntryTag>;
using EntryRef = ops::Ref<EntryTag>;

/// A delivered deal, as the ledger divides it.
struct Earning {
  std::string deal_id;
  Money collected;                         ///< net: what was paid on the deal, less what went back (LG-2)
  int provider_rate_bp, referrer_rate_bp;  ///< basis points, as agreed when the deal was made
  std::string provider_user_id;
  std::optional<std::string> referrer_user_id;  ///< nobody: no commission
  bool renew = false;                           ///< also the shares that somebody voided
};

/// Makes the deal's entries the split of what was collected, EARNED when the deal first earned; a share of zero makes
/// none (LG-1). Entries that are there already stay when they are just these; otherwise those not paid yet become VOID
/// and new ones are made (LG-9). Once a payout claimed or paid any of them, they all stay, and what came beyond them is
/// divided by itself, as another part of the deal's money, by the same rates and earned now. A share that somebody
/// voided stays with the platform unless `renew`. When less was collected than was paid out, the difference is taken
/// back by CLAWBACK entries, which are netted from the next payout of who received it (PY-6). Returns what is new, for
/// the audit:
/// [{id, entry_type, amount_cents, currency}]. Errors: conflict "ledger_settled" when a payout of what would be taken
/// back is under way, or `renew` asks for a share of a part that was paid out.
Json earn(ops::Context& context, const Earning& earning);

/// The entries of a deal in brief, oldest first.
Json entries_of(db::Tx& tx, std::string_view deal_id);

void register_operations(ops::Registry& registry);

}  // namespace steward::ledger
