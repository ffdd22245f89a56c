#include <catch2/catch.hpp>

#include "ops/audit.h"
#include "ops/files.h"
#include "support/triggers.h"
#include "system/database/support.h"

using namespace steward;
using namespace steward::test;
namespace fs = std::filesystem;

namespace {

std::vector<db::Migration> and_one_more(std::string_view sql = "CREATE TABLE extra (id TEXT PRIMARY KEY);") {
  auto out = db::compiled_migrations(engine());
  out.push_back(db::make_migration("9001_extra.sql", sql));
  return out;
}

/// What a hand can do past the references, and how db check says it. PostgreSQL vouches for those that are validated.
void orphan_a_reference(const Sandbox& box) {
  box.sql_without_references("DELETE FROM offers WHERE slug = 'field-day'");
  if (on_postgres())
    box.sql(
        "ALTER TABLE deals DROP CONSTRAINT deals_offer_slug_fkey;"
        "ALTER TABLE deals ADD CONSTRAINT deals_offer_slug_fkey FOREIGN KEY (offer_slug) REFERENCES offers (slug) "
        "NOT VALID");
}

}  // namespace

TEST_CASE("MG-6: a migration backs up first, is audited with it, and says so", "[database][migrate][sqlite]") {
  Sandbox box;
  populate(box);
  const auto before = manifest_of(box);
  box.use_migrations(and_one_more());
  const auto answer = box.run("db.migrate");
  CHECK(box.value("SELECT max(seq) FROM app_migrations") == "9001");
  const auto backup = box.database() + ".before-9001.bak";
  CHECK(answer.data.at("backup").text() == backup);
  CHECK(manifest_of_file(backup) == before);
  CHECK(ops::file_exists(backup + ".manifest.json"));
  CHECK(box.actions() == std::vector<std::string>{"db.migrate"});
  const auto metadata = parse_json(box.value("SELECT metadata FROM audit_log"));
  CHECK(metadata.at("applied").items().front().text() == "9001_extra");
  CHECK(metadata.at("backup").text() == "steward.db.before-9001.bak");
}

TEST_CASE("MG-4: migrating twice applies once, and the second time changes nothing", "[database][migrate]") {
  Sandbox box;
  box.use_migrations(and_one_more());
  box.data("db.migrate");
  const auto digest = box.table_digest();
  const auto names = names_in(box.folder());
  const auto again = box.run("db.migrate");
  CHECK(warned(again, "no_change"));
  CHECK(again.data.at("applied").items().empty());
  CHECK(box.table_digest() == digest);
  CHECK(names_in(box.folder()) == names);
}

TEST_CASE("MG-4: eight who migrate at once make one backup, one row and one audit row", "[database][migrate]") {
  Sandbox box;
  populate(box);
  box.use_migrations(and_one_more());
  const auto exits = in_processes(8, [&](int) { return box.error_code("db.migrate").empty() ? 0 : 1; });
  CHECK(exits == std::vector<int>(8, 0));
  CHECK(box.actions() == std::vector<std::string>{"db.migrate"});
  // Database, key, backup, its manifest; on a server only the key.
  CHECK(names_in(box.folder()).size() == (on_postgres() ? 1 : 4));
}

TEST_CASE("a dry run of a migration names what would run, and runs nothing", "[database][migrate]") {
  Sandbox box;
  const auto digest = box.table_digest();
  const auto names = names_in(box.folder());
  box.use_migrations(and_one_more());
  Call call;
  call.dry_run = true;
  const auto answer = box.run("db.migrate", {}, call);
  CHECK(answer.data.at("pending").items().front().text() == "9001_extra");
  CHECK(answer.data.at("changes").items().front().at("table").text() == "app_migrations");
  CHECK(box.table_digest() == digest);
  CHECK(names_in(box.folder()) == names);
  box.use_database(box.place_for_database());
  CHECK(box.data("db.migrate", {}, call).at("pending").items().size() == and_one_more().size());
  CHECK_FALSE(db::exists(db::Url::parse(box.database())));
}

TEST_CASE("a migration that fails leaves the database as it was, with a backup beside it", "[database][migrate]") {
  Sandbox box;
  populate(box);
  const auto before = manifest_of(box);
  const auto losing =
      drop_trigger("deal_status_history_no_delete", "deal_status_history") + "DELETE FROM deal_status_history;";
  box.use_migrations(and_one_more(losing));
  const auto error = box.refusal("db.migrate");
  CHECK(error.code() == "migration_failed");
  CHECK(Catch::contains(error.hint(), "backup") == !on_postgres());
  CHECK(manifest_of(box) == before);
  CHECK(box.actions().empty());
  box.use_migrations(and_one_more());
  box.data("db.migrate");
  CHECK((on_postgres() || ops::file_exists(box.database() + ".before-9001-1.bak")));
}

TEST_CASE("writes wait for pending migrations, reads go on with a warning", "[database][guard]") {
  Sandbox box;
  box.use_migrations(and_one_more());
  CHECK(box.error_code("db.seed", {{"fixture", {"studio"}}}) == "migrations_pending");
  const auto status = box.run("db.status");
  CHECK(warned(status, "migrations_pending"));
  CHECK(status.data.at("pending").items().front().text() == "9001_extra");
  CHECK_FALSE(status.data.at("current").boolean());
  box.data("db.migrate");
  CHECK(box.error_code("db.seed", {{"fixture", {"studio"}}}) == "");
}

TEST_CASE("MG-5: an older steward refuses to write what a newer one migrated, and says so when it reads",
          "[database][guard]") {
  Sandbox box;
  box.use_migrations(and_one_more());
  box.data("db.migrate");
  box.use_migrations(db::compiled_migrations(engine()));
  CHECK(box.error_code("db.seed", {{"fixture", {"studio"}}}) == "schema_newer");
  CHECK(box.error_code("db.migrate") == "schema_newer");
  const auto status = box.run("db.status");
  CHECK(warned(status, "schema_newer"));
  CHECK(status.data.at("unknown").items().front().text() == "9001_extra");
}

TEST_CASE("MG-2: a database that was migrated with another text is refused", "[database][guard]") {
  Sandbox box;
  box.sql("UPDATE app_migrations SET sha256 = '" + std::string(64, 'd') + "' WHERE seq = 2");
  CHECK(box.error_code("db.seed", {{"fixture", {"studio"}}}) == "migration_altered");
  CHECK(box.error_code("db.migrate") == "migration_altered");
  CHECK(box.data("db.status").at("altered").items().front().text() == "0002_identity");
}

TEST_CASE("db migrate makes a database where there is none, in the environment asked for", "[database][migrate]") {
  Sandbox box;
  box.use_database(box.place_for_database());
  const auto answer = box.run("db.migrate");
  CHECK(box.value("SELECT environment FROM db_identity") == "local");
  CHECK(box.actions() == std::vector<std::string>{"db.migrate"});
  CHECK(answer.data.at("backup").is_null());
  CHECK(answer.next == "steward init");
  CHECK(box.error_code("db.seed") == "");
}

TEST_CASE("the studio fixture is twelve offers, each made once", "[database][seed]") {
  Sandbox box;
  const auto first = box.run("db.seed", {{"fixture", {"studio"}}});
  CHECK(first.data.at("offers").integer() == 12);
  CHECK(box.actions() == std::vector<std::string>{"db.seed"});
  CHECK(box.value("SELECT count(*) FROM offers WHERE status = 'ACTIVE'") == "12");
  CHECK(
      box.value("SELECT count(*) FROM offers WHERE price_cents = 250000 AND currency = 'USD' AND audience = 'BOTH'") ==
      "6");
  CHECK(box.value("SELECT is_free FROM offers WHERE refund_policy_key = 'none'") == "1");
  CHECK(warned(box.run("db.seed", {{"fixture", {"studio"}}}), "no_change"));
  box.sql("UPDATE offers SET title = 'Mine' WHERE slug = 'translation'");
  box.data("db.seed", {{"fixture", {"studio"}}});
  CHECK(box.value("SELECT title FROM offers WHERE slug = 'translation'") == "Mine");
  CHECK(box.actions().size() == 1);
}

TEST_CASE("db check has an item for every check, and they hold in a new database", "[database][check]") {
  Sandbox box;
  const auto checks = box.data("db.check");
  std::set<std::string> names;
  for (const auto& item : checks.items()) {
    CHECK(item.at("ok").boolean());
    CHECK_FALSE(item.at("detail").text().empty());
    names.insert(item.at("name").text());
  }
  for (const auto* name :
       {"integrity", "foreign_keys", "migrations", "schema", "audit", "settings", "invoices.numbers"})
    CHECK(names.contains(name));
}

TEST_CASE("db check names what is wrong, exits 6 and puts the report in the details", "[database][check]") {
  Sandbox box;
  populate(box);
  box.data("db.seed", {{"fixture", {"studio"}}});
  const auto [sql, name, says] = GENERATE(table<std::string, std::string, std::string>({
      {"DROP INDEX deals_by_status", "schema", "index deals_by_status is missing"},
      {"ALTER TABLE users ADD COLUMN shoe_size TEXT", "schema", "table users is not as"},
      {"", "foreign_keys", on_postgres() ? "deals_offer_slug_fkey of deals is not validated" : "missing row of offers"},
      {drop_trigger("audit_log_no_update", "audit_log") + "UPDATE audit_log SET metadata = '{}' WHERE seq = 1", "audit",
       "row 1"},
      {"INSERT INTO settings VALUES ('studio.timezone', 'Mars/Olympus', false, '2026-01-01T00:00:00.000Z')", "settings",
       "Mars"},
      {"INSERT INTO settings VALUES ('business.iban', 'DE00', false, '2026-01-01T00:00:00.000Z')", "settings",
       "not encrypted"},
      {"DELETE FROM app_migrations WHERE seq = 8", "migrations", "0008_handles"},
      {"UPDATE invoices SET number = 'INV-2026-0001', issued_at = created_at, issue_date = '2026-02-01', due_date = "
       "'2026-02-02', "
       "status = 'ISSUED'; UPDATE invoices SET paid_cents = 5000, status = 'PARTIALLY_PAID'",
       "ledger.invoice_sums", "1 problem"},
      {"UPDATE invoices SET number = 'INV-2026-0001', issued_at = created_at, issue_date = '2026-02-01', due_date = "
       "'2026-02-02', "
       "status = 'ISSUED'; INSERT INTO document_counters VALUES ('INV', 2026, 1)",
       "invoices.counters", "1 problem"},
  }));
  if (name == "foreign_keys")
    orphan_a_reference(box);
  else
    box.sql(sql);
  const auto error = box.refusal("db.check");
  CHECK(error.code() == "check_failed");
  CHECK(error.exit_code() == 6);
  bool found = false;
  for (const auto& item : error.details().at("checks").items())
    if (item.at("name").text() == name) {
      found = true;
      CHECK_FALSE(item.at("ok").boolean());
      CHECK_THAT(item.at("detail").text(), Catch::Contains(says));
    }
  CHECK(found);
  CHECK_THAT(error.what(), Catch::Contains(name));
}

TEST_CASE("db check reports a scribbled page instead of stopping at it", "[database][check][sqlite]") {
  Sandbox box;
  populate(box);
  box.connect()->each("PRAGMA wal_checkpoint(TRUNCATE)", {}, [](const db::Row&) { return true; });
  const auto page = std::stoul(box.value("SELECT rootpage FROM sqlite_schema WHERE name = 'offers'"));
  scribble(box.database(), (page - 1) * 4096, std::string(4096, '\xff'));
  const auto error = box.refusal("db.check");
  CHECK(error.code() == "check_failed");
  CHECK(error.details().at("checks").items().size() > 6);
  CHECK_FALSE(error.details().at("checks").items().front().at("ok").boolean());
}

TEST_CASE("db schema prints what makes the database again", "[database][schema]") {
  Sandbox box;
  const auto text = box.data("db.schema").at("text").text();
  const auto again = db::open(db::Url::parse(box.place_for_database("again.db")), {db::Access::write, true});
  again->script(text);
  CHECK(again->tables() == box.connect()->tables());
}
