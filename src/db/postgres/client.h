#pragma once
#include <string>
#include <utility>
#include <vector>

#include "db/connection.h"

namespace steward::db::postgres {

/// Where a connection leads, for PostgreSQL's own programs and for another of its databases.
class Place {
 public:
  /// Of the very server that this connection found among several.
  static Place of(Connection& connection);
  Place in_database(std::string name) const;

  /// "host='…' dbname='…'": what --dbname takes. The password is not in it.
  std::string conninfo() const;
  /// For db::open(), with the password; its Url::display() is without.
  std::string url() const;
  const std::string& password() const { return password_; }  ///< empty where libpq finds it elsewhere

 private:
  std::string database_, password_;
  std::vector<std::pair<std::string, std::string>> options_;
};

/// Runs one of PostgreSQL's own programs and waits for its end; the password goes into its environment.
/// Errors: precondition "postgres_client_missing" when it is not installed; temporary "disk_full"; precondition
/// "postgres_client_failed" with what it said.
void run_client(const std::string& program, const std::vector<std::string>& words, const std::string& password);

}  // namespace steward::db::postgres
