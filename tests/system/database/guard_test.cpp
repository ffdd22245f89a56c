// Walks the registry: what every open of a database holds to, whichever operation it is for (docs/contract.md, 5).

#include <catch2/catch.hpp>
#include <set>

#include "ops/files.h"
#include "ops/run.h"
#include "support/example.h"
#include "system/database/support.h"

using namespace steward;
using namespace steward::test;

namespace {

class NoRows final : public ops::ListSink {
 public:
  void begin(std::span<const ops::Column* const>) override {}
  void row(const db::Row&) override {}
  void end(const ops::Page&) override {}
};

// What makes a database, and what needs none.
const std::set<std::string> kMakes{"init", "demo", "db.migrate", "db.restore", "db.copy"};
const std::set<std::string> kNeedsNone{"version", "explain", "completion", "man", "config.show"};

/// How each operation's first example ends in that house; "" when it is done. Those that `but` names are left out, and
/// those whose own files are missing.
std::map<std::string, std::string> endings(const ops::House& house, const std::set<std::string>& but) {
  std::map<std::string, std::string> out;
  for (const auto* operation : Sandbox::registry().all()) {
    if (but.contains(operation->path) || kNeedsNone.contains(operation->path)) continue;
    if (operation->path == "db.restore" && on_postgres()) continue;  // says what to use instead, whatever is there
    ops::Request request;
    request.operation = operation;
    request.raw = parsed_example(operation->examples.front()).raw;
    request.yes = true;
    request.request_id = "test";
    NoRows sink;
    try {
      ops::run(house, request, &sink);
      out[operation->path] = "";
    } catch (const Error& error) {
      if (error.code() != "file_unreadable") out[operation->path] = error.code();
    }
  }
  return out;
}

void require_all(const std::map<std::string, std::string>& ended, std::string_view code) {
  CHECK(ended.size() > 80);
  for (const auto& [path, ending] : ended) {
    CAPTURE(path);
    CHECK(ending == code);
  }
}

}  // namespace

TEST_CASE("contract 5: a missing database is made by init, demo, migrate, restore and copy, and by nothing else",
          "[database][guard][registry]") {
  Sandbox box;
  const auto names = names_in(box.folder());
  box.use_database(box.place_for_database());
  require_all(endings(box.house(), kMakes), "no_database");
  CHECK(names_in(box.folder()) == names);
  CHECK_FALSE(db::exists(db::Url::parse(box.database())));
}

TEST_CASE("CL-4: another environment than the recorded one is refused by every operation",
          "[database][guard][registry]") {
  Sandbox box;
  const auto digest = box.table_digest();
  auto house = box.house();
  house.environment = "prod";
  require_all(endings(house, {"demo", "db.copy"}), "environment_mismatch");
  CHECK(box.table_digest() == digest);
}

TEST_CASE("contract 5: another program's database is refused by every operation", "[database][guard][registry]") {
  Sandbox box;
  if (on_postgres()) {
    box.use_database(box.place_for_database());
    PostgresSession(box.database()).script("CREATE TABLE letters (a text)");
  } else {
    box.sql("PRAGMA application_id = 42");
  }
  const auto bytes = on_postgres() ? "" : box.read(box.database());
  require_all(endings(box.house(), {"demo", "db.copy"}), "foreign_database");
  if (on_postgres())
    CHECK(PostgresSession(box.database()).rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").size() ==
          1);
  else
    CHECK(box.read(box.database()) == bytes);
}

TEST_CASE("contract 5: while migrations are pending, unknown or altered, no operation writes",
          "[database][guard][registry]") {
  Sandbox box;
  const std::string hash(64, 'c');
  const auto [sql, code] = GENERATE_COPY(table<std::string, std::string>({
      {"DELETE FROM app_migrations WHERE seq = (SELECT max(seq) FROM app_migrations)", "migrations_pending"},
      {"INSERT INTO app_migrations VALUES (99, '0099_later', '" + hash + "', '2026-01-01T00:00:00.000Z', 1, '9')",
       "schema_newer"},
      {"UPDATE app_migrations SET sha256 = '" + hash + "' WHERE seq = 2", "migration_altered"},
  }));
  box.sql(sql);
  const auto digest = box.table_digest();
  std::set<std::string> reads{"init", "demo", "doctor", "db.migrate", "db.backup", "db.restore", "db.copy"};
  for (const auto* operation : Sandbox::registry().all())
    if (!operation->writes_database) reads.insert(operation->path);
  const auto ended = endings(box.house(), reads);
  CHECK(ended.size() > 40);
  for (const auto& [path, ending] : ended) {
    CAPTURE(path);
    CHECK(ending == code);
  }
  CHECK(box.table_digest() == digest);
}

TEST_CASE("MG-5: what an older schema does not have yet is waited for, and no defect", "[database][migrations]") {
  Sandbox box;
  box.sql_without_rules("DROP TABLE bank_lines");
  CHECK(box.error_code("payments.lines.list") == "defect");
  auto known = db::compiled_migrations(engine());
  known.push_back(db::make_migration("9001_extra.sql", "CREATE TABLE extra (id TEXT PRIMARY KEY);"));
  box.use_migrations(known);
  const auto refusal = box.refusal("payments.lines.list");
  CHECK(refusal.code() == "migrations_pending");
  CHECK(refusal.details().at("pending").items().front().text() == "9001_extra");
  CHECK(box.list("invoices.list").items().empty());
}
