#include "db/sqlite/inspect.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <filesystem>

#include "core/error.h"
#include "db/sqlite/engine.h"

namespace steward::db::sqlite {
namespace {

constexpr auto kSchema = R"sql(
  SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%' ESCAPE '!'
   ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'view' THEN 1 WHEN 'index' THEN 2 ELSE 3 END, rowid
)sql";

// A pragma whose value steward depends on, and what it must be.
struct Needed {
  std::string_view pragma, value, spelling;
};
constexpr Needed kNeeded[] = {
    {"journal_mode", "wal", "wal"},
    {"foreign_keys", "1", "on"},
    {"synchronous", "2", "full"},
    {"recursive_triggers", "1", "on"},
    {"ignore_check_constraints", "0", "off"},
};

std::string pragma_text(Connection& connection, std::string_view name) {
  std::string out;
  connection.each(fmt::format("PRAGMA {}", name), {}, [&](const Row& row) {
    out = row.str(0);
    return false;
  });
  return out;
}

}  // namespace

std::vector<SchemaObject> live_schema(Connection& connection) {
  std::vector<SchemaObject> out;
  connection.each(kSchema, {}, [&](const Row& row) {
    out.push_back({row.str(0), row.str(1), row.str(2), row.str(3)});
    return true;
  });
  return out;
}

std::vector<std::string> integrity_findings(Connection& connection, bool thorough, int limit) {
  std::vector<std::string> out;
  try {
    connection.each(fmt::format("PRAGMA {}({})", thorough ? "integrity_check" : "quick_check", limit), {},
                    [&](const Row& row) {
                      if (row.text(0) != "ok") out.push_back(row.str(0));
                      return true;
                    });
  } catch (const Error& error) {
    if (error.code() != "database_corrupt") throw;
    out.emplace_back(error.what());
  }
  return out;
}

std::vector<std::string> reference_findings(Connection& connection, int limit) {
  std::vector<std::string> out;
  connection.each("PRAGMA foreign_key_check", {}, [&](const Row& row) {
    out.push_back(fmt::format("A row of {} refers to a missing row of {}.", row.text(0), row.text(2)));
    return static_cast<int>(out.size()) < limit;
  });
  return out;
}

std::vector<EngineSetting> engine_settings(Connection& connection) {
  std::vector<EngineSetting> out;
  const bool reads_only = sqlite3_db_readonly(handle_of(connection), "main") == 1;
  for (const auto& needed : kNeeded) {
    if (reads_only && needed.pragma == "recursive_triggers") continue;  // set where something can fire them
    const auto value = pragma_text(connection, needed.pragma);
    const bool good = value == needed.value;
    out.push_back(
        {std::string(needed.pragma), good ? std::string(needed.spelling) : value, good ? Fitness::good : Fitness::bad});
  }
  const auto timeout = busy_timeout_of(connection).count();
  out.push_back({"busy_timeout", fmt::format("{} ms", timeout), timeout > 0 ? Fitness::good : Fitness::bad});
  return out;
}

std::int64_t stored_bytes(Connection& connection) {
  std::error_code none;
  return static_cast<std::int64_t>(
      std::filesystem::file_size(sqlite3_db_filename(handle_of(connection), "main"), none));
}

std::string engine_version() { return fmt::format("SQLite {}", sqlite3_libversion()); }

}  // namespace steward::db::sqlite
