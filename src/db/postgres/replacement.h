#pragma once
#include "db/backup.h"

namespace steward::db::postgres {

/// See db/backup.h. One transaction under the schema's lock: readers go on with the old content until it commits.
std::unique_ptr<Replacement> begin_replacement(Connection& live, Connection& content);
inline constexpr auto kSettleReplaced = "VACUUM (ANALYZE)";

}  // namespace steward::db::postgres
