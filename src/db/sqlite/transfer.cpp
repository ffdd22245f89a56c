#include "db/sqlite/transfer.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "core/error.h"
#include "core/text.h"
#include "db/sqlite/engine.h"
#include "db/sqlite/errors.h"
#include "db/sqlite/row_source.h"
#include "db/sqlite/statement.h"

namespace steward::db::sqlite {
namespace {

/// Pages in memory, in KiB, while rows come in: each goes to its own place in several indexes.
constexpr int kCacheKiB = 32 * 1024;

/// Rows are written so many at a time, or when their texts come to so many bytes. SQLite keeps each page that a
/// statement changes in a file until it is done, and a row of a thousand changes pages of its own in every index whose
/// keys come in no order: of five thousand, several share them.
constexpr std::size_t kRows = 5000;
constexpr std::size_t kBytes = 2 * 1024 * 1024;

std::string insert_into(std::string_view table, const std::vector<std::string>& columns) {
  std::vector<std::string> places;
  for (std::size_t i = 1; i <= columns.size(); ++i) places.push_back(fmt::format("c{}", i));
  return fmt::format("INSERT INTO {} ({}) SELECT {} FROM steward_rows($1)", table, join(columns, ", "),
                     join(places, ", "));
}

int checked(std::size_t columns) {
  if (columns > RowSource::kMostColumns)
    throw Error{ErrorKind::defect, "defect", "Too many columns for a bulk insert."};
  return static_cast<int>(columns);
}

/// A text is stored as the type of its column says (the tables are STRICT: "17" becomes 17 or is refused).
class Rows final : public BulkInsert {
 public:
  Rows(sqlite3* handle, std::string_view table, const std::vector<std::string>& columns)
      : handle_(handle), rows_(checked(columns.size())), insert_(handle, insert_into(table, columns)) {
    if (const int code = rows_.bind(insert_.raw(), 1)) throw_error(handle_, code, insert_.text());
  }

  void add(const Row& row) override {
    for (int i = 0; i < row.size(); ++i) rows_.add(row.is_null(i) ? std::nullopt : std::optional(row.text(i)));
    write_if_full();
  }
  void add(std::span<const Value> values) override {
    for (const auto& value : values) add_cell(value);
    write_if_full();
  }
  void finish() override { write(); }

 private:
  void add_cell(const Value& value) {
    switch (value.type()) {
      case Value::Type::null:
        return rows_.add_null();
      case Value::Type::boolean:
      case Value::Type::integer:
        return rows_.add(value.integer());
      case Value::Type::text:
      case Value::Type::instant:
        return rows_.add(value.text());
    }
  }
  void write_if_full() {
    if (rows_.rows() >= kRows || rows_.bytes() >= kBytes) write();
  }
  void write() {
    insert_.step();
    insert_.reset();
    rows_.clear();
  }

  sqlite3* handle_;
  RowSource rows_;
  Statement insert_;
};

}  // namespace

std::unique_ptr<BulkInsert> bulk_insert(Connection& connection, std::string_view table,
                                        const std::vector<std::string>& columns) {
  RowSource::offer_to(handle_of(connection));
  // Both for this transaction, or this connection, only.
  connection.script(fmt::format("PRAGMA defer_foreign_keys = ON; PRAGMA cache_size = -{}", kCacheKiB));
  return std::make_unique<Rows>(handle_of(connection), table, columns);
}

std::vector<std::string> parents(Connection& connection, std::string_view table) {
  std::vector<std::string> out;
  const Value args[] = {table};
  connection.each(R"(SELECT DISTINCT "table" FROM pragma_foreign_key_list($1) ORDER BY 1)", args, [&](const Row& row) {
    out.push_back(row.str(0));
    return true;
  });
  return out;
}

std::string place(Connection& connection) {
  struct stat status {};
  const auto* file = sqlite3_db_filename(handle_of(connection), "main");
  if (!file || ::stat(file, &status) != 0) return "";
  return fmt::format("{}:{}", status.st_dev, status.st_ino);
}

}  // namespace steward::db::sqlite
