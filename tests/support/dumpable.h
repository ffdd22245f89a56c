#pragma once
#include <filesystem>

#include "support/postgres_studio.h"

namespace steward::test {

/// A studio on the server whose owner may make databases, as whoever backs up and restores must, and between whom and
/// PostgreSQL's own programs something can be put.
struct Dumpable : PostgresStudio {
  Dumpable() { administer("ALTER ROLE " + owner() + " CREATEDB"); }

  /// Puts a shell script in front of one of PostgreSQL's programs.
  void put_before(const std::string& program, const std::string& script) const {
    std::filesystem::create_directories(path("bin"));
    write("bin/" + program, "#!/bin/sh\n" + script + "\n");
    std::filesystem::permissions(path("bin/" + program), std::filesystem::perms::owner_all);
  }
  void put_away(const std::string& program) const { std::filesystem::remove(path("bin/" + program)); }
  Variables variables_at(const std::string& url) const {
    return {{"STEWARD_DB", url}, {"STEWARD_KEY_FILE", path("studio.key")}, {"PATH", path_variable}};
  }
  Variables variables() const { return variables_at(url_of(owner())); }
  /// The databases that copies of this one are restored into.
  std::size_t scratch_databases() const {
    return session("steward")
        .rows(
            "SELECT 1 FROM pg_database WHERE datname IN ('steward_verify_' || (SELECT oid FROM pg_database WHERE "
            "datname = current_database()), 'steward_restore_' || (SELECT oid FROM pg_database WHERE datname = "
            "current_database()))")
        .size();
  }
  std::string path_variable = path("bin") + ":/usr/bin:/bin";
};

}  // namespace steward::test
