#include "db/transfer.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/error.h"
#include "db/postgres/transfer.h"
#include "db/sqlite/transfer.h"

namespace steward::db {
namespace {

constexpr std::int64_t kTellEvery = 1000;

bool on_server(const Connection& connection) { return connection.engine() == Engine::postgres; }

std::vector<std::string> parents(Connection& connection, const std::string& table) {
  return on_server(connection) ? postgres::parents(connection, table) : sqlite::parents(connection, table);
}

/// Visits each table after its parents; a circle is cut where it is entered.
class Order {
 public:
  explicit Order(Connection& connection) : connection_(connection) {}
  void visit(const std::string& table) {
    if (!seen_.insert(table).second) return;
    for (const auto& parent : parents(connection_, table)) visit(parent);
    tables.push_back(table);
  }
  std::vector<std::string> tables;

 private:
  Connection& connection_;
  std::set<std::string> seen_;
};

TableDigest copy_table(Connection& source, Connection& target, const std::string& table, const RowProgress& progress) {
  if (progress) progress(table, 0);
  const auto rows = bulk_insert(target, table, source.shape(table).columns);
  std::int64_t count = 0;
  auto digest = read_table(source, table, [&](const Row& row) {
    rows->add(row);
    if (++count % kTellEvery == 0 && progress) progress(table, count);
  });
  rows->finish();
  return digest;
}

// A row that stands in the source against the schema's own rules is no defect of steward's, and no conflict of what was
// asked.
[[noreturn]] void refused(const std::string& table, const Error& error) {
  if (error.kind() == ErrorKind::precondition || error.kind() == ErrorKind::temporary) throw error;
  throw Error{
      ErrorKind::precondition, "copy_mismatch",
      fmt::format("A row of {} is refused by the other database: {}", table, error.what()),
      "Nothing was copied. Run steward db check on what is copied: it may hold what its schema does not allow."};
}

}  // namespace

std::unique_ptr<BulkInsert> bulk_insert(Connection& connection, std::string_view table,
                                        const std::vector<std::string>& columns) {
  return on_server(connection) ? postgres::bulk_insert(connection, table, columns)
                               : sqlite::bulk_insert(connection, table, columns);
}

std::vector<std::string> tables_parents_first(Connection& connection) {
  Order order(connection);
  for (const auto& table : connection.tables()) order.visit(table);
  return std::move(order.tables);
}

bool same_database(Connection& a, Connection& b) {
  if (a.engine() != b.engine()) return false;
  return on_server(a) ? postgres::place(a) == postgres::place(b) : sqlite::place(a) == sqlite::place(b);
}

Manifest copy_rows(Connection& source, Connection& target, const RowProgress& progress) {
  Manifest out;
  source.allow_long_statements();
  target.allow_long_statements();
  for (const auto& table : tables_parents_first(source)) {
    if (is_of_migrations(table)) continue;
    try {
      out.tables.push_back(copy_table(source, target, table, progress));
    } catch (const Error& error) {
      refused(table, error);
    }
  }
  std::ranges::sort(out.tables, {}, &TableDigest::table);
  return out;
}

void settle(Connection& target) noexcept {
  try {
    target.script(on_server(target) ? postgres::kSettle : sqlite::kSettle);
  } catch (const Error&) {  // the copy stands without it
  }
}

Manifest without_migrations(Manifest manifest) {
  std::erase_if(manifest.tables, [](const auto& table) { return is_of_migrations(table.table); });
  return manifest;
}

}  // namespace steward::db
