#include "db/inspect.h"

#include <fmt/format.h>

#include <algorithm>

#include "db/sqlite/engine.h"
#include "db/sqlite/inspect.h"

// There is one engine in this build; the next one adds a branch where sqlite:: is named.
namespace steward::db {
namespace {

const SchemaObject* find(const std::vector<SchemaObject>& objects, const SchemaObject& like) {
  const auto at =
      std::ranges::find_if(objects, [&](const auto& one) { return one.type == like.type && one.name == like.name; });
  return at == objects.end() ? nullptr : &*at;
}

}  // namespace

std::vector<SchemaObject> live_schema(Connection& connection) { return sqlite::live_schema(connection); }

std::vector<SchemaObject> expected_schema(Engine, std::span<const Migration> migrations) {
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
      out.push_back(fmt::format("The {} {} is missing.", wanted.type, wanted.name));
    else if (normalised_sql(there->sql) != normalised_sql(wanted.sql))
      out.push_back(fmt::format("The {} {} is not as the migrations made it.", wanted.type, wanted.name));
  }
  for (const auto& there : live)
    if (!find(expected, there))
      out.push_back(fmt::format("The {} {} is no part of steward's schema.", there.type, there.name));
  return out;
}

std::vector<std::string> integrity_findings(Connection& connection, bool thorough, int limit) {
  return sqlite::integrity_findings(connection, thorough, limit);
}

std::vector<std::string> reference_findings(Connection& connection, int limit) {
  return sqlite::reference_findings(connection, limit);
}

std::vector<EngineSetting> engine_settings(Connection& connection) { return sqlite::engine_settings(connection); }

std::string engine_version(Engine) { return sqlite::engine_version(); }

}  // namespace steward::db
