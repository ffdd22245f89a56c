#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "db/connection.h"
#include "db/migrations.h"

namespace steward::db {

/// One table, index or trigger, by the text that makes it.
struct SchemaObject {
  std::string type, name, table, sql;
};

/// What the database is made of, in the order in which it can be made again.
std::vector<SchemaObject> live_schema(Connection& connection);
/// What these migrations make on the connection's engine, by running them aside: in memory, or in a schema of a server
/// that is rolled back. nullopt where the role may not make one there.
std::optional<std::vector<SchemaObject>> expected_schema(Connection& like, std::span<const Migration> migrations);
/// One sentence for each object that is missing, surplus or another one than expected.
std::vector<std::string> schema_drift(const std::vector<SchemaObject>& live, const std::vector<SchemaObject>& expected);

/// What the engine's own check of its file finds, at most `limit`; empty when it is sound. `thorough` also holds every
/// index against its table.
std::vector<std::string> integrity_findings(Connection& connection, bool thorough, int limit = 20);
/// Rows that refer to rows which aren't there, at most `limit`.
std::vector<std::string> reference_findings(Connection& connection, int limit = 20);

/// How a setting is to steward: as needed; worth a thought; or such that what was answered may be lost or wrong.
enum class Fitness { good, doubtful, bad };

/// One setting of the session as it is in force.
struct EngineSetting {
  std::string name, value;
  Fitness fitness = Fitness::good;
};
std::vector<EngineSetting> engine_settings(Connection& connection);

/// "SQLite 3.40.1", "PostgreSQL 15.20": what does the work behind this connection.
std::string engine_version(Connection& connection);

/// How much room the database takes where it lies.
std::int64_t stored_bytes(Connection& connection);

}  // namespace steward::db
