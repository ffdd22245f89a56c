#pragma once
#include "db/lookup.h"

namespace steward::db::postgres {

/// See db/lookup.h. The rows travel as one array a column, so the statement's text is the same for any number of them.
void ask_each(Connection& connection, std::string_view select, const Questions& questions, const Answered& answered);

}  // namespace steward::db::postgres
