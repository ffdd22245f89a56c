#include <fmt/format.h>

#include <filesystem>

#include "core/error.h"
#include "core/text.h"
#include "db/backup.h"
#include "ops/audit.h"
#include "ops/declare.h"
#include "ops/files.h"
#include "system/database/database.h"
#include "system/database/operations.h"
#include "system/database/verified_copy.h"

namespace steward::database {
namespace {

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

ops::Change rehearsal(const std::vector<std::string>& pending) {
  Json changes = Json::array();
  for (const auto& name : pending)
    changes.push(Json{{"table", "app_migrations"},
                      {"op", "insert"},
                      {"key", Json{{"name", name}}},
                      {"old", Json()},
                      {"new", Json{{"name", name}}}});
  ops::Change change;
  change.changed = !pending.empty();
  change.sentence = pending.empty()
                        ? "Nothing is pending."
                        : fmt::format("{} would run: {}.", count_of(pending.size(), "migration"), join(pending, ", "));
  change.data = Json{{"applied", Json::array()}, {"pending", names(pending)}, {"changes", std::move(changes)}};
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

void seal(const ops::System& system, db::Tx& tx, const std::vector<std::string>& applied, const std::string& backup) {
  record_identity(tx, system.environment);
  Json metadata{{"applied", names(applied)}};
  if (!backup.empty()) metadata.set("backup", std::filesystem::path(backup).filename().string());
  ops::append_audit(tx, system.actor, system.request.operation->path, kTarget, identity_of(tx)->instance_id,
                    system.request.request_id, metadata);
}

ops::Change migrate(ops::System& system, const ops::NoArgs&) {
  const auto& house = system.house;
  if (system.request.dry_run && !db::exists(house.url)) return rehearsal(all_names(house));
  const auto connection = system.open(db::Access::write, !system.request.dry_run);
  const auto standing = look_at(system, *connection);
  if (system.request.dry_run) return rehearsal(standing.state.pending);
  std::string backup;
  const auto applied = db::migrate(
      *connection, house.migrations(), house.now(),
      [&](const db::Migration& next) {
        if (standing.whole && backup.empty() && house.url.engine == db::Engine::sqlite)
          backup = back_up_before(system, next);
        if (house.progress) house.progress(fmt::format("Applying {}", next.name));
      },
      [&](db::Tx& tx, const std::vector<std::string>& done) { seal(system, tx, done, backup); });
  const Json data{
      {"applied", names(applied)}, {"pending", Json::array()}, {"backup", backup.empty() ? Json() : Json(backup)}};
  if (applied.empty())
    return ops::Change::none(std::string(kTarget), house.url.display(),
                             "The database is up to date; nothing was pending.", data);
  db::checkpoint(*connection);
  ops::Change change;
  change.data = data;
  change.sentence = fmt::format("Applied {}: {}.", count_of(applied.size(), "migration"), join(applied, ", "));
  if (!backup.empty()) change.sentence += fmt::format(" What was there before is in {}.", backup);
  if (!standing.whole) change.next = "steward init";
  return change;
}

}  // namespace

void register_migrate(ops::Registry& registry) {
  registry.add(
      ops::declare<ops::NoArgs>("db.migrate", "Bring the schema up to this steward's")
          .details("Backs a file up first, beside it, and proves the backup. Each migration runs in a "
                   "transaction of its own and is checked for references, integrity and lost rows before it is "
                   "kept. Safe to start twice at once; --dry-run names what would run.")
          .needs("db:migrate")
          .example("steward db migrate")
          .manages(migrate, true));
}

}  // namespace steward::database
