#include "db/sqlite/errors.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include "core/error.h"

namespace steward::db::sqlite {
namespace {

// "UNIQUE constraint failed: users.email" -> "users.email"
std::string_view after_colon(std::string_view message) {
  const auto colon = message.find(": ");
  return colon == std::string_view::npos ? message : message.substr(colon + 2);
}

[[noreturn]] void throw_constraint(int code, std::string_view message, std::string_view doing) {
  const std::string what(after_colon(message));
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
      throw Error{ErrorKind::conflict, "duplicate", fmt::format("There is already a record with that {}.", what)}.with(
          Json{{"constraint", what}});
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      throw Error{ErrorKind::conflict, "still_referenced",
                  "Another record refers to this one, or the one referred to is gone."};
    case SQLITE_CONSTRAINT_TRIGGER: {
      // Our triggers raise "immutable: invoices": a code and a table.
      const auto colon = message.find(':');
      const std::string rule(message.substr(0, colon));
      throw Error{ErrorKind::conflict, rule, fmt::format("The database's own rule '{}' refuses this change.", message)};
    }
    default:
      throw Error{ErrorKind::defect, "defect", fmt::format("The database refused a value ({}) in: {}", message, doing)};
  }
}

}  // namespace

void throw_error(sqlite3* handle, int code, std::string_view doing) {
  const std::string message = handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  const int extended = handle && sqlite3_errcode(handle) == code ? sqlite3_extended_errcode(handle) : code;
  switch (extended & 0xff) {
    case SQLITE_CONSTRAINT:
      throw_constraint(extended, message, doing);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      throw Error{ErrorKind::temporary, "database_locked", "The database was busy for longer than the busy timeout.",
                  "Try again; another steward may be migrating or restoring."};
    case SQLITE_FULL:
      throw Error{ErrorKind::temporary, "disk_full", "The disk that holds the database is full.",
                  "Free some space, then try again; nothing was changed."};
    case SQLITE_READONLY:
      throw Error{ErrorKind::precondition, "database_read_only",
                  "The database can't be written: the file or its folder is read-only.",
                  "Check the permissions of the file and of its folder."};
    case SQLITE_CORRUPT:
      throw Error{ErrorKind::precondition, "database_corrupt",
                  fmt::format("The database file is damaged ({}).", message),
                  "Keep the file, and restore the last good backup with steward db restore."};
    case SQLITE_NOTADB:
      throw Error{ErrorKind::precondition, "foreign_database", "The file is not a steward database.",
                  "Name another one with --db."};
    case SQLITE_CANTOPEN:
      throw Error{ErrorKind::precondition, "no_database", fmt::format("The database can't be opened ({}).", message),
                  "Check the path and its permissions, or make a database with steward init."};
    case SQLITE_IOERR:
      throw Error{ErrorKind::temporary, "io_error",
                  fmt::format("The disk failed while reading or writing the database ({}).", message),
                  "Nothing of this command was kept. Look at the disk, then try again."};
    case SQLITE_NOMEM:
      throw Error{ErrorKind::temporary, "out_of_memory", "The machine has no memory left for the database."};
    case SQLITE_INTERRUPT:
      throw Error{ErrorKind::temporary, "interrupted", "The command was interrupted; nothing was changed."};
    default:
      // What sum() says when it leaves 64 bits.
      if (message == "integer overflow")
        refuse_usage("amount_too_large", "A sum is larger than 2^53-1 minor units.", {},
                     "Narrow what is added up, or correct the amount that is too large.");
      throw Error{ErrorKind::defect, "defect", fmt::format("SQLite: {} ({}) in: {}", message, extended, doing)};
  }
}

}  // namespace steward::db::sqlite
