#include "db/backup.h"

#include "db/sqlite/backup.h"
#include "db/sqlite/engine.h"

namespace steward::db {

void copy_to_file(Connection& source, const std::string& file, const CopyProgress& progress) {
  sqlite::copy_to_file(source, file, progress);
}

std::unique_ptr<Replacement> begin_replacement(Connection& live, Connection& content) {
  return sqlite::begin_replacement(live, content);
}

void checkpoint(Connection& connection) {
  if (connection.engine() == Engine::sqlite) sqlite::checkpoint(connection);
}

}  // namespace steward::db
