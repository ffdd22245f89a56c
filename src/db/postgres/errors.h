#pragma once
#include <string_view>

#include "db/postgres/library.h"

namespace steward::db::postgres {

/// Throws what a failed result means (db/connection.h lists it), by its SQLSTATE. `doing` is the statement's text.
[[noreturn]] void throw_error(const PGresult* result, std::string_view doing);

/// Throws for a connection that is lost: temporary "database_unreachable", or precondition "outcome_unknown" when it went while
/// a commit was on its way and nobody can say whether it stands.
[[noreturn]] void throw_lost(PGconn* connection, bool committing);

/// Throws for a connection that could not be made; `where` names the database without its password.
/// Errors: temporary "database_unreachable"; precondition "database_refused" for a wrong password or role;
/// "no_database" for a database that is not there.
[[noreturn]] void throw_unconnected(PGconn* connection, std::string_view where);

}  // namespace steward::db::postgres
