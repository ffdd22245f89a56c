#include "db/migrations.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "core/embedded.h"
#include "core/error.h"
#include "core/text.h"
#include "db/grants.h"
#include "db/inspect.h"
#include "db/migration_text.h"
#include "db/tx.h"

namespace steward::db {
namespace {

constexpr auto kApplied = R"sql(
  SELECT seq, name, sha256, applied_at, duration_ms, steward_version FROM app_migrations ORDER BY seq
)sql";
constexpr auto kRecord = R"sql(
  INSERT INTO app_migrations (seq, name, sha256, applied_at, duration_ms, steward_version) VALUES ($1, $2, $3, $4, $5, $6)
)sql";

std::string listed(const std::vector<std::string>& names) { return join(names, ", "); }

std::map<std::string, std::int64_t> row_counts(Connection& connection) {
  std::map<std::string, std::int64_t> counts;
  for (const auto& table : connection.tables())
    connection.each(fmt::format("SELECT count(*) FROM {}", table), {}, [&](const Row& row) {
      counts[table] = row.integer(0);
      return false;
    });
  return counts;
}

// "-- Rows: a, b": the tables whose number of rows this migration means to change.
std::vector<std::string> tables_it_may_change(std::string_view sql) {
  std::vector<std::string> out;
  for (const auto line : split(sql, '\n')) {
    constexpr std::string_view kMark = "-- Rows:";
    if (!line.starts_with(kMark)) continue;
    for (const auto name : split(line.substr(kMark.size()), ',')) out.emplace_back(trim(name));
  }
  return out;
}

[[noreturn]] void failed(const Connection& connection, const Migration& migration, std::string_view why) {
  const bool file = connection.engine() == Engine::sqlite;
  throw Error{ErrorKind::precondition, "migration_failed",
              fmt::format("Migration {} was not applied: {}", migration.name, why),
              file ? "Nothing of it was kept. The backup made before it is in the database's folder."
                   : "Nothing of it was kept."};
}

void require_sound(Connection& connection, const Migration& migration,
                   const std::map<std::string, std::int64_t>& before) {
  for (const auto& finding : reference_findings(connection, 1)) failed(connection, migration, finding);
  for (const auto& finding : integrity_findings(connection, true, 1)) failed(connection, migration, finding);
  const auto free_to_change = tables_it_may_change(migration.sql);
  const auto after = row_counts(connection);
  for (const auto& [table, count] : before) {
    const auto now = after.find(table);
    if (now == after.end() || now->second == count || std::ranges::count(free_to_change, table)) continue;
    failed(connection, migration, fmt::format("{} would go from {} to {} rows.", table, count, now->second));
  }
}

void apply(Connection& connection, const Migration& migration, Instant now) {
  const auto before = row_counts(connection);
  const auto started = system_now();
  try {
    connection.script(migration.sql);
  } catch (const Error& error) {
    if (error.retryable() || error.code() == "database_refused") throw;
    failed(connection, migration, error.what());
  }
  require_sound(connection, migration, before);
  const auto name = migration.name;
  const Value args[] = {migration.seq, name, migration.sha256, now, (system_now() - started).ms, STEWARD_VERSION};
  connection.exec(kRecord, args);
}

/// Inside a transaction SQLite ignores the switch, and dropping a rebuilt table would take its children along.
/// PostgreSQL refuses to drop what is referred to, and alters tables in place.
class WithoutForeignKeys {
 public:
  explicit WithoutForeignKeys(Connection& connection) : connection_(connection) {
    if (connection_.engine() == Engine::sqlite) connection_.script("PRAGMA foreign_keys = OFF");
  }
  ~WithoutForeignKeys() {
    if (connection_.engine() != Engine::sqlite) return;
    try {
      connection_.script("PRAGMA foreign_keys = ON");
    } catch (const Error&) {  // the connection is as broken as what is on its way to the caller says
    }
  }
  WithoutForeignKeys(const WithoutForeignKeys&) = delete;
  WithoutForeignKeys& operator=(const WithoutForeignKeys&) = delete;

 private:
  Connection& connection_;
};

void require_known(const SchemaState& state) {
  if (!state.unknown.empty())
    throw Error{ErrorKind::precondition, "schema_newer",
                fmt::format("A newer steward has migrated this database ({}).", listed(state.unknown)),
                "Use that version or a newer one."};
  if (!state.altered.empty())
    throw Error{ErrorKind::precondition, "migration_altered",
                fmt::format("This database was migrated with another text of {}.", listed(state.altered)),
                "Use the steward that migrated it; a landed migration is never edited."};
}

}  // namespace

Migration make_migration(std::string_view file_name, std::string_view sql, std::string_view sha256) {
  Migration out{0, std::string(file_name.substr(0, file_name.find('.'))), sql, std::string(sha256)};
  std::from_chars(out.name.data(), out.name.data() + out.name.size(), out.seq);
  return out;
}

Migration make_migration(std::string_view file_name, std::string_view sql) {
  return make_migration(file_name, sql, sha256_of_sql(sql));
}

std::vector<Migration> compiled_migrations(Engine engine) {
  std::vector<Migration> out;
  const bool file = engine == Engine::sqlite;
  const auto& texts = file ? embedded_migrations_sqlite : embedded_migrations_postgres;
  const auto& hashes = file ? migration_hashes_sqlite : migration_hashes_postgres;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    out.push_back(make_migration(texts[i].name, texts[i].text, hashes[i]));
    if (out[i].seq != static_cast<int>(i) + 1)
      throw Error{ErrorKind::defect, "defect", fmt::format("Migration {} is out of sequence.", out[i].name)};
  }
  return out;
}

SchemaState schema_state(Connection& connection, std::span<const Migration> known) {
  SchemaState state;
  if (!connection.has_table("app_migrations")) {
    for (const auto& migration : known) state.pending.push_back(migration.name);
    return state;
  }
  std::map<int, const Migration*> by_seq;
  for (const auto& migration : known) by_seq[migration.seq] = &migration;
  connection.each(kApplied, {}, [&](const Row& row) {
    AppliedMigration applied{
        static_cast<int>(row.integer(0)), row.str(1), row.str(2), row.str(3), row.str(5), row.integer(4)};
    const auto at = by_seq.find(applied.seq);
    if (at == by_seq.end() || at->second->name != applied.name)
      state.unknown.push_back(applied.name);
    else if (at->second->sha256 != applied.sha256)
      state.altered.push_back(applied.name);
    by_seq.erase(applied.seq);
    state.applied.push_back(std::move(applied));
    return true;
  });
  for (const auto& [seq, migration] : by_seq) state.pending.push_back(migration->name);
  return state;
}

void refuse_pending(const SchemaState& state) {
  throw Error{
      ErrorKind::precondition, "migrations_pending",
      fmt::format("The database waits for {}: {}.", count_of(state.pending.size(), "migration"), listed(state.pending)),
      "Run steward db migrate."}
      .with(Json{{"pending", Json(Json::Array(state.pending.begin(), state.pending.end()))}});
}

void require_current_schema(Connection& connection, std::span<const Migration> known) {
  const auto state = schema_state(connection, known);
  require_known(state);
  if (!state.pending.empty()) refuse_pending(state);
}

std::vector<std::string> migrate(Connection& connection, std::span<const Migration> known, Instant now,
                                 const BeforeMigration& each, const AfterMigrations& sealed) {
  std::vector<std::string> done;
  const WithoutForeignKeys off(connection);
  for (const auto& migration : known) {
    Tx tx(connection, Access::schema, now);
    const auto state = schema_state(connection, known);
    require_known(state);
    if (!std::ranges::count(state.pending, migration.name)) continue;
    if (each) each(migration);
    apply(connection, migration, now);
    done.push_back(migration.name);
    if (state.pending.size() == 1) {
      renew_grants(connection);
      if (sealed) sealed(tx, done);
    }
    tx.commit();
  }
  return done;
}

}  // namespace steward::db
