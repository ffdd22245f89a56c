#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "core/error.h"
#include "db/backup.h"
#include "db/inspect.h"
#include "db/manifest.h"
#include "db/open.h"
#include "db/populated.h"
#include "db/tx.h"
#include "support/triggers.h"

using namespace steward;
using steward::test::Sandbox;
namespace fs = std::filesystem;

namespace {

db::Manifest manifest_of_file(const std::string& file) {
  const auto connection = db::open(db::Url::parse(file), {});
  const db::Tx tx(*connection, db::Access::read, {});
  return db::take_manifest(*connection);
}

void copy(const Sandbox& box, const std::string& file) {
  const auto connection = box.connect(db::Access::read);
  const db::Tx tx(*connection, db::Access::read, box.now());
  db::copy_to_file(*connection, file);
}

}  // namespace

TEST_CASE("a copy is the whole database in one file of mode 0600", "[db][copy][sqlite]") {
  Sandbox box;
  test::populate(box);
  copy(box, box.path("copy.db"));
  CHECK(manifest_of_file(box.path("copy.db")) == manifest_of_file(box.database()));
  struct stat status {};
  REQUIRE(::stat(box.path("copy.db").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  int beside = 0;
  for (const auto& entry : fs::directory_iterator(box.folder()))
    beside += entry.path().filename().string().starts_with("copy.db");
  CHECK(beside == 1);
}

TEST_CASE("a copy never writes over a file", "[db][copy][sqlite]") {
  Sandbox box;
  box.write("copy.db", "mine");
  CHECK_THROWS_AS(copy(box, box.path("copy.db")), Error);
  CHECK(box.read("copy.db") == "mine");
  CHECK_THROWS_AS(copy(box, box.path("no/folder/copy.db")), Error);
}

TEST_CASE("a copy is of one moment while others write", "[db][copy][sqlite]") {
  Sandbox box;
  // Each writer's transaction leaves the two sums equal; a copy of two moments would not.
  box.sql(
      "CREATE TABLE pairs (id INTEGER PRIMARY KEY, a INTEGER NOT NULL, b INTEGER NOT NULL) STRICT;"
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO pairs SELECT i, 0, "
      "0 FROM n");
  const auto exits = test::in_processes(4, [&](int who) {
    if (who == 0) {
      for (int i = 0; i < 5; ++i) {
        const auto file = box.path("copy" + std::to_string(i));
        copy(box, file);
        const auto connection = db::open(db::Url::parse(file), {});
        db::Tx tx(*connection, db::Access::read, {});
        if (tx.integer("SELECT sum(a) - sum(b) FROM pairs") != 0) return 1;
        if (!db::integrity_findings(*connection, true).empty()) return 2;
      }
      return 0;
    }
    const auto connection = box.connect();
    for (int i = 0; i < 60; ++i) {
      db::Tx tx(*connection, db::Access::write, box.now());
      tx.exec("UPDATE pairs SET a = a + 1 WHERE id % 100 = $1", {i});
      tx.exec("UPDATE pairs SET b = b + 1 WHERE id % 100 = $1", {(i + 50) % 100});
      tx.commit();
    }
    return 0;
  });
  CHECK(exits == std::vector<int>(4, 0));
}

TEST_CASE("a replacement gives a database another's content while others look on", "[db][copy][sqlite]") {
  Sandbox box;
  test::populate(box);
  copy(box, box.path("old.db"));
  const auto old = manifest_of_file(box.path("old.db"));
  box.sql("UPDATE offers SET title = 'Later'");
  const auto later = manifest_of_file(box.database());

  const auto live = box.connect(), content = db::open(db::Url::parse(box.path("old.db")), {});
  const auto reader = box.connect(db::Access::read);
  const auto title = [&] {
    return db::Tx(*reader, db::Access::read, {}).text("SELECT title FROM offers").value_or("");
  };
  CHECK(title() == "Later");
  SECTION("committed") {
    auto replacement = db::begin_replacement(*live, *content);
    CHECK(title() == "Later");
    replacement->commit();
    CHECK(title() == "Field day");
    CHECK(manifest_of_file(box.database()) == old);
    box.sql("UPDATE offers SET title = 'Written after'");
    CHECK(title() == "Written after");
  }
  SECTION("left") {
    db::begin_replacement(*live, *content).reset();
    CHECK(manifest_of_file(box.database()) == later);
    box.sql("UPDATE offers SET title = 'Not locked any more'");
  }
  SECTION("while it lasts nobody writes") {
    const auto replacement = db::begin_replacement(*live, *content);
    const auto other =
        db::open(db::Url::parse(box.database()), {db::Access::write, false, std::chrono::milliseconds(50)});
    CHECK_THROWS_AS(db::Tx(*other, db::Access::write, {}), Error);
  }
  CHECK(box.value("PRAGMA journal_mode") == "wal");
  CHECK(db::integrity_findings(*box.connect(), true).empty());
}

TEST_CASE("a replacement waits for a writer, and says when it waited too long", "[db][copy][sqlite]") {
  Sandbox box;
  copy(box, box.path("old.db"));
  const auto writer = box.connect();
  const db::Tx tx(*writer, db::Access::write, {});
  const auto live = db::open(db::Url::parse(box.database()), {db::Access::write, false, std::chrono::milliseconds(50)});
  const auto content = db::open(db::Url::parse(box.path("old.db")), {});
  try {
    db::begin_replacement(*live, *content);
    FAIL("it did not wait");
  } catch (const Error& error) {
    CHECK(error.code() == "database_locked");
    CHECK(error.exit_code() == 7);
  }
}

TEST_CASE("drift names each object that is not as the migrations made it", "[db][inspect]") {
  Sandbox box;
  const auto expected = *db::expected_schema(*box.connect(), db::compiled_migrations(test::engine()));
  const auto drift = [&] { return db::schema_drift(db::live_schema(*box.connect()), expected); };
  CHECK(drift().empty());
  box.sql("DROP INDEX deals_by_status; CREATE TABLE notes (id TEXT);" +
          test::drop_trigger("payments_no_delete", "payments") +
          (test::on_postgres() ? "CREATE TRIGGER payments_no_delete AFTER DELETE ON payments FOR EACH ROW "
                                 "EXECUTE FUNCTION steward_refuse('late')"
                               : "CREATE TRIGGER payments_no_delete BEFORE DELETE ON payments BEGIN SELECT 1; END"));
  const std::vector<std::string> wanted{"The index deals_by_status is missing.",
                                        "The trigger payments_no_delete on payments is not as the migrations made it.",
                                        "The table notes is no part of steward's schema."};
  CHECK_THAT(drift(), Catch::UnorderedEquals(wanted));
}
