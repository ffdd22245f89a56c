#include "db/postgres/inspect.h"

#include <fmt/format.h>

#include "core/error.h"
#include "db/postgres/engine.h"
#include "db/postgres/grants.h"
#include "db/postgres/wire.h"
#include "db/tx.h"

namespace steward::db::postgres {
namespace {

/// Everything in the current schema, as text that makes it again; schema names are left out, so that the live schema
/// and one built aside read the same. References come after all tables, since a table may refer to any.
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
                FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.contype IN ('p', 'u', 'c'))) || E'\n)'
      FROM pg_catalog.pg_class c JOIN here ON here.oid = c.relnamespace WHERE c.relkind IN ('r', 'p')
    UNION ALL
    SELECT 2, 'view', CAST(c.relname AS text), CAST(c.relname AS text),
           'CREATE VIEW ' || c.relname || ' AS ' || pg_catalog.pg_get_viewdef(c.oid)
      FROM pg_catalog.pg_class c JOIN here ON here.oid = c.relnamespace WHERE c.relkind IN ('v', 'm')
    UNION ALL
    SELECT 3, 'reference', CAST(k.conname AS text), CAST(c.relname AS text),
           'ALTER TABLE ' || c.relname || ' ADD CONSTRAINT ' || k.conname || ' ' || pg_catalog.pg_get_constraintdef(k.oid)
      FROM pg_catalog.pg_class c JOIN here ON here.oid = c.relnamespace
      JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype = 'f'
    UNION ALL
    SELECT 4, 'index', CAST(c.relname AS text), CAST(t.relname AS text), pg_catalog.pg_get_indexdef(c.oid)
      FROM pg_catalog.pg_class c JOIN here ON here.oid = c.relnamespace
      JOIN pg_catalog.pg_index x ON x.indexrelid = c.oid JOIN pg_catalog.pg_class t ON t.oid = x.indrelid
     WHERE c.relkind IN ('i', 'I') AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k WHERE k.conindid = c.oid)
    UNION ALL
    SELECT 5, 'trigger', CAST(g.tgname AS text), CAST(t.relname AS text), pg_catalog.pg_get_triggerdef(g.oid)
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
  SELECT CAST(current_user AS text), pg_catalog.pg_has_role(c.relowner, 'USAGE'), r.rolsuper,
         current_setting('synchronous_commit'), current_setting('synchronous_standby_names'), current_setting('fsync'),
         current_setting('full_page_writes'), current_setting('server_encoding'), pg_catalog.pg_is_in_recovery(),
         pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')
    FROM pg_catalog.pg_class c, pg_catalog.pg_roles r
   WHERE c.oid = to_regclass('app_migrations') AND r.rolname = current_user
)sql";
/// Milliseconds by which each standby is behind; only a role that may monitor sees more than that there is one.
constexpr auto kStandbys = R"sql(
  SELECT CAST(application_name AS text), CAST(state AS text), CAST(sync_state AS text),
         CAST(coalesce(extract(epoch FROM replay_lag) * 1000, 0) AS bigint)
    FROM pg_catalog.pg_stat_replication ORDER BY application_name
)sql";
constexpr auto kOwnLag = R"sql(
  SELECT CAST(coalesce(extract(epoch FROM now() - pg_catalog.pg_last_xact_replay_timestamp()) * 1000, 0) AS bigint)
   WHERE pg_catalog.pg_last_wal_receive_lsn() IS DISTINCT FROM pg_catalog.pg_last_wal_replay_lsn()
)sql";
/// A standby that is further behind is worth a look.
constexpr std::int64_t kMuchLagMs = 60'000;

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

/// What the session and its server are set to.
struct Server {
  std::string role, synchronous_commit, synchronous_standbys, fsync, full_page_writes, encoding;
  bool owner = false, superuser = false, standby = false, monitors = false;
};

Server server_of(Connection& connection) {
  Server out;
  connection.each(kSettings, {}, [&](const Row& row) {
    out = {row.str(0), row.str(3),     row.str(4),     row.str(5),     row.str(6),
           row.str(7), row.boolean(1), row.boolean(2), row.boolean(8), row.boolean(9)};
    return false;
  });
  return out;
}

Fitness unless(bool wrong, Fitness what) { return wrong ? what : Fitness::good; }

EngineSetting role_setting(Connection& connection, const Server& server) {
  if (server.superuser)
    return {"role", server.role + ", a superuser, whom no rule of the server holds", Fitness::doubtful};
  if (server.owner) return {"role", server.role + ", which owns the schema and may migrate it"};
  const auto beyond = rights_beyond(connection, server.role);
  if (beyond.empty()) return {"role", server.role + ", the application's"};
  return {"role",
          fmt::format("{}, and {}: db migrate --grant-to {} takes back what the commands don't need", server.role,
                      beyond.front(), server.role),
          Fitness::doubtful};
}

bool is_loopback(std::string_view host) { return host == "localhost" || host == "::1" || host.starts_with("127."); }

/// A Unix socket and the loopback never leave the machine.
EngineSetting tls_setting(PGconn* connection) {
  const std::string host = libpq().PQhost(connection);
  if (libpq().PQsslInUse(connection) == 1) return {"tls", "on"};
  if (host.starts_with("/")) return {"tls", "off, on a Unix socket"};
  if (is_loopback(host)) return {"tls", "off, within this machine"};
  return {"tls", fmt::format("off, on the way to {}: whoever is in between reads along (sslmode=verify-full)", host),
          Fitness::doubtful};
}

/// `off` loses what was answered; less than `on` only with a standby that is meant to hold it too.
EngineSetting commit_setting(const Server& server) {
  const auto& commit = server.synchronous_commit;
  if (commit == "off") return {"synchronous_commit", "off: a crash loses what was answered", Fitness::bad};
  if (server.synchronous_standbys.empty()) return {"synchronous_commit", commit + ", on this server alone"};
  const bool waits = commit == "on" || commit == "remote_apply";
  return {"synchronous_commit",
          fmt::format("{}, with the synchronous standbys {}{}", commit, server.synchronous_standbys,
                      waits ? "" : ", which it does not wait for"),
          unless(!waits, Fitness::doubtful)};
}

EngineSetting standby_setting(const Row& row) {
  const auto name = fmt::format("standby {}", row.text(0));
  if (row.is_null(1)) return {name, "connected; only a member of pg_monitor sees more"};
  return {name, fmt::format("{}, {}, {} ms behind", row.text(1), row.text(2), row.integer(3)),
          unless(row.text(1) != "streaming" || row.integer(3) > kMuchLagMs, Fitness::doubtful)};
}

void add_standbys(Connection& connection, const Server& server, std::vector<EngineSetting>& out) {
  bool synchronous = false;
  connection.each(kStandbys, {}, [&](const Row& row) {
    synchronous = synchronous || row.text(2) == "sync" || row.text(2) == "quorum";
    out.push_back(standby_setting(row));
    return true;
  });
  if (server.monitors && !server.synchronous_standbys.empty() && !synchronous)
    out.push_back(
        {"standby", "none of synchronous_standby_names is connected: every commit waits for one", Fitness::bad});
}

void add_own_lag(Connection& connection, std::vector<EngineSetting>& out) {
  std::int64_t behind = 0;
  connection.each(kOwnLag, {}, [&](const Row& row) {
    behind = row.integer(0);
    return false;
  });
  out.push_back(
      {"standby", fmt::format("this server, {} ms behind", behind), unless(behind > kMuchLagMs, Fitness::doubtful)});
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
  const auto server = server_of(connection);
  std::vector<EngineSetting> out{
      role_setting(connection, server),
      tls_setting(wire_of(connection)->raw()),
      commit_setting(server),
      {"fsync", server.fsync, unless(server.fsync != "on", Fitness::bad)},
      {"full_page_writes", server.full_page_writes, unless(server.full_page_writes != "on", Fitness::doubtful)},
      {"server_encoding", server.encoding, unless(server.encoding != "UTF8", Fitness::bad)}};
  if (server.standby)
    add_own_lag(connection, out);
  else
    add_standbys(connection, server, out);
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
