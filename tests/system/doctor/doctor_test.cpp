#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <map>

#include "db/tx.h"
#include "ops/vault.h"
#include "support/sandbox.h"
#include "support/triggers.h"

using namespace steward;
using namespace steward::test;

namespace {

std::map<std::string, std::string> levels(const Json& checks) {
  std::map<std::string, std::string> out;
  for (const auto& check : checks.items()) out[check.at("name").text()] = check.at("level").text();
  return out;
}

}  // namespace

TEST_CASE("CL-8: the doctor finds a fresh installation well, and leaves no trace", "[doctor]") {
  Sandbox box;
  const auto digest = box.table_digest();
  const auto found = levels(box.data("doctor").at("checks"));
  for (const char* name : {"file", "permissions", "engine", "foreign_keys", "migrations", "schema", "integrity",
                           "audit", "books", "key", "writing"}) {
    CAPTURE(name);
    const bool of_a_file = name == std::string("file") || name == std::string("permissions");
    CHECK((of_a_file && on_postgres() ? !found.contains(name) : found.at(name) == "ok"));
  }
  CHECK(found.at("backup") == "warn");
  CHECK(box.table_digest() == digest);
}

TEST_CASE("the doctor never makes a database that is missing", "[doctor]") {
  Sandbox box;
  box.use_database(box.place_for_database());
  CHECK(box.error_code("doctor") == "no_database");
  CHECK_FALSE(db::exists(db::Url::parse(box.database())));
}

TEST_CASE("the doctor names what drifted, and a key file that is gone", "[doctor]") {
  Sandbox box;
  box.sql("DROP INDEX invoices_by_status; CREATE TABLE stranger (id TEXT NOT NULL PRIMARY KEY)");
  std::filesystem::remove(box.key_file());
  const auto refused = box.refusal("doctor");
  CHECK(refused.code() == "check_failed");
  const auto found = levels(refused.details().at("checks"));
  CHECK(found.at("schema") == "fail");
  CHECK(found.at("key") == "fail");
}

TEST_CASE("CL-8: the doctor tells the settings that steward's writes really have", "[doctor]") {
  Sandbox box;
  std::string told;
  const auto found = box.data("doctor");
  for (const auto& check : found.at("checks").items())
    if (check.at("name").text() == "engine") told += check.at("detail").text() + "\n";
  const auto settings =
      on_postgres() ? std::vector{"role is steward, ",      "synchronous_commit is on", "fsync is on",
                                  "full_page_writes is on", "server_encoding is UTF8",  "tls is off, on a Unix socket"}
                    : std::vector{"journal_mode is wal", "synchronous is full", "foreign_keys is on",
                                  "recursive_triggers is on", "busy_timeout is 30000 ms"};
  for (const auto* says : settings) CHECK_THAT(told, Catch::Contains(says));
}

TEST_CASE("CL-8: the doctor finds a database that can't be written, and books that don't add up", "[doctor]") {
  Sandbox box;
  SECTION("a trigger that lets nobody write") {
    box.sql(trigger_that_refuses("nobody", "BEFORE INSERT ON audit_heads", "immutable: x"));
    CHECK(levels(box.refusal("doctor").details().at("checks")).at("writing") == "fail");
  }
  SECTION("a counter that lies behind its invoices") {
    box.sql("INSERT INTO document_counters VALUES ('INV', 2026, 9)");
    CHECK(levels(box.data("doctor").at("checks")).at("books") == "ok");
    box.sql(
        "INSERT INTO invoices (id, number, client_email, amount_cents, currency, status, issue_date, due_date, "
        "issued_at, created_at, updated_at) VALUES ('00000000-0000-7000-8000-000000000001', 'INV-2026-0009', "
        "'a@b.example', 100, 'EUR', 'ISSUED', '2026-03-01', '2026-03-01', '2026-03-01T00:00:00.000Z', "
        "'2026-03-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z')");
    CHECK(levels(box.refusal("doctor").details().at("checks")).at("invoices.counters") == "fail");
  }
  SECTION("somebody who writes just now is no illness") {
    const auto other = box.connect();
    const db::Tx tx(*other, db::Access::write, box.now());
    const auto run = box.steward({"doctor", "--json"}, "",
                                 {{"STEWARD_CONFIG", box.write("c.toml", "[db_options]\nbusy_timeout = \"1s\"\n")}});
    CHECK(run.exit == 0);
    CHECK(levels(run.json().at("data").at("checks")).at("writing") == "warn");
  }
  CHECK(box.value("SELECT count(*) FROM db_identity") == "1");
}

TEST_CASE("CL-8: the doctor tries the key on the fields, so that another database's key file is found", "[doctor]") {
  Sandbox box;
  box.run("settings.set", {{"key", {"business.iban"}}, {"value", {"DE02120300000000202051"}}});
  CHECK(levels(box.data("doctor").at("checks")).at("key") == "ok");
  std::filesystem::remove(box.key_file());
  REQUIRE(ops::Vault::create(box.key_file()));
  CHECK(levels(box.refusal("doctor").details().at("checks")).at("key") == "fail");
}

TEST_CASE("the doctor warns of what a killed command left, and the next backup removes it", "[doctor][sqlite]") {
  Sandbox box;
  CHECK(levels(box.data("doctor").at("checks")).count("leftovers") == 0);
  const auto dead = ::fork();
  if (dead == 0) ::_exit(0);
  ::waitpid(dead, nullptr, 0);
  const auto left = box.write("steward.db.tmp-" + std::to_string(dead), "half");
  CHECK(levels(box.data("doctor").at("checks")).at("leftovers") == "warn");
  box.run("db.backup", {{"to", {box.path("b.db")}}});
  CHECK_FALSE(std::filesystem::exists(left));
}
