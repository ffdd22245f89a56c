#pragma once
#include <string_view>

#include "db/postgres/library.h"
#include "db/url.h"

namespace steward::db::postgres {

/// Throws what a failed result means (db/connection.h lists it), by its SQLSTATE. `doing` is the statement's text.
[[noreturn]] void throw_error(const PGresult* result, std::string_view doing);

/// Throws for a connection that is lost, `why` in somebody's words: temporary "database_unreachable", or precondition
/// "outcome_unknown" when it went while a commit was on its way and nobody can say whether it stands.
[[noreturn]] void throw_lost(std::string_view why, bool committing);

/// Whether the server says with it that the session is over: what was on its way may be done or not.
bool ends_session(const PGresult* result);

/// The SQLSTATE that the server refused a connection with, read from what libpq says of it at PQERRORS_SQLSTATE; the
/// last one where it tried several hosts, and empty where none spoke.
std::string_view refused_state(std::string_view why);

/// Throws for a connection to `url` that could not be made; a password is in no sentence.
/// Errors: temporary "database_unreachable"; precondition "database_refused" for a wrong password or role;
/// "no_database" for a database that is not there; usage "invalid_database_url".
[[noreturn]] void throw_unconnected(PGconn* connection, const Url& url);

/// For a text on its way to the server. Errors: usage "invalid_text" when it has a NUL character.
void require_no_nul(std::string_view text);

}  // namespace steward::db::postgres
