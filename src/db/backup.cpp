#include "db/backup.h"

#include "db/postgres/backup.h"
#include "db/sqlite/backup.h"
#include "db/sqlite/engine.h"

namespace steward::db {

void copy_to_file(Connection& source, const std::string& file, const CopyProgress& progress) {
  if (source.engine() == Engine::postgres) return postgres::copy_to_file(source, file);
  sqlite::copy_to_file(source, file, progress);
}

std::unique_ptr<RestoredCopy> restore_aside(Connection& source, const std::string& file) {
  if (source.engine() == Engine::postgres) return postgres::restore_aside(source, file);
  return sqlite::restore_aside(file);
}

std::unique_ptr<Replacement> begin_replacement(Connection& live, Connection& content) {
  return sqlite::begin_replacement(live, content);
}

void checkpoint(Connection& connection) {
  if (connection.engine() == Engine::sqlite) sqlite::checkpoint(connection);
}

}  // namespace steward::db
