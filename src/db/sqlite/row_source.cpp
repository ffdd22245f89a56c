#include "db/sqlite/row_source.h"

#include <fmt/format.h>

#include <new>

#include "core/error.h"

namespace steward::db::sqlite {
namespace {

constexpr auto kType = "steward_rows";  ///< of the pointer: no text or number passes for it

struct Cursor {
  sqlite3_vtab_cursor base;
  const RowSource* source;
  std::size_t row;
};
Cursor& own(sqlite3_vtab_cursor* cursor) { return *reinterpret_cast<Cursor*>(cursor); }

// Called by SQLite, through which no exception may pass.
int connect(sqlite3* handle, void*, int, const char* const*, sqlite3_vtab** out, char**) noexcept try {
  std::string columns;
  for (int i = 1; i <= RowSource::kMostColumns; ++i) columns += fmt::format("c{}, ", i);
  if (const int code = sqlite3_declare_vtab(handle, fmt::format("CREATE TABLE x({}source HIDDEN)", columns).c_str()))
    return code;
  *out = new sqlite3_vtab{};
  return SQLITE_OK;
} catch (const std::bad_alloc&) {
  return SQLITE_NOMEM;
}

int disconnect(sqlite3_vtab* table) noexcept {
  delete table;
  return SQLITE_OK;
}

// Without its source it has no plan: SQLite then says so when the statement is prepared.
int best_index(sqlite3_vtab*, sqlite3_index_info* info) noexcept {
  for (int i = 0; i < info->nConstraint; ++i) {
    const auto& constraint = info->aConstraint[i];
    if (constraint.iColumn != RowSource::kMostColumns || !constraint.usable ||
        constraint.op != SQLITE_INDEX_CONSTRAINT_EQ)
      continue;
    info->aConstraintUsage[i].argvIndex = 1;
    info->aConstraintUsage[i].omit = 1;
    info->estimatedCost = 1;
    return SQLITE_OK;
  }
  return SQLITE_CONSTRAINT;
}

int open(sqlite3_vtab*, sqlite3_vtab_cursor** out) noexcept {
  auto* cursor = new (std::nothrow) Cursor{};
  if (!cursor) return SQLITE_NOMEM;
  *out = &cursor->base;
  return SQLITE_OK;
}

int close(sqlite3_vtab_cursor* cursor) noexcept {
  delete &own(cursor);
  return SQLITE_OK;
}

int filter(sqlite3_vtab_cursor* cursor, int, const char*, int, sqlite3_value** args) noexcept {
  own(cursor).source = static_cast<const RowSource*>(sqlite3_value_pointer(args[0], kType));
  own(cursor).row = 0;
  return SQLITE_OK;
}

int next(sqlite3_vtab_cursor* cursor) noexcept {
  ++own(cursor).row;
  return SQLITE_OK;
}

int at_end(sqlite3_vtab_cursor* cursor) noexcept {
  return !own(cursor).source || own(cursor).row >= own(cursor).source->rows();
}

int column(sqlite3_vtab_cursor* cursor, sqlite3_context* context, int column) noexcept {
  own(cursor).source->answer(context, own(cursor).row, column);
  return SQLITE_OK;
}

int row_id(sqlite3_vtab_cursor* cursor, sqlite3_int64* out) noexcept {
  *out = static_cast<sqlite3_int64>(own(cursor).row);
  return SQLITE_OK;
}

// Without xCreate it is there without CREATE, and can't be created.
constexpr sqlite3_module kModule = [] {
  sqlite3_module module{};
  module.xConnect = &connect;
  module.xDisconnect = &disconnect;
  module.xBestIndex = &best_index;
  module.xOpen = &open;
  module.xClose = &close;
  module.xFilter = &filter;
  module.xNext = &next;
  module.xEof = &at_end;
  module.xColumn = &column;
  module.xRowid = &row_id;
  return module;
}();

}  // namespace

void RowSource::offer_to(sqlite3* handle) {
  if (sqlite3_create_module_v2(handle, "steward_rows", &kModule, nullptr, nullptr) != SQLITE_OK)
    throw Error{ErrorKind::defect, "defect", "SQLite does not take the table of rows."};
}

void RowSource::clear() {
  cells_.clear();
  texts_.clear();
}

int RowSource::bind(sqlite3_stmt* statement, int place) {
  return sqlite3_bind_pointer(statement, place, this, kType, nullptr);
}

void RowSource::answer(sqlite3_context* context, std::size_t row, int column) const {
  if (column >= columns_) return sqlite3_result_null(context);
  const auto& cell = cells_[row * static_cast<std::size_t>(columns_) + static_cast<std::size_t>(column)];
  if (cell.type == Cell::null) return sqlite3_result_null(context);
  if (cell.type == Cell::integer) return sqlite3_result_int64(context, cell.value);
  sqlite3_result_text64(context, texts_.data() + cell.value, cell.size, SQLITE_STATIC, SQLITE_UTF8);
}

}  // namespace steward::db::sqlite
