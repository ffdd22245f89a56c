#include "db/postgres/lookup.h"

#include <fmt/format.h>

#include <cctype>

#include "core/text.h"
#include "db/postgres/errors.h"

namespace steward::db::postgres {
namespace {

/// The type of a column of arguments: that of its first value that is not NULL.
std::string_view type_of(const Questions& questions, std::size_t column) {
  for (std::size_t row = 0; row < questions.size(); ++row) switch (questions.row(row)[column].type()) {
      case Value::Type::null:
        break;
      case Value::Type::boolean:
        return "boolean";
      case Value::Type::integer:
        return "bigint";
      case Value::Type::instant:
        return "timestamptz";
      case Value::Type::text:
        return "text";
    }
  return "text";
}

void append_element(std::string& out, const Value& value) {
  switch (value.type()) {
    case Value::Type::null:
      out += "NULL";
      return;
    case Value::Type::boolean:
      out += value.integer() ? 't' : 'f';
      return;
    case Value::Type::integer:
      out += fmt::format_int(value.integer()).c_str();
      return;
    default:
      require_no_nul(value.text());
      out += '"';
      for (const char c : value.text()) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
      }
      out += '"';
  }
}

/// One column as an array's text (https://www.postgresql.org/docs/15/arrays.html, "Array Input and Output Syntax").
std::string array_of(const Questions& questions, std::size_t column) {
  std::string out = "{";
  for (std::size_t row = 0; row < questions.size(); ++row) {
    if (row > 0) out += ',';
    append_element(out, questions.row(row)[column]);
  }
  return out + '}';
}

/// The SELECT with its placeholders replaced by the columns of `asked`.
std::string of_columns(std::string_view select) {
  std::string out;
  for (std::size_t i = 0; i < select.size(); ++i) {
    const bool placeholder = select[i] == '$' && i + 1 < select.size() && std::isdigit(select[i + 1]);
    if (placeholder)
      out += "asked.a";
    else
      out += select[i];
  }
  return out;
}

/// OFFSET keeps the planner from turning the question into a join of whole tables, which it would plan by what it last
/// knew of a table that is just being filled.
std::string statement(std::string_view select, const Questions& questions) {
  std::vector<std::string> arrays, names;
  for (std::size_t i = 0; i < questions.width(); ++i) {
    arrays.push_back(fmt::format("CAST(${} AS {}[])", i + 1, type_of(questions, i)));
    names.push_back(fmt::format("a{}", i + 1));
  }
  return fmt::format(
      "SELECT found.*, asked.n FROM unnest({}) WITH ORDINALITY AS asked({}, n) CROSS JOIN LATERAL ({} OFFSET 0) AS "
      "found"
      " ORDER BY asked.n",
      join(arrays, ", "), join(names, ", "), of_columns(select));
}

}  // namespace

void ask_each(Connection& connection, std::string_view select, const Questions& questions, const Answered& answered) {
  std::vector<std::string> arrays;
  for (std::size_t i = 0; i < questions.width(); ++i) arrays.push_back(array_of(questions, i));
  const std::vector<Value> args(arrays.begin(), arrays.end());
  connection.each(statement(select, questions), args, [&](const Row& row) {
    answered(static_cast<std::size_t>(row.integer(row.size() - 1)) - 1, row);
    return true;
  });
}

}  // namespace steward::db::postgres
