#pragma once
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/manifest.h"

namespace steward::db {

/// Rows on their way into one table, many at a time: through one prepared statement on SQLite, through COPY on a
/// server. The database's checks and triggers hold as for any insert; references are looked at by finish() on a server
/// and by the commit on SQLite, so rows of one table may refer to later ones. Destroying it without finish() gives up:
/// the transaction can then only be rolled back. Errors, of any of its calls: what an insert is refused with
/// (db/connection.h), and on a server what a text is refused with that is no value of its column's type.
class BulkInsert {
 public:
  virtual ~BulkInsert() = default;
  /// Takes each cell as its text, NULL as NULL, in the order of the columns.
  virtual void add(const Row& row) = 0;
  /// A value a column, in their order. Errors: also usage "invalid_text" on a server for a text with a NUL.
  virtual void add(std::span<const Value> values) = 0;
  void add(std::initializer_list<Value> values) { add(std::span(values.begin(), values.size())); }
  virtual void finish() = 0;
};

/// Inside a write transaction. Until finish(), nothing else is run on that connection.
std::unique_ptr<BulkInsert> bulk_insert(Connection& connection, std::string_view table,
                                        const std::vector<std::string>& columns);

/// The tables that hold data, each after those it refers to.
std::vector<std::string> tables_parents_first(Connection& connection);

/// Whether both are sessions with one and the same database.
bool same_database(Connection& a, Connection& b);

/// Told of every table as it begins (`rows` 0), and of the rows copied so far every thousand.
using RowProgress = std::function<void(const std::string& table, std::int64_t rows)>;

/// Copies every row that `source` sees in its transaction into the empty tables of `target`, which has the same schema
/// and a write transaction open; nothing is committed. Each row is read once, and memory does not grow with them.
/// app_migrations stays as it is: it tells of the target's own schema, whose migrations have other texts on another
/// engine. Answers what was read.
/// Errors: those of reading; precondition "copy_mismatch" naming the table whose rows the target refuses; temporary
/// ones of the target.
Manifest copy_rows(Connection& source, Connection& target, const RowProgress& progress = {});

/// After the commit: SQLite's log, which holds the whole copy, is folded into the file and given back to the disk; a
/// server is told what its tables hold, so that it plans well from the first query. What can't be done now waits for
/// the engine's own housekeeping.
void settle(Connection& target) noexcept;

/// Whether a table tells of the migrations of its own database: what no copy carries over.
inline bool is_of_migrations(std::string_view table) { return table == "app_migrations"; }
/// The manifest of all that copy_rows() copies.
Manifest without_migrations(Manifest manifest);

}  // namespace steward::db
