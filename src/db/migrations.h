#pragma once
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/connection.h"

namespace steward::db {

class Tx;

/// One step of the schema's history, compiled into the binary.
struct Migration {
  int seq;           ///< 1, 2, 3…: the digits its file name starts with
  std::string name;  ///< "0001_ground"
  std::string_view sql;
  std::string sha256;  ///< of its text, as sha256_of_sql (db/migration_text.h) says
};

/// Makes the list from embedded files. A gap or a repeat in the sequence is a defect.
std::vector<Migration> compiled_migrations(Engine engine);
/// One of a test's or an older binary's own.
Migration make_migration(std::string_view file_name, std::string_view sql);
Migration make_migration(std::string_view file_name, std::string_view sql, std::string_view sha256);

struct AppliedMigration {
  int seq;
  std::string name, sha256, applied_at, steward_version;
  std::int64_t duration_ms;
};

/// What the database has, held against what the binary knows.
struct SchemaState {
  std::vector<AppliedMigration> applied;
  std::vector<std::string> pending;  ///< known, not applied
  std::vector<std::string> unknown;  ///< applied, not known: a newer steward was here
  std::vector<std::string> altered;  ///< applied with another text
  bool current() const { return pending.empty() && unknown.empty() && altered.empty(); }
};

SchemaState schema_state(Connection& connection, std::span<const Migration> known);

/// Errors: always precondition "migrations_pending", naming them.
[[noreturn]] void refuse_pending(const SchemaState& state);

/// The guard before every write, inside its transaction.
/// Errors: precondition "schema_newer", "migration_altered", "migrations_pending", in that order.
void require_current_schema(Connection& connection, std::span<const Migration> known);

/// Runs what is pending, each in its own exclusive transaction with its row in app_migrations; `each` is told before
/// each one, under its lock. Foreign keys are off while a migration runs (a table rebuild must not cascade) and
/// checked, with integrity and with the row count of every table that existed before, ahead of its commit; a migration
/// that means to change counts says so in a line `-- Rows: table, table`. `sealed` runs in the transaction of the last
/// one, with the names of all that were applied, after roles that were granted to have been granted what is new. Safe
/// to start twice at once: pending is read again under the lock. Errors: those of the guard but "migrations_pending";
/// precondition "migration_failed" naming migration and reason, "database_refused" for a role that does not own the
/// schema.
using BeforeMigration = std::function<void(const Migration&)>;
using AfterMigrations = std::function<void(Tx&, const std::vector<std::string>& applied)>;
std::vector<std::string> migrate(Connection& connection, std::span<const Migration> known, Instant now,
                                 const BeforeMigration& each, const AfterMigrations& sealed = {});

}  // namespace steward::db
