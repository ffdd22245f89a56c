#pragma once
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "db/connection.h"

namespace steward::db {

/// Rows of arguments, of `width` values each, that one question is asked of. Texts are not copied: they must outlive
/// the asking.
class Questions {
 public:
  explicit Questions(std::size_t width) : width_(width) {}
  void add(std::initializer_list<Value> cells) { cells_.insert(cells_.end(), cells); }
  void clear() { cells_.clear(); }
  std::size_t width() const { return width_; }
  std::size_t size() const { return cells_.size() / width_; }
  std::span<const Value> row(std::size_t at) const { return std::span(cells_).subspan(at * width_, width_); }

 private:
  std::size_t width_;
  std::vector<Value> cells_;
};

/// Told of each row of an answer, and of which row of arguments it answers.
using Answered = std::function<void(std::size_t asked, const Row& row)>;

/// Asks one SELECT of every row of arguments (`$1`… are its values), in their order: on a server all in one round trip,
/// on SQLite through one prepared statement. The SELECT finds its few rows by an index; it ends without semicolon and
/// OFFSET. Meant for some thousand rows at a time. The callback runs nothing on this connection.
void ask_each(Connection& connection, std::string_view select, const Questions& questions, const Answered& answered);

}  // namespace steward::db
