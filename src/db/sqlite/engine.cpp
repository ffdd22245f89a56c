#include "db/sqlite/engine.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <thread>

#include "core/error.h"
#include "db/migration_text.h"
#include "db/sqlite/changes.h"
#include "db/sqlite/commit.h"
#include "db/sqlite/errors.h"
#include "db/sqlite/statement.h"

namespace steward::db::sqlite {
namespace {

/// A durable write syncs the WAL once; past this many pages of WAL it also moves them into the file (two more syncs).
constexpr int kCheckpointPages = 500;

/// What stays of the log's file when it begins anew, in bytes: the pages above, with room for one large transaction.
constexpr int kLogKept = 2 * kCheckpointPages * 4096;

std::string uri_of(const std::string& path, std::string_view parameters) {
  // An absolute path gets an empty authority, so that a second slash at its front is not read as one.
  std::string uri = path.starts_with("/") ? "file://" : "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#')
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    else
      uri += c;
  }
  return uri.append(parameters);
}

class SqliteConnection final : public Connection {
 public:
  SqliteConnection(const std::string& file, int flags, std::chrono::milliseconds busy_timeout)
      : database_(file, flags), handle_(database_.getHandle()), busy_timeout_(busy_timeout) {
    sqlite3_extended_result_codes(handle_, 1);
    sqlite3_busy_handler(handle_, wait_for_turn, this);
    for (const int option : {SQLITE_DBCONFIG_DQS_DML, SQLITE_DBCONFIG_DQS_DDL})
      sqlite3_db_config(handle_, option, 0, nullptr);
    for (const int option : {SQLITE_DBCONFIG_ENABLE_FKEY, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE})
      sqlite3_db_config(handle_, option, 1, nullptr);
  }
  ~SqliteConnection() override {
    recorder_.reset();
    counter_.reset();
    cache_.clear();
  }

  /// Tells `log` each statement as it was written, with placeholders, and how long it took.
  void trace(std::function<void(const std::string&)> log) {
    if (!log) return;
    log_ = std::move(log);
    const auto told = [](unsigned, void* self, void* statement, void* nanoseconds) -> int {
      const auto* text = sqlite3_sql(static_cast<sqlite3_stmt*>(statement));
      const auto micro = *static_cast<sqlite3_int64*>(nanoseconds) / 1000;
      static_cast<SqliteConnection*>(self)->log_(fmt::format("sql {:6} us  {}", micro, db::normalised_sql(text)));
      return 0;
    };
    sqlite3_trace_v2(handle_, SQLITE_TRACE_PROFILE, told, this);
  }

  Engine engine() const override { return Engine::sqlite; }
  sqlite3* handle() const { return handle_; }
  std::chrono::milliseconds busy_timeout() const { return busy_timeout_; }

  /// After a commit that leaves a long log. SQLite's own way folds it and lets it stand for the next writer to begin
  /// anew; but a next process, alone, can't tell that it was folded: it would fold it again and the log would never
  /// end.
  void keep_log_short() {
    const auto committed = [](void* self, sqlite3*, const char*, int pages) -> int {
      if (pages >= kCheckpointPages) static_cast<SqliteConnection*>(self)->empty_log();
      return SQLITE_OK;
    };
    sqlite3_wal_hook(handle_, committed, this);
  }

  /// Empties the log into the file where nobody is in the way; waits for nobody.
  void empty_log() {
    sqlite3_busy_handler(handle_, nullptr, nullptr);
    sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    sqlite3_busy_handler(handle_, wait_for_turn, this);
  }

  void begin(Access access) override { run(access == Access::read ? "BEGIN" : "BEGIN IMMEDIATE"); }
  void commit() override {
    try {
      run("COMMIT");
    } catch (const Error&) {
      keep_commit_failed(handle_);
      throw;
    }
  }
  void rollback() noexcept override {
    recorder_.reset();
    counter_.reset();
    for (auto& [text, statement] : cache_) statement->reset();
    if (!sqlite3_get_autocommit(handle_)) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
  }

  void each(std::string_view sql, std::span<const Value> args, const RowCallback& callback) override {
    Borrowed statement(*this, sql);
    statement->bind(args);
    const StatementRow row(statement->raw());
    while (statement->step())
      if (!callback(row)) break;
  }

  std::int64_t exec(std::string_view sql, std::span<const Value> args) override {
    Borrowed statement(*this, sql);
    statement->bind(args);
    while (statement->step()) {
    }
    return sqlite3_changes64(handle_);
  }

  void script(std::string_view sql) override {
    const std::string text(sql);
    const int code = sqlite3_exec(handle_, text.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) throw_error(handle_, code, "a migration");
  }

  void check(std::string_view sql) override { Statement(handle_, sql); }

  void capture_changes() override { recorder_.emplace(handle_); }
  std::vector<RowChange> captured_changes() override {
    if (!recorder_) return {};
    return recorder_->changes(*this);
  }
  void count_changes() override { counter_.emplace(handle_); }
  std::vector<ChangeCount> counted_changes() override {
    return counter_ ? counter_->counts() : std::vector<ChangeCount>{};
  }

  bool has_table(std::string_view name) override {
    bool there = false;
    const Value args[] = {name};
    each("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = $1", args, [&](const Row&) {
      there = true;
      return false;
    });
    return there;
  }

  std::vector<std::string> tables() override {
    std::vector<std::string> names;
    each("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name",
         {}, [&](const Row& row) {
           names.push_back(row.str(0));
           return true;
         });
    return names;
  }

  TableShape shape(std::string_view table) override {
    TableShape out;
    const Value args[] = {table};
    each("SELECT name, pk FROM pragma_table_info($1) ORDER BY cid", args, [&](const Row& row) {
      out.add(row.str(0), row.integer(1));
      return true;
    });
    return out;
  }

  bool owned_by_caller() override {
    struct stat status {};
    return ::stat(sqlite3_db_filename(handle_, "main"), &status) == 0 && status.st_uid == ::geteuid();
  }

  void run(const char* sql) {
    const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) throw_error(handle_, code, sql);
  }

 private:
  /// SQLite's own handler sleeps the longer the longer it has waited, so that in a crowd the oldest is served last,
  /// past any timeout. Here each asks again after a short while, the same for all, and each has the same chance.
  static int wait_for_turn(void* self, int times) {
    auto& connection = *static_cast<SqliteConnection*>(self);
    const auto now = std::chrono::steady_clock::now();
    if (times == 0) connection.waiting_since_ = now;
    if (now - connection.waiting_since_ >= connection.busy_timeout_) return 0;
    unsigned char spread = 0;
    sqlite3_randomness(1, &spread);
    std::this_thread::sleep_for(std::chrono::microseconds(1000 + 8 * spread));
    return 1;
  }

  /// A cached statement for the length of one call; a fresh one when the cached one is still being read further up the
  /// stack.
  class Borrowed {
   public:
    Borrowed(SqliteConnection& connection, std::string_view sql) {
      auto at = connection.cache_.find(sql);
      if (at == connection.cache_.end()) {
        auto made = std::make_unique<Statement>(connection.handle_, sql);
        statement_ = made.get();
        connection.cache_.emplace(statement_->text(), std::move(made));
      } else if (at->second->busy()) {
        own_ = std::make_unique<Statement>(connection.handle_, sql);
        statement_ = own_.get();
      } else {
        statement_ = at->second.get();
      }
    }
    ~Borrowed() { statement_->reset(); }
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;
    Statement* operator->() { return statement_; }

   private:
    std::unique_ptr<Statement> own_;
    Statement* statement_ = nullptr;
  };

  SQLite::Database database_;
  sqlite3* handle_;
  std::chrono::milliseconds busy_timeout_;
  std::chrono::steady_clock::time_point waiting_since_;
  std::map<std::string_view, std::unique_ptr<Statement>> cache_;
  std::optional<ChangeRecorder> recorder_;
  std::optional<ChangeCounter> counter_;
  std::function<void(const std::string&)> log_;
};

std::int64_t pragma_integer(Connection& connection, std::string_view sql) {
  std::int64_t value = 0;
  connection.each(sql, {}, [&](const Row& row) {
    value = row.integer(0);
    return false;
  });
  return value;
}

[[noreturn]] void no_database(const std::string& path) {
  throw Error{ErrorKind::precondition, "no_database", fmt::format("There is no database at {}.", path),
              "Make one with steward init, or name another with --db."};
}

void require_ours(Connection& connection, const std::string& path) {
  if (pragma_integer(connection, "PRAGMA application_id") != kApplicationId)
    throw Error{ErrorKind::precondition, "foreign_database", fmt::format("{} is a database of another program.", path),
                "Name steward's own with --db."};
}

/// SQLiteCpp reports a failed open as its own exception, before there is a handle to ask.
std::unique_ptr<SqliteConnection> connect(const std::string& file, int flags, std::chrono::milliseconds timeout) {
  try {
    return std::make_unique<SqliteConnection>(file, flags, timeout);
  } catch (const SQLite::Exception& error) {
    throw_error(nullptr, error.getExtendedErrorCode(), error.what());
  }
}

std::unique_ptr<SqliteConnection> open_for_reading_with_index(const std::string& path,
                                                              std::chrono::milliseconds timeout) {
  auto connection = connect(path, SQLITE_OPEN_READONLY, timeout);
  require_ours(*connection, path);
  return connection;
}

/// A writer that was killed before its first frame leaves a log of a header alone. Against a read-only index SQLite
/// finds no moment at which the two agree, and gives up after ten seconds.
bool log_is_only_begun(const std::string& path) {
  constexpr std::uintmax_t kLogHeader = 32;
  std::error_code none;
  return std::filesystem::file_size(path + "-wal", none) == kLogHeader;
}

/// Reading leaves every file as it is: the shared-memory index is opened read-only, and rebuilt in this process's own
/// memory when nobody else has the database open. Where that can't be (another program removed the index), SQLite makes
/// a new one.
std::unique_ptr<SqliteConnection> open_for_reading(const std::string& path, std::chrono::milliseconds timeout) {
  if (log_is_only_begun(path)) return open_for_reading_with_index(path, timeout);
  try {
    auto connection = connect(uri_of(path, "?readonly_shm=1"), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, timeout);
    require_ours(*connection, path);
    pragma_integer(*connection, "PRAGMA user_version");
    pragma_integer(*connection, "SELECT count(*) FROM sqlite_schema");
    return connection;
  } catch (const Error& error) {
    if (error.code() != "no_database" && error.code() != "database_read_only") throw;
  }
  return open_for_reading_with_index(path, timeout);
}

void create_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0)
    throw Error{ErrorKind::precondition, "no_database",
                fmt::format("The database {} can't be made: its folder is missing or can't be written.", path),
                "Make the folder, or name another place with --db."};
  ::close(fd);
}

/// Nothing is in it (now that what an interrupted process began was rolled back), or our mark and no table yet. Any
/// other file without tables is another program's, just begun.
bool may_be_made_ours(Connection& connection) {
  if (pragma_integer(connection, "SELECT count(*) FROM sqlite_schema") > 0) return false;
  return pragma_integer(connection, "PRAGMA page_count") == 0 ||
         pragma_integer(connection, "PRAGMA application_id") == kApplicationId;
}

void mark_as_ours(SqliteConnection& connection) {
  if (pragma_integer(connection, "PRAGMA application_id") != kApplicationId)
    connection.run(fmt::format("PRAGMA application_id = {}", kApplicationId).c_str());
}

/// Switching to WAL ignores the busy timeout, so it is tried again while another process does the same.
void until_nobody_is_in_the_way(const std::function<void()>& change) {
  for (int tries = 0;; ++tries) {
    try {
      return change();
    } catch (const Error& error) {
      if (!error.retryable() || tries == 200) throw;
      sqlite3_sleep(10);
    }
  }
}

void make_ours(SqliteConnection& connection) {
  until_nobody_is_in_the_way([&] {
    mark_as_ours(connection);
    connection.run("PRAGMA journal_mode = WAL");
  });
}

}  // namespace

void assume_one_thread() {
  sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static std::unique_ptr<SqliteConnection> open_untraced(const std::string& path, const OpenOptions& options) {
  std::error_code none;
  const auto status = std::filesystem::status(path, none);
  const bool there = std::filesystem::is_regular_file(status) && std::filesystem::file_size(path, none) > 0;
  if (std::filesystem::is_directory(status)) no_database(path);
  if (!there && !options.create) no_database(path);
  if (options.access == Access::read && !options.create) return open_for_reading(path, options.busy_timeout);
  if (!there) create_file(path);
  auto connection = connect(path, SQLITE_OPEN_READWRITE, options.busy_timeout);
  if (options.create && may_be_made_ours(*connection))
    make_ours(*connection);
  else
    require_ours(*connection, path);
  connection->keep_log_short();
  connection->run(
      fmt::format("PRAGMA synchronous = FULL; PRAGMA recursive_triggers = ON; PRAGMA journal_size_limit = {}", kLogKept)
          .c_str());
  if (sqlite3_db_readonly(connection->handle(), "main") == 1) throw_error(nullptr, SQLITE_READONLY, path);
  return connection;
}

std::unique_ptr<Connection> open(const std::string& path, const OpenOptions& options) {
  auto connection = open_untraced(path, options);
  connection->trace(options.log);
  return connection;
}

std::unique_ptr<Connection> open_in_memory() {
  return connect(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, {});
}

std::unique_ptr<Connection> open_temporary() { return connect("", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, {}); }

std::chrono::milliseconds busy_timeout_of(Connection& connection) {
  auto* own = dynamic_cast<SqliteConnection*>(&connection);
  return own ? own->busy_timeout() : std::chrono::milliseconds{};
}

sqlite3* handle_of(Connection& connection) {
  auto* own = dynamic_cast<SqliteConnection*>(&connection);
  return own ? own->handle() : nullptr;
}

void use_write_ahead_log(Connection& connection) {
  until_nobody_is_in_the_way(
      [&] { connection.each("PRAGMA journal_mode = WAL", {}, [](const Row&) { return true; }); });
}

void checkpoint(Connection& connection) {
  if (auto* own = dynamic_cast<SqliteConnection*>(&connection)) own->empty_log();
}

}  // namespace steward::db::sqlite
