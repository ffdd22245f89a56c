#include "db/backup.h"

#include "core/error.h"
#include "db/postgres/backup.h"
#include "db/postgres/replacement.h"
#include "db/sqlite/backup.h"
#include "db/sqlite/engine.h"

namespace steward::db {

void copy_to_file(Connection& source, const std::string& file, const CopyProgress& progress) {
  if (source.engine() == Engine::postgres) return postgres::copy_to_file(source, file);
  sqlite::copy_to_file(source, file, progress);
}

std::unique_ptr<RestoredCopy> restore_aside(Connection& source, const std::string& file, Aside purpose) {
  if (source.engine() == Engine::postgres) return postgres::restore_aside(source, file, purpose);
  return sqlite::restore_aside(file);
}

void change_copy(RestoredCopy& restored, const std::string& file, const std::function<void(Connection&)>& change) {
  if (restored.connection().engine() == Engine::postgres) return postgres::change_copy(restored, file, change);
  change(*sqlite::open(file, {Access::write}));
}

std::unique_ptr<Replacement> begin_replacement(Connection& live, Connection& content) {
  return live.engine() == Engine::postgres ? postgres::begin_replacement(live, content)
                                           : sqlite::begin_replacement(live, content);
}

void checkpoint(Connection& connection) {
  if (connection.engine() == Engine::sqlite) sqlite::checkpoint(connection);
}

void settle_replaced(Connection& connection) noexcept {
  try {
    if (connection.engine() == Engine::postgres)
      connection.script(postgres::kSettleReplaced);
    else
      sqlite::checkpoint(connection);
  } catch (const Error&) {  // the new content stands without it
  }
}

}  // namespace steward::db
