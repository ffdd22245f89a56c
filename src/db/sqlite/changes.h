#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "db/connection.h"

struct sqlite3;
struct sqlite3_session;

namespace steward::db::sqlite {

/// Remembers every row that changes from here on, through SQLite's session extension.
class ChangeRecorder {
 public:
  explicit ChangeRecorder(sqlite3* handle);
  ~ChangeRecorder();
  ChangeRecorder(const ChangeRecorder&) = delete;
  ChangeRecorder& operator=(const ChangeRecorder&) = delete;

  std::vector<RowChange> changes(Connection& connection);

 private:
  sqlite3* handle_;
  sqlite3_session* session_ = nullptr;
};

/// Counts every row changed from its construction on.
class ChangeCounter {
 public:
  explicit ChangeCounter(sqlite3* handle);
  ~ChangeCounter();
  ChangeCounter(const ChangeCounter&) = delete;
  ChangeCounter& operator=(const ChangeCounter&) = delete;

  std::vector<ChangeCount> counts() const;

 private:
  sqlite3* handle_;
  std::map<std::pair<std::string, int>, std::int64_t> counts_;
};

}  // namespace steward::db::sqlite
