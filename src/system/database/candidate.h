#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "db/manifest.h"
#include "ops/context.h"
#include "system/database/database.h"
#include "system/database/verified_copy.h"

namespace steward::database {

/// A backup on its way in: a private copy of the file, beside the target, that every check looks at and that is put in
/// place. The file itself is only read.
class Candidate {
 public:
  /// Reads the file and checks all that needs no target: that it is a steward database, its integrity and references,
  /// its manifest, its migrations.
  /// An audit trail that is broken is a warning where the caller accepts it.
  /// Errors: precondition "file_unreadable", "foreign_database", "database_corrupt", "backup_mismatch", "schema_newer",
  /// "migration_altered", "check_failed" for a broken audit trail; those of db::copy_to_file.
  Candidate(const ops::House& house, std::string from, bool accept_broken_audit);

  /// Errors: precondition "environment_mismatch" when it is another environment's than the target, or than was asked
  /// for.
  void require_fit(const std::optional<std::string>& environment) const;

  const std::string& from() const { return from_; }
  const std::string& path() const { return scratch_.path(); }
  db::Connection& connection() { return *connection_; }
  const Identity& identity() const { return identity_; }
  const std::string& sha256() const { return sha256_; }
  const std::string& created_at() const { return created_at_; }  ///< empty when no manifest says
  const std::vector<std::string>& pending() const { return pending_; }
  const db::Manifest& manifest() const { return manifest_; }
  const std::vector<ops::Warning>& warnings() const { return warnings_; }
  bool has_secrets() const { return has_secrets_; }  ///< fields that only a key file reads

 private:
  void copy_in();
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
  std::unique_ptr<db::Connection> connection_;
  Identity identity_;
  std::string sha256_, created_at_;
  std::vector<std::string> pending_;
  db::Manifest manifest_;
  std::vector<ops::Warning> warnings_;
};

}  // namespace steward::database
