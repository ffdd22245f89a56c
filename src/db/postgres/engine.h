#pragma once
#include <memory>
#include <string>

#include "db/open.h"

namespace steward::db::postgres {

class Wire;

/// Connects to the database of that URL (anything libpq takes: several hosts, service=…, variables for what is left
/// out) and checks that it is steward's, or empty where one may be made.
/// Errors: those of db::open(); precondition "postgres_too_old" before 15; "database_refused"; temporary
/// "database_unreachable"; usage "invalid_database_url".
std::unique_ptr<Connection> open(const std::string& url, const OpenOptions& options);

/// Whether steward's tables are there. Errors: those of a connection that can't be made, but "no_database".
bool exists(const std::string& url);

/// The connection's wire, for what only this engine does; null for a connection of another engine.
Wire* wire_of(Connection& connection);
/// The URL it was opened with; empty for a connection of another engine.
std::string url_of(Connection& connection);

}  // namespace steward::db::postgres
