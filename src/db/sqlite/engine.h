#pragma once
#include <memory>
#include <string>

#include "db/open.h"

struct sqlite3;

namespace steward::db::sqlite {

/// "stwd": the application_id of every steward file.
inline constexpr int kApplicationId = 0x73747764;

/// See db/open.h.
void assume_one_thread();

std::unique_ptr<Connection> open(const std::string& path, const OpenOptions& options);

/// An empty database that goes with its connection.
std::unique_ptr<Connection> open_in_memory();
/// The same in a temporary file that has no name, of which a few pages at a time are in memory.
std::unique_ptr<Connection> open_temporary();

/// How long it waits for others; zero for a connection of another engine.
std::chrono::milliseconds busy_timeout_of(Connection& connection);

/// The raw handle, for backup; null for a connection of another engine.
sqlite3* handle_of(Connection& connection);

/// Switches a database to its write-ahead log, unless it has one. Errors: temporary "database_locked" while others have
/// it open in another mode.
void use_write_ahead_log(Connection& connection);

/// See db/backup.h. Done by init, demo, migrate and restore.
void checkpoint(Connection& connection);

}  // namespace steward::db::sqlite
