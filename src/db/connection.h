#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "db/value.h"

namespace steward::db {

enum class Engine { sqlite, postgres };
/// `schema` is for migrations: a write while which nobody else writes.
enum class Access { read, write, schema };

/// One row of a result: a view that is valid during the callback it is handed to.
class Row {
 public:
  virtual ~Row() = default;
  virtual int size() const = 0;
  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual std::string_view text(int column) const = 0;

  bool boolean(int column) const { return integer(column) != 0; }
  Instant instant(int column) const;  ///< throws Error{precondition, "database_corrupt"} for text that is none
  std::string str(int column) const { return std::string(text(column)); }
  std::optional<std::string> maybe_text(int column) const;
  std::optional<std::int64_t> maybe_integer(int column) const;
  std::optional<Instant> maybe_instant(int column) const;
  template <NamedEnum E>
  E choice(int column) const {
    return parse_enum<E>(text(column));
  }
};

/// Return false to stop early.
using RowCallback = std::function<bool(const Row&)>;

/// What one statement or trigger did to one row, for the dry run's report.
struct RowChange {
  std::string table;
  std::string op;  ///< "insert", "update", "delete"
  Json key, before,
      after;  ///< objects of column -> value; before/after null where there is none; an update lists only what changed
};

/// How often something was done to rows of one table.
struct ChangeCount {
  std::string table, op;  ///< as RowChange
  std::int64_t rows = 0;
};

/// What a table is made of, in the order of its declaration; `key` are the columns of its primary key.
struct TableShape {
  std::vector<std::string> columns, key;
  /// The next column: its place in the primary key, from 1, or 0.
  void add(std::string column, std::int64_t place_in_key);
};

/// One session with a database engine. Statements take `$1`, `$2`… in any order, each as often as wanted, and
/// every argument must be used. What the engine refuses is thrown as Error:
///   conflict "duplicate" (details.constraint names it), "still_referenced", "immutable", "append_only";
///   precondition "database_corrupt", "database_read_only", "foreign_database", "outcome_unknown" (of a commit);
///   temporary "database_locked", "disk_full", "io_error"; on a server also precondition "database_refused" and
///   temporary "database_unreachable", "transaction_conflict"; anything else is a defect.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual Engine engine() const = 0;

  virtual void begin(Access access) = 0;
  virtual void commit() = 0;
  virtual void rollback() noexcept = 0;

  virtual void each(std::string_view sql, std::span<const Value> args, const RowCallback& callback) = 0;
  /// Rows changed by the statement itself (not by its triggers).
  virtual std::int64_t exec(std::string_view sql, std::span<const Value> args) = 0;
  /// For a statement of which only a refusal matters: it runs in its place among the others, and what it is refused
  /// with is thrown here or by a later call, the commit at the latest. On a server it costs no round trip of its own.
  virtual void post(std::string_view sql, std::span<const Value> args) { exec(sql, args); }
  /// Several statements without arguments; for migrations.
  virtual void script(std::string_view sql) = 0;
  /// Prepares without running; throws when the engine does not accept the text. For the tests.
  virtual void check(std::string_view sql) = 0;

  /// From here to the end of the transaction, remember every row changed in any table.
  virtual void capture_changes() = 0;
  virtual std::vector<RowChange> captured_changes() = 0;
  /// Instead, only count them, by table: for changes of any number of rows, in the memory of a few. A row that is
  /// changed twice counts twice.
  virtual void count_changes() = 0;
  virtual std::vector<ChangeCount> counted_changes() = 0;
  /// From here to the end of the transaction a statement takes as long as it takes, whatever the server or the role
  /// says of statement_timeout: for what reads or writes a whole database.
  virtual void allow_long_statements() {}

  virtual bool has_table(std::string_view name) = 0;
  /// Names of the tables that hold data, sorted.
  virtual std::vector<std::string> tables() = 0;
  virtual TableShape shape(std::string_view table) = 0;

  /// Whether the database belongs to whoever runs this: the file's owner, or the role that owns the tables.
  virtual bool owned_by_caller() = 0;
};

}  // namespace steward::db
