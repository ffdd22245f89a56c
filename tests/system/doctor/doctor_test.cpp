#include <catch2/catch.hpp>
#include <filesystem>
#include <map>

#include "support/sandbox.h"

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
  const auto own = on_postgres()
                       ? std::vector{"server", "role", "synchronous_commit", "fsync", "full_page_writes", "tls"}
                       : std::vector{"file", "permissions", "journal_mode"};
  for (const auto* name : own) {
    CAPTURE(name);
    CHECK(found.at(name) == "ok");
  }
  for (const char* name : {"foreign_keys", "migrations", "schema", "integrity", "audit", "key"}) {
    CAPTURE(name);
    CHECK(found.at(name) == "ok");
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
