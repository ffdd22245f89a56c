#pragma once
#include <chrono>
#include <functional>
#include <memory>

#include "db/connection.h"
#include "db/url.h"

namespace steward::db {

/// Before the first open of a process that uses its databases from one thread only: leaves out SQLite's mutexes and
/// memory statistics (0.15 ms of every start).
void assume_one_thread();

struct OpenOptions {
  Access access = Access::read;
  bool create = false;  ///< make the file (mode 0600) and switch it to WAL, or take an empty database of a server; only
                        ///< init, demo, migrate, restore and copy do
  std::chrono::milliseconds busy_timeout{30'000};
  std::function<void(const std::string&)>
      log{};  ///< told each statement's text (never its values) and time; may be empty
};

/// Opens, and checks that the file is steward's before anything else is read. A process that needs one file for both
/// reading and writing opens it for writing first: what a reader opens is read-only for the whole process.
/// On a server the timeout holds for locks, and twice of it for a server that says nothing at all.
/// Errors: precondition "no_database", "foreign_database", "database_corrupt", "database_read_only" (for writing).
std::unique_ptr<Connection> open(const Url& url, const OpenOptions& options);

/// Whether there is a database at all (a file that exists and is not empty; steward's tables on a server).
bool exists(const Url& url);

}  // namespace steward::db
