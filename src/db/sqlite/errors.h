#pragma once
#include <string_view>

struct sqlite3;

namespace steward::db::sqlite {

/// Turns what SQLite refused into steward's Error (the list stands in db/connection.h). `doing` is the statement or
/// the act, for defects.
[[noreturn]] void throw_error(sqlite3* handle, int code, std::string_view doing);

}  // namespace steward::db::sqlite
