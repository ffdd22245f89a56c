#pragma once
#include <string>
#include <string_view>

#include "db/connection.h"

namespace steward::db {

/// Where a database lies, as typed: a path, `sqlite:///abs/path`, or `postgresql://…`.
struct Url {
  Engine engine = Engine::sqlite;
  std::string location;  ///< SQLite: the file's path. PostgreSQL: the URL
  /// Errors: Error{usage, "invalid_database_url"}.
  static Url parse(std::string_view text);
  /// A database that lies in a file, as backups do.
  static Url of_file(std::string path) { return {Engine::sqlite, std::move(path)}; }
  /// For messages: the path, or the URL without its password.
  std::string display() const;
  /// Somebody else's message about this URL, which may cite it, without its password.
  std::string without_secrets(std::string message) const;
  /// What files that belong to the database are named after: the path; on a server the database's name as the URL gives
  /// it, "postgres" where it leaves it out.
  std::string name() const;
};

}  // namespace steward::db
