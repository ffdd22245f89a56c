#pragma once
#include <functional>
#include <string>

#include "db/backup.h"
#include "db/manifest.h"
#include "db/tx.h"
#include "ops/context.h"

namespace steward::database {

/// A database in one file, proven to restore.
struct VerifiedCopy {
  std::string file, manifest_file;
  std::string sha256;  ///< of the file
  std::int64_t bytes = 0;
  db::Manifest copied;    ///< what the transaction saw
  db::Manifest manifest;  ///< what the file holds: the same, and what `amend` added
};

/// Copies what `tx` sees into `file`, restores that copy into a scratch file or database, and holds the restored
/// database against what was copied: rows and hashes of every table, the engine's integrity check, foreign keys, audit
/// chains. Only then it is put in place, synced, mode 0600, with `file`.manifest.json beside it; a file that is there
/// is replaced. `amend` may add to the copy once it is proven.
///
/// Errors: precondition "check_failed" when the copy is faithful and the database itself is not sound (the copy is then
/// kept as `file`.unverified), "backup_mismatch" when the copy is not faithful; those of db::copy_to_file.
VerifiedCopy take_verified_copy(const ops::House& house, db::Tx& tx, const std::string& file,
                                const std::function<void(db::Tx& copy)>& amend = {});

/// `file`.manifest.json, as take_verified_copy wrote it.
struct RecordedManifest {
  std::string sha256, created_at;
  db::Manifest manifest;
};
/// nullopt when there is none. Errors: precondition "backup_mismatch" when it can't be read.
std::optional<RecordedManifest> recorded_manifest(const std::string& file);

/// The manifest of what a transaction sees, with progress.
db::Manifest manifest_of(const ops::House& house, db::Tx& tx);

/// What the person who waits is told of a long copy: "Copying 34 %".
db::CopyProgress percent(const ops::House& house, std::string doing);

/// Beside `path`, and not there yet: "PATH.WORD-1.bak" when "PATH.WORD.bak" is taken.
std::string unused_name(const std::string& path, const std::string& word);

/// Files that go when the scope ends, with what an engine leaves beside them; of no path, none.
class Scratch {
 public:
  explicit Scratch(std::string path) : path_(std::move(path)) { remove(); }
  ~Scratch() { remove(); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::string& path() const { return path_; }

 private:
  void remove() const noexcept;
  std::string path_;
};

}  // namespace steward::database
