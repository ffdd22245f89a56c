#pragma once
#include <chrono>

#include "db/postgres/library.h"

namespace steward::db::postgres {

/// Asks the server to end the statement that runs on this connection. False when that can't be had within `patience`:
/// then the connection is of no more use.
bool cancel_within(PGconn* connection, std::chrono::milliseconds patience);

}  // namespace steward::db::postgres
