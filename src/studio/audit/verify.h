#pragma once
#include <string>

#include "ops/context.h"
#include "studio/audit/rules.h"

namespace steward::audit {

/// What a verification says, as printed.
struct Report {
  std::string verdict = "intact";  ///< "intact", "tampered", "unverifiable"
  std::string chain;               ///< the first one that is not intact; the studio's otherwise
  std::int64_t entries = 0;        ///< rows that were checked, in every chain
  std::int64_t first_bad = 0;      ///< seq of the first broken row; 0 for none
  std::string reason;
  std::string head;  ///< hash of that chain's last good row
  Json checkpoint;   ///< what a checkpoint was checked for; null without one

  Json json() const;
};

/// Recomputes every chain from its first row.
Report verify_chains(ops::Context& context);
/// Holds a checkpoint against a database whose chains are intact: its signature, by a key the database keeps; that it
/// is of this database; and that its row has that hash still.
void hold_against(ops::Context& context, const Checkpoint& checkpoint, Report& report);

}  // namespace steward::audit
