#pragma once
#include <span>
#include <string>
#include <vector>

#include "db/connection.h"
#include "ops/column.h"

namespace steward::cli {

/// Writes rows as JSON objects straight from the database's own memory: nothing is built in between.
class JsonRows {
 public:
  explicit JsonRows(std::span<const ops::Column* const> columns);
  void append(std::string& out, const db::Row& row);

 private:
  struct Cell {
    const ops::Column* column;
    std::string key;          ///< `{"id":` or `,"id":`
    std::string decimal_key;  ///< for money: `,"amount":`
    int currency_at;          ///< index of its currency
  };
  void append_cell(std::string& out, const Cell& cell, const db::Row& row, int at);
  int exponent_of(std::string_view currency);

  std::vector<Cell> cells_;
  std::string last_currency_;
  int last_exponent_ = 2;
};

}  // namespace steward::cli
