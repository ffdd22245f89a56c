#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <thread>

#include "db/migrations.h"
#include "db/transfer.h"
#include "ops/audit.h"
#include "ops/files.h"
#include "ops/run.h"
#include "support/postgres.h"
#include "system/database/support.h"

using namespace steward;
using namespace steward::test;
namespace fs = std::filesystem;

namespace {

/// Databases on the tests' server that go with the test.
class Databases {
 public:
  ~Databases() {
    for (const auto& name : names_) server_.drop(name);
  }
  /// The URL of an empty one.
  std::string make() {
    names_.push_back(server_.create());
    return server_.url(names_.back());
  }

 private:
  Postgres& server_ = Postgres::server();
  std::vector<std::string> names_;
};

ops::RawArgs to(const std::string& where) { return {{"to", {where}}}; }

db::Manifest content(const std::string& where) { return db::without_migrations(manifest_of_file(where)); }

/// Opens it, migrated or made as a copy would.
std::unique_ptr<db::Connection> migrated(const std::string& where) {
  auto connection = db::open(db::Url::parse(where), {db::Access::write, true});
  db::migrate(*connection, db::compiled_migrations(connection->engine()), system_now(), {});
  return connection;
}

std::string verdict(const std::string& where) {
  const auto connection = db::open(db::Url::parse(where), {});
  db::Tx tx(*connection, db::Access::read, {});
  return ops::verify_audit(tx).verdict;
}

/// A copy from within this process, which is told what is going on.
ops::Answer copy_telling(Sandbox& box, const std::string& where, const std::function<void(const std::string&)>& told) {
  auto house = box.house();
  house.progress = told;
  ops::Request request;
  request.operation = Sandbox::registry().find("db.copy");
  request.raw = to(where);
  request.request_id = "test";
  return ops::run(house, request, nullptr);
}

}  // namespace

TEST_CASE("the season goes from SQLite to PostgreSQL, to PostgreSQL, to SQLite, to SQLite, and is the same everywhere",
          "[database][copy][postgres]") {
  Sandbox box(World::season);
  Databases databases;
  const auto whole = manifest_of(box);
  const auto season = db::without_migrations(whole);
  const std::vector<std::string> places{databases.make(), databases.make(), box.path("back.db"), box.path("again.db")};
  std::string from = box.database();
  for (const auto& place : places) {
    CAPTURE(from, place);
    box.use_database(from);
    const auto before = manifest_of_file(from);
    const auto answer = box.run("db.copy", to(place));
    CHECK(content(place) == season);
    CHECK(manifest_of_file(from) == before);  // no row of its own
    CHECK(verdict(place) == "intact");
    CHECK(answer.data.at("rows").integer() == season.rows());
    CHECK(answer.data.at("tables").integer() == static_cast<std::int64_t>(season.tables.size()));
    CHECK(answer.data.at("manifest_hash").text() == season.hash());
    CHECK(answer.data.at("seconds").is_decimal());
    CHECK_FALSE(answer.next.empty());
    box.use_database(place);
    CHECK(box.value("SELECT hash FROM audit_heads WHERE chain = 'studio'") == answer.data.at("audit_head").text());
    CHECK(box.value("SELECT seq FROM audit_heads WHERE chain = 'studio'") ==
          std::to_string(answer.data.at("audit_seq").integer()));
    CHECK(box.error_code("db.check").empty());
    from = place;
  }
  struct stat status {};
  REQUIRE(::stat(box.path("again.db").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(fs::file_size(box.path("again.db-wal")) == 0);  // and not the copy's size once more
  // The migrations are the target's own.
  box.use_database(places.front());
  const auto known = db::compiled_migrations(db::Engine::postgres);
  CHECK(box.value("SELECT sha256 FROM app_migrations WHERE seq = 1") == known.front().sha256);
}

TEST_CASE("the binary copies into an empty database and refuses one that is not, with exit 6",
          "[database][copy][postgres]") {
  Sandbox box;
  populate(box);
  Databases databases;
  int later = 0;
  for (const auto& place : {databases.make(), box.path("new.db")}) {
    CAPTURE(place);
    const auto first = box.steward({"db", "copy", "--to", place, "--json"});
    REQUIRE(first.exit == 0);
    CHECK(first.err.empty());
    CHECK(first.json().at("data").at("to").text() == place);
    const auto there = manifest_of_file(place);

    const auto repeat = box.steward({"db", "copy", "--to", place, "--json"});
    CHECK(repeat.exit == 6);
    CHECK(repeat.error_code() == "target_not_empty");
    CHECK(repeat.json().at("errors").items().front().at("details").at("same").boolean());

    box.user(fmt::format("later{}@x.example", ++later));
    const auto other = box.steward({"db", "copy", "--to", place, "--json"});
    CHECK(other.exit == 6);
    CHECK(other.error_code() == "target_not_empty");
    CHECK_FALSE(other.json().at("errors").items().front().at("details").at("same").boolean());
    CHECK(manifest_of_file(place) == there);
  }
}

TEST_CASE("a database is not copied into itself, by whichever name", "[database][copy][postgres]") {
  Sandbox box;
  fs::create_symlink(box.database(), box.path("link.db"));
  for (const auto& name : {box.database(), box.path("link.db"), "sqlite://" + box.database(), box.database() + ".key"})
    CHECK(box.error_code("db.copy", to(name)) == "invalid_target");
  Databases databases;
  const auto place = databases.make();
  box.data("db.copy", to(place));
  box.use_database(place);
  CHECK(box.error_code("db.copy", to(place)) == "invalid_target");
  CHECK(box.error_code("db.copy", to(place + "&application_name=other")) == "invalid_target");
  CHECK(box.refusal("db.copy", to("mysql://x")).field() == "to");
}

TEST_CASE("what is written while a copy runs is not in it, and waits for nothing", "[database][copy][postgres]") {
  Sandbox box;
  populate(box);
  Databases databases;
  for (const auto& place : {databases.make(), box.path("new.db")}) {
    CAPTURE(place);
    const auto before = db::without_migrations(manifest_of(box));
    const auto writer = box.connect();  // first: a file that is read first is read-only for the whole process
    int written = 0;
    copy_telling(box, place, [&](const std::string& line) {
      if (line.starts_with("Copying") && written++ == 0)
        writer->script("UPDATE users SET display_name = coalesce(display_name, '') || 'x'");
    });
    CHECK(written > 10);
    CHECK(content(place) == before);
    CHECK(db::without_migrations(manifest_of(box)) != before);
  }
}

TEST_CASE("a person who waits is told the table, the rows and how far it is", "[database][copy][sqlite]") {
  Sandbox box(World::season);
  std::vector<std::string> lines;
  copy_telling(box, box.path("new.db"), [&](const std::string& line) { lines.push_back(line); });
  const auto said = [&](std::string_view words) {
    return std::ranges::any_of(lines, [&](const auto& line) { return line.find(words) != std::string::npos; });
  };
  CHECK(said("Applying 0001"));
  CHECK(said("Copying invoices: 0 rows, "));
  CHECK(said(" % of all"));
  CHECK(said("Counting invoices"));
}

TEST_CASE("a target that changes what it is given is found out, and keeps nothing", "[database][copy][postgres]") {
  Sandbox box;
  populate(box);
  Databases databases;
  const auto server = databases.make(), file = box.path("new.db");
  migrated(server)->script(
      "CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.title := 'Planted'; RETURN NEW; END "
      "$$;"
      "CREATE TRIGGER planted BEFORE INSERT ON offers FOR EACH ROW EXECUTE FUNCTION planted()");
  migrated(file)->script(
      "CREATE TRIGGER planted AFTER INSERT ON offers BEGIN UPDATE offers SET title = 'Planted' WHERE id = NEW.id; END");
  for (const auto& place : {server, file}) {
    CAPTURE(place);
    const auto error = box.refusal("db.copy", to(place));
    CHECK(error.code() == "copy_mismatch");
    CHECK(error.exit_code() == 6);
    CHECK_THAT(error.what(), Catch::Contains("offers differ"));
    CHECK(content(place).rows() == 0);
  }
  migrated(file)->script("DROP TRIGGER planted");
  CHECK(box.error_code("db.copy", to(file)).empty());
}

TEST_CASE("a value that the other engine has no room for is named, and nothing is copied",
          "[database][copy][postgres]") {
  Sandbox box;
  populate(box);
  box.sql("UPDATE offers SET created_at = '2026-99-99T99:99:99.999Z'");  // the shape of an instant, and none
  Databases databases;
  const auto place = databases.make();
  const auto error = box.refusal("db.copy", to(place));
  CHECK(error.code() == "copy_mismatch");
  CHECK_THAT(error.what(), Catch::Contains("offers"));
  CHECK(content(place).rows() == 0);
}

TEST_CASE("a broken audit trail is copied only by who says so", "[database][copy][sqlite]") {
  Sandbox box(World::season);
  box.sql("DROP TRIGGER audit_log_no_update; UPDATE audit_log SET action = 'offers.none' WHERE seq = 5");
  const auto error = box.refusal("db.copy", to(box.path("new.db")));
  CHECK(error.code() == "check_failed");
  auto accepted = to(box.path("new.db"));
  accepted["accept-broken-audit"] = {"true"};
  CHECK(warned(box.run("db.copy", accepted), "audit_tampered"));
  CHECK(verdict(box.path("new.db")) == "tampered");
}

TEST_CASE("contract 5: a source with migrations pending, unknown or altered is not copied",
          "[database][copy][sqlite]") {
  Sandbox box;
  const std::string hash(64, 'c');
  const auto [sql, code] = GENERATE_COPY(table<std::string, std::string>({
      {"DELETE FROM app_migrations WHERE seq = (SELECT max(seq) FROM app_migrations)", "migrations_pending"},
      {"INSERT INTO app_migrations VALUES (99, '0099_later', '" + hash + "', '2026-01-01T00:00:00.000Z', 1, '9')",
       "schema_newer"},
      {"UPDATE app_migrations SET sha256 = '" + hash + "' WHERE seq = 2", "migration_altered"},
  }));
  box.sql(sql);
  CHECK(box.error_code("db.copy", to(box.path("new.db"))) == code);
  CHECK_FALSE(fs::exists(box.path("new.db")));
}

TEST_CASE("a target that an older steward began is migrated, and one of a newer one refused",
          "[database][copy][sqlite]") {
  Sandbox box;
  populate(box);
  {
    const auto older = db::open(db::Url::parse(box.path("older.db")), {db::Access::write, true});
    db::migrate(*older, older_migrations(), system_now(), {});
  }
  box.data("db.copy", to(box.path("older.db")));
  CHECK(content(box.path("older.db")) == db::without_migrations(manifest_of(box)));
  migrated(box.path("newer.db"))
      ->script("INSERT INTO app_migrations VALUES (99, '0099_later', '" + std::string(64, 'c') +
               "', '2026-01-01T00:00:00.000Z', 1, '9')");
  CHECK(box.error_code("db.copy", to(box.path("newer.db"))) == "schema_newer");
}

TEST_CASE("contract 7: outside local a copy needs a person's token with db:admin", "[database][copy][sqlite]") {
  Sandbox box;
  box.become(GENERATE("staging", "prod"));
  const auto ada = box.user("ada2@x.example", {"ADMIN"});
  const auto place = box.path("new.db");
  const auto code = [&](std::optional<std::string> token) {
    Call call;
    call.token = std::move(token);
    return box.error_code("db.copy", to(place), call);
  };
  CHECK(code(std::nullopt) == "not_authenticated");
  CHECK(code(box.token({"db:backup"}, "PERSON", ada)) == "forbidden");
  CHECK(code(box.token({"db:admin"}, "AGENT")) == "forbidden");
  CHECK(code(box.token({"*"}, "JOB")) == "forbidden");
  CHECK_FALSE(fs::exists(place));
  CHECK(code(box.token({"db:admin"}, "PERSON", ada)) == "");
  CHECK(content(place) == db::without_migrations(manifest_of(box)));
}

TEST_CASE("no key file is needed: what is encrypted travels as it is, and the missing key is told",
          "[database][copy][sqlite]") {
  Sandbox box;
  box.sql("INSERT INTO settings VALUES ('mail.password', 'v1:cipher', 1, '2026-01-01T00:00:00.000Z')");
  fs::remove(box.database() + ".key");
  const auto answer = box.run("db.copy", to(box.path("new.db")));
  CHECK(warned(answer, "key_missing"));
  CHECK(content(box.path("new.db")) == db::without_migrations(manifest_of(box)));
  CHECK_FALSE(fs::exists(box.path("new.db.key")));
}

TEST_CASE("a dry run of a copy makes nothing, and refuses what the copy would", "[database][copy][postgres]") {
  Sandbox box;
  populate(box);
  Databases databases;
  Call dry;
  dry.dry_run = true;
  const auto server = databases.make();
  for (const auto& place : {server, box.path("new.db")}) {
    const auto answer = box.run("db.copy", to(place), dry);
    CHECK(answer.data.at("rows").integer() == db::without_migrations(manifest_of(box)).rows());
    CHECK_FALSE(db::exists(db::Url::parse(place)));
    CHECK_FALSE(fs::exists(place));
  }
  const auto shown = box.steward({"db", "copy", "--to", box.path("new.db"), "--dry-run"});
  CHECK(shown.exit == 0);
  CHECK_THAT(shown.out, Catch::Contains("insert offers 1\n"));
  box.data("db.copy", to(server));
  CHECK(box.error_code("db.copy", to(server), dry) == "target_not_empty");
}

TEST_CASE("a copy that is killed while it writes to the server leaves an empty database, and the next one is whole",
          "[database][copy][postgres]") {
  Sandbox box(World::season);
  Databases databases;
  const auto place = databases.make();
  migrated(place);
  PostgresSession session(place);
  const auto waiting = [&] {
    return !session.rows("SELECT 1 FROM pg_locks WHERE relation = 'ledger_entries'::regclass AND NOT granted").empty();
  };
  // It has most tables behind it when it comes to the one that somebody else holds.
  session.script("BEGIN; LOCK TABLE ledger_entries IN ACCESS EXCLUSIVE MODE");
  auto running = box.start({"db", "copy", "--to", place});
  while (!waiting() && !running.ended()) std::this_thread::yield();
  running.signal(SIGKILL);
  CHECK(running.finish().exit == 128 + SIGKILL);
  session.script("COMMIT");
  const auto again = box.steward({"db", "copy", "--to", place});
  INFO(again.err);
  REQUIRE(again.exit == 0);
  CHECK(content(place) == db::without_migrations(manifest_of(box)));
  CHECK(verdict(place) == "intact");
}
