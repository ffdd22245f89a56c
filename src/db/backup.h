#pragma once
#include <functional>
#include <memory>
#include <string>

#include "db/connection.h"

namespace steward::db {

/// Told how far a long copy is, in parts of its whole.
using CopyProgress = std::function<void(std::int64_t done, std::int64_t whole)>;

/// Copies everything `source` sees in its open transaction into a new file of mode 0600 that stands by itself (nothing
/// beside it), synced to the disk; of a server it is an archive of pg_dump's, which pg_restore reads. Others go on
/// reading and writing meanwhile.
/// Errors: those of pg_dump, precondition "postgres_client_missing" and "postgres_client_failed"; precondition
/// "file_unwritable" when the file is there already or can't be made; temporary "disk_full", "io_error"; precondition
/// "database_corrupt". What was written stays: the caller removes it.
void copy_to_file(Connection& source, const std::string& file, const CopyProgress& progress = {});

/// A copy that was restored into a database of its own, which goes with this.
class RestoredCopy {
 public:
  virtual ~RestoredCopy() = default;
  virtual Connection& connection() = 0;
};

/// What a copy is restored aside for. On a server each has a database of its own.
enum class Aside {
  proof,     ///< that a backup can be restored
  restoring  ///< to look at a backup that is about to be put in place
};

/// Restores what copy_to_file made, the way a restore does: into a file beside the copy, or a database of its own on
/// `source`'s server, named after `source`'s. Errors: as copy_to_file; precondition "database_refused" for a role that
/// may make no database, "foreign_database" for what is no database of steward's; temporary "database_locked" while
/// another copy is restored aside for the same.
std::unique_ptr<RestoredCopy> restore_aside(Connection& source, const std::string& file, Aside purpose = Aside::proof);

/// Changes the content of a copy's file, of which `restored` is what restore_aside made: of a server's archive by
/// changing that and writing it anew. `change` has no open transaction, and commits its own. Errors: those of
/// copy_to_file.
void change_copy(RestoredCopy& restored, const std::string& file, const std::function<void(Connection&)>& change);

/// A database being given the content of another, in place: while this exists nobody else can write it; until commit()
/// everyone reads the old content, from then on the new one. Destroying it without commit() changes nothing.
class Replacement {
 public:
  virtual ~Replacement() = default;
  virtual void commit(const CopyProgress& progress = {}) = 0;
};

/// Takes the live database's write lock: through the backup interface of SQLite; on a server in a transaction of its
/// own, which `live` may read in meanwhile. `live` must have no open transaction, and otherwise neither connection is
/// used until the replacement is gone. On a server both have the same schema, the live one keeps what it tells of its
/// own migrations, and what commit() put in place was read again before it was committed; a table that `content` does
/// not have is left alone. Errors: temporary "database_locked"; those of copy_to_file and, on a server, copy_rows;
/// precondition "backup_mismatch" when what arrived is not what was sent, "database_refused" for a role that does not
/// own the tables.
std::unique_ptr<Replacement> begin_replacement(Connection& live, Connection& content);

/// Moves what the write-ahead log holds into the file, as far as others allow, and empties it when nobody uses it: then
/// the file alone is the whole database. A server sees to its own.
void checkpoint(Connection& connection);

/// After a replacement: as checkpoint(); a server gives back the room of the rows that were replaced and learns what
/// its tables hold. What can't be done now waits for the engine's own housekeeping.
void settle_replaced(Connection& connection) noexcept;

}  // namespace steward::db
