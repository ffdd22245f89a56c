#include "db/lookup.h"

#include <catch2/catch.hpp>

#include "core/error.h"
#include "db/open.h"
#include "db/transfer.h"
#include "db/tx.h"
#include "support/sandbox.h"

using namespace steward;
using namespace steward::test;

namespace {

using Answers = std::vector<std::pair<std::size_t, std::string>>;

constexpr auto kOfText = "SELECT n.note FROM notes n WHERE n.note = $1 AND n.at > $2 ORDER BY n.id";

/// A studio's database with a table of ours; the transaction is never committed.
struct Scratch {
  Scratch() : connection(box.connect()), tx(*connection, db::Access::write, Instant{1'000'000}) {
    const bool server = connection->engine() == db::Engine::postgres;
    connection->script(server ? "CREATE TABLE notes (id bigint PRIMARY KEY, note text COLLATE \"C\", done boolean, at "
                                "timestamptz(3))"
                              : "CREATE TABLE notes (id INTEGER PRIMARY KEY, note TEXT, done INTEGER, at TEXT) STRICT");
  }
  Answers ask(std::string_view select, const db::Questions& questions) {
    Answers out;
    db::ask_each(*connection, select, questions,
                 [&](std::size_t asked, const db::Row& row) { out.emplace_back(asked, row.str(0)); });
    return out;
  }
  Sandbox box;
  std::unique_ptr<db::Connection> connection;
  db::Tx tx;
};

const std::string kOdd = "a\"b\\c{d},NULL\n\t' é ☃";

}  // namespace

TEST_CASE("one question is asked of many rows, and each answer names the row it is for", "[db][lookup]") {
  Scratch scratch;
  const auto rows = db::bulk_insert(*scratch.connection, "notes", {"id", "note", "done", "at"});
  rows->add({1, "one", true, Instant{5000}});
  rows->add({2, kOdd, false, Instant{5000}});
  rows->add({3, kOdd, nullptr, Instant{6000}});
  rows->add({4, nullptr, nullptr, nullptr});
  rows->finish();
  db::Questions questions(2);
  questions.add({"none", Instant{0}});
  questions.add({kOdd, Instant{0}});
  questions.add({nullptr, Instant{0}});
  questions.add({"one", Instant{5000}});
  questions.add({"one", Instant{4999}});
  questions.add({kOdd, Instant{5500}});
  CHECK(scratch.ask(kOfText, questions) == Answers{{1, kOdd}, {1, kOdd}, {4, "one"}, {5, kOdd}});
  CHECK(scratch.ask(kOfText, db::Questions(2)).empty());
}

TEST_CASE("a question may have numbers, truths and a limit of its own", "[db][lookup]") {
  Scratch scratch;
  const auto rows = db::bulk_insert(*scratch.connection, "notes", {"id", "note", "done", "at"});
  for (int i = 1; i <= 5000; ++i) rows->add({i, std::to_string(i % 10), i % 2 == 0, Instant{i}});
  rows->finish();
  db::Questions questions(2);
  for (int i = 0; i < 3000; ++i) questions.add({std::int64_t{i}, true});
  const auto answers = scratch.ask(
      "SELECT CAST(n.id AS text) FROM notes n WHERE n.id > $1 AND n.done = $2 ORDER BY n.id LIMIT 1", questions);
  REQUIRE(answers.size() == 3000);
  CHECK(answers.at(0) == std::pair<std::size_t, std::string>{0, "2"});
  CHECK(answers.at(2999) == std::pair<std::size_t, std::string>{2999, "3000"});
}

TEST_CASE("values go in in bulk as they go in one by one, and a bad one is refused", "[db][lookup]") {
  Scratch scratch;
  const auto rows = db::bulk_insert(*scratch.connection, "notes", {"id", "note", "at"});
  rows->add({7, kOdd, Instant{1234}});
  rows->finish();
  CHECK(scratch.tx.exists("SELECT 1 FROM notes WHERE id = 7 AND note = $1 AND at = $2 AND done IS NULL",
                          {kOdd, Instant{1234}}));
  const auto again = [&] {
    const auto twice = db::bulk_insert(*scratch.connection, "notes", {"id", "note"});
    twice->add({7, "x"});
    twice->finish();
  };
  CHECK_THROWS_AS(again(), Error);
}

TEST_CASE("rows of any number and size go in whole, and one that is refused is not kept", "[db][lookup]") {
  Scratch scratch;
  const std::string wide(40'000, 'w');
  {
    const auto rows = db::bulk_insert(*scratch.connection, "notes", {"id", "note"});
    for (int i = 1; i <= 2'500; ++i) rows->add({i, i % 50 == 0 ? wide : std::to_string(i)});
    rows->finish();
  }
  const auto is_whole = [&] {
    return scratch.tx.exists(
        "SELECT 1 FROM (SELECT count(*) AS n, sum(length(note)) AS size FROM notes) AS t"
        " WHERE n = 2500 AND size = $1",
        {std::int64_t{50 * 40'000 + 8'713}});
  };
  CHECK(is_whole());
  if (engine() == db::Engine::postgres) return;  // where a refusal ends the transaction
  const auto refused = [&] {
    const auto rows = db::bulk_insert(*scratch.connection, "notes", {"id", "note"});
    for (int i = 3'000; i > 2'500; --i) rows->add({i, "new"});
    rows->add({2'500, "there already"});
    rows->finish();
  };
  CHECK_THROWS_AS(refused(), Error);
  CHECK(is_whole());
}
