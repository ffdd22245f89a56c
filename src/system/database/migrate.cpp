#include <fmt/format.h>

#include <filesystem>

#include "core/error.h"
#include "core/text.h"
#include "db/backup.h"
#include "db/grants.h"
#include "ops/argument.h"
#include "ops/audit.h"
#include "ops/declare.h"
#include "ops/files.h"
#include "system/database/database.h"
#include "system/database/operations.h"
#include "system/database/verified_copy.h"

namespace steward::database {
namespace {

struct MigrateArgs {
  std::optional<ops::Text<63>> grant_to;
};

// What stands in `db migrate`'s way, and who is there.
struct Standing {
  bool whole = false;  ///< it has an identity, and so tokens and data
  db::SchemaState state;
};

Standing look_at(ops::System& system, db::Connection& connection) {
  db::Tx tx(connection, db::Access::read, system.house.now());
  Standing out{identity_of(tx).has_value(), db::schema_state(connection, system.house.migrations())};
  if (out.whole)
    system.admit(tx);
  else
    system.admit_shell(environment_for_new(system.house));
  return out;
}

Json names(const std::vector<std::string>& list) { return Json(Json::Array(list.begin(), list.end())); }

Json to_json(const std::optional<db::Granted>& granted) {
  if (!granted) return {};
  Json tables = Json::object();
  for (const auto& table : granted->tables) tables.set(table.table, names(table.rights));
  return Json{{"role", granted->role}, {"made", granted->made}, {"tables", std::move(tables)}};
}

std::string sentence_of(const db::Granted& granted) {
  if (!granted.changed) return fmt::format(" The role {} may do what the commands need already.", granted.role);
  if (!granted.made) return fmt::format(" The role {} may do what the commands need, and nothing else.", granted.role);
  return fmt::format(
      " The role {} was made and may do what the commands need, and nothing else; to let it log in, an administrator "
      "runs ALTER ROLE with LOGIN and gives it a password or a line in pg_hba.conf.",
      granted.role);
}

// Grants in a transaction that is never kept: what would be refused is refused here too.
std::optional<db::Granted> rehearsed_grant(const ops::House& house, db::Connection& connection,
                                           const MigrateArgs& args) {
  if (!args.grant_to) return std::nullopt;
  db::Tx tx(connection, db::Access::schema, house.now());
  return db::grant_application(connection, args.grant_to->value);
}

ops::Change rehearsal(const std::vector<std::string>& pending, const MigrateArgs& args,
                      const std::optional<db::Granted>& granted = {}) {
  Json changes = Json::array();
  for (const auto& name : pending)
    changes.push(Json{{"table", "app_migrations"},
                      {"op", "insert"},
                      {"key", Json{{"name", name}}},
                      {"old", Json()},
                      {"new", Json{{"name", name}}}});
  ops::Change change;
  change.changed = !pending.empty() || (granted && granted->changed);
  change.sentence = pending.empty()
                        ? "Nothing is pending."
                        : fmt::format("{} would run: {}.", count_of(pending.size(), "migration"), join(pending, ", "));
  if (args.grant_to)
    change.sentence += fmt::format(" The role {} would be given what the commands need.", args.grant_to->value);
  change.data = Json{{"applied", Json::array()},
                     {"pending", names(pending)},
                     {"granted", to_json(granted)},
                     {"changes", std::move(changes)}};
  return change;
}

std::vector<std::string> all_names(const ops::House& house) {
  std::vector<std::string> out;
  for (const auto& migration : house.migrations()) out.push_back(migration.name);
  return out;
}

// Taken while the migrating connection holds the write lock, so that it is what the migration finds. A server's
// backups are its own, and there a migration that fails is rolled back whole.
std::string back_up_before(const ops::System& system, const db::Migration& first) {
  const auto& house = system.house;
  const auto file = unused_name(house.url.location, fmt::format("before-{}", first.name.substr(0, 4)));
  if (house.progress) house.progress(fmt::format("Backing up to {}", file));
  ops::remove_leftovers(house.url.location);
  const auto connection = db::open(house.url, {db::Access::write, false, house.busy_timeout, house.log});
  db::Tx tx(*connection, db::Access::read, house.now());
  take_verified_copy(house, tx, file);
  return file;
}

void seal(const ops::System& system, db::Tx& tx, const std::vector<std::string>& applied, const std::string& backup,
          const std::optional<db::Granted>& granted) {
  record_identity(tx, system.environment);
  Json metadata{{"applied", names(applied)}};
  if (!backup.empty()) metadata.set("backup", std::filesystem::path(backup).filename().string());
  if (granted) metadata.set("granted_to", granted->role);
  ops::append_audit(tx, system.actor, system.request.operation->path, kTarget, identity_of(tx)->instance_id,
                    system.request.request_id, metadata);
}

// Where nothing was pending. What is as it should be leaves no trace.
db::Granted grant_alone(const ops::System& system, db::Connection& connection, const MigrateArgs& args) {
  db::Tx tx(connection, db::Access::schema, system.house.now());
  db::require_current_schema(connection, system.house.migrations());
  auto granted = db::grant_application(connection, args.grant_to->value);
  if (!granted.changed) return granted;
  seal(system, tx, {}, "", granted);
  tx.commit();
  return granted;
}

void require_roles(const ops::House& house, const MigrateArgs& args) {
  if (!args.grant_to || house.url.engine == db::Engine::postgres) return;
  refuse_usage("unsupported_engine", "A SQLite database has no roles: whoever may open the file may write it.",
               "grant-to", "Leave --grant-to out, and guard the file by its mode; a server's database has roles.");
}

std::string applied_sentence(const std::vector<std::string>& applied, const std::string& backup) {
  if (applied.empty()) return "The database is up to date; nothing was pending.";
  auto out = fmt::format("Applied {}: {}.", count_of(applied.size(), "migration"), join(applied, ", "));
  if (!backup.empty()) out += fmt::format(" What was there before is in {}.", backup);
  return out;
}

Json report(const std::vector<std::string>& applied, const std::string& backup,
            const std::optional<db::Granted>& granted) {
  Json out{{"applied", names(applied)}, {"pending", Json::array()}};
  out.set("backup", backup.empty() ? Json() : Json(backup));
  out.set("granted", to_json(granted));
  return out;
}

ops::Change migrate(ops::System& system, const MigrateArgs& args) {
  const auto& house = system.house;
  require_roles(house, args);
  if (system.request.dry_run && !db::exists(house.url)) return rehearsal(all_names(house), args);
  const auto connection = system.open(db::Access::write, !system.request.dry_run);
  const auto standing = look_at(system, *connection);
  if (system.request.dry_run)
    return standing.state.pending.empty() ? rehearsal({}, args, rehearsed_grant(house, *connection, args))
                                          : rehearsal(standing.state.pending, args);
  const bool backs_up = standing.whole && house.url.engine == db::Engine::sqlite;
  std::string backup;
  std::optional<db::Granted> granted;
  const auto applied = db::migrate(
      *connection, house.migrations(), house.now(),
      [&](const db::Migration& next) {
        if (backs_up && backup.empty()) backup = back_up_before(system, next);
        if (house.progress) house.progress(fmt::format("Applying {}", next.name));
      },
      [&](db::Tx& tx, const std::vector<std::string>& done) {
        if (args.grant_to) granted = db::grant_application(*connection, args.grant_to->value);
        seal(system, tx, done, backup, granted);
      });
  if (args.grant_to && !granted) granted = grant_alone(system, *connection, args);
  const auto data = report(applied, backup, granted);
  const auto sentence = applied_sentence(applied, backup) + (granted ? sentence_of(*granted) : "");
  if (applied.empty() && !(granted && granted->changed))
    return ops::Change::none(std::string(kTarget), house.url.display(), sentence, data);
  db::checkpoint(*connection);
  ops::Change change;
  change.data = data;
  change.sentence = sentence;
  if (!standing.whole) change.next = "steward init";
  return change;
}

}  // namespace

void register_migrate(ops::Registry& registry) {
  registry.add(
      ops::declare<MigrateArgs>("db.migrate", "Bring the schema up to this steward's")
          .option("grant-to", &MigrateArgs::grant_to,
                  "On PostgreSQL: the role that the everyday commands run as; made if it is not there")
          .details("Backs a SQLite database up first, beside it, and proves the backup. Each migration runs in a "
                   "transaction of its own and is checked for references, integrity and lost rows before it is "
                   "kept. Safe to start twice at once; --dry-run names what would run. On PostgreSQL it runs as the "
                   "role that owns the tables; --grant-to gives another role what the commands need, table by table, "
                   "and nothing else. Later migrations keep what was given.")
          .needs("db:migrate")
          .example("steward db migrate")
          .example("steward db migrate --grant-to steward_app")
          .manages(migrate, true));
}

}  // namespace steward::database
