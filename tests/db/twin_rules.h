#pragma once
#include <string>
#include <vector>

#include "db/inspect.h"

namespace steward::test {

/// The statements that make the PostgreSQL twin of a SQLite schema: the rules by which migrations/*.postgres.sql are
/// written (CONTRIBUTING.md, "Migrations"), as a program. What no rule names is handed on word by word, so that nothing
/// of the schema is lost on the way: PostgreSQL understands it or refuses it. Throws std::runtime_error for a trigger
/// of another shape than ours.
std::string twin_of(const std::vector<db::SchemaObject>& schema);

}  // namespace steward::test
