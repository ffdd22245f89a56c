#include "cli/json_rows.h"

#include <fmt/format.h>

#include "core/json.h"
#include "core/money.h"

namespace steward::cli {
namespace {

void append_integer(std::string& out, std::int64_t value) {
  const fmt::format_int text(value);
  out.append(text.data(), text.size());
}

std::string key_of(std::string_view name, bool first) {
  std::string out(first ? "{" : ",");
  append_json_string(out, name);
  return out += ':';
}

}  // namespace

JsonRows::JsonRows(std::span<const ops::Column* const> columns) {
  for (const auto* column : columns) {
    Cell cell{column, key_of(column->name, cells_.empty()), {}, -1};
    if (column->kind == ops::Kind::money) {
      cell.decimal_key = key_of(ops::decimal_name(column->name), false);
      for (std::size_t i = 0; i < columns.size(); ++i)
        if (columns[i]->name == column->currency) cell.currency_at = static_cast<int>(i);
    }
    cells_.push_back(std::move(cell));
  }
}

int JsonRows::exponent_of(std::string_view currency) {
  if (currency != last_currency_) {
    last_exponent_ = Currency::parse(currency).exponent();
    last_currency_ = currency;
  }
  return last_exponent_;
}

void JsonRows::append_cell(std::string& out, const Cell& cell, const db::Row& row, int at) {
  out += cell.key;
  if (row.is_null(at)) {
    out += "null";
    if (!cell.decimal_key.empty()) out.append(cell.decimal_key).append("null");
    return;
  }
  switch (cell.column->kind) {
    case ops::Kind::integer:
      append_integer(out, row.integer(at));
      break;
    case ops::Kind::boolean:
      out += row.integer(at) ? "true" : "false";
      break;
    case ops::Kind::json:
      out += row.text(at);
      break;
    case ops::Kind::money: {
      const auto minor = add_minor(row.integer(at), 0);
      append_integer(out, minor);
      out += cell.decimal_key;
      if (cell.currency_at < 0 || row.is_null(cell.currency_at)) {
        out += "null";
        break;
      }
      out += '"';
      out += decimal_text(minor, exponent_of(row.text(cell.currency_at)));
      out += '"';
      break;
    }
    case ops::Kind::instant:
    case ops::Kind::date:
      out += '"';
      out += row.text(at);
      out += '"';
      break;
    case ops::Kind::text:
      append_json_string(out, row.text(at));
      break;
  }
}

void JsonRows::append(std::string& out, const db::Row& row) {
  int at = 0;
  for (const auto& cell : cells_) append_cell(out, cell, row, at++);
  out += '}';
}

}  // namespace steward::cli
