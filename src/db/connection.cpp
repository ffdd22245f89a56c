#include "db/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace steward::db {

Instant Row::instant(int column) const {
  if (const auto at = read_stored_instant(text(column))) return *at;
  throw Error{ErrorKind::precondition, "database_corrupt",
              fmt::format("The database holds '{}' where an instant belongs.", text(column)),
              "Run steward db check, and restore a backup if it names this table."};
}

std::optional<std::string> Row::maybe_text(int column) const {
  if (is_null(column)) return std::nullopt;
  return std::string(text(column));
}

std::optional<std::int64_t> Row::maybe_integer(int column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}

std::optional<Instant> Row::maybe_instant(int column) const {
  if (is_null(column)) return std::nullopt;
  return instant(column);
}

void TableShape::add(std::string column, std::int64_t place_in_key) {
  const auto place = static_cast<std::size_t>(place_in_key);
  if (place > 0) key.resize(std::max(key.size(), place));
  if (place > 0) key[place - 1] = column;
  columns.push_back(std::move(column));
}

}  // namespace steward::db
