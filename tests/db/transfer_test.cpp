#include "db/transfer.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "core/error.h"
#include "db/migrations.h"
#include "db/open.h"
#include "db/populated.h"
#include "db/tx.h"
#include "support/postgres.h"

using namespace steward;
using test::Postgres;
using test::Sandbox;

namespace {

/// A table of every type that steward has, in a database of its own.
constexpr auto kOnSqlite =
    "CREATE TABLE things (id INTEGER PRIMARY KEY, says TEXT, yes INTEGER, at TEXT, meta TEXT) STRICT";
constexpr auto kOnServer =
    "CREATE TABLE things (id bigint PRIMARY KEY, says text COLLATE \"C\", yes boolean, at timestamptz(3), meta jsonb)";

const std::vector<std::string> kTexts{"",
                                      "a\tb",
                                      "a\nb\r\nc",
                                      "\\",
                                      "\\N",
                                      "\\.",
                                      "\\t\\\\n",
                                      "\b\f\v\x01",
                                      "Ünïcödé \u2603 \U0001F600 e\u0301",
                                      "'; DROP TABLE things; --",
                                      std::string(200'000, 'x') + "\t"};

struct Scratch {
  explicit Scratch(const std::string& where) : connection(db::open(db::Url::parse(where), {db::Access::write, true})) {
    connection->script(connection->engine() == db::Engine::sqlite ? kOnSqlite : kOnServer);
  }
  db::Manifest manifest() {
    const db::Tx tx(*connection, db::Access::read, {});
    return db::take_manifest(*connection);
  }
  std::unique_ptr<db::Connection> connection;
};

void copy(Scratch& from, Scratch& to) {
  const db::Tx reading(*from.connection, db::Access::read, {});
  db::Tx writing(*to.connection, db::Access::write, {});
  db::copy_rows(*from.connection, *to.connection);
  writing.commit();
}

}  // namespace

TEST_CASE("every text, NULL, instant, truth and JSON value comes through both bulk doors as it is", "[db][postgres]") {
  const Sandbox box;
  auto& server = Postgres::server();
  const auto there = server.create(), again = server.create();
  {
    Scratch a(box.path("a.db")), b(server.url(there)), c(server.url(again)), d(box.path("d.db"));
    int id = 0;
    for (const auto& text : kTexts) {
      const db::Value args[] = {++id, text};
      a.connection->exec("INSERT INTO things VALUES ($1, $2, 1, '2026-03-02T09:00:00.123Z', '{\"a\":[1,\"\\n\"]}')",
                         args);
    }
    a.connection->script(
        "INSERT INTO things VALUES (-5, NULL, NULL, NULL, NULL), (9007199254740993, '', 0, NULL, '1')");
    copy(a, b);
    copy(b, c);
    copy(c, d);
    const auto manifest = a.manifest();
    CHECK(manifest.rows() == static_cast<std::int64_t>(kTexts.size()) + 2);
    CHECK(b.manifest() == manifest);
    CHECK(c.manifest() == manifest);
    CHECK(d.manifest() == manifest);
    CHECK(d.manifest().hash() == manifest.hash());
    a.connection->script("UPDATE things SET says = NULL WHERE says = ''");
    CHECK(a.manifest().hash() != manifest.hash());
  }
  server.drop(there);
  server.drop(again);
}

TEST_CASE("rows that are given up leave a connection that goes on working", "[db][postgres]") {
  const Sandbox box;
  auto& server = Postgres::server();
  const auto there = server.create();
  for (const auto& where : {box.path("a.db"), server.url(there)}) {
    CAPTURE(where);
    Scratch scratch(where);
    {
      db::Tx tx(*scratch.connection, db::Access::write, {});
      const auto rows = db::bulk_insert(*scratch.connection, "things", {"id", "says"});
    }
    {
      db::Tx tx(*scratch.connection, db::Access::write, {});
      tx.exec("INSERT INTO things (id) VALUES (1)");
      tx.commit();
    }
    CHECK(scratch.manifest().rows() == 1);
  }
  server.drop(there);
}

TEST_CASE("no table refers to one that comes after it, on either engine", "[db][postgres]") {
  const Sandbox box;
  auto& server = Postgres::server();
  const auto there = server.create();
  {
    const auto sqlite = db::open(db::Url::parse(box.path("a.db")), {db::Access::write, true});
    const auto postgres = db::open(db::Url::parse(server.url(there)), {db::Access::write, true});
    for (auto* connection : {sqlite.get(), postgres.get()})
      db::migrate(*connection, db::compiled_migrations(connection->engine()), system_now(), {});
    const auto order = db::tables_parents_first(*sqlite);
    CHECK(order == db::tables_parents_first(*postgres));
    auto names = order;
    std::ranges::sort(names);
    CHECK(names == sqlite->tables());
    const auto place = [&](std::string_view table) { return std::ranges::find(order, table) - order.begin(); };
    for (const auto& table : order) {
      const db::Value args[] = {table};
      sqlite->each(R"(SELECT "table" FROM pragma_foreign_key_list($1))", args, [&](const db::Row& row) {
        CAPTURE(table, row.str(0));
        CHECK((place(row.text(0)) < place(table) || row.text(0) == table));
        return true;
      });
    }
    CHECK(db::same_database(*postgres, *db::open(db::Url::parse(server.url(there)), {})));
    CHECK_FALSE(db::same_database(*sqlite, *postgres));
    CHECK_FALSE(db::same_database(*sqlite, *box.connect()));
  }
  server.drop(there);
}
