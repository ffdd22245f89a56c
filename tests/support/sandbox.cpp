#include "support/sandbox.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "db/inspect.h"
#include "db/tx.h"
#include "ops/authenticate.h"
#include "ops/encoding.h"
#include "ops/run.h"
#include "ops/vault.h"
#include "rooms.h"
#include "studio/rates/rates.h"
#include "support/pooler.h"
#include "support/postgres.h"

namespace steward::test {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kStart = "2026-03-02T09:00:00Z";
constexpr std::string_view kSeedVersion = "3";  // count up when seed() changes
constexpr std::string_view kLogin = "tester";

void seed(db::Connection& connection, Instant now) {
  db::Tx tx(connection, db::Access::write, now);
  tx.exec("INSERT INTO db_identity (id, environment, instance_id, created_at) VALUES (1, 'local', $1, $2)",
          {new_uuid(now.ms), now});
  for (const auto role : ops::kRoleNames)
    tx.exec("INSERT INTO roles (id, name, protected) VALUES ($1, $2, $3)",
            {new_uuid(now.ms), role, role == "ADMIN" || role == "SUPER_ADMIN"});
  rates::seed_rates(tx);
  tx.commit();
}

void make_migrated(const std::string& database, const std::string& key_file, std::span<const db::Migration> known) {
  const auto now = parse_instant("2026-01-01T00:00:00Z");
  auto connection = db::open(db::Url::parse(database), {db::Access::write, true});
  db::migrate(*connection, known, now, {});
  seed(*connection, now);
  ops::Vault::create(key_file);
}

void make_season(const std::string& database, const std::string& key_file) {
  Sandbox box;
  box.run("demo", {{"to", {database}}});
  if (on_postgres()) fs::copy_file(box.key_file(), key_file);
}

// Copying takes the main file only.
void fold_wal(const std::string& path) {
  auto connection = db::open(db::Url::parse(path), {db::Access::write});
  connection->each("PRAGMA wal_checkpoint(TRUNCATE)", {}, [](const db::Row&) { return true; });
}

std::string name_of_migrated(std::span<const db::Migration> known) {
  std::string content(kSeedVersion);
  for (const auto& migration : known) content += migration.sha256;
  return "empty-" + ops::blake2b_hex(content).substr(0, 16);
}

// What the season becomes depends on all the code there is, so it is made anew by every build.
std::string name_of_season() {
  struct stat self {};
  ::stat("/proc/self/exe", &self);
  return fmt::format("season-{}-{}-{}", self.st_size, self.st_mtim.tv_sec, self.st_mtim.tv_nsec);
}

std::vector<db::Migration> migrations_of(World world) {
  return world == World::older ? older_migrations() : db::compiled_migrations(engine());
}

void make(World world, const std::string& database, const std::string& key_file) {
  if (world == World::season)
    make_season(database, key_file);
  else
    make_migrated(database, key_file, migrations_of(world));
}

// Made once for all test processes of this build, and put in place whole. The database comes last: where it is, its key
// is.
std::string template_file(World world) {
  const auto folder = fs::path(STEWARD_BINARY).parent_path() / "test-templates";
  const auto name = world == World::season ? name_of_season() : name_of_migrated(migrations_of(world));
  const auto path = (folder / (name + ".db")).string();
  if (fs::exists(path)) return path;
  fs::create_directories(folder);
  const auto own = fmt::format("{}.{}", path, ::getpid());
  make(world, own, own + ".key");
  fold_wal(own);
  fs::rename(own + ".key", path + ".key");
  fs::rename(own, path);
  fs::remove(own + "-wal");
  fs::remove(own + "-shm");
  return path;
}

std::string file_for(World world, const std::string& folder) {
  const auto source = template_file(world);
  auto database = folder + "/steward.db";
  fs::copy_file(source, database);
  fs::copy_file(source + ".key", database + ".key");
  return database;
}

std::string database_for(World world, const std::string& key_file) {
  auto& server = Postgres::server();
  const auto name = fmt::format("template_{}", static_cast<int>(world));
  const auto key_of_template = server.folder() + "/" + name + ".key";
  server.require_template(name, [&](const std::string& url) { make(world, url, key_of_template); });
  fs::copy_file(key_of_template, key_file);
  return server.create(name);
}

bool kept() { return std::getenv("STEWARD_KEEP"); }

// Within the server's, so that even what a killed test leaves goes with the server.
std::string fresh_folder() {
  const auto parent = on_postgres() && !kept() ? fs::path(Postgres::server().folder()) : fs::temp_directory_path();
  auto pattern = (parent / "steward-test-XXXXXX").string();
  if (!::mkdtemp(pattern.data())) throw std::runtime_error("no folder for the sandbox in " + pattern);
  return pattern;
}

class Collector final : public ops::ListSink {
 public:
  void begin(std::span<const ops::Column* const> columns) override { columns_.assign(columns.begin(), columns.end()); }
  void row(const db::Row& row) override { rows.push(ops::record_of(columns_, row)); }
  void end(const ops::Page& ended) override { page = ended; }

  Json rows = Json::array();
  ops::Page page;

 private:
  std::vector<const ops::Column*> columns_;
};

std::string cells(const db::Row& row, int from, int to) {
  std::string out;
  for (int i = from; i < to; ++i) out.append(row.is_null(i) ? "NULL" : row.text(i)).append("\x1f");
  return out;
}

}  // namespace

std::vector<db::Migration> older_migrations() {
  auto out = db::compiled_migrations(engine());
  out.pop_back();
  return out;
}

std::map<std::string, int> differences(const Snapshot& before, const Snapshot& after) {
  std::map<std::string, int> out;
  for (const auto& [table, rows] : before)
    for (const auto& [key, row] : rows) {
      const auto now = after.at(table).find(key);
      if (now == after.at(table).end())
        ++out[table + " delete"];
      else if (now->second != row)
        ++out[table + " update"];
    }
  for (const auto& [table, rows] : after)
    for (const auto& [key, row] : rows)
      if (!before.contains(table) || !before.at(table).contains(key)) ++out[table + " insert"];
  return out;
}

Sandbox::Sandbox(World world) : folder_(fresh_folder()), now_(parse_instant(kStart)) {
  const auto key_file = path("steward.db.key");
  database_ = on_postgres() ? adopt(database_for(world, key_file), key_file) : file_for(world, folder_);
}

Sandbox::~Sandbox() {
  reader_.reset();
  if (kept()) {
    fmt::print(stderr, "kept {} {}\n", folder_, database_);
    return;
  }
  for (const auto& one : on_server_) Postgres::server().drop(one.name);
  std::error_code none;
  fs::remove_all(folder_, none);
}

const std::string& Sandbox::adopt(std::string name, const std::string& key_file) {
  auto url = Postgres::server().url(name);
  return on_server_.emplace_back(OnServer{std::move(name), std::move(url), key_file}).url;
}

void Sandbox::pool() {
  static std::optional<Pooler> pooler;
  for (auto& one : on_server_)
    if (one.url == database_) {
      if (!pooler) pooler.emplace(Postgres::server().folder());
      database_ = one.url = pooler->url(one.name);
      return;
    }
}

std::string Sandbox::key_file() const {
  for (const auto& one : on_server_)
    if (one.url == database_) return one.key_file;
  return database_ + ".key";
}

std::string Sandbox::place_for_database(std::string_view name) {
  if (!on_postgres()) return path(name);
  return adopt(Postgres::server().create(), path(name) + ".key");
}

std::string Sandbox::write(std::string_view name, std::string_view content) const {
  const auto at = path(name);
  fs::create_directories(fs::path(at).parent_path());
  std::ofstream(at, std::ios::binary) << content;
  return at;
}

std::string Sandbox::read(std::string_view name) const {
  std::ifstream file(fs::path(folder_) / name, std::ios::binary);
  if (!file) FAIL("no file " << name);
  std::ostringstream out;
  out << file.rdbuf();
  return std::move(out).str();
}

void Sandbox::at(std::string_view instant) { now_ = parse_instant(instant); }

Instant Sandbox::now() const { return now_ ? *now_ : system_now(); }

void Sandbox::become(std::string_view environment) {
  sql(fmt::format("UPDATE db_identity SET environment = '{}'", environment));
  now_.reset();
}

std::string Sandbox::user(std::string_view email, const std::vector<std::string>& roles, std::string_view name) {
  const auto id = new_uuid(now().ms);
  auto connection = connect();
  db::Tx tx(*connection, db::Access::write, now());
  tx.exec(
      "INSERT INTO users (id, email, status, display_name, created_at, updated_at) VALUES ($1, $2, 'ACTIVE', $3, $4, "
      "$4)",
      {id, email, name.empty() ? db::Value() : db::Value(name), now()});
  for (const auto& role : roles)
    tx.exec("INSERT INTO user_roles (user_id, role_id, granted_at) SELECT $1, id, $3 FROM roles WHERE name = $2",
            {id, role, now()});
  tx.commit();
  return id;
}

std::string Sandbox::token(const std::vector<std::string>& scopes, std::string_view kind, const std::string& user_id) {
  const auto fresh = ops::make_token();
  const auto held = to_canonical(Json(Json::Array(scopes.begin(), scopes.end())));
  auto connection = connect();
  db::Tx tx(*connection, db::Access::write, now());
  tx.exec(
      "INSERT INTO service_tokens (id, prefix, secret_hash, name, kind, user_id, scopes, expires_at, created_by, "
      "created_at)"
      " VALUES ($1, $2, $3, 'test', $4, $5, $6, $7, 'operator:tester', $8)",
      {new_uuid(now().ms), fresh.prefix, fresh.secret_hash, user_id.empty() ? kind : "PERSON",
       user_id.empty() ? db::Value() : db::Value(user_id), held, parse_instant("2099-01-01T00:00:00Z"), now()});
  tx.commit();
  return fresh.text;
}

ops::Registry& Sandbox::registry() {
  static ops::Registry all(rooms());
  return all;
}

ops::House Sandbox::house() const {
  ops::House house;
  house.registry = &registry();
  house.url = db::Url::parse(database_);
  house.data_folder = folder_;
  if (house.url.engine == db::Engine::postgres) house.key_file = key_file();
  house.fixed_now = now_;
  house.login = kLogin;
  if (known_) house.use_migrations(*known_);
  return house;
}

namespace {

ops::Request request_of(std::string_view path, const ops::RawArgs& raw, const Call& call, std::string request_id) {
  ops::Request request;
  request.operation = Sandbox::registry().find(path);
  if (!request.operation) FAIL("no operation " << path);
  request.raw = raw;
  request.list = call.list;
  request.dry_run = call.dry_run;
  request.yes = call.yes;
  if (!call.key.empty()) request.idempotency_key = call.key;
  request.token = call.token;
  request.request_id = std::move(request_id);
  request.confirm = call.confirm;
  return request;
}

}  // namespace

ops::Answer Sandbox::run(std::string_view path, const ops::RawArgs& raw, const Call& call) {
  Collector rows;
  auto answer = ops::run(house(), request_of(path, raw, call, new_uuid(now().ms)), &rows);
  if (answer.streamed) {
    answer.data = std::move(rows.rows);
    page_ = rows.page;
  }
  return answer;
}

Json Sandbox::data(std::string_view path, const ops::RawArgs& raw, const Call& call) {
  return run(path, raw, call).data;
}

Json Sandbox::list(std::string_view path, const ops::RawArgs& raw, const Call& call) {
  return run(path, raw, call).data;
}

Error Sandbox::refusal(std::string_view path, const ops::RawArgs& raw, const Call& call) {
  try {
    const auto answer = run(path, raw, call);
    FAIL(path << " was not refused: " << answer.sentence << to_text(answer.data));
  } catch (const Error& error) {
    return error;
  }
  throw std::logic_error("not reached");
}

std::string Sandbox::error_code(std::string_view path, const ops::RawArgs& raw, const Call& call) {
  try {
    run(path, raw, call);
  } catch (const Error& error) {
    return error.code();
  }
  return "";
}

std::unique_ptr<db::Connection> Sandbox::connect(db::Access access) const {
  return db::open(db::Url::parse(database_), {access});
}

void Sandbox::sql(std::string_view statements) const { connect()->script(statements); }

namespace {

// On PostgreSQL references are triggers of the system, which a replica leaves to whoever it copies.
void switch_references_off(db::Connection& connection) {
  connection.script(on_postgres() ? "SET session_replication_role = replica" : "PRAGMA foreign_keys = OFF");
}

constexpr auto kDropsOnSqlite = "SELECT 'DROP TRIGGER ' || name FROM sqlite_schema WHERE type = 'trigger'";
constexpr auto kDropsOnPostgres = R"sql(
  SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint
   WHERE contype = 'c' AND connamespace = 'public'::regnamespace
  UNION ALL
  SELECT format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass) FROM pg_trigger
   WHERE NOT tgisinternal AND tgname <> 'zz_captured'
)sql";

void drop_checks_and_triggers(db::Connection& connection) {
  std::string drops = on_postgres() ? "" : "PRAGMA ignore_check_constraints = ON;";
  connection.each(on_postgres() ? kDropsOnPostgres : kDropsOnSqlite, {}, [&](const db::Row& row) {
    drops += row.str(0) + ";";
    return true;
  });
  connection.script(drops);
}

}  // namespace

void Sandbox::sql_without_references(std::string_view statements) const {
  const auto connection = connect();
  switch_references_off(*connection);
  connection->script(statements);
}

void Sandbox::sql_without_rules(std::string_view statements) const {
  const auto connection = connect();
  drop_checks_and_triggers(*connection);
  switch_references_off(*connection);
  connection->script(statements);
}

std::string Sandbox::value(std::string_view query) const {
  const auto all = rows(query);
  return all.empty() ? "" : all.front().front();
}

std::vector<std::vector<std::string>> Sandbox::rows(std::string_view query) const {
  std::vector<std::vector<std::string>> out;
  const auto connection = reader_ ? reader_ : std::shared_ptr(connect(db::Access::read));
  connection->each(query, {}, [&](const db::Row& row) {
    auto& cells_of = out.emplace_back();
    for (int i = 0; i < row.size(); ++i) cells_of.push_back(row.is_null(i) ? "" : row.str(i));
    return true;
  });
  return out;
}

std::vector<std::string> Sandbox::damage() const {
  const auto connection = connect(db::Access::read);
  auto out = db::integrity_findings(*connection, true);
  for (auto& finding : db::reference_findings(*connection)) out.push_back(std::move(finding));
  return out;
}

Snapshot Sandbox::snapshot() const {
  Snapshot out;
  auto connection = connect(db::Access::read);
  for (const auto& table : connection->tables()) {
    auto& rows_of = out[table];
    const auto key = connection->shape(table).key;
    const auto keys = static_cast<int>(key.size());
    connection->each(fmt::format("SELECT {}, * FROM {}", fmt::join(key, ", "), table), {}, [&](const db::Row& row) {
      rows_of[cells(row, 0, keys)] = cells(row, keys, row.size());
      return true;
    });
  }
  return out;
}

bool Sandbox::holds(std::string_view text) const {
  for (const auto& [table, rows_of] : snapshot())
    for (const auto& [key, row] : rows_of)
      if (row.find(text) != std::string::npos) return true;
  for (const auto* beside : {"", "-wal"})
    if (!on_postgres() && fs::exists(database_ + beside) && read(database_ + beside).find(text) != std::string::npos)
      return true;
  return false;
}

std::string Sandbox::table_digest() const {
  std::string text;
  for (const auto& [table, rows_of] : snapshot()) {
    text += table + "\x1d";
    for (const auto& [key, row] : rows_of) text += row + "\x1e";
  }
  return ops::blake2b_hex(text);
}

std::vector<std::string> Sandbox::actions(std::int64_t after_seq) const {
  std::vector<std::string> out;
  for (const auto& row :
       rows(fmt::format("SELECT action FROM audit_log WHERE chain = 'studio' AND seq > {} ORDER BY seq", after_seq)))
    out.push_back(row.front());
  return out;
}

std::int64_t Sandbox::audit_seq() const {
  const auto head = value("SELECT seq FROM audit_heads WHERE chain = 'studio'");
  return head.empty() ? 0 : std::stoll(head);
}

std::map<std::string, std::string> Sandbox::environment(const Variables& variables) const {
  std::map<std::string, std::string> out{{"HOME", folder_},
                                         {"XDG_CONFIG_HOME", path("config")},
                                         {"XDG_DATA_HOME", path("data")},
                                         {"XDG_STATE_HOME", path("state")},
                                         {"XDG_RUNTIME_DIR", path("run")},
                                         {"TMPDIR", folder_},
                                         {"STEWARD_DB", database_},
                                         {"PATH", "/usr/local/bin:/usr/bin:/bin"},
                                         {"LANG", "C.UTF-8"},
                                         {"TERM", "xterm"},
                                         {"USER", std::string(kLogin)},
                                         {"LOGNAME", std::string(kLogin)}};
  if (now_) out["STEWARD_NOW"] = to_text(*now_);
  if (std::ranges::count(on_server_, database_, &OnServer::url)) out["STEWARD_KEY_FILE"] = key_file();
  for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"})
    if (const char* value = std::getenv(name)) out[name] = value;
  for (const auto& [name, value] : variables) {
    if (value)
      out[name] = *value;
    else
      out.erase(name);
  }
  return out;
}

Command Sandbox::command(const std::vector<std::string>& words, const std::string& input,
                         const Variables& variables) const {
  Command out;
  out.program = STEWARD_BINARY;
  out.words = words;
  out.environment = environment(variables);
  out.folder = folder_;
  out.input = input;
  return out;
}

Process Sandbox::steward(const std::vector<std::string>& words, const std::string& input,
                         const Variables& variables) const {
  return run_process(command(words, input, variables));
}

Running Sandbox::start(const std::vector<std::string>& words, const std::string& input,
                       const Variables& variables) const {
  return Running(command(words, input, variables));
}

Process Sandbox::steward_on_terminal(const std::vector<std::string>& words, const std::string& typed, int columns,
                                     const Variables& variables) const {
  return run_on_terminal(command(words, {}, variables), typed, columns);
}

}  // namespace steward::test
