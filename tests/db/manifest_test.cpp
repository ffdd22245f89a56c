#include "db/manifest.h"

#include <catch2/catch.hpp>

#include "core/error.h"
#include "db/populated.h"
#include "db/tx.h"

using namespace steward;
using steward::test::Sandbox;

namespace {

db::Manifest manifest_of(const Sandbox& box) {
  const auto connection = box.connect(db::Access::read);
  const db::Tx tx(*connection, db::Access::read, box.now());
  return db::take_manifest(*connection);
}

}  // namespace

TEST_CASE("a manifest counts every table and sees every changed cell", "[db][manifest]") {
  Sandbox box;
  test::populate(box);
  const auto before = manifest_of(box);
  CHECK(before.find("deal_status_history")->rows == 2);
  CHECK(before.find("payments")->rows == 0);
  CHECK(before.find("nothing") == nullptr);
  CHECK(before.find("deals")->hash.size() == 64);
  CHECK(manifest_of(box) == before);
  const auto [sql, tables] = GENERATE(table<std::string, std::vector<std::string>>({
      {"UPDATE offers SET summary = 'x'", {"offers"}},
      {"UPDATE users SET display_name = ''", {"users"}},  // NULL and the empty text are not the same
      {"INSERT INTO settings VALUES ('a', 'bc', false, '2026-01-01T00:00:00.000Z')", {"settings"}},
      {"UPDATE offers SET summary = 'a', title = 'b'; UPDATE users SET version = 2", {"offers", "users"}},
  }));
  box.sql(sql);
  CHECK(db::differing_tables(before, manifest_of(box)) == tables);
}

TEST_CASE("cells that run together differ from cells that don't", "[db][manifest]") {
  Sandbox box;
  box.sql("INSERT INTO settings VALUES ('ab', 'c', false, '2026-01-01T00:00:00.000Z')");
  const auto before = manifest_of(box).find("settings")->hash;
  box.sql("DELETE FROM settings; INSERT INTO settings VALUES ('a', 'bc', false, '2026-01-01T00:00:00.000Z')");
  CHECK(manifest_of(box).find("settings")->hash != before);
}

TEST_CASE("the order in which rows were written makes no difference", "[db][manifest]") {
  Sandbox box;
  box.sql(
      "INSERT INTO settings VALUES ('a', '1', false, '2026-01-01T00:00:00.000Z'), ('b', '2', false, "
      "'2026-01-01T00:00:00.000Z')");
  const auto before = manifest_of(box);
  box.sql(
      "DELETE FROM settings; INSERT INTO settings VALUES ('b', '2', false, '2026-01-01T00:00:00.000Z'); "
      "INSERT INTO settings VALUES ('a', '1', false, '2026-01-01T00:00:00.000Z')");
  box.sql("VACUUM");
  CHECK(manifest_of(box) == before);
}

TEST_CASE("a manifest survives its JSON, and other JSON is refused", "[db][manifest]") {
  Sandbox box;
  const auto manifest = manifest_of(box);
  CHECK(db::manifest_of(parse_json(to_text(db::to_json(manifest)))) == manifest);
  for (const auto* text : {"{}", "[1]", R"([{"table":"a"}])", R"([{"table":"a","rows":"1","hash":"x"}])"})
    CHECK_THROWS_AS(db::manifest_of(parse_json(text)), Error);
}
