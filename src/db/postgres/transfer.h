#pragma once
#include "db/transfer.h"

namespace steward::db::postgres {

/// See db/transfer.h.
std::unique_ptr<BulkInsert> bulk_insert(Connection& connection, std::string_view table,
                                        const std::vector<std::string>& columns);
/// The tables that `table` refers to.
std::vector<std::string> parents(Connection& connection, std::string_view table);
/// The server, its database and the schema in it, whichever way it was reached.
std::string place(Connection& connection);
inline constexpr auto kSettle = "ANALYZE";

}  // namespace steward::db::postgres
