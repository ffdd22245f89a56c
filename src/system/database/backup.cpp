#include <fmt/format.h>

#include <filesystem>

#include "core/error.h"
#include "core/text.h"
#include "ops/declare.h"
#include "ops/files.h"
#include "ops/settings.h"
#include "system/database/database.h"
#include "system/database/operations.h"
#include "system/database/verified_copy.h"

namespace steward::database {
namespace {

namespace fs = std::filesystem;

struct BackupArgs {
  ops::NewFile to;
};

void require_target(const ops::House& house, const std::string& file) {
  std::error_code none;
  if (file == "-" || (fs::exists(file, none) && !fs::is_regular_file(file, none)))
    refuse_usage("invalid_target", fmt::format("{} is no file that a backup can be.", file), "to", "Name a file.");
  if (fs::equivalent(file, house.url.location, none))
    refuse_usage("invalid_target", "The backup would replace the database itself.", "to", "Name another file.");
}

// A database that can be read can be backed up: only recording it needs more.
std::unique_ptr<db::Connection> open_for_backup(ops::System& system) {
  try {
    return system.open(db::Access::write);
  } catch (const Error& error) {
    if (error.code() != "database_read_only") throw;
    return system.open(db::Access::read);
  }
}

Json record_of(const ops::System& system, const VerifiedCopy& copy) {
  return Json{{"file", copy.file},
              {"manifest", copy.manifest_file},
              {"bytes", copy.bytes},
              {"sha256", copy.sha256},
              {"tables", copy.manifest.tables.size()},
              {"rows", copy.manifest.rows()},
              {"verified_at", to_text(system.house.now())}};
}

std::string sentence_of(const VerifiedCopy& copy) {
  return fmt::format("Backed up {} to {}; restoring it was tried and gave the same.",
                     count_of(static_cast<std::size_t>(copy.manifest.rows()), "row"), copy.file);
}

ops::Change recorded(ops::Context& context, const VerifiedCopy& copy) {
  ops::store_setting(context.tx, kLastBackup, to_text(context.now()), false);
  ops::Change change;
  change.target_type = kTarget;
  change.target_id = identity_of(context.tx)->instance_id;
  change.metadata = Json{{"file", fs::path(copy.file).filename().string()},
                         {"sha256", copy.sha256},
                         {"bytes", copy.bytes},
                         {"rows", copy.manifest.rows()}};
  return change;
}

// The copy is in place and proven whatever becomes of the record of it.
void record(ops::System& system, db::Connection& connection, const VerifiedCopy& copy, ops::Change& change) {
  try {
    system.write(connection, [&](ops::Context& context) { return recorded(context, copy); });
  } catch (const Error& error) {
    change.warnings.push_back(
        {"not_recorded", fmt::format("The audit trail does not tell of this backup: {}", error.what())});
  }
}

ops::Change back_up(ops::System& system, const BackupArgs& args) {
  require_target(system.house, args.to.value);
  const auto connection = open_for_backup(system);
  VerifiedCopy copy;
  ops::Change change;
  {
    db::Tx tx(*connection, db::Access::read, system.house.now());
    system.admit(tx);
    for (const auto& file : {args.to.value, args.to.value + ".manifest.json"})
      if (ops::file_exists(file)) system.confirm(fmt::format("{} exists. Replace it?", file));
    if (system.request.dry_run) {
      change.sentence = fmt::format("A backup would be written to {}.", args.to.value);
      change.data = Json{{"file", args.to.value}, {"changes", Json::array()}};
      return change;
    }
    copy = take_verified_copy(system.house, tx, args.to.value);
  }
  change.data = record_of(system, copy);
  change.sentence = sentence_of(copy);
  change.next = "steward keys export --to FILE --passphrase-file FILE";
  record(system, *connection, copy, change);
  return change;
}

}  // namespace

void register_backup(ops::Registry& registry) {
  registry.add(
      ops::declare<BackupArgs>("db.backup", "Copy the database to a file and prove that it restores")
          .option("to", &BackupArgs::to, "File to write; one that exists is replaced only with --yes")
          .details("Works while others write. The copy is restored into a scratch file, on PostgreSQL into a "
                   "database of its own that goes again, and held against the "
                   "original: rows and hashes of every table, integrity, references, the audit trail. Beside it "
                   "stands FILE.manifest.json, by which a restore knows it again. Encrypted fields stay "
                   "encrypted: the key file is not part of a backup. Of a PostgreSQL database the file is pg_dump's "
                   "custom format, and whoever backs it up may make databases (CREATEDB).")
          .needs("db:backup")
          .example("steward db backup --to ./steward-backup.db")
          .manages(back_up, true));
}

}  // namespace steward::database
