// Contract 9: what waits for a decision, each with the command to run.

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "core/text.h"
#include "db/migrations.h"
#include "support/example.h"

using namespace steward;
using namespace steward::test;

namespace {

const Json* item(const Json& status, std::string_view key) {
  for (const auto& one : status.at("waiting").items())
    if (one.at("key").text() == key) return &one;
  return nullptr;
}

}  // namespace

TEST_CASE("bare steward is steward status", "[agenda]") {
  Sandbox box(World::season);
  const auto bare = box.steward({}), named = box.steward({"status"});
  CHECK(bare.exit == 0);
  CHECK(bare.out == named.out);
  CHECK(to_canonical(box.steward({"--json"}).json().at("data")) ==
        to_canonical(box.steward({"status", "--json"}).json().at("data")));
}

TEST_CASE("the season's agenda names what waits, and each of its commands is one", "[agenda]") {
  Sandbox box(World::season);
  const auto status = box.data("status");
  for (const auto* key : {"intake_new", "invoices_overdue", "ledger_earned", "ledger_approved"}) {
    CAPTURE(key);
    CHECK(item(status, key));
  }
  for (const auto& one : status.at("waiting").items()) {
    CAPTURE(to_text(one));
    CHECK(one.at("count").integer() > 0);
    CHECK_NOTHROW(parsed_example(one.at("command").text()));
  }
}

TEST_CASE("a migration that waits is on the agenda until it is run", "[agenda]") {
  Sandbox box;
  CHECK_FALSE(item(box.data("status"), "migrations_pending"));
  auto known = db::compiled_migrations(db::Engine::sqlite);
  const auto next = known.size() + 1;
  known.push_back(db::make_migration(fmt::format("{:04}_extra.sqlite.sql", next),
                                     "CREATE TABLE extra (id TEXT PRIMARY KEY) STRICT;"));
  box.use_migrations(known);
  const auto status = box.data("status");
  const auto* waiting = item(status, "migrations_pending");
  REQUIRE(waiting);
  CHECK(waiting->at("count").integer() == 1);
  CHECK(waiting->at("command").text() == "steward db migrate");
  box.run("db.migrate");
  CHECK_FALSE(item(box.data("status"), "migrations_pending"));
}
