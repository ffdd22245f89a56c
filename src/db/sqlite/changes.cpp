#include "db/sqlite/changes.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <map>
#include <memory>

#include "core/error.h"
#include "db/sqlite/errors.h"

namespace steward::db::sqlite {
namespace {

Json json_of(sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      return Json(static_cast<std::int64_t>(sqlite3_value_int64(value)));
    case SQLITE_TEXT:
      return Json(std::string_view(reinterpret_cast<const char*>(sqlite3_value_text(value)),
                                   static_cast<std::size_t>(sqlite3_value_bytes(value))));
    default:
      return Json();
  }
}

std::vector<std::string> column_names(Connection& connection, const std::string& table) {
  std::vector<std::string> names;
  const Value args[] = {Value(table)};
  connection.each("SELECT name FROM pragma_table_info($1) ORDER BY cid", args, [&](const Row& row) {
    names.push_back(row.str(0));
    return true;
  });
  return names;
}

const char* word_of(int op) { return op == SQLITE_INSERT ? "insert" : op == SQLITE_DELETE ? "delete" : "update"; }

using ValueOf = int (*)(sqlite3_changeset_iter*, int, sqlite3_value**);

void put(Json& into, sqlite3_changeset_iter* at, ValueOf value_of, int column, const std::string& name) {
  sqlite3_value* value = nullptr;
  value_of(at, column, &value);
  if (value) into.set(name, json_of(value));
}

RowChange read_change(sqlite3_changeset_iter* at, const char* table, int columns, int op,
                      const std::vector<std::string>& names) {
  RowChange change{table, word_of(op), {}, {}, {}};
  unsigned char* in_key = nullptr;
  sqlite3changeset_pk(at, &in_key, nullptr);
  for (int i = 0; i < columns; ++i) {
    const auto& name = names.at(static_cast<std::size_t>(i));
    if (in_key[i]) put(change.key, at, op == SQLITE_INSERT ? sqlite3changeset_new : sqlite3changeset_old, i, name);
    if (op != SQLITE_INSERT && !(op == SQLITE_UPDATE && in_key[i]))
      put(change.before, at, sqlite3changeset_old, i, name);
    if (op != SQLITE_DELETE) put(change.after, at, sqlite3changeset_new, i, name);
  }
  return change;
}

}  // namespace

ChangeRecorder::ChangeRecorder(sqlite3* handle) : handle_(handle) {
  if (const int code = sqlite3session_create(handle, "main", &session_); code != SQLITE_OK)
    throw_error(handle, code, "session");
  if (const int code = sqlite3session_attach(session_, nullptr); code != SQLITE_OK)
    throw_error(handle, code, "session attach");
}

ChangeRecorder::~ChangeRecorder() { sqlite3session_delete(session_); }

std::vector<RowChange> ChangeRecorder::changes(Connection& connection) {
  int size = 0;
  void* bytes = nullptr;
  if (const int code = sqlite3session_changeset(session_, &size, &bytes); code != SQLITE_OK)
    throw_error(handle_, code, "changeset");
  const std::unique_ptr<void, void (*)(void*)> owner(bytes, sqlite3_free);
  sqlite3_changeset_iter* at = nullptr;
  if (const int code = sqlite3changeset_start(&at, size, bytes); code != SQLITE_OK)
    throw_error(handle_, code, "changeset start");
  std::vector<RowChange> out;
  std::map<std::string, std::vector<std::string>> names;
  while (sqlite3changeset_next(at) == SQLITE_ROW) {
    const char* table = nullptr;
    int columns = 0, op = 0, indirect = 0;
    sqlite3changeset_op(at, &table, &columns, &op, &indirect);
    auto [known, fresh] = names.try_emplace(table);
    if (fresh) known->second = column_names(connection, table);
    out.push_back(read_change(at, table, columns, op, known->second));
  }
  sqlite3changeset_finalize(at);
  std::stable_sort(out.begin(), out.end(), [](const RowChange& a, const RowChange& b) { return a.table < b.table; });
  return out;
}

ChangeCounter::ChangeCounter(sqlite3* handle) : handle_(handle) {
  const auto changed = [](void* self, sqlite3*, int op, const char* schema, const char* table, sqlite3_int64,
                          sqlite3_int64) {
    if (std::string_view(schema) == "main") ++static_cast<ChangeCounter*>(self)->counts_[{table, op}];
  };
  sqlite3_preupdate_hook(handle, changed, this);
}

ChangeCounter::~ChangeCounter() { sqlite3_preupdate_hook(handle_, nullptr, nullptr); }

std::vector<ChangeCount> ChangeCounter::counts() const {
  std::vector<ChangeCount> out;
  for (const auto& [what, rows] : counts_) out.push_back({what.first, word_of(what.second), rows});
  return out;
}

}  // namespace steward::db::sqlite
