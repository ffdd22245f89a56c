#pragma once
#include "db/transfer.h"

namespace steward::db::sqlite {

/// See db/transfer.h.
std::unique_ptr<BulkInsert> bulk_insert(Connection& connection, std::string_view table,
                                        const std::vector<std::string>& columns);
/// The tables that `table` refers to.
std::vector<std::string> parents(Connection& connection, std::string_view table);
/// The file, wherever its name stands.
std::string place(Connection& connection);
inline constexpr auto kSettle = "PRAGMA wal_checkpoint(TRUNCATE)";

}  // namespace steward::db::sqlite
