#include "db/sqlite/statement.h"

#include <fmt/format.h>

#include <charconv>

#include "core/error.h"
#include "db/sqlite/errors.h"

namespace steward::db::sqlite {
namespace {

constexpr int kTries = 20;

// A reader that may not write the WAL's index can find it torn, or no mark in it that it may use, while a writer is
// just at it. Nothing was read yet, and a moment later it goes.
bool beaten_by_writer(int code) { return code == SQLITE_READONLY_RECOVERY || code == SQLITE_READONLY_CANTINIT; }

[[noreturn]] void defect(std::string_view what, std::string_view sql) {
  throw Error{ErrorKind::defect, "defect", fmt::format("{} in: {}", what, sql)};
}

std::size_t placeholder_number(const char* name, std::string_view sql) {
  std::size_t number = 0;
  const std::string_view text = name ? name : "";
  if (text.size() < 2 || text[0] != '$') defect("A placeholder that is not $n", sql);
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number == 0)
    defect("A placeholder that is not $n", sql);
  return number;
}

void bind_one(sqlite3* handle, sqlite3_stmt* statement, int index, const Value& value, std::string_view sql) {
  int code = SQLITE_OK;
  switch (value.type()) {
    case Value::Type::null:
      code = sqlite3_bind_null(statement, index);
      break;
    case Value::Type::boolean:
    case Value::Type::integer:
      code = sqlite3_bind_int64(statement, index, value.integer());
      break;
    case Value::Type::text:
    case Value::Type::instant: {
      const auto text = value.text();
      code = sqlite3_bind_text64(statement, index, text.empty() ? "" : text.data(), text.size(), SQLITE_STATIC,
                                 SQLITE_UTF8);
      break;
    }
  }
  if (code != SQLITE_OK) throw_error(handle, code, sql);
}

}  // namespace

Statement::Statement(sqlite3* handle, std::string_view sql) : handle_(handle), text_(sql) {
  const char* tail = nullptr;
  const int code = sqlite3_prepare_v3(handle, text_.c_str(), static_cast<int>(text_.size()) + 1,
                                      SQLITE_PREPARE_PERSISTENT, &statement_, &tail);
  if (code != SQLITE_OK) throw_error(handle, code, text_);
  if (!statement_) defect("Nothing to run", text_);
  for (; tail && *tail; ++tail)
    if (std::string_view(" \n\t;").find(*tail) == std::string_view::npos) break;
  if (tail && *tail) {
    sqlite3_finalize(statement_);
    defect("More than one statement", text_);
  }
}

void Statement::bind(std::span<const Value> args) {
  const int places = sqlite3_bind_parameter_count(statement_);
  std::uint64_t used = 0;
  for (int index = 1; index <= places; ++index) {
    const auto number = placeholder_number(sqlite3_bind_parameter_name(statement_, index), text_);
    if (number > args.size()) defect("A placeholder without a value", text_);
    if (number <= 64) used |= std::uint64_t{1} << (number - 1);
    bind_one(handle_, statement_, index, args[number - 1], text_);
  }
  for (std::size_t i = 0; i < args.size() && i < 64; ++i)
    if (!(used >> i & 1)) defect("A value without a placeholder", text_);
}

bool Statement::step() {
  busy_ = true;
  int code = sqlite3_step(statement_);
  for (int tries = 0; beaten_by_writer(code) && tries < kTries; ++tries) {
    sqlite3_reset(statement_);
    sqlite3_sleep(1);
    code = sqlite3_step(statement_);
  }
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  throw_error(handle_, code, text_);
}

}  // namespace steward::db::sqlite
