#pragma once
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

}  // namespace steward::db::sqlite
