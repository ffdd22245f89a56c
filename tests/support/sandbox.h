#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "ops/context.h"
#include "support/postgres.h"
#include "support/process.h"

namespace steward::test {

/// How an operation is called, beside its arguments. The default is a person at the shell who says --yes.
struct Call {
  std::optional<std::string> token = {};
  std::string key = {};  ///< the idempotency key
  bool dry_run = false;
  bool yes = true;
  std::function<bool(const std::string&)> confirm = {};  ///< answers the question when `yes` is false
  ops::ListRequest list = {};
};

/// Each row of a table, by its primary key, as text.
using Rows = std::map<std::string, std::string>;
/// A whole database: table -> rows.
using Snapshot = std::map<std::string, Rows>;

/// The compiled migrations but for the newest: what the steward of World::older knew.
std::vector<db::Migration> older_migrations();

/// How many rows differ, by "table insert", "table update" and "table delete".
std::map<std::string, int> differences(const Snapshot& before, const Snapshot& after);

/// What a sandbox starts with.
enum class World {
  empty,   ///< as after `steward init`
  older,   ///< the same, by a steward that did not have the newest migration yet
  season,  ///< as after `steward demo`: made once per build of the tests, then copied
};

/// A folder of one's own with a database of its own, migrated and seeded like after `steward init` (environment
/// `local`, the roles, the rates, a key file), and a clock that stands still at 2026-03-02T09:00:00Z. All of it goes
/// with the sandbox, unless STEWARD_KEEP is set. Costs a few milliseconds: the database is a copy of one that is made
/// once per build.
///
/// With STEWARD_TEST_ENGINE=postgres in the environment the database is one on the tests' own server (postgres.h)
/// instead of a file in the folder, copied from one that is made once per server, and goes with that server at the
/// latest; all the rest is the same.
class Sandbox {
 public:
  explicit Sandbox(World world = World::empty);
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  const std::string& folder() const { return folder_; }
  std::string path(std::string_view name) const { return folder_ + "/" + std::string(name); }
  /// As --db takes it: the path of a file, or the URL of a database on the server.
  const std::string& database() const { return database_; }
  /// The file of the keys that belong to it.
  std::string key_file() const;
  /// Points every later call at another database.
  void use_database(std::string database) { database_ = std::move(database); }
  /// Where `init` can make another database: a file of that name in the folder, not there yet, or an empty database on
  /// the server.
  std::string place_for_database(std::string_view name = "new.db");
  /// Lets operations in this process know these migrations instead of the compiled ones.
  void use_migrations(std::vector<db::Migration> known) { known_ = std::move(known); }
  /// Writes a file into the folder; answers its path.
  std::string write(std::string_view name, std::string_view content) const;
  /// A file's bytes; a relative name lies in the folder.
  std::string read(std::string_view name) const;

  // The clock.
  /// Moves it: RFC 3339.
  void at(std::string_view instant);
  Instant now() const;

  // Who is there. Raw rows, no audit.
  /// Makes the database a `staging` or `prod` one, where the clock is the machine's.
  void become(std::string_view environment);
  /// An ACTIVE person with these roles ("ADMIN"); answers the id.
  std::string user(std::string_view email, const std::vector<std::string>& roles = {}, std::string_view name = {});
  /// A token that holds these scopes; answers its text. `user_id` makes it that person's.
  std::string token(const std::vector<std::string>& scopes, std::string_view kind = "AGENT",
                    const std::string& user_id = {});

  // Operations, in this process, through ops::run.
  ops::Answer run(std::string_view path, const ops::RawArgs& raw = {}, const Call& call = {});
  /// run(), of which only the record is wanted.
  Json data(std::string_view path, const ops::RawArgs& raw = {}, const Call& call = {});
  /// The rows of a list, each an object with every column.
  Json list(std::string_view path, const ops::RawArgs& raw = {}, const Call& call = {});
  /// What the last list() said beside its rows.
  const ops::Page& page() const { return page_; }
  /// The error it is refused with; fails the test when it is not.
  Error refusal(std::string_view path, const ops::RawArgs& raw = {}, const Call& call = {});
  /// The code of that error; "" when it was not refused.
  std::string error_code(std::string_view path, const ops::RawArgs& raw = {}, const Call& call = {});
  ops::House house() const;
  static ops::Registry& registry();

  // The database itself.
  std::unique_ptr<db::Connection> connect(db::Access access = db::Access::write) const;
  /// Runs statements as they stand, past every rule but the database's own.
  void sql(std::string_view statements) const;
  /// The same with the database's references and what hangs from them off.
  void sql_without_references(std::string_view statements) const;
  /// The same with none of its rules in force, as somebody with the file could. Checks (on PostgreSQL) and triggers are
  /// gone from then on.
  void sql_without_rules(std::string_view statements) const;
  /// Lets value() and rows() share one connection from now on: for a test that asks thousands of times.
  void keep_open() { reader_ = connect(); }
  /// On PostgreSQL, lets all calls from now on share a few processes of the server by a pooler (support/pooler.h): for
  /// a test that calls thousands of times, because most of a call's time is its process's start.
  void pool();
  /// The first column of the first row as text; "" for NULL and for no row.
  std::string value(std::string_view query) const;
  /// Every row, each cell as text.
  std::vector<std::vector<std::string>> rows(std::string_view query) const;
  /// What the engine's own check of the database and of its references finds; empty when it is sound.
  std::vector<std::string> damage() const;
  Snapshot snapshot() const;
  /// Whether this text is in any cell of any table, or on SQLite anywhere in its files.
  bool holds(std::string_view text) const;
  /// A hash of every row of every table.
  std::string table_digest() const;
  /// The action of each audit row after `seq` of the studio's chain, in order.
  std::vector<std::string> actions(std::int64_t after_seq = 0) const;
  std::int64_t audit_seq() const;

  // The real binary, as a user runs it.
  /// All of a clean environment: HOME and XDG folders in the sandbox, STEWARD_DB, STEWARD_NOW.
  std::map<std::string, std::string> environment(const Variables& variables = {}) const;
  Command command(const std::vector<std::string>& words, const std::string& input = {},
                  const Variables& variables = {}) const;
  Process steward(const std::vector<std::string>& words, const std::string& input = {},
                  const Variables& variables = {}) const;
  /// The same, without waiting for its end: start as many as wanted.
  Running start(const std::vector<std::string>& words, const std::string& input = {},
                const Variables& variables = {}) const;
  /// The same, at a terminal.
  Process steward_on_terminal(const std::vector<std::string>& words, const std::string& typed = {}, int columns = 80,
                              const Variables& variables = {}) const;

 private:
  struct OnServer {
    std::string name, url, key_file;
  };
  const std::string& adopt(std::string name, const std::string& key_file);

  std::string folder_, database_;
  std::vector<OnServer> on_server_;         ///< the databases that are dropped with the sandbox
  std::shared_ptr<db::Connection> reader_;  ///< of keep_open()
  std::optional<Instant> now_;
  std::optional<std::vector<db::Migration>> known_;
  ops::Page page_;
};

}  // namespace steward::test
