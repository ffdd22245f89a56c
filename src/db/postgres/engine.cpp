#include "db/postgres/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <exception>

#include "core/error.h"
#include "db/postgres/changes.h"
#include "db/postgres/types.h"
#include "db/postgres/wire.h"

namespace steward::db::postgres {
namespace {

constexpr int kOldestServer = 150'000;

/// Advisory locks of the transaction, under a first number of our own ("stwd").
/// Every write shares the schema's lock, which a migration takes alone. The writer's lock puts the writes of the studio
/// in one order, as SQLite has it: a rule that reads, decides and writes never sees the record change in between, and
/// the audit chain grows by one link at a time. It is held for the dozen round trips of a command, never while anybody
/// is asked anything.
constexpr int kLockSpace = 0x73747764, kSchemaLock = 1, kWriterLock = 2;

constexpr std::string_view kMigrationsTable = "app_migrations";

constexpr auto kTables = R"sql(
  SELECT c.relname FROM pg_catalog.pg_class c
   WHERE c.relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = current_schema())
     AND c.relkind IN ('r', 'p') AND NOT c.relispartition
   ORDER BY CAST(c.relname AS text) COLLATE "C"
)sql";
/// Not to_regclass(): that answers from the session's cache, which a wait for the schema's lock does not renew.
constexpr auto kHasTable = R"sql(
  SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_class c
                  WHERE c.relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = current_schema())
                    AND c.relname = $1 AND c.relkind IN ('r', 'p'))
)sql";
constexpr auto kColumns = R"sql(
  SELECT a.attname, coalesce(array_position(k.conkey, a.attnum), 0)
    FROM pg_catalog.pg_attribute a
    LEFT JOIN pg_catalog.pg_constraint k ON k.conrelid = a.attrelid AND k.contype = 'p'
   WHERE a.attrelid = (SELECT oid FROM pg_catalog.pg_class
                        WHERE relname = $1 AND relnamespace = CAST(current_schema() AS regnamespace))
     AND a.attnum > 0 AND NOT a.attisdropped
   ORDER BY a.attnum
)sql";
constexpr auto kWhatIsThere = R"sql(
  SELECT to_regclass('app_migrations') IS NOT NULL AND to_regclass('audit_log') IS NOT NULL,
         EXISTS (SELECT 1 FROM pg_catalog.pg_class c
                  WHERE c.relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = current_schema())
                    AND c.relkind IN ('r', 'p', 'v', 'm'))
)sql";
constexpr auto kOwner = R"sql(
  SELECT pg_catalog.pg_has_role(c.relowner, 'USAGE') FROM pg_catalog.pg_class c WHERE c.oid = to_regclass('app_migrations')
)sql";

std::int64_t milliseconds(std::chrono::milliseconds span) { return std::max<std::int64_t>(1, span.count()); }

class PostgresConnection final : public Connection {
 public:
  PostgresConnection(const std::string& url, const OpenOptions& options)
      : url_(url), busy_timeout_(options.busy_timeout), wire_(url, 2 * options.busy_timeout, options.log) {}
  ~PostgresConnection() override { stream_ = nullptr; }

  Engine engine() const override { return Engine::postgres; }
  Wire& wire() { return wire_; }
  const std::string& url() const { return url_; }
  /// It was found to be steward's: saves asking for the table of migrations again.
  void know_ours() { ours_ = true; }

  /// A begin that is refused (a lock that is not to be had) leaves nothing open: there is no Tx yet to end it.
  void begin(Access access) override {
    try {
      start(access);
    } catch (const Error&) {
      rollback();
      throw;
    }
  }
  void commit() override {
    wire_.commit();
    wire_.stop_waiting();
  }
  void rollback() noexcept override {
    capturing_ = false;
    try {
      wire_.stop_waiting();
      if (wire_.lost()) return;
      if (wire_.streaming()) wire_.cancel();
      stream_ = nullptr;
      if (wire_.in_transaction()) wire_.script("ROLLBACK");
    } catch (const std::exception&) {  // the server rolls back what its client left
    }
  }

  void each(std::string_view sql, std::span<const Value> args, const RowCallback& callback) override {
    take_in_stream();
    wire_.send(sql, args, true);
    Stream stream(*this);
    ResultRow row;
    while (const auto result = stream.next()) {
      row.show(result.get());
      if (!callback(row)) break;
    }
  }

  std::int64_t exec(std::string_view sql, std::span<const Value> args) override {
    take_in_stream();
    wire_.send(sql, args, false);
    wire_.drop_rest();
    return wire_.affected();
  }

  void post(std::string_view sql, std::span<const Value> args) override {
    take_in_stream();
    wire_.post(sql, args);
  }

  void script(std::string_view sql) override {
    take_in_stream();
    wire_.script(sql);
  }

  void check(std::string_view sql) override {
    take_in_stream();
    wire_.parse(sql);
  }

  void capture_changes() override {
    start_capture(*this);
    capturing_ = true;
  }
  std::vector<RowChange> captured_changes() override {
    return capturing_ ? postgres::captured_changes(*this) : std::vector<RowChange>{};
  }
  void count_changes() override { capture_changes(); }
  std::vector<ChangeCount> counted_changes() override {
    return capturing_ ? postgres::counted_changes(*this) : std::vector<ChangeCount>{};
  }

  void allow_long_statements() override { script("SET LOCAL statement_timeout = 0"); }

  bool has_table(std::string_view name) override {
    if (name == kMigrationsTable && ours_) return true;
    bool there = false;
    const Value args[] = {name};
    each(kHasTable, args, [&](const Row& row) {
      there = row.boolean(0);
      return false;
    });
    return there;
  }

  std::vector<std::string> tables() override {
    std::vector<std::string> names;
    each(kTables, {}, [&](const Row& row) {
      names.push_back(row.str(0));
      return true;
    });
    return names;
  }

  TableShape shape(std::string_view table) override {
    TableShape out;
    const Value args[] = {table};
    each(kColumns, args, [&](const Row& row) {
      out.add(row.str(0), row.integer(1));
      return true;
    });
    return out;
  }

  bool owned_by_caller() override {
    bool owned = false;
    each(kOwner, {}, [&](const Row& row) {
      owned = row.boolean(0);
      return false;
    });
    return owned;
  }

 private:
  void start(Access access) {
    const auto clock = "SET LOCAL TimeZone = 'UTC'";
    if (access == Access::read)
      return wire_.script(
          fmt::format("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {}; SET LOCAL lock_timeout = {}", clock,
                      milliseconds(busy_timeout_)));
    const auto schema_lock = access == Access::schema ? "pg_advisory_xact_lock" : "pg_advisory_xact_lock_shared";
    if (access == Access::schema) wire_.wait_for_ever();
    wire_.script(
        fmt::format("BEGIN ISOLATION LEVEL READ COMMITTED; {0}; SET LOCAL lock_timeout = {1};"
                    " SET LOCAL idle_in_transaction_session_timeout = {2};{3}"
                    " SELECT pg_catalog.{4}({5}, {6}); SELECT pg_catalog.pg_advisory_xact_lock({5}, {7})",
                    clock, milliseconds(busy_timeout_), access == Access::schema ? 0 : milliseconds(2 * busy_timeout_),
                    access == Access::schema ? " SET LOCAL statement_timeout = 0;" : "", schema_lock, kLockSpace,
                    kSchemaLock, kWriterLock));
  }

  /// The rows of one each(), as they come from the server. When another statement is run from within its callback, the
  /// rest is taken in first, and handed out from memory.
  class Stream {
   public:
    explicit Stream(PostgresConnection& connection) : connection_(connection) { connection_.stream_ = this; }
    ~Stream() {
      if (connection_.stream_ != this) return;
      connection_.stream_ = nullptr;
      try {
        if (std::uncaught_exceptions() > 0)
          connection_.wire_.cancel();
        else
          connection_.wire_.drop_rest();
      } catch (const Error&) {  // whoever uses the connection next is told
      }
    }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    Result next() {
      if (connection_.stream_ == this) return connection_.wire_.next();
      if (kept_.empty()) return nullptr;
      auto row = std::move(kept_.front());
      kept_.pop_front();
      return row;
    }
    void keep_rest() {
      while (auto row = connection_.wire_.next()) kept_.push_back(std::move(row));
      connection_.stream_ = nullptr;
    }

   private:
    PostgresConnection& connection_;
    std::deque<Result> kept_;
  };

  void take_in_stream() {
    if (stream_) stream_->keep_rest();
  }

  std::string url_;
  std::chrono::milliseconds busy_timeout_;
  Wire wire_;
  Stream* stream_ = nullptr;  ///< whose rows are still on the wire
  bool capturing_ = false, ours_ = false;
};

std::string shown(const std::string& url) { return Url::parse(url).display(); }

struct Standing {
  bool ours = false, anything = false;
};

Standing look_at(Connection& connection) {
  Standing out;
  connection.each(kWhatIsThere, {}, [&](const Row& row) {
    out = {row.boolean(0), row.boolean(1)};
    return false;
  });
  return out;
}

void require_version(PostgresConnection& connection) {
  const int version = libpq().PQserverVersion(connection.wire().raw());
  if (version >= kOldestServer) return;
  throw Error{ErrorKind::precondition, "postgres_too_old",
              fmt::format("The server is PostgreSQL {}; steward needs 15 or newer.", version / 10'000),
              "Upgrade the server, or name another with --db."};
}

}  // namespace

std::unique_ptr<Connection> open(const std::string& url, const OpenOptions& options) {
  auto connection = std::make_unique<PostgresConnection>(url, options);
  require_version(*connection);
  const auto standing = look_at(*connection);
  if (standing.ours) connection->know_ours();
  if (standing.ours || (options.create && !standing.anything)) return connection;
  if (standing.anything)
    throw Error{ErrorKind::precondition, "foreign_database",
                fmt::format("{} is a database of another program.", shown(url)), "Name steward's own with --db."};
  throw Error{ErrorKind::precondition, "no_database", fmt::format("There is no steward database at {}.", shown(url)),
              "Make one with steward init, or name another with --db."};
}

bool exists(const std::string& url) {
  PostgresConnection connection(url, {});
  return look_at(connection).ours;
}

Wire* wire_of(Connection& connection) {
  auto* own = dynamic_cast<PostgresConnection*>(&connection);
  return own ? &own->wire() : nullptr;
}

std::string url_of(Connection& connection) {
  auto* own = dynamic_cast<PostgresConnection*>(&connection);
  return own ? own->url() : std::string();
}

}  // namespace steward::db::postgres
