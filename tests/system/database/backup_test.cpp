#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "ops/files.h"
#include "system/database/support.h"

using namespace steward;
using namespace steward::test;

namespace {

int mode_of(const std::string& file) {
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

}  // namespace

TEST_CASE("CL-7: a backup is proven, private, whole, and tells what it holds", "[database][backup][sqlite]") {
  Sandbox box;
  populate(box);
  const auto before = manifest_of(box);
  const auto answer = box.run("db.backup", {{"to", {box.path("b.db")}}});
  CHECK(manifest_of_file(box.path("b.db")) == before);
  CHECK(mode_of(box.path("b.db")) == 0600);
  CHECK(mode_of(box.path("b.db.manifest.json")) == 0600);
  CHECK(names_in(box.folder()) == std::set<std::string>{"b.db", "b.db.manifest.json", "steward.db", "steward.db.key"});
  const auto manifest = parse_json(box.read("b.db.manifest.json"));
  CHECK(manifest.at("sha256").text() == ops::sha256_of_file(box.path("b.db")));
  CHECK(manifest.at("rows").integer() == before.rows());
  CHECK(manifest.at("environment").text() == "local");
  CHECK(db::manifest_of(manifest.at("tables")) == before);
  CHECK(answer.data.at("sha256") == manifest.at("sha256"));
  CHECK_THAT(answer.sentence, Catch::Contains(box.path("b.db")));
}

TEST_CASE("CL-7: a backup is audited, and the agenda finds when the last one was", "[database][backup][sqlite]") {
  Sandbox box;
  box.data("db.backup", {{"to", {box.path("b.db")}}});
  CHECK(box.actions() == std::vector<std::string>{"db.backup"});
  CHECK(box.value("SELECT value FROM settings WHERE key = 'backup.last_verified_at'") == "2026-03-02T09:00:00.000Z");
  const auto metadata = parse_json(box.value("SELECT metadata FROM audit_log WHERE action = 'db.backup'"));
  CHECK(metadata.at("file").text() == "b.db");
  CHECK(metadata.at("sha256").text().size() == 64);
}

TEST_CASE("CL-7: a backup replaces a file only when it is told to", "[database][backup][sqlite]") {
  Sandbox box;
  box.write("b.db", "mine");
  Call call;
  call.yes = false;
  CHECK(box.error_code("db.backup", {{"to", {box.path("b.db")}}}, call) == "confirmation_needed");
  CHECK(box.read("b.db") == "mine");
  CHECK(box.actions().empty());
  std::string asked;
  call.confirm = [&](const std::string& question) { return asked = question, true; };
  box.data("db.backup", {{"to", {box.path("b.db")}}}, call);
  CHECK_THAT(asked, Catch::Contains(box.path("b.db")));
  CHECK(manifest_of_file(box.path("b.db")).rows() > 0);
}

TEST_CASE("CL-7: a backup is allowed while migrations are pending, and when a newer steward was there",
          "[database][backup][sqlite]") {
  Sandbox box;
  const auto [sql] =
      GENERATE(table<std::string>({{"DELETE FROM app_migrations WHERE seq = 7"},
                                   {"INSERT INTO app_migrations VALUES (99, '0099_later', lower(hex(zeroblob(32))), "
                                    "'2026-01-01T00:00:00.000Z', 1, '9')"}}));
  box.sql(sql);
  const auto before = manifest_of(box);
  const auto answer = box.run("db.backup", {{"to", {box.path("b.db")}}});
  CHECK(manifest_of_file(box.path("b.db")) == before);
  CHECK(warned(answer, "not_recorded"));
  CHECK(manifest_of(box) == before);
}

TEST_CASE("CL-7: backups are proven while eight write", "[database][backup][sqlite]") {
  Sandbox box;
  const auto done = [&] { return ops::file_exists(box.path("done")); };
  const auto exits = in_processes(9, [&](int who) {
    if (who > 0) {
      for (int i = 0; !done(); ++i)
        if (!box.error_code("users.create", {{"email", {fmt::format("u{}-{}@x.example", who, i)}}}).empty()) return 1;
      return 0;
    }
    int failed = 0;
    for (int i = 0; i < 3; ++i)
      failed += !box.error_code("db.backup", {{"to", {box.path(fmt::format("b{}.db", i))}}}).empty();
    box.write("done", "");
    return failed;
  });
  CHECK(exits == std::vector<int>(9, 0));
  for (int i = 0; i < 3; ++i) {
    const auto told = parse_json(box.read(fmt::format("b{}.db.manifest.json", i)));
    CHECK(db::manifest_of(told.at("tables")) == manifest_of_file(box.path(fmt::format("b{}.db", i))));
  }
  CHECK(box.error_code("db.check").empty());
}

TEST_CASE("a backup names no target that can't be one", "[database][backup][sqlite]") {
  Sandbox box;
  CHECK(box.error_code("db.backup", {{"to", {box.database()}}}) == "invalid_target");
  CHECK(box.error_code("db.backup", {{"to", {box.folder()}}}) == "invalid_target");
  CHECK(box.error_code("db.backup", {{"to", {"-"}}}) == "invalid_target");
  CHECK(box.error_code("db.backup", {{"to", {box.path("no/such/b.db")}}}) == "file_unwritable");
  CHECK(box.actions().empty());
}

TEST_CASE("a dry run of a backup writes nothing anywhere", "[database][backup][sqlite]") {
  Sandbox box;
  Call call;
  call.dry_run = true;
  const auto digest = box.table_digest();
  const auto answer = box.run("db.backup", {{"to", {box.path("b.db")}}}, call);
  CHECK(answer.dry_run);
  CHECK(names_in(box.folder()) == std::set<std::string>{"steward.db", "steward.db.key"});
  CHECK(box.table_digest() == digest);
}

TEST_CASE("a database that is not sound gives no verified backup, and its copy is kept apart",
          "[database][backup][sqlite]") {
  Sandbox box;
  populate(box);
  box.data("db.seed", {{"fixture", {"studio"}}});
  const auto [sql, check] = GENERATE(table<std::string, std::string>({
      {"DROP TRIGGER audit_log_no_update; UPDATE audit_log SET action = 'x' WHERE seq = 1", "audit"},
      {"PRAGMA foreign_keys = OFF; DELETE FROM offers WHERE slug = 'field-day'", "foreign_keys"},
  }));
  box.sql(sql);
  const auto error = box.refusal("db.backup", {{"to", {box.path("b.db")}}});
  CHECK(error.code() == "check_failed");
  CHECK_THAT(error.details().at("lines").items().front().text(), Catch::StartsWith(check));
  CHECK_FALSE(ops::file_exists(box.path("b.db")));
  CHECK(manifest_of_file(box.path("b.db.unverified")) == manifest_of(box));
  CHECK(box.actions().size() == 1);
}

TEST_CASE("CL-7: a backup asks before it replaces a manifest, and takes the logs of what it replaces away",
          "[database][backup][sqlite]") {
  Sandbox box;
  box.write("b.db.manifest.json", "mine");
  Call call;
  call.yes = false;
  CHECK(box.error_code("db.backup", {{"to", {box.path("b.db")}}}, call) == "confirmation_needed");
  CHECK(box.read("b.db.manifest.json") == "mine");
  for (const auto* log : {"b.db-wal", "b.db-journal", "b.db-shm"}) box.write(log, "of another database");
  box.data("db.backup", {{"to", {box.path("b.db")}}});
  CHECK(names_in(box.folder()) == std::set<std::string>{"b.db", "b.db.manifest.json", "steward.db", "steward.db.key"});
  for (const auto* log : {"b.db-wal", "b.db-shm"}) CHECK_FALSE(ops::file_exists(box.path(log)));
}

TEST_CASE("what a killed backup left behind goes with the next one", "[database][backup][sqlite]") {
  Sandbox box;
  box.write("b.db.tmp-999999", "half");
  box.write("b.db.tmp-999999.verify-wal", "half");
  box.write("b.db.tmp-1", "init's, which is alive");
  box.data("db.backup", {{"to", {box.path("b.db")}}});
  CHECK(names_in(box.folder()) ==
        std::set<std::string>{"b.db", "b.db.manifest.json", "b.db.tmp-1", "steward.db", "steward.db.key"});
  CHECK_FALSE(ops::file_exists(box.path("b.db.tmp-999999.verify-wal")));
}

TEST_CASE("CL-5: backup, restore, migrate and seed need a token with their scope outside local",
          "[database][rights][sqlite]") {
  Sandbox box;
  box.data("db.backup", {{"to", {box.path("b.db")}}});
  const auto environment = GENERATE(std::string("staging"), "prod");
  box.become(environment);
  alter(box.path("b.db"), "UPDATE db_identity SET environment = '" + environment + "'");
  std::filesystem::remove(box.path("b.db.manifest.json"));
  const auto admin = box.user("ada@x.example", {"ADMIN"});
  const std::vector<std::tuple<std::string, std::string, ops::RawArgs>> calls{
      {"db.backup", "db:backup", {{"to", {box.path("c.db")}}}},
      {"db.migrate", "db:migrate", {}},
      {"db.seed", "db:seed", {}},
      {"db.restore", "db:admin", {{"from", {box.path("b.db")}}, {"confirm", {environment}}}},
  };
  for (const auto& [path, scope, raw] : calls) {
    CAPTURE(path);
    Call call;
    CHECK(box.error_code(path, raw, call) == "not_authenticated");
    call.token = box.token({"users:write"}, "PERSON", admin);
    CHECK(box.error_code(path, raw, call) == "forbidden");
    call.token = box.token({scope}, "PERSON", admin);
    CHECK(box.error_code(path, raw, call) == "");
  }
}

TEST_CASE("a backup can be a job's, a restore can't", "[database][rights][sqlite]") {
  Sandbox box;
  Call call;
  call.token = box.token({"db:*"}, "JOB");
  CHECK(box.error_code("db.backup", {{"to", {box.path("b.db")}}}, call) == "");
  CHECK(box.error_code("db.restore", {{"from", {box.path("b.db")}}}, call) == "forbidden");
  call.key = "once";
  CHECK(box.error_code("db.backup", {{"to", {box.path("c.db")}}}, call) == "unsupported_flag");
}
