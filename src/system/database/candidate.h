#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "db/backup.h"
#include "db/manifest.h"
#include "ops/context.h"
#include "system/database/database.h"
#include "system/database/target.h"
#include "system/database/verified_copy.h"

namespace steward::database {

/// A backup on its way in: a private copy of it, beside the target (a file, or a database of its own on the same
/// server), that every check looks at and whose content is put in place. The file itself is only read.
class Candidate {
 public:
  /// Reads the file and checks all that needs no target: that it is a steward database, its integrity and references,
  /// its manifest, its migrations. Where only rows are replaced, on a server, what it still waits for is run in the
  /// copy. An audit trail that is broken is a warning where the caller accepts it. Errors: usage "unsupported_engine"
  /// for a backup of the other engine; precondition "file_unreadable", "foreign_database", "database_corrupt",
  /// "backup_mismatch", "schema_newer", "migration_altered", "check_failed" for a broken audit trail; those of
  /// db::copy_to_file and db::restore_aside.
  Candidate(const ops::House& house, Target& target, std::string from, bool accept_broken_audit);

  /// Errors: precondition "environment_mismatch" when it is another environment's than the target, or than was asked
  /// for.
  void require_fit(const std::optional<std::string>& environment) const;

  const std::string& from() const { return from_; }
  /// Where the copy is.
  db::Url url() const { return restored_ ? house_.url : db::Url::of_file(scratch_.path()); }
  db::Connection& connection() { return restored_ ? restored_->connection() : *connection_; }
  const Identity& identity() const { return identity_; }
  const std::string& sha256() const { return sha256_; }
  const std::string& created_at() const { return created_at_; }  ///< empty when no manifest says
  const std::vector<std::string>& pending() const { return pending_; }
  const std::vector<std::string>& migrated() const { return migrated_; }  ///< what was run in the copy
  const db::Manifest& manifest() const { return manifest_; }
  const std::vector<ops::Warning>& warnings() const { return warnings_; }
  bool has_secrets() const { return has_secrets_; }  ///< fields that only a key file reads

 private:
  void require_readable() const;
  void read(Target& target);
  void copy_in();
  void restore_aside(db::Connection& server);
  void migrate();
  void check(db::Tx& tx);
  void check_manifest();
  void check_schema_state(db::Tx& tx);
  void check_trail(db::Tx& tx);
  [[noreturn]] void refuse(const Error& error) const;

  const ops::House& house_;
  std::string from_;
  bool accept_broken_audit_;
  bool has_secrets_ = false;
  Scratch scratch_;
  std::unique_ptr<db::Connection> connection_;  ///< to the copied file
  std::unique_ptr<db::RestoredCopy> restored_;  ///< the database of its own
  Identity identity_;
  std::string sha256_, created_at_;
  std::vector<std::string> pending_, migrated_;
  db::Manifest manifest_;
  std::vector<ops::Warning> warnings_;
};

}  // namespace steward::database
