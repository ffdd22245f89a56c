#include "db/backup.h"

#include "db/sqlite/backup.h"
#include "db/sqlite/engine.h"

// There is one engine in this build; the next one adds a branch to each of these.
namespace steward::db {

void copy_to_file(Connection& source, const std::string& file, const CopyProgress& progress) {
  sqlite::copy_to_file(source, file, progress);
}

std::unique_ptr<Replacement> begin_replacement(Connection& live, Connection& content) {
  return sqlite::begin_replacement(live, content);
}

void checkpoint(Connection& connection) { sqlite::checkpoint(connection); }

}  // namespace steward::db
