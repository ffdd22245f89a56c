#include "db/sqlite/commit.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include "core/error.h"
#include "db/sqlite/engine.h"

namespace steward::db::sqlite {
namespace {

// A full disk and a failed write stop before the frame that makes a commit of the frames before it.
bool may_be_whole_in_the_log(int extended) {
  switch (extended & 0xff) {
    case SQLITE_IOERR:
      return extended != SQLITE_IOERR_WRITE;
    case SQLITE_NOMEM:
      return true;
    default:
      return false;
  }
}

// Its frames take the place of those that failed; it changes nothing.
bool commit_nothing(sqlite3* handle) {
  const auto sql = fmt::format("BEGIN IMMEDIATE; PRAGMA application_id = {}; COMMIT", kApplicationId);
  if (sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return true;
  if (!sqlite3_get_autocommit(handle)) sqlite3_exec(handle, "ROLLBACK", nullptr, nullptr, nullptr);
  return false;
}

}  // namespace

void keep_commit_failed(sqlite3* handle) {
  if (!may_be_whole_in_the_log(sqlite3_extended_errcode(handle))) return;
  if (!sqlite3_get_autocommit(handle)) sqlite3_exec(handle, "ROLLBACK", nullptr, nullptr, nullptr);
  if (commit_nothing(handle)) return;
  throw Error{ErrorKind::precondition, "outcome_unknown",
              "The disk failed in the middle of a commit, so it is not known whether the change was kept.",
              "Look at the disk, then at the record, before you repeat this; with the same --idempotency-key a repeat "
              "is safe."};
}

}  // namespace steward::db::sqlite
