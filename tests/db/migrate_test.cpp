#include <catch2/catch.hpp>

#include "core/embedded.h"
#include "core/error.h"
#include "db/inspect.h"
#include "db/migrations.h"
#include "db/open.h"
#include "db/populated.h"
#include "db/tx.h"
#include "support/triggers.h"

using namespace steward;
using steward::test::Sandbox;

namespace {

std::vector<db::Migration> known_and(const std::vector<std::pair<std::string, std::string>>& more) {
  static std::vector<std::unique_ptr<std::string>> texts;  // a migration's text is a view
  auto out = db::compiled_migrations(test::engine());
  for (const auto& [name, sql] : more) {
    texts.push_back(std::make_unique<std::string>(sql));
    out.push_back(db::make_migration(name, *texts.back()));
  }
  return out;
}

/// The text that made a table, under another name.
std::string made_as(db::Connection& connection, const std::string& table, const std::string& other) {
  for (const auto& object : db::live_schema(connection))
    if (object.type == "table" && object.name == table)
      return "CREATE TABLE " + other + object.sql.substr(object.sql.find(" ("));
  return "";
}

/// A migration that rebuilds `table` the way SQLite wants it, with every index and trigger it had.
std::string rebuild_of(db::Connection& connection, const std::string& table) {
  std::string again;
  for (const auto& object : db::live_schema(connection))
    if (object.type != "table" && object.table == table) again += object.sql + ";\n";
  return "PRAGMA legacy_alter_table = ON;\n" + made_as(connection, table, table + "_new") + ";\nINSERT INTO " + table +
         "_new SELECT * FROM " + table + ";\nDROP TABLE " + table + ";\nALTER TABLE " + table + "_new RENAME TO " +
         table + ";\n" + again + "PRAGMA legacy_alter_table = OFF;\n";
}

std::vector<std::string> migrate(const Sandbox& box, const std::vector<db::Migration>& known) {
  const auto connection = box.connect();
  return db::migrate(*connection, known, box.now(), {});
}

std::string refused(const Sandbox& box, const std::vector<db::Migration>& known) {
  try {
    migrate(box, known);
  } catch (const Error& error) {
    return error.code();
  }
  return "";
}

}  // namespace

TEST_CASE("MG-1: rebuilding a table with children erases none of their rows", "[db][migrations][sqlite]") {
  Sandbox box;
  test::populate(box);
  const auto table = GENERATE(std::string("deals"), "users", "intake_requests", "offers", "invoices");
  CAPTURE(table);
  const auto before = box.snapshot();
  const auto schema = db::live_schema(*box.connect());
  const auto known = known_and({{"9001_rebuild.sql", rebuild_of(*box.connect(), table)}});
  CHECK(migrate(box, known) == std::vector<std::string>{"9001_rebuild"});
  CHECK(test::differences(before, box.snapshot()) == std::map<std::string, int>{{"app_migrations insert", 1}});
  CHECK(box.value("SELECT count(*) FROM deal_status_history") == "2");
  CHECK(db::reference_findings(*box.connect()).empty());
  auto drift = db::schema_drift(db::live_schema(*box.connect()), schema);
  // RENAME writes the name in quotes; everything that hangs from the table is as it was.
  CHECK(drift == std::vector<std::string>{"The table " + table + " is not as the migrations made it."});
  CHECK(box.value("PRAGMA foreign_keys") == "1");
}

TEST_CASE("MG-1: a migration that would lose rows of any table, or leave an orphan, is not applied",
          "[db][migrations]") {
  Sandbox box;
  test::populate(box);
  const auto before = box.table_digest();
  const auto [sql, reason] = GENERATE(table<std::string, std::string>({
      {test::drop_trigger("deal_status_history_no_delete", "deal_status_history") + "DELETE FROM deal_status_history;",
       "from 2 to 0 rows"},
      {"DELETE FROM offers;", test::on_postgres() ? "the one referred to is gone" : "missing row of offers"},
      {"CREATE TABLE twice (id TEXT PRIMARY KEY); CREATE TABLE twice (id TEXT PRIMARY KEY);", "already exists"},
      {"this is no SQL", "syntax error"},
  }));
  const auto known = known_and({{"9001_bad.sql", sql}});
  try {
    migrate(box, known);
    FAIL("it was applied");
  } catch (const Error& error) {
    CHECK(error.code() == "migration_failed");
    CHECK(error.kind() == ErrorKind::precondition);
    CHECK_THAT(error.what(), Catch::Contains("9001_bad") && Catch::Contains(reason));
  }
  CHECK(box.table_digest() == before);
  CHECK(db::schema_drift(db::live_schema(*box.connect()), *db::expected_schema(*box.connect(), known_and({}))).empty());
}

TEST_CASE("MG-1: a migration may change the rows of the tables that it names", "[db][migrations]") {
  Sandbox box;
  test::populate(box);
  const auto known =
      known_and({{"9001_purge.sql", "-- Rows: deal_status_history, nothing_else\n" +
                                        test::drop_trigger("deal_status_history_no_delete", "deal_status_history") +
                                        "DELETE FROM deal_status_history;"}});
  CHECK(migrate(box, known).size() == 1);
  CHECK(box.value("SELECT count(*) FROM deal_status_history") == "0");
}

TEST_CASE("MG-1: each migration is kept or undone by itself, in order", "[db][migrations]") {
  Sandbox box;
  const auto known = known_and({{"9001_one.sql", "CREATE TABLE one (id TEXT PRIMARY KEY);"},
                                {"9002_bad.sql", "CREATE TABLE two (id TEXT PRIMARY KEY); nonsense;"},
                                {"9003_three.sql", "CREATE TABLE three (id TEXT PRIMARY KEY);"}});
  CHECK(refused(box, known) == "migration_failed");
  const auto tables = box.connect()->tables();
  for (const auto* name : {"one", "two", "three"})
    CHECK(std::ranges::count(tables, name) == (name == std::string("one") ? 1 : 0));
  CHECK(box.value("SELECT max(seq) FROM app_migrations") == "9001");
}

TEST_CASE("MG-2: the sequence is strict and a fingerprint is of what a migration says, not of how it is laid out",
          "[db][migrations]") {
  const auto known = db::compiled_migrations(test::engine());
  for (std::size_t i = 0; i < known.size(); ++i) {
    CHECK(known[i].seq == static_cast<int>(i) + 1);
    CHECK(known[i].sha256 == db::make_migration(known[i].name, known[i].sql).sha256);  // which the build computed
  }
  const auto plain = db::make_migration("0001_a.sql", "CREATE TABLE a (b TEXT DEFAULT '  x  --y');");
  CHECK(db::make_migration("0001_a.sql", "-- a word\nCREATE   TABLE a\n (b TEXT /* why */ DEFAULT '  x  --y');\n\n")
            .sha256 == plain.sha256);
  CHECK(db::make_migration("0001_a.sql", "CREATE TABLE a (b TEXT DEFAULT ' x --y');").sha256 != plain.sha256);
  CHECK(plain.name == "0001_a");
}

TEST_CASE("MG-2, MG-5: a database whose history the binary does not know is refused", "[db][migrations]") {
  Sandbox box;
  const auto before = box.table_digest();
  SECTION("altered") {
    box.sql("UPDATE app_migrations SET sha256 = '" + std::string(64, 'b') + "' WHERE seq = 3");
    CHECK(refused(box, known_and({})) == "migration_altered");
    CHECK(db::schema_state(*box.connect(), known_and({})).altered == std::vector<std::string>{"0003_offers"});
  }
  SECTION("newer, also where something is pending") {
    box.sql("INSERT INTO app_migrations VALUES (99, '0099_later', '" + std::string(64, 'c') +
            "', '2026-01-01T00:00:00.000Z', 1, '9')");
    CHECK(refused(box, known_and({{"9001_more.sql", "CREATE TABLE more (id TEXT PRIMARY KEY);"}})) == "schema_newer");
    CHECK(std::ranges::count(box.connect()->tables(), "more") == 0);
  }
  SECTION("neither changes anything by itself") {
    CHECK(migrate(box, known_and({})).empty());
    CHECK(box.table_digest() == before);
  }
}

TEST_CASE("MG-3: what is applied is ordered by sequence, not by time", "[db][migrations]") {
  Sandbox box;
  for (std::size_t seq = 1; seq <= known_and({}).size(); ++seq)
    box.sql(
        fmt::format("UPDATE app_migrations SET applied_at = '2026-01-01T00:00:00.{}Z' WHERE seq = {}", 999 - seq, seq));
  const auto state = db::schema_state(*box.connect(), known_and({}));
  REQUIRE(state.current());
  for (std::size_t i = 0; i < state.applied.size(); ++i) CHECK(state.applied[i].seq == static_cast<int>(i) + 1);
}

TEST_CASE("MG-4: twelve who migrate at once apply each migration once", "[db][migrations]") {
  Sandbox box;
  const auto known = known_and({{"9001_a.sql", "CREATE TABLE a (id TEXT PRIMARY KEY);"},
                                {"9002_b.sql", "CREATE TABLE b (id TEXT PRIMARY KEY);"},
                                {"9003_c.sql", "CREATE TABLE c (id TEXT PRIMARY KEY);"}});
  const auto exits = test::in_processes(12, [&](int) { return static_cast<int>(migrate(box, known).size()); });
  int applied = 0;
  for (const auto count : exits) {
    REQUIRE(count < 99);
    applied += count;
  }
  CHECK(applied == 3);
  CHECK(box.value("SELECT count(*) FROM app_migrations") == std::to_string(known.size()));
}

TEST_CASE("what is sealed is kept with the last migration, or goes with it", "[db][migrations]") {
  Sandbox box;
  const auto known = known_and({{"9001_a.sql", "CREATE TABLE a (id TEXT PRIMARY KEY);"},
                                {"9002_b.sql", "CREATE TABLE b (id TEXT PRIMARY KEY);"}});
  const auto connection = box.connect();
  std::vector<std::string> told;
  CHECK_THROWS_AS(db::migrate(*connection, known, box.now(), {},
                              [&](db::Tx&, const auto&) { refuse_precondition("check_failed", "No."); }),
                  Error);
  CHECK(box.value("SELECT max(seq) FROM app_migrations") == "9001");
  db::migrate(*connection, known, box.now(), {}, [&](db::Tx& tx, const auto& applied) {
    told = applied;
    tx.exec("INSERT INTO b VALUES ('sealed')");
  });
  CHECK(told == std::vector<std::string>{"9002_b"});
  CHECK(box.value("SELECT id FROM b") == "sealed");
}
