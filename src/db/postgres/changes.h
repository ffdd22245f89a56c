#pragma once
#include <vector>

#include "db/connection.h"

namespace steward::db::postgres {

/// From here to the end of the transaction, every table's trigger notes each row it sees change (migrations/
/// 0001_ground.postgres.sql, steward_capture) in a temporary table that goes with the transaction.
void start_capture(Connection& connection);

/// What came of each changed row in all, whichever statements and triggers touched it, in the order of the tables'
/// names and then of the first change.
std::vector<RowChange> captured_changes(Connection& connection);
/// How many there were, by table.
std::vector<ChangeCount> counted_changes(Connection& connection);

}  // namespace steward::db::postgres
