#pragma once
#include <sqlite3.h>

#include <span>
#include <string>
#include <string_view>

#include "db/connection.h"

namespace steward::db::sqlite {

/// A prepared statement; SQLiteCpp keeps its own handle private and copies every text it binds.
class Statement {
 public:
  Statement(sqlite3* handle, std::string_view sql);
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  /// Binds `$1`… by their names, without copying. A placeholder without a value, and a value without a placeholder, is
  /// a defect.
  void bind(std::span<const Value> args);
  bool step();  ///< true while there is a row
  void reset() {
    sqlite3_reset(statement_);
    busy_ = false;
  }
  bool busy() const { return busy_; }
  sqlite3_stmt* raw() const { return statement_; }
  const std::string& text() const { return text_; }

 private:
  sqlite3* handle_;
  std::string text_;
  sqlite3_stmt* statement_ = nullptr;
  bool busy_ = false;
};

/// The row a statement stands on.
class StatementRow final : public Row {
 public:
  explicit StatementRow(sqlite3_stmt* statement) : statement_(statement) {}
  int size() const override { return sqlite3_column_count(statement_); }
  bool is_null(int column) const override { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::int64_t integer(int column) const override { return sqlite3_column_int64(statement_, column); }
  std::string_view text(int column) const override {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    if (!bytes) return {};
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
  }

 private:
  sqlite3_stmt* statement_;
};

}  // namespace steward::db::sqlite
