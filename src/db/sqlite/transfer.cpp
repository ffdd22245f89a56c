#include "db/sqlite/transfer.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "core/error.h"
#include "core/text.h"
#include "db/sqlite/engine.h"
#include "db/sqlite/errors.h"
#include "db/sqlite/statement.h"

namespace steward::db::sqlite {
namespace {

/// Pages in memory, in KiB, while rows come in: each goes to its own place in several indexes.
constexpr int kCacheKiB = 32 * 1024;

std::string insert_into(std::string_view table, const std::vector<std::string>& columns) {
  std::vector<std::string> places;
  for (std::size_t i = 1; i <= columns.size(); ++i) places.push_back(fmt::format("${}", i));
  return fmt::format("INSERT INTO {} ({}) VALUES ({})", table, join(columns, ", "), join(places, ", "));
}

/// A text is stored as the type of its column says (the tables are STRICT: "17" becomes 17 or is refused).
class Rows final : public BulkInsert {
 public:
  Rows(sqlite3* handle, std::string_view table, const std::vector<std::string>& columns)
      : handle_(handle), insert_(handle, insert_into(table, columns)) {}

  void add(const Row& row) override {
    for (int i = 0; i < row.size(); ++i) bind(i + 1, row.is_null(i) ? std::nullopt : std::optional(row.text(i)));
    run();
  }
  void add(std::span<const Value> values) override {
    for (std::size_t i = 0; i < values.size(); ++i) insert_.bind_at(static_cast<int>(i) + 1, values[i]);
    run();
  }
  void finish() override {}

 private:
  void run() {
    insert_.step();
    insert_.reset();
  }
  void bind(int place, std::optional<std::string_view> text) {
    const int code = !text ? sqlite3_bind_null(insert_.raw(), place)
                           : sqlite3_bind_text64(insert_.raw(), place, text->empty() ? "" : text->data(), text->size(),
                                                 SQLITE_STATIC, SQLITE_UTF8);
    if (code != SQLITE_OK) throw_error(handle_, code, insert_.text());
  }

  sqlite3* handle_;
  Statement insert_;
};

}  // namespace

std::unique_ptr<BulkInsert> bulk_insert(Connection& connection, std::string_view table,
                                        const std::vector<std::string>& columns) {
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
