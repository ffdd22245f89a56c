#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "db/connection.h"

namespace steward::db {

/// What one table gives to the role of the application: "SELECT", "INSERT", "UPDATE", "DELETE".
struct TableGrant {
  std::string table;
  std::vector<std::string> rights;
};

/// What came of granting to a role.
struct Granted {
  std::string role;
  bool made = false;     ///< there was no such role
  bool changed = false;  ///< it could do something else before
  std::vector<TableGrant> tables;
};

/// Gives a role of a server what the commands need and takes away what it has beyond: every table is read and written
/// as far as the schema's own triggers let anybody (what they refuse outright is not granted either), and what only
/// the owner writes is read. A role that is not there is made, without the right to log in. In the caller's
/// transaction, for a caller who owns the schema. Errors: usage "unsupported_engine" on SQLite; usage "invalid_value"
/// for a name that can be no role's; precondition "database_refused" for a role that no grant could hold (a superuser,
/// a member of the owner), for one that may do more by another way, and for a caller who may not grant.
Granted grant_application(Connection& connection, std::string_view role);

/// Grants again to every role that was granted to so far; what new tables need. Nothing on SQLite. As
/// grant_application.
void renew_grants(Connection& connection);

}  // namespace steward::db
