#include "system/database/candidate.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "core/error.h"
#include "core/text.h"
#include "db/backup.h"
#include "ops/files.h"
#include "ops/sealed.h"
#include "system/database/rows.h"

namespace steward::database {
namespace {

namespace fs = std::filesystem;

void require_file(const ops::House& house, const std::string& from) {
  std::error_code none;
  if (!fs::is_regular_file(from, none))
    throw Error{ErrorKind::precondition, "file_unreadable", fmt::format("There is no backup at {}.", from),
                "Check the path."};
  if (fs::equivalent(from, house.url.location, none))
    refuse_usage("invalid_target", "The database can't be restored from itself.", "from", "Name a backup.");
}

bool on_server(const ops::House& house) { return house.url.engine == db::Engine::postgres; }

std::string first_bytes(const std::string& file) {
  std::string out(16, '\0');
  std::ifstream in(file, std::ios::binary);
  in.read(out.data(), static_cast<std::streamsize>(out.size()));
  return out;
}

// A backup goes back into the engine it was made on; between the two there is db copy, which proves what it does.
void require_kind(const ops::House& house, const std::string& from) {
  const auto start = first_bytes(from);
  const bool is_archive = start.starts_with("PGDMP"), is_file = start.starts_with("SQLite format 3");
  if (!(on_server(house) ? is_file : is_archive)) return;
  refuse_usage("unsupported_engine",
               fmt::format("{} is a backup {}, and {} is {}.", from,
                           is_file ? "of a database in a file" : "of a PostgreSQL database", house.url.display(),
                           is_file ? "a PostgreSQL database" : "a file"),
               "from",
               is_file ? fmt::format("Copy it into an empty database: steward db copy --db {} --to URL.", from)
                       : "Restore it on its server, then steward db copy brings it into a file.");
}

void require_bytes(const RecordedManifest& recorded, const std::string& sha256) {
  if (recorded.sha256 != sha256)
    throw Error{ErrorKind::precondition, "backup_mismatch", "its bytes are not those that its manifest tells of."};
}

}  // namespace

Candidate::Candidate(const ops::House& house, Target& target, std::string from, bool accept_broken_audit)
    : house_(house),
      from_(std::move(from)),
      accept_broken_audit_(accept_broken_audit),
      scratch_(on_server(house) ? "" : ops::temporary_beside(house.url.location)) {
  require_file(house_, from_);
  require_kind(house_, from_);
  sha256_ = ops::sha256_of_file(from_);
  try {
    read(target);
  } catch (const Error& error) {
    refuse(error);
  }
}

void Candidate::read(Target& target) {
  if (house_.progress) house_.progress(fmt::format("Reading {}", from_));
  if (on_server(house_))
    restore_aside(target.connection());
  else
    copy_in();
  {
    db::Tx tx(connection(), db::Access::read, house_.now());
    check(tx);
  }
  if (on_server(house_) && !pending_.empty()) migrate();
}

void Candidate::copy_in() {
  ops::remove_leftovers(house_.url.location);
  {
    const auto source = db::open(db::Url::of_file(from_), {});
    const db::Tx tx(*source, db::Access::read, house_.now());
    db::copy_to_file(*source, scratch_.path());
  }
  connection_ = db::open(db::Url::of_file(scratch_.path()), {db::Access::write});
}

// What an archive says is run, so it is held against its manifest before.
void Candidate::restore_aside(db::Connection& server) {
  if (const auto recorded = recorded_manifest(from_)) require_bytes(*recorded, sha256_);
  try {
    restored_ = db::restore_aside(server, from_, db::Aside::restoring);
  } catch (const Error& error) {
    if (error.code() != "foreign_database" && error.code() != "no_database") throw;
    throw Error{ErrorKind::precondition, "foreign_database", "It is no backup of a steward database."};
  }
}

void Candidate::migrate() {
  migrated_ = db::migrate(connection(), house_.migrations(), house_.now(), [&](const db::Migration& next) {
    if (house_.progress) house_.progress(fmt::format("Applying {} to the backup's copy", next.name));
  });
  pending_.clear();
  warnings_.push_back(
      {"backup_migrated", fmt::format("The backup is older than this steward: {} was applied to what is "
                                      "put in place.",
                                      join(migrated_, ", "))});
  db::Tx tx(connection(), db::Access::read, house_.now());
  manifest_ = manifest_of(house_, tx);
}

void Candidate::check(db::Tx& tx) {
  for (const auto& finding : {check_integrity(tx, true), check_references(tx)})
    if (!finding.ok) throw Error{ErrorKind::precondition, "database_corrupt", finding.detail};
  const auto identity = identity_of(tx);
  if (!identity) throw Error{ErrorKind::precondition, "foreign_database", "It is not a whole steward database."};
  identity_ = *identity;
  manifest_ = manifest_of(house_, tx);
  check_manifest();
  check_schema_state(tx);
  check_trail(tx);
  has_secrets_ = ops::has_sealed(tx);
}

void Candidate::check_trail(db::Tx& tx) {
  const auto audit = check_audit(tx);
  if (audit.ok) return;
  const auto sentence = fmt::format("its audit trail is broken. {}", audit.detail);
  if (!accept_broken_audit_) throw Error{ErrorKind::precondition, "check_failed", sentence};
  warnings_.push_back({"audit_tampered", fmt::format("The backup was restored although {}", sentence)});
}

void Candidate::check_manifest() {
  const auto recorded = recorded_manifest(from_);
  if (!recorded) {
    warnings_.push_back(
        {"no_manifest", "There is no manifest beside the backup, so only the file itself could be checked."});
    return;
  }
  created_at_ = recorded->created_at;
  if (const auto differing = db::differing_tables(recorded->manifest, manifest_); !differing.empty())
    throw Error{ErrorKind::precondition, "backup_mismatch",
                fmt::format("it does not hold what its manifest says: {} differ.", join(differing, ", "))};
  require_bytes(*recorded, sha256_);
}

void Candidate::check_schema_state(db::Tx& tx) {
  const auto state = db::schema_state(tx.connection(), house_.migrations());
  if (!state.unknown.empty())
    throw Error{ErrorKind::precondition, "schema_newer",
                fmt::format("a newer steward has migrated it ({}).", join(state.unknown, ", "))};
  if (!state.altered.empty())
    throw Error{ErrorKind::precondition, "migration_altered",
                fmt::format("it was migrated with another text of {}.", join(state.altered, ", "))};
  if (const auto schema = check_schema(tx, house_); !schema.ok)
    warnings_.push_back(
        {"schema_drift", fmt::format("The backup's schema is not as the migrations made it. {}", schema.detail)});
  pending_ = state.pending;
  if (!pending_.empty() && !on_server(house_))
    warnings_.push_back(
        {"migrations_pending", fmt::format("The backup is older than this steward: {} to run afterwards.",
                                           count_of(pending_.size(), "migration"))});
}

void Candidate::require_fit(const std::optional<std::string>& environment) const {
  const auto wanted = environment ? environment : house_.environment;
  if (!wanted || *wanted == identity_.environment) return;
  throw Error{
      ErrorKind::precondition, "environment_mismatch",
      fmt::format("{} is a backup of a {} database, and this one is {}.", from_, identity_.environment, *wanted),
      "Name a backup of the same environment; nothing was changed."};
}

void Candidate::refuse(const Error& error) const {
  // A folder that takes no copy is no fault of the backup.
  if (error.kind() != ErrorKind::precondition || error.code() == "file_unwritable") throw error;
  throw Error{ErrorKind::precondition, error.code(), fmt::format("{} can't be restored: {}", from_, error.what()),
              error.code() == "backup_mismatch"
                  ? "Nothing was changed. Take another backup, or move its manifest away to restore it all the same."
              : error.code() == "check_failed"
                  ? "Nothing was changed. Name an older backup; --accept-broken-audit restores it all the same."
              : error.code() == "schema_newer" ? "Nothing was changed. Use that version of steward or a newer one."
                                               : "Nothing was changed. Name another backup."};
}

}  // namespace steward::database
