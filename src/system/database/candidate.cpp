#include "system/database/candidate.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/error.h"
#include "core/text.h"
#include "db/backup.h"
#include "ops/files.h"
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

}  // namespace

Candidate::Candidate(const ops::House& house, std::string from, bool accept_broken_audit)
    : house_(house),
      from_(std::move(from)),
      accept_broken_audit_(accept_broken_audit),
      scratch_(ops::temporary_beside(house.url.location)) {
  require_file(house_, from_);
  ops::remove_leftovers(house_.url.location);
  sha256_ = ops::sha256_of_file(from_);
  try {
    copy_in();
    connection_ = db::open(db::Url::of_file(scratch_.path()), {db::Access::write});
    db::Tx tx(*connection_, db::Access::read, house_.now());
    check(tx);
  } catch (const Error& error) {
    refuse(error);
  }
}

void Candidate::copy_in() {
  if (house_.progress) house_.progress(fmt::format("Reading {}", from_));
  const auto source = db::open(db::Url::of_file(from_), {});
  const db::Tx tx(*source, db::Access::read, house_.now());
  db::copy_to_file(*source, scratch_.path());
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
  const auto stored = stored_settings(tx);
  has_secrets_ = std::ranges::any_of(stored, &StoredSetting::sensitive);
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
  const auto differing = db::differing_tables(recorded->manifest, manifest_);
  if (differing.empty() && recorded->sha256 == sha256_) return;
  throw Error{ErrorKind::precondition, "backup_mismatch",
              differing.empty()
                  ? "its bytes are not those that its manifest tells of."
                  : fmt::format("it does not hold what its manifest says: {} differ.", join(differing, ", "))};
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
  if (!pending_.empty())
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
