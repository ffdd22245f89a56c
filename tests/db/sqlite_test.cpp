// What db/connection.h promises of every engine, held on SQLite.
#include <catch2/catch.hpp>

#include "core/refusal.h"
#include "db/open.h"
#include "db/tx.h"
#include "support/sandbox.h"

using namespace steward;
using steward::test::refusal;
using steward::test::refusal_code;
using steward::test::Sandbox;

namespace {

const Instant kNow = parse_instant("2026-03-02T09:00:00Z");

/// A database of a few tables of its own, open for writing.
struct Bench {
  Sandbox box;
  std::string path = box.path("engine.db");
  std::unique_ptr<db::Connection> connection = db::open(db::Url::of_file(path), {db::Access::write, true});

  Bench() {
    connection->script(
        "CREATE TABLE makers (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"
        "CREATE TABLE things (id INTEGER NOT NULL PRIMARY KEY, word TEXT, number INTEGER CHECK (number >= 0), "
        "maker INTEGER REFERENCES makers (id), UNIQUE (word, number)) STRICT;"
        "CREATE TABLE log (id INTEGER NOT NULL PRIMARY KEY, what TEXT NOT NULL) STRICT;"
        "CREATE TRIGGER log_no_delete BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'append_only: log'); END;"
        "CREATE TRIGGER things_noted AFTER INSERT ON things BEGIN INSERT INTO log (what) VALUES (NEW.word); END");
  }
  std::unique_ptr<db::Connection> another(db::Access access = db::Access::write) const {
    return db::open(db::Url::of_file(path), {access, false, std::chrono::milliseconds(30)});
  }
};

std::string joined(db::Tx& tx, std::string_view sql, std::initializer_list<db::Value> args = {}) {
  std::string out;
  tx.each(sql, args, [&](const db::Row& row) {
    for (int i = 0; i < row.size(); ++i)
      out += (row.is_null(i) ? "NULL" : row.str(i)) + (i + 1 < row.size() ? "," : ";");
  });
  return out;
}

}  // namespace

TEST_CASE("placeholders are numbered: any order, any of them more than once", "[db][sqlite]") {
  Bench bench;
  db::Tx tx(*bench.connection, db::Access::read, kNow);
  CHECK(joined(tx, "SELECT $2, $1", {"a", "b"}) == "b,a;");
  CHECK(joined(tx, "SELECT $1, $2, $1, $1 || $2", {"a", "b"}) == "a,b,a,ab;");
  CHECK(joined(tx, "SELECT $10, $1, $9, $2 || $3 || $4 || $5 || $6 || $7 || $8",
               {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}) == "j,a,i,bcdefgh;");
  CHECK(joined(tx, "SELECT '$1', $1", {"a"}) == "$1,a;");
}

TEST_CASE("a placeholder without a value, and a value without a placeholder, is a defect", "[db][sqlite]") {
  Bench bench;
  db::Tx tx(*bench.connection, db::Access::read, kNow);
  const auto code = [&](std::string_view sql, std::initializer_list<db::Value> args) {
    return refusal_code([&] { joined(tx, sql, args); });
  };
  CHECK(code("SELECT $1, $3", {"a", "b", "c"}) == "defect");
  CHECK(code("SELECT $1, $2", {"a"}) == "defect");
  CHECK(code("SELECT $1", {"a", "b"}) == "defect");
  CHECK(code("SELECT 1", {"a"}) == "defect");
  CHECK(code("SELECT ?", {"a"}) == "defect");
  CHECK(code("SELECT $0", {"a"}) == "defect");
  CHECK(code("SELECT $one", {"a"}) == "defect");
  CHECK(code("SELECT 1; SELECT 2", {}) == "defect");
  CHECK(code("", {}) == "defect");
  CHECK(code("SELECT nothing FROM nowhere", {}) == "defect");
  CHECK(code("SELECT $1;\n", {"a"}).empty());
}

TEST_CASE("what is bound is read back as it was", "[db][sqlite]") {
  Bench bench;
  db::Tx tx(*bench.connection, db::Access::read, kNow);
  const std::string odd("a\0b\xc3\xa9'", 6);
  const auto at = parse_instant("1999-12-31T23:59:59.007Z");
  const db::Value values[] = {odd,
                              "",
                              nullptr,
                              std::numeric_limits<std::int64_t>::min(),
                              true,
                              false,
                              at,
                              parse_date("2026-02-28"),
                              std::optional<std::string>(),
                              std::optional<int>(7)};
  bool seen = false;
  bench.connection->each("SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10", values, [&](const db::Row& row) {
    CHECK(row.size() == 10);
    CHECK(row.text(0) == odd);
    CHECK_FALSE(row.is_null(1));
    CHECK(row.text(1).empty());
    CHECK(row.is_null(2));
    CHECK(row.maybe_text(2) == std::nullopt);
    CHECK(row.maybe_integer(2) == std::nullopt);
    CHECK(row.maybe_instant(2) == std::nullopt);
    CHECK(row.integer(3) == std::numeric_limits<std::int64_t>::min());
    CHECK(row.boolean(4));
    CHECK_FALSE(row.boolean(5));
    CHECK(row.instant(6) == at);
    CHECK(row.text(6) == "1999-12-31T23:59:59.007Z");
    CHECK(row.text(7) == "2026-02-28");
    CHECK(row.is_null(8));
    CHECK(row.maybe_integer(9) == 7);
    seen = true;
    return true;
  });
  CHECK(seen);
}

TEST_CASE("an instant that is none says that the database is damaged", "[db][sqlite]") {
  Bench bench;
  db::Tx tx(*bench.connection, db::Access::read, kNow);
  CHECK(refusal_code([&] { tx.each("SELECT 'yesterday'", {}, [](const db::Row& row) { row.instant(0); }); }) ==
        "database_corrupt");
}

TEST_CASE("one statement can be read within its own rows, and again after a row was too much", "[db][sqlite]") {
  Bench bench;
  constexpr auto kUpTo =
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) SELECT i FROM n";
  db::Tx tx(*bench.connection, db::Access::read, kNow);
  std::string out;
  tx.each(kUpTo, {3}, [&](const db::Row& outer) {
    tx.each(kUpTo, {outer.integer(0)}, [&](const db::Row& inner) {
      out += std::to_string(outer.integer(0)) + std::to_string(inner.integer(0)) + " ";
    });
  });
  CHECK(out == "11 21 22 31 32 33 ");
  CHECK_THROWS_AS(tx.each(kUpTo, {9}, [](const db::Row&) { throw std::runtime_error("enough"); }), std::runtime_error);
  CHECK(tx.integer(kUpTo, {5}) == 1);
  CHECK(tx.all(kUpTo, {4}, [](const db::Row& row) { return row.integer(0); }).size() == 4);
  CHECK(tx.first("SELECT 1 WHERE $1 = 2", {1}, [](const db::Row&) { return 1; }) == std::nullopt);
}

TEST_CASE("exec counts the rows that the statement changed, not its triggers'", "[db][sqlite]") {
  Bench bench;
  db::Tx tx(*bench.connection, db::Access::write, kNow);
  CHECK(tx.exec("INSERT INTO things (id, word) VALUES (1, 'a'), (2, 'b'), (3, 'c')") == 3);
  CHECK(tx.integer("SELECT count(*) FROM log") == 3);
  CHECK(tx.exec("UPDATE things SET word = 'z' WHERE id > $1", {1}) == 2);
  CHECK(tx.exec("UPDATE things SET word = 'z' WHERE id > $1", {9}) == 0);
  CHECK(tx.exec("INSERT INTO things (id) VALUES (1) ON CONFLICT DO NOTHING") == 0);
}

TEST_CASE("a transaction that is not committed leaves nothing, also when it is left by an error", "[db][sqlite]") {
  Bench bench;
  {
    db::Tx tx(*bench.connection, db::Access::write, kNow);
    tx.exec("INSERT INTO makers VALUES (1, 'a')");
  }
  CHECK_THROWS(([&] {
    db::Tx tx(*bench.connection, db::Access::write, kNow);
    tx.exec("INSERT INTO makers VALUES (1, 'a')");
    tx.each("SELECT id FROM makers", {}, [](const db::Row&) { throw std::runtime_error("in the middle"); });
  })());
  db::Tx tx(*bench.connection, db::Access::write, kNow);
  CHECK(tx.integer("SELECT count(*) FROM makers") == 0);
}

TEST_CASE("what the database's own rules refuse has its code", "[db][sqlite]") {
  Bench bench;
  db::Tx tx(*bench.connection, db::Access::write, kNow);
  tx.exec("INSERT INTO makers VALUES (1, 'ann')");
  tx.exec("INSERT INTO things VALUES (1, 'a', 1, 1)");
  const auto [sql, code, kind] = GENERATE(table<std::string, std::string, ErrorKind>({
      {"INSERT INTO makers VALUES (2, 'ann')", "duplicate", ErrorKind::conflict},
      {"INSERT INTO makers VALUES (1, 'bob')", "duplicate", ErrorKind::conflict},
      {"INSERT INTO things VALUES (2, 'a', 1, 1)", "duplicate", ErrorKind::conflict},
      {"INSERT INTO things VALUES (2, 'b', 1, 9)", "still_referenced", ErrorKind::conflict},
      {"DELETE FROM makers", "still_referenced", ErrorKind::conflict},
      {"DELETE FROM log", "append_only", ErrorKind::conflict},
      {"INSERT INTO things VALUES (2, 'b', -1, 1)", "defect", ErrorKind::defect},
      {"INSERT INTO makers VALUES (2, NULL)", "defect", ErrorKind::defect},
      {"INSERT INTO makers VALUES ('two', 'bob')", "defect", ErrorKind::defect},
      {"SELECT \"double quotes are names\"", "defect", ErrorKind::defect},
  }));
  CAPTURE(sql);
  const auto error = refusal([&] { tx.exec(sql); });
  REQUIRE(error);
  CHECK(error->code() == code);
  CHECK(error->kind() == kind);
  if (sql == "INSERT INTO makers VALUES (2, 'ann')") CHECK(error->details() == Json{{"constraint", "makers.name"}});
  // The transaction goes on.
  CHECK(tx.integer("SELECT count(*) FROM things") == 1);
}

TEST_CASE("who waits longer than the busy timeout is told to try again", "[db][sqlite]") {
  Bench bench;
  const auto other = bench.another();
  db::Tx first(*bench.connection, db::Access::write, kNow);
  const auto error = refusal([&] { db::Tx second(*other, db::Access::write, kNow); });
  REQUIRE(error);
  CHECK(error->code() == "database_locked");
  CHECK(error->kind() == ErrorKind::temporary);
  CHECK(error->retryable());
  // Readers wait for nobody, and see what was committed.
  first.exec("INSERT INTO makers VALUES (1, 'ann')");
  db::Tx reader(*other, db::Access::read, kNow);
  CHECK(reader.integer("SELECT count(*) FROM makers") == 0);
}

TEST_CASE("a reader sees one moment from its first row to its last", "[db][sqlite]") {
  Bench bench;
  const auto other = bench.another(db::Access::read);
  db::Tx reader(*other, db::Access::read, kNow);
  CHECK(reader.integer("SELECT count(*) FROM makers") == 0);
  {
    db::Tx writer(*bench.connection, db::Access::write, kNow);
    writer.exec("INSERT INTO makers VALUES (1, 'ann')");
    writer.commit();
  }
  CHECK(reader.integer("SELECT count(*) FROM makers") == 0);
}

TEST_CASE("captured changes tell each row's key, before and after, triggers' rows too", "[db][sqlite][capture]") {
  Bench bench;
  {
    db::Tx tx(*bench.connection, db::Access::write, kNow);
    tx.exec("INSERT INTO makers VALUES (1, 'ann'), (2, 'bob')");
    tx.exec("INSERT INTO things VALUES (1, 'a', 1, 1), (2, 'b', NULL, 1)");
    tx.commit();
  }
  db::Tx tx(*bench.connection, db::Access::write, kNow);
  bench.connection->capture_changes();
  tx.exec("INSERT INTO things VALUES (3, 'c', NULL, 2)");
  tx.exec("UPDATE things SET number = 5, word = NULL WHERE id = 1");
  tx.exec("UPDATE things SET number = 6 WHERE id = 2");
  tx.exec("UPDATE makers SET name = 'ann' WHERE id = 1");  // as it was
  tx.exec("DELETE FROM things WHERE id = 2");
  tx.exec("INSERT INTO makers VALUES (3, 'gone again')");
  tx.exec("DELETE FROM makers WHERE id = 3");
  std::vector<std::string> told;
  for (const auto& change : bench.connection->captured_changes())
    told.push_back(change.table + " " + change.op + " " + to_text(change.key) + " " + to_text(change.before) + " " +
                   to_text(change.after));
  CHECK_THAT(told, Catch::UnorderedEquals(std::vector<std::string>{
                       R"(log insert {"id":3} null {"id":3,"what":"c"})",
                       R"(things insert {"id":3} null {"id":3,"word":"c","number":null,"maker":2})",
                       R"(things update {"id":1} {"word":"a","number":1} {"word":null,"number":5})",
                       R"(things delete {"id":2} {"id":2,"word":"b","number":null,"maker":1} null)"}));
}

TEST_CASE("a capture that is rolled back leaves no change, and the next one begins anew", "[db][sqlite][capture]") {
  Bench bench;
  for (int round = 0; round < 2; ++round) {
    db::Tx tx(*bench.connection, db::Access::write, kNow);
    bench.connection->capture_changes();
    tx.exec("INSERT INTO makers VALUES (1, 'ann')");
    CHECK(bench.connection->captured_changes().size() == 1);
  }
  CHECK(bench.connection->captured_changes().empty());
  db::Tx tx(*bench.connection, db::Access::write, kNow);
  CHECK(tx.integer("SELECT count(*) FROM makers") == 0);
}

TEST_CASE("tables and their shapes are told as they were declared", "[db][sqlite]") {
  Bench bench;
  bench.connection->script("CREATE TABLE pairs (b TEXT NOT NULL, a TEXT NOT NULL, c TEXT, PRIMARY KEY (a, b)) STRICT");
  CHECK(bench.connection->tables() == std::vector<std::string>{"log", "makers", "pairs", "things"});
  const auto shape = bench.connection->shape("pairs");
  CHECK(shape.columns == std::vector<std::string>{"b", "a", "c"});
  CHECK(shape.key == std::vector<std::string>{"a", "b"});
  CHECK(bench.connection->shape("nothing").columns.empty());
}

TEST_CASE("a log is told statements and never their values", "[db][sqlite]") {
  Bench bench;
  std::string told;
  db::OpenOptions options{db::Access::write};
  options.log = [&](const std::string& line) { told += line + "\n"; };
  const auto connection = db::open(db::Url::of_file(bench.path), options);
  db::Tx tx(*connection, db::Access::write, kNow);
  tx.exec("INSERT INTO makers\n  VALUES ($1, $2)", {1, "a secret"});
  CHECK_THAT(told, Catch::Contains("INSERT INTO makers VALUES ($1, $2)") && !Catch::Contains("secret"));
}
