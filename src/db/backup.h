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

/// Restores what copy_to_file made of `source` the way a restore does: into a file beside the copy, or a database of
/// its own on the same server, named after the source's. Errors: as copy_to_file; precondition "database_refused" for a
/// role that may make no database, temporary "database_locked" while another copy of the same database is tried.
std::unique_ptr<RestoredCopy> restore_aside(Connection& source, const std::string& file);

/// A database being given the content of another, in place: while this exists nobody else can write it; until commit()
/// everyone reads the old content, from then on the new one. Destroying it without commit() changes nothing.
class Replacement {
 public:
  virtual ~Replacement() = default;
  virtual void commit(const CopyProgress& progress = {}) = 0;
};

/// Takes the live database's write lock through the engine's backup interface. `live` must have no open transaction,
/// and neither connection is used until the replacement is gone. Errors: temporary "database_locked"; those of
/// copy_to_file.
std::unique_ptr<Replacement> begin_replacement(Connection& live, Connection& content);

/// Moves what the write-ahead log holds into the file, as far as others allow, and empties it when nobody uses it: then
/// the file alone is the whole database. A server sees to its own.
void checkpoint(Connection& connection);

}  // namespace steward::db
