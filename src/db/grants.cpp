#include "db/grants.h"

#include "core/error.h"
#include "db/postgres/grants.h"

namespace steward::db {

Granted grant_application(Connection& connection, std::string_view role) {
  if (connection.engine() == Engine::postgres) return postgres::grant_application(connection, role);
  refuse_usage("unsupported_engine", "A SQLite database has no roles: whoever may open the file may write it.",
               "grant-to", "Leave --grant-to out, and guard the file by its mode; a server's database has roles.");
}

void renew_grants(Connection& connection) {
  if (connection.engine() == Engine::postgres) postgres::renew_grants(connection);
}

}  // namespace steward::db
