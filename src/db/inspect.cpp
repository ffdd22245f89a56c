#include "db/inspect.h"

#include <fmt/format.h>

#include <algorithm>

#include "db/migration_text.h"
#include "db/postgres/inspect.h"
#include "db/sqlite/engine.h"
#include "db/sqlite/inspect.h"

namespace steward::db {
namespace {

const SchemaObject* find(const std::vector<SchemaObject>& objects, const SchemaObject& like) {
  const auto at = std::ranges::find_if(objects, [&](const auto& one) {
    return one.type == like.type && one.name == like.name && one.table == like.table;
  });
  return at == objects.end() ? nullptr : &*at;
}

std::string described(const SchemaObject& object) {
  // On a server, triggers of many tables share a name.
  return object.type == "trigger" ? fmt::format("trigger {} on {}", object.name, object.table)
                                  : fmt::format("{} {}", object.type, object.name);
}

bool on_server(const Connection& connection) { return connection.engine() == Engine::postgres; }

}  // namespace

std::vector<SchemaObject> live_schema(Connection& connection) {
  return on_server(connection) ? postgres::live_schema(connection) : sqlite::live_schema(connection);
}

std::optional<std::vector<SchemaObject>> expected_schema(Connection& like, std::span<const Migration> migrations) {
  if (on_server(like)) return postgres::expected_schema(like, migrations);
  const auto connection = sqlite::open_in_memory();
  connection->script("PRAGMA foreign_keys = OFF");
  for (const auto& migration : migrations) connection->script(migration.sql);
  return sqlite::live_schema(*connection);
}

std::vector<std::string> schema_drift(const std::vector<SchemaObject>& live,
                                      const std::vector<SchemaObject>& expected) {
  std::vector<std::string> out;
  for (const auto& wanted : expected) {
    const auto* there = find(live, wanted);
    if (!there)
      out.push_back(fmt::format("The {} is missing.", described(wanted)));
    else if (normalised_sql(there->sql) != normalised_sql(wanted.sql))
      out.push_back(fmt::format("The {} is not as the migrations made it.", described(wanted)));
  }
  for (const auto& there : live)
    if (!find(expected, there)) out.push_back(fmt::format("The {} is no part of steward's schema.", described(there)));
  return out;
}

std::vector<std::string> integrity_findings(Connection& connection, bool thorough, int limit) {
  return on_server(connection) ? postgres::integrity_findings(connection, limit)
                               : sqlite::integrity_findings(connection, thorough, limit);
}

std::vector<std::string> reference_findings(Connection& connection, int limit) {
  return on_server(connection) ? postgres::reference_findings(connection, limit)
                               : sqlite::reference_findings(connection, limit);
}

std::vector<EngineSetting> engine_settings(Connection& connection) {
  return on_server(connection) ? postgres::engine_settings(connection) : sqlite::engine_settings(connection);
}

std::string engine_version(Connection& connection) {
  return on_server(connection) ? postgres::engine_version(connection) : sqlite::engine_version();
}

std::int64_t stored_bytes(Connection& connection) {
  return on_server(connection) ? postgres::stored_bytes(connection) : sqlite::stored_bytes(connection);
}

}  // namespace steward::db
