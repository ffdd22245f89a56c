// A backup of a server's database goes back in place: proven before, all of it or nothing, with a way back.
#include <signal.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <thread>

#include "db/transfer.h"
#include "ops/files.h"
#include "support/dumpable.h"
#include "system/database/support.h"

using namespace steward;
using namespace steward::test;

namespace {

namespace fs = std::filesystem;

// What a restore itself writes: its audit row, and that numbering is paused.
const std::vector<std::string> kMarks{"audit_heads", "audit_log", "settings"};

/// A populated studio with a backup "b.dump", and changes since.
struct Restorable : Dumpable {
  Restorable() {
    use_database(url_of(owner()));
    populate(*this);
    const auto made = run({"db", "backup", "--to", path("b.dump"), "--json"});
    INFO(made.out << made.err);
    REQUIRE(made.exit == 0);
    then = recorded();
    sql("INSERT INTO users (id, email, status, created_at, updated_at) VALUES ('" + id_of(99) +
        "', 'later@x.example', 'ACTIVE', '2026-03-01T08:00:00Z', '2026-03-01T08:00:00Z')");
    sql("UPDATE offers SET title = 'Later'");
  }
  db::Manifest recorded() const { return db::manifest_of(parse_json(read("b.dump.manifest.json")).at("tables")); }
  Process run(const std::vector<std::string>& words) const { return steward(words, "", variables()); }
  std::vector<std::string> words(const std::string& file = "b.dump", const std::vector<std::string>& more = {}) const {
    std::vector<std::string> out{"db", "restore", "--from", path(file), "--yes", "--json"};
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }
  /// It goes through; answers what it says.
  Json restored(const std::string& file = "b.dump", const std::vector<std::string>& more = {}) const {
    const auto done = run(words(file, more));
    INFO(done.out << done.err);
    REQUIRE(done.exit == 0);
    CHECK(scratch_databases() == 0);
    return done.json();
  }
  /// It is refused with that code, and nothing is changed or left.
  std::string refused(const Process& done, int exit, const std::string& code, const db::Manifest& before) const {
    INFO(done.out << done.err);
    CHECK(done.exit == exit);
    CHECK(done.error_code() == code);
    CHECK(manifest_of(*this) == before);
    CHECK(scratch_databases() == 0);
    CHECK(kept().empty());
    return done.out;
  }
  std::string refused(const std::string& file, int exit, const std::string& code) const {
    const auto before = manifest_of(*this);
    return refused(run(words(file)), exit, code, before);
  }
  /// What a restore kept, or was about to keep.
  std::vector<std::string> kept() const {
    std::vector<std::string> out;
    if (!fs::exists(data_folder())) return out;
    for (const auto& entry : fs::directory_iterator(data_folder()))
      if (entry.path().filename().string().find(".replaced-") != std::string::npos)
        out.push_back(entry.path().string());
    std::ranges::sort(out);
    return out;
  }
  std::string data_folder() const { return environment().at("XDG_DATA_HOME") + "/steward"; }
  std::string title() const { return value("SELECT title FROM offers"); }
  /// That what is there is the backup, and that it is in force as before.
  void require_restored() const {
    CHECK(db::differing_tables(db::without_migrations(manifest_of(*this)), db::without_migrations(then)) == kMarks);
    CHECK(title() == "Field day");
    CHECK(value("SELECT count(*) FROM pg_trigger WHERE tgenabled <> 'O' AND NOT tgisinternal") == "0");
    CHECK_THAT(refusal(owner(), "DELETE FROM audit_log"), Catch::Contains("append_only"));
    CHECK(run({"audit", "verify"}).exit == 0);
  }
  db::Manifest then;
};

void dump_with_its_own_program(const std::string& url, const std::string& file) {
  Command command;
  command.program = "pg_dump";
  command.words = {"-Fc", "-f", file, url};
  command.environment = {{"PATH", "/usr/bin:/bin"}};
  const auto made = run_process(command);
  INFO(made.err);
  REQUIRE(made.exit == 0);
}

bool warned_of(const Json& answer, const std::string& code) {
  return std::ranges::any_of(answer.at("warnings").items(),
                             [&](const Json& warning) { return warning.at("code").text() == code; });
}

}  // namespace

TEST_CASE("contract 7: a restore puts a server's backup back, and keeps a proven copy of what it replaces",
          "[database][restore][postgres][twins]") {
  const Restorable studio;
  const auto before = manifest_of(studio);
  const auto answer = studio.restored();
  studio.require_restored();
  const auto kept = answer.at("data").at("replaced").text();
  CHECK(studio.kept() == std::vector<std::string>{kept, kept + ".manifest.json"});
  struct stat file {};
  REQUIRE(::stat(kept.c_str(), &file) == 0);
  CHECK((file.st_mode & 0777) == 0600);
  CHECK(warned_of(answer, "numbering_paused"));
  CHECK(answer.at("data").at("rows_lost").integer() == 3);  // a user, and of the backup: its mark and its audit row
  const auto row = parse_json(studio.value("SELECT metadata FROM audit_log WHERE action = 'db.restore'"));
  CHECK(row.at("sha256").text() == ops::sha256_of_file(studio.path("b.dump")));

  // The way back, in which the replaced history tells of the restore too.
  const auto back = studio.run({"db", "restore", "--from", kept, "--yes", "--json"});
  INFO(back.out << back.err);
  REQUIRE(back.exit == 0);
  CHECK(studio.title() == "Later");
  CHECK(db::differing_tables(db::without_migrations(manifest_of(studio)), db::without_migrations(before)) == kMarks);
  CHECK(studio.value("SELECT count(*) FROM audit_log WHERE action = 'db.restore'") == "2");
  CHECK(studio.run({"audit", "verify"}).exit == 0);
}

TEST_CASE("contract 7: a restore on a server pauses numbering until somebody says how it goes on",
          "[database][restore][postgres][twins]") {
  const Restorable studio;
  studio.restored();
  const auto issue = [&] { return studio.run({"invoices", "issue", id_of(7), "--yes", "--json"}); };
  CHECK(issue().error_code() == "numbering_paused");
  CHECK(studio.run({"invoices", "confirm-number", "43", "--year", "2026", "--yes"}).exit == 0);
  CHECK(issue().json().at("data").at("number").text() == "INV-2026-0043");
}

TEST_CASE("whoever reads while a server's database is restored sees the old content or the new, never less",
          "[database][restore][postgres][twins]") {
  const Restorable studio;
  const auto reader = studio.connect(db::Access::read);
  const auto title = [&](db::Tx& tx) { return tx.text("SELECT title FROM offers").value_or("nothing"); };
  {
    db::Tx tx(*reader, db::Access::read, {});
    CHECK(tx.integer("SELECT count(*) FROM settings") > 0);  // the snapshot stands, and offers was not looked at yet
    studio.restored();
    CHECK(title(tx) == "Later");
  }
  db::Tx tx(*reader, db::Access::read, {});
  CHECK(title(tx) == "Field day");
}

TEST_CASE("the application's role goes on in a restored database, and may not restore one itself",
          "[database][restore][postgres][twins]") {
  Restorable studio;
  studio.grant();
  const auto before = manifest_of(studio);
  const auto by_application = studio.steward(studio.words(), "", studio.variables_at(studio.url_of(studio.role())));
  studio.refused(by_application, 6, "database_refused", before);
  studio.restored();
  const auto read = studio.as(studio.role(), {"offers", "list", "--json"});
  CHECK(read.exit == 0);
  CHECK_THAT(read.out, Catch::Contains("Field day"));
  CHECK(studio.as(studio.role(), {"offers", "update", "field-day", "--title", "After"}).exit == 0);
}

TEST_CASE("what is no whole backup of a server's steward is refused before anything is touched",
          "[database][restore][postgres][twins]") {
  const Restorable studio;
  const auto dump = studio.read("b.dump");
  const auto other = [&](const std::string& content) {
    studio.write("x.dump", content);
    return "x.dump";
  };
  CHECK_THAT(studio.refused(other(std::string(20'000, 'x')), 6, "postgres_client_failed"),
             Catch::Contains("x.dump can't be restored"));
  studio.refused(other(""), 6, "postgres_client_failed");
  studio.refused("none.dump", 6, "file_unreadable");
  for (const auto size : {std::size_t{20}, dump.size() / 3, dump.size() - 100})
    studio.refused(other(dump.substr(0, size)), 6, "postgres_client_failed");
  auto scribbled = dump;
  scribbled.replace(dump.size() * 2 / 3, 400, std::string(400, '\xa5'));
  studio.refused(other(scribbled), 6, "postgres_client_failed");
  other(dump.substr(0, dump.size() - 100));
  fs::copy_file(studio.path("b.dump.manifest.json"), studio.path("x.dump.manifest.json"));
  CHECK_THAT(studio.refused("x.dump", 6, "backup_mismatch"), Catch::Contains("bytes"));
}

TEST_CASE("another program's dump, another environment's and a file's backup are refused on a server",
          "[database][restore][postgres][twins]") {
  const Restorable studio;
  auto& server = Postgres::server();
  const auto name = server.create();
  const auto dump = [&](const std::string& database, const std::string& file) {
    dump_with_its_own_program(server.url(database), studio.path(file));
  };
  PostgresSession(server.url(name)).script("CREATE TABLE things (n int)");
  dump(name, "foreign.dump");
  studio.refused("foreign.dump", 6, "foreign_database");
  PostgresSession(server.url(name)).script("DROP TABLE things");
  dump(name, "empty.dump");
  studio.refused("empty.dump", 6, "foreign_database");
  server.drop(name);

  studio.administer("UPDATE db_identity SET environment = 'prod'");
  dump(studio.name(), "prod.dump");
  studio.administer("UPDATE db_identity SET environment = 'local'");
  studio.refused("prod.dump", 6, "environment_mismatch");

  studio.administer(
      "ALTER TABLE audit_log DISABLE TRIGGER audit_log_no_update; UPDATE audit_log SET action = 'x' "
      "WHERE seq = 1; ALTER TABLE audit_log ENABLE TRIGGER audit_log_no_update");
  dump(studio.name(), "tampered.dump");
  studio.refused("tampered.dump", 6, "check_failed");

  const auto file = studio.steward({"--db", studio.path("file.db"), "init", "--solo"});
  REQUIRE(file.exit == 0);
  CHECK_THAT(studio.refused("file.db", 2, "unsupported_engine"), Catch::Contains("db copy"));
  const auto into_file = studio.steward(
      {"--db", studio.path("file.db"), "db", "restore", "--from", studio.path("b.dump"), "--yes", "--json"});
  CHECK(into_file.error_code() == "unsupported_engine");
}

TEST_CASE("a restore on a server is confirmed, in prod by name and with a token that may",
          "[database][restore][postgres][twins]") {
  Restorable studio;
  auto before = manifest_of(studio);
  studio.refused(studio.run({"db", "restore", "--from", studio.path("b.dump"), "--json"}), 6, "confirmation_needed",
                 before);
  studio.sql("UPDATE offers SET title = 'Field day'");
  studio.become("prod");
  const auto ada = studio.user("ada2@x.example", {"ADMIN"});
  const auto token = studio.token({"db:*"}, "PERSON", ada), reader = studio.token({"db:read"}, "PERSON", ada);
  const auto with = [&](const std::string& secret, const std::vector<std::string>& words) {
    auto variables = studio.variables();
    variables["STEWARD_TOKEN"] = secret;
    variables["STEWARD_NOW"] = std::nullopt;
    return studio.steward(words, "", variables);
  };
  const auto made = with(token, {"db", "backup", "--to", studio.path("prod.dump"), "--json"});
  INFO(made.out << made.err);
  REQUIRE(made.exit == 0);
  before = manifest_of(studio);
  const auto words = studio.words("prod.dump");
  auto confirmed = words;
  confirmed.insert(confirmed.end(), {"--confirm", "prod"});
  CHECK(with("", words).error_code() == "not_authenticated");  // which is noted
  before = manifest_of(studio);
  studio.refused(with(reader, confirmed), 3, "forbidden", before);
  studio.refused(with(token, words), 6, "confirmation_needed", before);
  auto other = words;
  other.insert(other.end(), {"--confirm", "local"});
  studio.refused(with(token, other), 6, "confirmation_needed", before);
  const auto done = with(token, confirmed);
  INFO(done.out << done.err);
  CHECK(done.exit == 0);
}

TEST_CASE("a dry run of a restore on a server says what would be lost, and changes nothing",
          "[database][restore][postgres][twins]") {
  const Restorable studio;
  const auto before = manifest_of(studio);
  const auto done = studio.run(studio.words("b.dump", {"--dry-run"}));
  CHECK(done.exit == 0);
  CHECK(done.json().at("data").at("rows_lost").integer() == 3);
  CHECK(manifest_of(studio) == before);
  CHECK(studio.kept().empty());
  CHECK(studio.scratch_databases() == 0);
}

TEST_CASE("a restore fills an empty database of a server", "[database][restore][postgres][twins]") {
  Restorable studio;
  const auto name = Postgres::server().create();
  studio.administer("ALTER DATABASE " + name + " OWNER TO " + studio.owner());
  auto url = studio.url_of(studio.owner());
  url.replace(url.find(studio.name()), studio.name().size(), name);
  const auto done = studio.steward(studio.words(), "", studio.variables_at(url));
  INFO(done.out << done.err);
  REQUIRE(done.exit == 0);
  CHECK(done.json().at("data").at("replaced").is_null());
  studio.use_database(url);
  CHECK(db::differing_tables(db::without_migrations(manifest_of(studio)), db::without_migrations(studio.then)) ==
        kMarks);
  Postgres::server().drop(name);
}

TEST_CASE("an older backup of a server is migrated on its way in; a newer one, and a database that waits, are refused",
          "[database][restore][postgres][twins]") {
  Restorable studio;
  const auto known = db::compiled_migrations(db::Engine::postgres);
  SECTION("older") {
    const auto name = Postgres::server().create();
    auto url = studio.url_of(studio.owner());
    url.replace(url.find(studio.name()), studio.name().size(), name);
    {
      const auto connection = db::open(db::Url::parse(Postgres::server().url(name)), {db::Access::write, true});
      db::migrate(*connection, {known.data(), known.size() - 1}, {}, {});
      connection->script("INSERT INTO db_identity VALUES (1, 'local', '" + id_of(50) + "', now())");
    }
    dump_with_its_own_program(Postgres::server().url(name), studio.path("older.dump"));
    Postgres::server().drop(name);
    const auto answer = studio.restored("older.dump");
    CHECK(warned_of(answer, "backup_migrated"));
    CHECK(warned_of(answer, "other_instance"));
    CHECK(answer.at("data").at("pending").items().empty());
    CHECK(studio.value("SELECT instance_id FROM db_identity") == id_of(50));
    CHECK(studio.value("SELECT count(*) FROM app_migrations") == std::to_string(known.size()));
    const auto row = parse_json(studio.value("SELECT metadata FROM audit_log WHERE action = 'db.restore'"));
    CHECK(row.at("migrated").items().front().text() == known.back().name);
  }
  SECTION("newer") {
    studio.administer("INSERT INTO app_migrations VALUES (99, '0099_later', '" + std::string(64, 'c') +
                      "', now(), 1, '9')");
    const auto made = studio.run({"db", "backup", "--to", studio.path("newer.dump")});
    studio.administer("DELETE FROM app_migrations WHERE seq = 99");
    studio.refused("newer.dump", 6, "schema_newer");
  }
  SECTION("the database waits for its migrations") {
    studio.administer("DELETE FROM app_migrations WHERE seq = " + std::to_string(known.size()));
    studio.refused("b.dump", 6, "migrations_pending");
  }
}

TEST_CASE("a restore that may make no database, or meets another one, changes nothing",
          "[database][restore][postgres][twins]") {
  const Restorable studio;
  auto holder = studio.session("steward");
  holder.script("SELECT pg_advisory_lock(1937012580, 4)");
  studio.refused("b.dump", 7, "database_locked");
  holder.script("SELECT pg_advisory_unlock(1937012580, 4)");
  studio.administer("ALTER ROLE " + studio.owner() + " NOCREATEDB");
  studio.refused("b.dump", 6, "database_refused");
}

TEST_CASE("a copy that can't be kept ends the restore, and a row that does not arrive undoes it",
          "[database][restore][postgres][twins]") {
  const Restorable studio;
  SECTION("pg_dump fails") {
    studio.put_before("pg_dump", "echo 'could not write: No space left on device' >&2; exit 1");
    studio.refused("b.dump", 7, "disk_full");
  }
  SECTION("a trigger of somebody's changes what is put in place") {
    studio.administer(
        "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.title := 'Spoiled'; RETURN NEW; END "
        "$$;"
        "CREATE TRIGGER spoil BEFORE INSERT ON offers FOR EACH ROW EXECUTE FUNCTION spoil()");
    CHECK_THAT(studio.refused("b.dump", 6, "backup_mismatch"), Catch::Contains("offers"));
  }
}

TEST_CASE("a restore that is killed at any of its stages has done nothing, leaves no lock, and can be repeated",
          "[database][restore][postgres][twins]") {
  const Restorable studio;
  const auto before = manifest_of(studio);
  const auto killed = [&](const Process& done) {
    INFO(done.out << done.err);
    CHECK(done.exit == 128 + SIGKILL);
    CHECK(manifest_of(studio) == before);
  };
  const std::string kill_parent = "kill -9 $PPID; exit 1";
  SECTION("while the backup is looked at") {
    studio.put_before("pg_restore", kill_parent);
    killed(studio.run(studio.words()));
    studio.put_away("pg_restore");
  }
  SECTION("while what is there is being kept") {
    studio.put_before("pg_dump", kill_parent);
    killed(studio.run(studio.words()));
    studio.put_away("pg_dump");
  }
  SECTION("in the middle of putting it in place") {
    studio.administer(
        "CREATE FUNCTION wait_here() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(77); "
        "RETURN NEW; END $$; CREATE TRIGGER wait_here BEFORE INSERT ON invoices FOR EACH ROW EXECUTE FUNCTION "
        "wait_here()");
    auto holder = studio.session("steward");
    holder.script("SELECT pg_advisory_lock(77)");
    auto running = studio.start(studio.words(), "", studio.variables());
    auto watcher = studio.session("steward");
    while (!running.ended() &&
           watcher.rows("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 77 AND NOT granted").empty())
      std::this_thread::yield();
    CHECK(studio.title() == "Later");  // everything is deleted in there, and nobody sees it
    running.signal(SIGKILL);
    killed(running.finish());
    holder.script("SELECT pg_advisory_unlock(77)");
    studio.administer("DROP TRIGGER wait_here ON invoices; DROP FUNCTION wait_here()");
  }
  auto watcher = studio.session("steward");
  while (!watcher
              .rows("SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE datname = "
                    "current_database() AND locktype = 'advisory'")
              .empty())
    std::this_thread::yield();
  studio.restored();
  studio.require_restored();
}

TEST_CASE("a role's statement_timeout does not end what reads or writes a whole database",
          "[database][restore][postgres][twins]") {
  const Restorable studio;
  // A table of somebody's own, which a restore leaves alone.
  studio.administer(
      "CREATE TABLE seen (timeout text); GRANT ALL ON seen TO PUBLIC;"
      "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "INSERT INTO seen VALUES (current_setting('statement_timeout')); RETURN NEW; END $$;"
      "CREATE TRIGGER note BEFORE INSERT ON offers FOR EACH ROW EXECUTE FUNCTION note();"
      "ALTER ROLE " +
      studio.owner() + " SET statement_timeout = '77s'");
  studio.restored();
  CHECK(studio.value("SELECT string_agg(timeout, ' ') FROM seen") == "0");
  const auto connection = studio.connect(db::Access::read);
  const auto timeout = [](db::Tx& tx) { return tx.text("SELECT current_setting('statement_timeout')").value_or(""); };
  {
    db::Tx tx(*connection, db::Access::read, {});
    CHECK(timeout(tx) == "77s");
    db::take_manifest(*connection);
    CHECK(timeout(tx) == "0");
  }
  db::Tx tx(*connection, db::Access::read, {});
  CHECK(timeout(tx) == "77s");  // a pooler may hand the session to anybody
}
