#pragma once
#include <span>
#include <string_view>

#include "core/json.h"
#include "db/tx.h"
#include "ops/column.h"

namespace steward::ops {

/// One invariant of a room, as a query for what breaks it.
struct Check {
  std::string_view name;  ///< "split_exact"
  std::string_view says;  ///< the invariant, as a sentence
  std::string_view sql;   ///< selects the id of each record that breaks it, and a text of what is wrong with it
};

/// Runs every check and answers {"checks": [{name, ok, detail, count, problems: [{id, detail}]}]}; of each check the
/// first twenty problems are named, all are counted.
/// Errors: precondition "check_failed" with that report in its details when anything is wrong, and the problems once
///         more as `lines` for people; `what` ("The ledger") begins the sentence.
Json run_checks(db::Tx& tx, std::span<const Check> checks, std::string_view what);

/// What an operation that answers run_checks() returns.
extern const std::span<const Column> kCheckColumns;

}  // namespace steward::ops
