#include <catch2/catch.hpp>
#include <fstream>
#include <ranges>

#include "db/inspect.h"
#include "ops/audit.h"
#include "ops/files.h"
#include "studio/deals/atelier.h"
#include "support/strace.h"
#include "system/database/support.h"

using namespace steward;
using namespace steward::test;
namespace fs = std::filesystem;

namespace {

// What a restore itself writes: its audit row, and that numbering is paused.
const std::vector<std::string> kMarks{"audit_heads", "audit_log", "settings"};

ops::RawArgs from(const std::string& file) { return {{"from", {file}}}; }

/// A populated database with a backup "b.db", and changes since.
struct Restorable : Sandbox {
  Restorable() {
    populate(*this);
    backed_up = data("db.backup", {{"to", {path("b.db")}}});
    at("2026-03-03T09:00:00Z");
    then = manifest_of_file(path("b.db"));
    user("later@x.example", {"STAFF"});
    sql("UPDATE offers SET title = 'Later'");
  }
  /// "steward.db.replaced-….bak"; empty when there is none.
  std::string kept(std::string_view word = "replaced-") const {
    for (const auto& name : names_in(folder()))
      if (name.find(word) != std::string::npos && name.ends_with(".bak")) return path(name);
    return "";
  }
  /// The database's file and its log, byte for byte.
  std::string bytes() const {
    return read(database()) + (ops::file_exists(database() + "-wal") ? read(database() + "-wal") : "");
  }
  /// It is refused with that code, and nothing is changed.
  Error refused(const ops::RawArgs& raw, const Call& call = {}) {
    const auto names = names_in(folder());
    const auto now = bytes();
    const auto error = refusal("db.restore", raw, call);
    CHECK(names_in(folder()) == names);
    CHECK(bytes() == now);
    return error;
  }
  /// Makes of "b.db" what a steward without the last migration backed up.
  void make_older() {
    fs::remove(path("b.db.manifest.json"));
    const auto known = db::compiled_migrations(db::Engine::sqlite);
    const auto newer = *db::expected_schema(*connect(), known);
    const auto older = *db::expected_schema(*connect(), {known.data(), known.size() - 1});
    const auto is_in = [](const auto& schema, const auto& object) {
      return std::ranges::any_of(schema, [&](const auto& one) {
        return one.name == object.name && (one.sql == object.sql || one.type == "table");
      });
    };
    std::string undo = "PRAGMA foreign_keys = OFF;";
    for (const auto& object : newer | std::views::reverse)
      if (!is_in(older, object)) undo += "DROP " + object.type + " " + object.name + ";";
    undo += columns_undone();
    for (const auto& object : older)
      if (!is_in(newer, object)) undo += object.sql + ";";
    alter(path("b.db"), undo + "DELETE FROM app_migrations WHERE seq = " + std::to_string(known.size()));
  }
  /// Drops the columns that the last migration added.
  std::string columns_undone() const {
    std::string undo;
    const Sandbox before(World::older);
    const auto newer = connect(), older = before.connect();
    for (const auto& table : older->tables()) {
      const auto old = older->shape(table).columns;
      const auto now = newer->shape(table).columns;
      for (const auto& column : now | std::views::reverse)  // a later one's check may name an earlier one
        if (std::ranges::count(old, column) == 0) undo += "ALTER TABLE " + table + " DROP COLUMN " + column + ";";
    }
    return undo;
  }
  Json backed_up;
  db::Manifest then;
};

bool audit_intact(const std::string& file) {
  const auto connection = db::open(db::Url::of_file(file), {});
  db::Tx tx(*connection, db::Access::read, {});
  return ops::verify_audit(tx).verdict == "intact";
}

std::string last_action(const std::string& file) {
  const auto connection = db::open(db::Url::of_file(file), {});
  db::Tx tx(*connection, db::Access::read, {});
  return tx.text("SELECT action FROM audit_log ORDER BY seq DESC").value_or("");
}

}  // namespace

TEST_CASE("CL-6: a restore brings the backup back, keeps what it replaces, and reports the rows lost",
          "[database][restore][sqlite]") {
  Restorable box;
  const auto before = manifest_of(box);
  const auto answer = box.run("db.restore", from(box.path("b.db")));
  CHECK(db::differing_tables(manifest_of(box), box.then) == kMarks);
  CHECK(box.value("SELECT title FROM offers") == "Field day");
  CHECK(answer.data.at("rows_lost").integer() ==
        5);  // a user, a role, and of the backup: its mark, its audit row, the chain's head
  CHECK(answer.data.at("replaced").text() == box.kept());
  const auto& tables = answer.data.at("tables").items();
  const auto users = std::ranges::find_if(tables, [](const auto& t) { return t.at("table").text() == "users"; });
  REQUIRE(users != tables.end());
  CHECK(users->at("rows_before").integer() == 2);
  CHECK(users->at("rows_after").integer() == 1);
  CHECK(db::differing_tables(manifest_of_file(box.kept()), before) ==
        std::vector<std::string>{"audit_heads", "audit_log"});
  CHECK(names_in(box.folder()).size() == 6);
}

TEST_CASE("CL-6: a restore is told of in both histories, and both chains hold", "[database][restore][sqlite]") {
  Restorable box;
  box.data("db.restore", from(box.path("b.db")));
  CHECK(last_action(box.database()) == "db.restore");
  CHECK(last_action(box.kept()) == "db.restore");
  CHECK(audit_intact(box.database()));
  CHECK(audit_intact(box.kept()));
  const auto metadata = parse_json(box.value("SELECT metadata FROM audit_log WHERE action = 'db.restore'"));
  CHECK(metadata.at("from").text() == "b.db");
  CHECK(metadata.at("rows_lost").integer() == 5);
  CHECK(box.value("SELECT count(*) FROM audit_log WHERE action = 'db.restore'") == "1");
}

TEST_CASE("a restore can itself be undone by what it kept", "[database][restore][sqlite]") {
  Restorable box;
  const auto before = manifest_of(box);
  box.data("db.restore", from(box.path("b.db")));
  box.at("2026-03-04T09:00:00Z");
  box.data("db.restore", from(box.kept()));
  CHECK(db::differing_tables(manifest_of(box), before) == kMarks);
  CHECK(box.value("SELECT title FROM offers") == "Later");
}

TEST_CASE("CL-6: others who have the database open go on in the restored one", "[database][restore][sqlite]") {
  Restorable box;
  const auto other = box.connect();
  const auto title = [&] { return db::Tx(*other, db::Access::read, {}).text("SELECT title FROM offers").value_or(""); };
  CHECK(title() == "Later");
  CHECK(box.steward({"db", "restore", "--from", box.path("b.db"), "--yes"}).exit == 0);
  CHECK(title() == "Field day");
  {
    db::Tx tx(*other, db::Access::write, {});
    tx.exec("UPDATE offers SET title = 'By one who was there all along'");
    tx.commit();
  }
  CHECK(box.value("SELECT title FROM offers") == "By one who was there all along");
}

TEST_CASE("CL-6: what is no whole steward database is refused before anything is touched",
          "[database][restore][sqlite]") {
  Restorable box;
  const auto bytes = box.read("b.db");
  SECTION("garbage") {
    box.write("x.db", std::string(20000, 'x'));
    CHECK(box.refused(from(box.path("x.db"))).code() == "foreign_database");
  }
  SECTION("nothing, a folder, no file, itself") {
    box.write("x.db", "");
    CHECK(box.refused(from(box.path("x.db"))).code() == "no_database");
    CHECK(box.refused(from(box.folder())).code() == "file_unreadable");
    CHECK(box.refused(from(box.path("none.db"))).code() == "file_unreadable");
    CHECK(box.refused(from(box.database())).code() == "invalid_target");
  }
  SECTION("another program's database") {
    fs::copy_file(box.path("b.db"), box.path("x.db"));
    alter(box.path("x.db"), "PRAGMA application_id = 42");
    CHECK(box.refused(from(box.path("x.db"))).code() == "foreign_database");
  }
  SECTION("cut short") {
    const auto size = GENERATE(1000u, 4096u, 40960u);
    box.write("x.db", bytes.substr(0, size));
    const auto code = box.refused(from(box.path("x.db"))).code();
    CHECK((code == "database_corrupt" || code == "foreign_database"));
  }
  SECTION("a page of it scribbled over") {
    fs::copy_file(box.path("b.db"), box.path("x.db"));
    scribble(box.path("x.db"), 5 * 4096, std::string(4096, '\xff'));
    CHECK(box.refused(from(box.path("x.db"))).code() == "database_corrupt");
  }
  SECTION("one whose rows refer to nothing") {
    fs::copy_file(box.path("b.db"), box.path("x.db"));
    alter(box.path("x.db"), "PRAGMA foreign_keys = OFF; DELETE FROM offers");
    CHECK(box.refused(from(box.path("x.db"))).code() == "database_corrupt");
  }
  SECTION("one that init never finished") {
    fs::copy_file(box.path("b.db"), box.path("x.db"));
    alter(box.path("x.db"), "DELETE FROM db_identity");
    CHECK(box.refused(from(box.path("x.db"))).code() == "foreign_database");
  }
}

TEST_CASE("a backup that is not what its manifest tells of is refused", "[database][restore][sqlite]") {
  Restorable box;
  SECTION("a row was changed") {
    alter(box.path("b.db"), "UPDATE offers SET price_cents = 1");
    const auto error = box.refused(from(box.path("b.db")));
    CHECK(error.code() == "backup_mismatch");
    CHECK_THAT(error.what(), Catch::Contains("offers"));
  }
  SECTION("a byte was changed where no row is") {
    scribble(box.path("b.db"), 60, "z");  // user_version
    CHECK(box.refused(from(box.path("b.db"))).code() == "backup_mismatch");
  }
  SECTION("the manifest is another's, or none") {
    const auto text = GENERATE(std::string("{}"), "nonsense", R"({"format":"steward-backup-1","sha256":1})");
    box.write("b.db.manifest.json", text);
    CHECK(box.refused(from(box.path("b.db"))).code() == "backup_mismatch");
  }
  SECTION("without a manifest only the file is checked, and it is said") {
    fs::remove(box.path("b.db.manifest.json"));
    CHECK(warned(box.run("db.restore", from(box.path("b.db"))), "no_manifest"));
  }
}

TEST_CASE("CL-6: an older backup is restored and then waits for its migrations; a newer or altered one is refused",
          "[database][restore][sqlite]") {
  Restorable box;
  fs::remove(box.path("b.db.manifest.json"));
  const std::string hash(64, 'c');
  SECTION("older") {
    box.make_older();
    const auto answer = box.run("db.restore", from(box.path("b.db")));
    CHECK(warned(answer, "migrations_pending"));
    CHECK(answer.data.at("pending").items().front().text() == db::compiled_migrations(db::Engine::sqlite).back().name);
    CHECK(answer.next == "steward db migrate");
    CHECK(box.error_code("db.seed") == "migrations_pending");
    CHECK(last_action(box.database()) == "db.restore");
  }
  SECTION("newer") {
    alter(box.path("b.db"),
          "INSERT INTO app_migrations VALUES (99, '0099_later', '" + hash + "', '2026-01-01T00:00:00.000Z', 1, '9')");
    CHECK(box.refused(from(box.path("b.db"))).code() == "schema_newer");
  }
  SECTION("altered") {
    alter(box.path("b.db"), "UPDATE app_migrations SET sha256 = '" + hash + "' WHERE seq = 3");
    CHECK(box.refused(from(box.path("b.db"))).code() == "migration_altered");
  }
}

TEST_CASE("CL-6: a backup of another environment is refused", "[database][restore][sqlite]") {
  Restorable box;
  fs::remove(box.path("b.db.manifest.json"));
  alter(box.path("b.db"), "UPDATE db_identity SET environment = 'prod'");
  const auto error = box.refused(from(box.path("b.db")));
  CHECK(error.code() == "environment_mismatch");
  CHECK_THAT(error.what(), Catch::Contains("prod") && Catch::Contains("local"));
}

TEST_CASE("a restore is confirmed, in prod by the environment's name", "[database][restore][sqlite]") {
  Restorable box;
  Call call;
  call.yes = false;
  std::string asked;
  CHECK(box.refused(from(box.path("b.db")), call).code() == "confirmation_needed");
  call.confirm = [&](const std::string& question) { return asked = question, false; };
  CHECK(box.refused(from(box.path("b.db")), call).code() == "confirmation_needed");
  CHECK_THAT(asked, Catch::Contains("5 rows") && Catch::Contains(box.path("b.db")));

  fs::remove(box.path("b.db.manifest.json"));
  alter(box.path("b.db"), "UPDATE db_identity SET environment = 'prod'");
  box.become("prod");
  Call prod;
  prod.token = box.token({"db:admin"}, "PERSON", box.user("ada2@x.example", {"ADMIN"}));
  CHECK(box.refused(from(box.path("b.db")), prod).code() == "confirmation_needed");
  CHECK(box.refused({{"from", {box.path("b.db")}}, {"confirm", {"local"}}}, prod).code() == "confirmation_needed");
  const auto name = GENERATE(std::string("prod"), "steward.db");
  CHECK(box.error_code("db.restore", {{"from", {box.path("b.db")}}, {"confirm", {name}}}, prod) == "");
}

TEST_CASE("a dry run of a restore says what would be lost, and changes nothing", "[database][restore][sqlite]") {
  Restorable box;
  Call call;
  call.dry_run = true;
  const auto names = names_in(box.folder());
  const auto now = manifest_of(box);
  const auto answer = box.run("db.restore", from(box.path("b.db")), call);
  CHECK(answer.data.at("rows_lost").integer() == 5);
  CHECK(answer.data.at("replaced").is_null());
  CHECK(names_in(box.folder()) == names);
  CHECK(manifest_of(box) == now);
}

TEST_CASE("a restore makes the database where there is none", "[database][restore][sqlite]") {
  Restorable box;
  for (const auto* beside : {"", "-wal", "-shm"}) fs::remove(box.database() + beside);
  const auto answer = box.run("db.restore", from(box.path("b.db")));
  CHECK(answer.data.at("replaced").is_null());
  CHECK(answer.data.at("rows_lost").is_null());
  CHECK(box.value("SELECT title FROM offers") == "Field day");
  CHECK((fs::status(box.database()).permissions() & fs::perms::all) ==
        (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("a restore into a folder that is missing blames the folder, not the backup", "[database][restore][sqlite]") {
  Restorable box;
  box.use_database(box.path("no/such/steward.db"));
  const auto error = box.refusal("db.restore", from(box.path("b.db")));
  CHECK(error.code() == "file_unwritable");
  CHECK_THAT(error.what(), !Catch::Contains("can't be restored"));
  CHECK_THAT(error.hint(), Catch::Contains("folder"));
}

TEST_CASE("a restore replaces a database that is damaged, and keeps it as it is", "[database][restore][sqlite]") {
  Restorable box;
  box.connect()->each("PRAGMA wal_checkpoint(TRUNCATE)", {}, [](const db::Row&) { return true; });
  for (const auto* beside : {"-wal", "-shm"}) fs::remove(box.database() + beside);
  const auto size = fs::file_size(box.database());
  std::string word = "replaced-";
  SECTION("a page scribbled over") { scribble(box.database(), 6 * 4096, std::string(4096, '\xff')); }
  SECTION("every page but the first scribbled over") {
    for (std::size_t at = 4096; at < size; at += 4096) scribble(box.database(), at, std::string(4096, '\xff'));
    word = "damaged-";
  }
  SECTION("cut short") {
    fs::resize_file(box.database(), 8 * 4096);
    word = "damaged-";
  }
  const auto damaged = box.read("steward.db");
  const auto answer = box.run("db.restore", from(box.path("b.db")));
  CHECK(warned(answer, "unverified_copy"));
  REQUIRE_FALSE(box.kept(word).empty());
  CHECK(box.read(box.kept(word)) == damaged);
  CHECK(answer.data.at("replaced").text() == box.kept(word));
  CHECK(db::differing_tables(manifest_of(box), box.then) == kMarks);
  CHECK(audit_intact(box.database()));
}

TEST_CASE("a restore replaces a copied backup, which has no write-ahead log, sound or damaged",
          "[database][restore][sqlite]") {
  Restorable box;
  fs::copy_file(box.path("b.db"), box.path("copied.db"));
  box.use_database(box.path("copied.db"));
  const auto house = box.house();
  fs::copy_file(box.path("steward.db.key"), house.key_path(), fs::copy_options::skip_existing);
  bool sound = false;
  SECTION("sound") { sound = true; }
  SECTION("one page of garbage") { scribble(box.database(), 20 * 4096, std::string(4096, '\xa5')); }
  SECTION("ten pages of garbage") {
    scribble(box.database(), GENERATE(1u, 5u, 20u) * 4096, std::string(40'960, '\xa5'));
  }
  const auto answer = box.run("db.restore", from(box.path("b.db")));
  CHECK(warned(answer, "unverified_copy") != sound);
  CHECK(db::differing_tables(manifest_of(box), box.then) == kMarks);
  CHECK(audit_intact(box.database()));
}

TEST_CASE("a restore never replaces what is not steward's", "[database][restore][sqlite]") {
  Restorable box;
  box.use_database(box.path("other.txt"));
  box.write("other.txt", std::string(5000, 'n'));
  CHECK(box.error_code("db.restore", from(box.path("b.db"))) == "foreign_database");
  CHECK(box.read("other.txt") == std::string(5000, 'n'));
}

TEST_CASE("a restore says when it revives revoked tokens, or brings another database's content",
          "[database][restore][sqlite]") {
  Restorable box;
  box.token({"*:read"});
  box.data("db.backup", {{"to", {box.path("c.db")}}});
  box.sql("UPDATE service_tokens SET revoked_at = '2026-03-03T09:00:00.000Z'");
  auto answer = box.run("db.restore", from(box.path("c.db")));
  CHECK(warned(answer, "tokens_revived"));
  CHECK_FALSE(warned(answer, "other_instance"));
  Sandbox other;
  other.data("db.backup", {{"to", {box.path("d.db")}}});
  box.at("2026-03-04T09:00:00Z");
  box.sql("UPDATE db_identity SET instance_id = '" + id_of(9) + "'");
  answer = box.run("db.restore", from(box.path("d.db")));
  CHECK(warned(answer, "other_instance"));
}

TEST_CASE("a backup whose audit trail is broken is restored only when that is accepted",
          "[database][restore][sqlite]") {
  Restorable box;
  box.data("db.backup", {{"to", {box.path("c.db")}}});
  fs::remove(box.path("c.db.manifest.json"));
  alter(box.path("c.db"), "DROP TRIGGER audit_log_no_update; UPDATE audit_log SET action = 'x' WHERE seq = 1");
  const auto error = box.refused(from(box.path("c.db")));
  CHECK(error.code() == "check_failed");
  CHECK_THAT(error.what(), Catch::Contains("row 1"));
  auto accepted = from(box.path("c.db"));
  accepted["accept-broken-audit"] = {"true"};
  CHECK(warned(box.run("db.restore", accepted), "audit_tampered"));
}

TEST_CASE("a restore tells of a backup whose schema is not as the migrations made it", "[database][restore][sqlite]") {
  Restorable box;
  fs::remove(box.path("b.db.manifest.json"));
  alter(box.path("b.db"), "DROP INDEX deals_by_status");
  CHECK(warned(box.run("db.restore", from(box.path("b.db"))), "schema_drift"));
}

TEST_CASE("contract 7: a restore pauses numbering and says how it goes on", "[database][restore][pause][sqlite]") {
  Restorable box;
  box.sql("INSERT INTO document_counters VALUES ('INV', 2026, 42)");
  SECTION("over a database") {}
  SECTION("where there is none: the books move to another machine") {
    box.data("db.backup", {{"to", {box.path("c.db")}}});
    fs::copy_file(box.path("c.db"), box.path("b.db"), fs::copy_options::overwrite_existing);
    fs::copy_file(box.path("c.db.manifest.json"), box.path("b.db.manifest.json"), fs::copy_options::overwrite_existing);
    for (const auto* beside : {"", "-wal", "-shm"}) fs::remove(box.database() + beside);
  }
  const auto answer = box.run("db.restore", from(box.path("b.db")));
  CHECK(warned(answer, "numbering_paused"));
  CHECK(answer.data.at("numbering").at("paused").boolean());
  CHECK(answer.next == "steward invoices confirm-number N");
  CHECK(box.error_code("invoices.issue", {{"invoice", {id_of(7)}}}) == "numbering_paused");
  CHECK(box.error_code("invoices.confirm-number", {{"number", {"43"}}}) == "");
  CHECK(box.data("invoices.issue", {{"invoice", {id_of(7)}}}).at("number").text() == "INV-2026-0043");
}

TEST_CASE("contract 7: a backup older than this steward is paused too, before and after it is migrated",
          "[database][restore][pause][sqlite]") {
  Restorable box;
  box.make_older();
  CHECK(box.data("db.restore", from(box.path("b.db"))).at("numbering").at("paused").boolean());
  box.data("db.migrate");
  CHECK(box.error_code("invoices.issue", {{"invoice", {id_of(7)}}}) == "numbering_paused");
}

TEST_CASE("a dry run of a restore pauses nothing", "[database][restore][pause][sqlite]") {
  Restorable box;
  Call call;
  call.dry_run = true;
  box.run("db.restore", from(box.path("b.db")), call);
  CHECK(box.error_code("invoices.issue", {{"invoice", {id_of(7)}}}) == "");
}

TEST_CASE("CL-6: readers and writers who have the database open go on through restores, whole",
          "[database][restore][sqlite]") {
  Restorable box;
  const auto done = [&] { return ops::file_exists(box.path("done")); };
  const auto restores = [&] {
    for (int i = 0; i < 3; ++i)
      if (!box.error_code("db.restore", from(box.path("b.db"))).empty()) return 1;
    box.write("done", "");
    return 0;
  };
  const auto writes = [&](int who) {
    const auto connection = box.connect();
    const auto write = [&](const std::string& status) {
      db::Tx tx(*connection, db::Access::write, box.now());
      tx.exec("UPDATE offers SET title = $1", {status});
      tx.exec("UPDATE users SET display_name = $1", {status});
      tx.commit();
    };
    for (int i = 0; !done(); ++i) write(std::to_string(who) + " " + std::to_string(i));
    write("after");
    return 0;
  };
  const auto reads = [&] {
    const auto connection = box.connect(db::Access::read);
    const auto one = [&] {
      db::Tx tx(*connection, db::Access::read, box.now());
      const auto title = tx.text("SELECT title FROM offers").value_or("");
      const auto name = tx.text("SELECT max(display_name) FROM users").value_or("");
      // A writer's pair, or what was backed up, or what there was at first; never half of one.
      return name == title || title == "Field day" || title == "Later";
    };
    try {
      while (!done())
        if (!one()) return 1;
      return one() ? 0 : 2;
    } catch (const Error& error) {
      box.write("refused", error.code() + ": " + error.what());
      throw;
    }
  };
  const auto exits = in_processes(7, [&](int who) { return who == 0 ? restores() : who < 4 ? writes(who) : reads(); });
  INFO((ops::file_exists(box.path("refused")) ? box.read("refused") : ""));
  CHECK(exits == std::vector<int>(7, 0));
  CHECK(box.value("SELECT title FROM offers") == "after");
  CHECK(box.value("PRAGMA integrity_check") == "ok");
  CHECK(audit_intact(box.database()));
}

TEST_CASE("a restore whose last step fails changes nothing, and keeps no copy that tells of it",
          "[database][restore][sqlite]") {
  Restorable box;
  const auto names = names_in(box.folder());
  const auto now = manifest_of(box);
  // The file system takes a verified copy, and not one page more into the live log.
  const auto command = under_strace(
      box.command({"db", "restore", "--from", box.path("b.db"), "--yes", "--json"}),
      {"-o", "/dev/null", "-P", box.database() + "-wal", "-e", "trace=pwrite64", "-e", "inject=pwrite64:error=ENOSPC"});
  const auto run = run_process(command);
  CHECK(run.exit == 7);
  CHECK(run.error_code() == "disk_full");
  CHECK(names_in(box.folder()) == names);
  CHECK(manifest_of(box) == now);
}

TEST_CASE("six restores at once each happen whole, one after the other", "[database][restore][sqlite]") {
  Restorable box;
  const auto exits =
      in_processes(6, [&](int) { return box.error_code("db.restore", from(box.path("b.db"))).empty() ? 0 : 1; });
  CHECK(exits == std::vector<int>(6, 0));
  CHECK(db::differing_tables(manifest_of(box), box.then) == kMarks);
  CHECK(audit_intact(box.database()));
  CHECK(box.value("PRAGMA integrity_check") == "ok");
}

TEST_CASE("a restore warns that payouts may have been made since, and names those that it loses",
          "[database][restore][pause][sqlite]") {
  Atelier box;
  const auto entry = box.approved_entry(box.delivered(10'000));
  box.data("db.backup", {{"to", {box.path("b.db")}}});
  box.data("ledger.payout", {{"entry", {entry}}, {"expect-total", {"60.00 EUR"}}});
  const auto payout = box.value("SELECT id FROM payouts");
  const auto answer = box.run("db.restore", from(box.path("b.db")));
  CHECK(warned(answer, "payouts_reopened"));
  REQUIRE(answer.data.at("payouts_lost").items().size() == 1);
  const auto& lost = answer.data.at("payouts_lost").items().front();
  CHECK(lost.at("id").text() == payout);
  CHECK(lost.at("amount_cents").integer() > 0);
  CHECK(answer.data.at("payments_lost").items().empty());
  std::string keys;
  const auto agenda = box.data("status").at("waiting");
  for (const auto& item : agenda.items()) keys += item.at("key").text() + " ";
  CHECK_THAT(keys, Catch::Contains("payouts_unsure ledger_approved"));
  box.data("invoices.confirm-number", {{"number", {"900"}}});
  CHECK(box.value("SELECT count(*) FROM ledger_entries WHERE status = 'APPROVED'") != "0");
  const auto later = box.data("status").at("waiting");
  for (const auto& item : later.items()) CHECK(item.at("key").text() != "payouts_unsure");
}

TEST_CASE("a restore of a ledger with nothing open does not speak of payouts", "[database][restore][sqlite]") {
  Restorable box;
  const auto answer = box.run("db.restore", from(box.path("b.db")));
  CHECK_FALSE(warned(answer, "payouts_reopened"));
  CHECK(answer.data.at("payouts_lost").items().empty());
}
