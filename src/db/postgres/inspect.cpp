#include "db/postgres/inspect.h"

#include <fmt/format.h>

#include "core/error.h"
#include "db/postgres/engine.h"
#include "db/postgres/wire.h"
#include "db/tx.h"

namespace steward::db::postgres {
namespace {

/// Everything in the current schema, as text that makes it again; schema names are left out, so that the live schema
/// and one built aside read the same.
constexpr auto kSchema = R"sql(
  WITH here AS (SELECT oid, nspname FROM pg_catalog.pg_namespace WHERE nspname = current_schema()),
  objects AS (
    SELECT 0 AS place, 'function' AS type, CAST(p.proname AS text) AS name, '' AS tab,
           rtrim(pg_catalog.pg_get_functiondef(p.oid), E' \n') AS text
      FROM pg_catalog.pg_proc p JOIN here ON here.oid = p.pronamespace
    UNION ALL
    SELECT 1, 'table', CAST(c.relname AS text), CAST(c.relname AS text),
           'CREATE TABLE ' || c.relname || E' (\n  ' || concat_ws(E',\n  ',
             (SELECT string_agg(concat_ws(' ', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
                       CASE WHEN l.collname <> 'default' THEN 'COLLATE "' || l.collname || '"' END,
                       CASE WHEN a.attnotnull THEN 'NOT NULL' END,
                       CASE WHEN d.adbin IS NOT NULL THEN 'DEFAULT ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid) END),
                     E',\n  ' ORDER BY a.attnum)
                FROM pg_catalog.pg_attribute a
                LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
               WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
             (SELECT string_agg('CONSTRAINT ' || k.conname || ' ' || pg_catalog.pg_get_constraintdef(k.oid), E',\n  '
                       ORDER BY k.contype, k.conname)
                FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.contype IN ('p', 'u', 'f', 'c'))) || E'\n)'
      FROM pg_catalog.pg_class c JOIN here ON here.oid = c.relnamespace WHERE c.relkind IN ('r', 'p')
    UNION ALL
    SELECT 2, 'view', CAST(c.relname AS text), CAST(c.relname AS text),
           'CREATE VIEW ' || c.relname || ' AS ' || pg_catalog.pg_get_viewdef(c.oid)
      FROM pg_catalog.pg_class c JOIN here ON here.oid = c.relnamespace WHERE c.relkind IN ('v', 'm')
    UNION ALL
    SELECT 3, 'index', CAST(c.relname AS text), CAST(t.relname AS text), pg_catalog.pg_get_indexdef(c.oid)
      FROM pg_catalog.pg_class c JOIN here ON here.oid = c.relnamespace
      JOIN pg_catalog.pg_index x ON x.indexrelid = c.oid JOIN pg_catalog.pg_class t ON t.oid = x.indrelid
     WHERE c.relkind IN ('i', 'I') AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k WHERE k.conindid = c.oid)
    UNION ALL
    SELECT 4, 'trigger', CAST(g.tgname AS text), CAST(t.relname AS text), pg_catalog.pg_get_triggerdef(g.oid)
      FROM pg_catalog.pg_trigger g JOIN pg_catalog.pg_class t ON t.oid = g.tgrelid JOIN here ON here.oid = t.relnamespace
     WHERE NOT g.tgisinternal
  )
  SELECT type, name, tab, replace(text, (SELECT nspname FROM here) || '.', '') FROM objects
   ORDER BY place, tab COLLATE "C", name COLLATE "C"
)sql";

constexpr auto kUnsoundIndexes = R"sql(
  SELECT CAST(c.relname AS text) FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class c ON c.oid = x.indexrelid
   WHERE c.relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = current_schema())
     AND NOT (x.indisvalid AND x.indisready)
)sql";
constexpr auto kUnheldReferences = R"sql(
  SELECT CAST(k.conname AS text), CAST(t.relname AS text) FROM pg_catalog.pg_constraint k
    JOIN pg_catalog.pg_class t ON t.oid = k.conrelid
   WHERE t.relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = current_schema()) AND NOT k.convalidated
)sql";
constexpr auto kSettings = R"sql(
  SELECT CAST(current_user AS text), pg_catalog.pg_has_role(c.relowner, 'USAGE'), current_setting('synchronous_commit'),
         current_setting('fsync'), current_setting('full_page_writes'), current_setting('server_encoding'),
         pg_catalog.pg_is_in_recovery()
    FROM pg_catalog.pg_class c WHERE c.oid = to_regclass('app_migrations')
)sql";
/// Seconds by which each standby is behind; only a role that may monitor sees them.
constexpr auto kLag = R"sql(
  SELECT CAST(application_name AS text), CAST(state AS text), CAST(sync_state AS text),
         CAST(coalesce(extract(epoch FROM replay_lag) * 1000, 0) AS bigint)
    FROM pg_catalog.pg_stat_replication ORDER BY application_name
)sql";
constexpr auto kOwnLag =
    "SELECT CAST(coalesce(extract(epoch FROM now() - pg_catalog.pg_last_xact_replay_timestamp()) * 1000, 0) AS bigint)";

/// A schema of its own inside a transaction that is never committed.
constexpr auto kAside = R"sql(
  CREATE SCHEMA steward_expected; SET LOCAL search_path = steward_expected, pg_catalog
)sql";

std::vector<SchemaObject> objects(Connection& connection) {
  std::vector<SchemaObject> out;
  connection.each(kSchema, {}, [&](const Row& row) {
    out.push_back({row.str(0), row.str(1), row.str(2), row.str(3)});
    return true;
  });
  return out;
}

void add_standbys(Connection& connection, std::vector<EngineSetting>& out) {
  connection.each(kLag, {}, [&](const Row& row) {
    const bool streams = row.text(1) == "streaming";
    out.push_back({fmt::format("standby {}", row.text(0)),
                   fmt::format("{}, {}, {} ms behind", row.text(1), row.text(2), row.integer(3)), streams});
    return true;
  });
}

}  // namespace

std::vector<SchemaObject> live_schema(Connection& connection) { return objects(connection); }

std::optional<std::vector<SchemaObject>> expected_schema(Connection& like, std::span<const Migration> migrations) {
  const auto aside = open(url_of(like), {Access::write});
  aside->script("BEGIN");
  try {
    aside->script(kAside);
    for (const auto& migration : migrations) aside->script(migration.sql);
    auto out = objects(*aside);
    aside->rollback();
    return out;
  } catch (const Error& error) {
    aside->rollback();
    if (error.code() != "database_refused" && error.code() != "database_read_only") throw;
  }
  return std::nullopt;
}

std::vector<std::string> integrity_findings(Connection& connection, int limit) {
  std::vector<std::string> out;
  connection.each(kUnsoundIndexes, {}, [&](const Row& row) {
    out.push_back(fmt::format("The index {} is not valid; run REINDEX.", row.text(0)));
    return static_cast<int>(out.size()) < limit;
  });
  return out;
}

std::vector<std::string> reference_findings(Connection& connection, int limit) {
  std::vector<std::string> out;
  connection.each(kUnheldReferences, {}, [&](const Row& row) {
    out.push_back(fmt::format("The reference {} of {} is not validated.", row.text(0), row.text(1)));
    return static_cast<int>(out.size()) < limit;
  });
  return out;
}

std::vector<EngineSetting> engine_settings(Connection& connection) {
  std::vector<EngineSetting> out;
  const bool encrypted = libpq().PQsslInUse(wire_of(connection)->raw()) == 1;
  const std::string host = libpq().PQhost(wire_of(connection)->raw());
  bool standby = false;
  connection.each(kSettings, {}, [&](const Row& row) {
    out.push_back(
        {"role", fmt::format("{}, {}", row.text(0), row.boolean(1) ? "which owns the schema" : "application")});
    const auto commit = row.str(2);
    out.push_back({"synchronous_commit", commit, commit != "off"});
    out.push_back({"fsync", row.str(3), row.text(3) == "on"});
    out.push_back({"full_page_writes", row.str(4), row.text(4) == "on"});
    out.push_back({"server_encoding", row.str(5), row.text(5) == "UTF8"});
    standby = row.boolean(6);
    return false;
  });
  // A Unix socket never leaves the machine.
  out.push_back({"tls",
                 encrypted               ? "on"
                 : host.starts_with("/") ? "off, on a Unix socket"
                                         : "off",
                 encrypted || host.starts_with("/")});
  if (standby)
    connection.each(kOwnLag, {}, [&](const Row& row) {
      out.push_back({"standby", fmt::format("this server, {} ms behind", row.integer(0))});
      return false;
    });
  else
    add_standbys(connection, out);
  return out;
}

std::string engine_version(Connection& connection) {
  const int version = libpq().PQserverVersion(wire_of(connection)->raw());
  return fmt::format("PostgreSQL {}.{}", version / 10'000, version % 10'000);
}

std::int64_t stored_bytes(Connection& connection) {
  std::int64_t out = 0;
  connection.each("SELECT pg_catalog.pg_database_size(current_database())", {}, [&](const Row& row) {
    out = row.integer(0);
    return false;
  });
  return out;
}

}  // namespace steward::db::postgres
