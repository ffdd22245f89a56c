#include "db/postgres/grants.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/phrase.h"
#include "core/text.h"

namespace steward::db::postgres {
namespace {

/// For each table: whether a trigger of its own refuses every UPDATE, every DELETE (pg_trigger.tgtype: 2 BEFORE,
/// 8 DELETE, 16 UPDATE). One with a condition or for some columns refuses only some.
constexpr auto kRefusals = R"sql(
  SELECT CAST(c.relname AS text), coalesce(bool_or(g.tgtype & 16 <> 0), false), coalesce(bool_or(g.tgtype & 8 <> 0), false)
    FROM pg_catalog.pg_class c
    LEFT JOIN pg_catalog.pg_trigger g ON g.tgrelid = c.oid AND NOT g.tgisinternal AND g.tgtype & 2 <> 0
          AND g.tgqual IS NULL AND cardinality(CAST(g.tgattr AS smallint[])) = 0
          AND g.tgfoid = (SELECT p.oid FROM pg_catalog.pg_proc p
                           WHERE p.proname = 'steward_refuse' AND p.pronamespace = c.relnamespace)
   WHERE c.relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = current_schema())
     AND c.relkind IN ('r', 'p') AND NOT c.relispartition
   GROUP BY c.relname ORDER BY CAST(c.relname AS text) COLLATE "C"
)sql";

/// Whoever may write the audit trail by a grant of his own writes with steward: a role that only reads for reports is
/// not given more.
constexpr auto kGrantedBefore = R"sql(
  SELECT CAST(r.rolname AS text) FROM pg_catalog.pg_class c, aclexplode(c.relacl) a
    JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
   WHERE c.oid = to_regclass('audit_log') AND a.privilege_type = 'INSERT' AND a.grantee <> c.relowner
   ORDER BY 1
)sql";

/// Everything that is granted to one role in the schema, as one text.
constexpr auto kGrantsOf = R"sql(
  SELECT string_agg(c.relname || ' ' || a.privilege_type, ', ' ORDER BY c.relname, a.privilege_type)
    FROM pg_catalog.pg_class c, aclexplode(c.relacl) a
   WHERE c.relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = current_schema())
     AND a.grantee = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = $1)
)sql";

constexpr auto kRole = R"sql(
  SELECT rolsuper, rolbypassrls, rolcreaterole, rolreplication,
         pg_catalog.pg_has_role(oid, (SELECT relowner FROM pg_catalog.pg_class WHERE oid = to_regclass('app_migrations')), 'MEMBER')
    FROM pg_catalog.pg_roles WHERE rolname = $1
)sql";

/// What the role may do to each table, by whatever way it came to it.
constexpr auto kRightsNow = R"sql(
  SELECT CAST(c.relname AS text), p.name FROM pg_catalog.pg_class c,
         unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS p(name)
   WHERE c.relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = current_schema())
     AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND pg_catalog.has_table_privilege(CAST($1 AS name), c.oid, p.name)
   ORDER BY CAST(c.relname AS text) COLLATE "C", p.name
)sql";
constexpr auto kPlaceRights = R"sql(
  SELECT pg_catalog.has_schema_privilege(CAST($1 AS name), current_schema(), 'USAGE'),
         pg_catalog.has_schema_privilege(CAST($1 AS name), current_schema(), 'CREATE'),
         pg_catalog.has_database_privilege(CAST($1 AS name), current_database(), 'CONNECT'),
         pg_catalog.has_database_privilege(CAST($1 AS name), current_database(), 'TEMPORARY'),
         CAST(pg_catalog.quote_ident(current_schema()) AS text), CAST(pg_catalog.quote_ident(current_database()) AS text)
)sql";

constexpr std::size_t kLongestName = 63;

/// Which environment this is and what was migrated: an application that could write it could lift the rules that hold
/// it.
bool only_owner_writes(std::string_view table) { return table == "app_migrations" || table == "db_identity"; }

std::string quoted(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

struct PlaceRights {
  bool usage = false, create = false, connect = false, temporary = false;
  std::string schema, database;
};

PlaceRights place_rights(Connection& connection, const std::string& role) {
  PlaceRights out;
  const Value args[] = {Value(role)};
  connection.each(kPlaceRights, args, [&](const Row& row) {
    out = {row.boolean(0), row.boolean(1), row.boolean(2), row.boolean(3), row.str(4), row.str(5)};
    return false;
  });
  return out;
}

std::vector<TableGrant> wanted_grants(Connection& connection) {
  std::vector<TableGrant> out;
  connection.each(kRefusals, {}, [&](const Row& row) {
    TableGrant grant{row.str(0), {"SELECT"}};
    if (!only_owner_writes(grant.table)) {
      grant.rights.push_back("INSERT");
      if (!row.boolean(1)) grant.rights.push_back("UPDATE");
      if (!row.boolean(2)) grant.rights.push_back("DELETE");
    }
    out.push_back(std::move(grant));
    return true;
  });
  return out;
}

std::string grants_of(Connection& connection, const std::string& role) {
  std::string out;
  const Value args[] = {Value(role)};
  connection.each(kGrantsOf, args, [&](const Row& row) {
    out = row.str(0);
    return false;
  });
  return out;
}

bool role_exists(Connection& connection, const std::string& role) {
  bool there = false;
  const Value args[] = {Value(role)};
  connection.each("SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = $1", args, [&](const Row&) {
    there = true;
    return false;
  });
  return there;
}

void require_name(std::string_view role) {
  const bool reserved = role == "public" || role == "none" || role.starts_with("pg_");
  if (!role.empty() && role.size() <= kLongestName && !reserved && role.find('\0') == std::string_view::npos) return;
  refuse_usage("invalid_value", fmt::format("{} can be no role of one application.", in_quotes(role)), "grant-to",
               "Name a role of its own: 1 to 63 bytes, not public, and nothing that starts with pg_.");
}

[[noreturn]] void refuse_role(const std::string& role, const std::string& why, const std::string& hint) {
  throw Error{ErrorKind::precondition, "database_refused",
              fmt::format("The role {} can't be the application's: {}", role, why), hint}
      .at("grant-to");
}

// The right to log in, and a password, are the administrator's to give: no password passes through steward.
void make_role(Connection& connection, const std::string& role) {
  try {
    connection.script(fmt::format(
        "CREATE ROLE {} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS", quoted(role)));
  } catch (const Error& error) {
    if (error.code() != "database_refused") throw;
    refuse_role(role, "it does not exist, and whoever migrates here may not make roles.",
                fmt::format("Have an administrator run CREATE ROLE {} LOGIN, then repeat this.", quoted(role)));
  }
}

void grant_tables(Connection& connection, const std::string& role, const std::vector<TableGrant>& tables) {
  std::string statements;
  for (const auto& grant : tables)
    statements += fmt::format("REVOKE ALL ON TABLE {0} FROM {1}; GRANT {2} ON TABLE {0} TO {1};", quoted(grant.table),
                              quoted(role), join(grant.rights, ", "));
  connection.script(statements);
}

// TEMPORARY: the dry run notes its changes in a temporary table. What everybody has is not granted again, since a
// schema's owner need not own the database.
void grant_place(Connection& connection, const std::string& role) {
  const auto has = place_rights(connection, role);
  std::string statements = fmt::format("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {} TO {};", has.schema, quoted(role));
  if (!has.usage) statements += fmt::format("GRANT USAGE ON SCHEMA {} TO {};", has.schema, quoted(role));
  if (!has.connect) statements += fmt::format("GRANT CONNECT ON DATABASE {} TO {};", has.database, quoted(role));
  if (!has.temporary) statements += fmt::format("GRANT TEMPORARY ON DATABASE {} TO {};", has.database, quoted(role));
  connection.script(statements);
}

void require_place(Connection& connection, const std::string& role) {
  const auto has = place_rights(connection, role);
  if (has.usage && has.connect && has.temporary) return;
  refuse_role(
      role,
      fmt::format("whoever migrates here can't give it what is missing on the schema {} or the database {}.",
                  has.schema, has.database),
      fmt::format("As their owner: GRANT USAGE ON SCHEMA {0} TO {2}; GRANT CONNECT, TEMPORARY ON DATABASE {1} TO {2}.",
                  has.schema, has.database, quoted(role)));
}

}  // namespace

std::vector<std::string> rights_beyond(Connection& connection, std::string_view role) {
  const std::string name(role);
  const Value args[] = {Value(name)};
  std::vector<std::string> out;
  connection.each(kRole, args, [&](const Row& row) {
    constexpr const char* kAttributes[] = {"it is a superuser", "it passes row security by", "it may make roles",
                                           "it may replicate the server",
                                           "it is a member of the role that owns the tables"};
    for (int i = 0; i < 5; ++i)
      if (row.boolean(i)) out.emplace_back(kAttributes[i]);
    return false;
  });
  if (!out.empty()) return out;
  const auto wanted = wanted_grants(connection);
  connection.each(kRightsNow, args, [&](const Row& row) {
    const auto table = std::ranges::find(wanted, row.text(0), &TableGrant::table);
    if (!std::ranges::count(table->rights, row.text(1)))
      out.push_back(fmt::format("it may {} {}", row.text(1), row.text(0)));
    return true;
  });
  if (const auto place = place_rights(connection, name); place.create)
    out.push_back(fmt::format("it may make tables in the schema {}", place.schema));
  return out;
}

Granted grant_application(Connection& connection, std::string_view role) {
  require_name(role);
  Granted out{std::string(role), false, false, wanted_grants(connection)};
  if (!role_exists(connection, out.role)) {
    make_role(connection, out.role);
    out.made = true;
  }
  const auto before = grants_of(connection, out.role);
  grant_tables(connection, out.role, out.tables);
  grant_place(connection, out.role);
  require_place(connection, out.role);
  if (const auto beyond = rights_beyond(connection, role); !beyond.empty())
    refuse_role(
        out.role,
        join({beyond.begin(), beyond.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(3, beyond.size()))},
             ", ") +
            ".",
        "Name a role of its own, or take that from it (or from PUBLIC) first; nothing was changed.");
  out.changed = out.made || grants_of(connection, out.role) != before;
  return out;
}

void renew_grants(Connection& connection) {
  std::vector<std::string> roles;
  connection.each(kGrantedBefore, {}, [&](const Row& row) {
    roles.push_back(row.str(0));
    return true;
  });
  const auto tables = wanted_grants(connection);
  for (const auto& role : roles) {
    grant_tables(connection, role, tables);
    grant_place(connection, role);
  }
}

}  // namespace steward::db::postgres
