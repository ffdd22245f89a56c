#pragma once
#include <sqlite3.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace steward::db::sqlite {

/// Rows in memory that SQL reads as a table: `SELECT c1, c2 FROM steward_rows($1)`, with the rows bound to `$1` by
/// bind(). One INSERT … SELECT of them opens the table, its indexes and what its checks need once, where an INSERT a
/// row does it for every row, which took half of an import's time.
class RowSource {
 public:
  static constexpr int kMostColumns = 128;

  /// Makes `steward_rows` known to a connection; while none of its statements runs. Errors: defect.
  static void offer_to(sqlite3* handle);

  explicit RowSource(int columns) : columns_(columns) {}

  /// The cells come one after the other, row by row; they are copied.
  void add_null() { cells_.push_back({Cell::null, 0, 0}); }
  void add(std::int64_t value) { cells_.push_back({Cell::integer, value, 0}); }
  void add(std::string_view text) {
    cells_.push_back({Cell::text, static_cast<std::int64_t>(texts_.size()), text.size()});
    texts_ += text;
  }
  void add(std::optional<std::string_view> text) { text ? add(*text) : add_null(); }

  std::size_t rows() const { return cells_.size() / static_cast<std::size_t>(columns_); }
  std::size_t bytes() const { return texts_.size(); }
  void clear();

  /// Until the statement ends, the rows must stay as they are. Answers SQLite's code.
  int bind(sqlite3_stmt* statement, int place);
  /// Gives one cell to SQLite.
  void answer(sqlite3_context* context, std::size_t row, int column) const;

 private:
  struct Cell {
    enum Type : std::uint8_t { null, integer, text } type;
    std::int64_t value;  ///< of a text, where in texts_ it begins
    std::size_t size;
  };
  int columns_;
  std::vector<Cell> cells_;
  std::string texts_;
};

}  // namespace steward::db::sqlite
