#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "ops/files.h"
#include "support/dumpable.h"

using namespace steward;
using namespace steward::test;

namespace {

namespace fs = std::filesystem;

struct BackedUp : Dumpable {
  Process backup(const std::string& url) {
    return steward({"db", "backup", "--to", path("b.dump"), "--json"}, "", variables_at(url));
  }
  Process backup() { return backup(url_of(owner())); }
  /// It is refused with that code, and nothing of it stays.
  void refused(const Process& run, int exit, const std::string& code) {
    CAPTURE(run.out, run.err);
    CHECK(run.exit == exit);
    CHECK(run.error_code() == code);
    for (const auto& entry : fs::directory_iterator(folder()))
      CHECK(entry.path().filename().string().find("b.dump") == std::string::npos);
    CHECK(scratch_databases() == 0);
  }
};

}  // namespace

TEST_CASE("a server's database is backed up by pg_dump, proven by a restore, and recorded", "[db][postgres][twins]") {
  BackedUp studio;
  const auto run = studio.backup();
  CAPTURE(run.out, run.err);
  REQUIRE(run.exit == 0);
  struct stat file {};
  REQUIRE(::stat(studio.path("b.dump").c_str(), &file) == 0);
  CHECK((file.st_mode & 0777) == 0600);
  const auto answer = run.json();
  const auto manifest = parse_json(studio.read("b.dump.manifest.json"));
  CHECK(manifest.at("sha256").text() == ops::sha256_of_file(studio.path("b.dump")));
  CHECK(manifest.at("sha256") == answer.at("data").at("sha256"));
  CHECK(manifest.at("rows").integer() > 10);
  CHECK(studio.read("b.dump").starts_with("PGDMP"));
  CHECK(studio.scratch_databases() == 0);
  const auto last = studio.session("steward").rows("SELECT action FROM audit_log ORDER BY seq DESC LIMIT 1");
  CHECK(last.front().front() == "db.backup");
}

TEST_CASE("a dump is of the moment that was counted, while others write", "[db][postgres][twins]") {
  BackedUp studio;
  studio.put_before("pg_dump", "psql -q '" + studio.url_of("steward") +
                                   "' -c \"INSERT INTO settings VALUES ('later', 'x', false, now())\" || exit 9\n"
                                   "exec /usr/bin/pg_dump \"$@\"");
  const auto run = studio.backup();
  CAPTURE(run.out, run.err);
  CHECK(run.exit == 0);
  CHECK(studio.session("steward").rows("SELECT 1 FROM settings WHERE key = 'later'").size() == 1);
}

TEST_CASE("a password travels to pg_dump and pg_restore in the environment, never among the arguments",
          "[db][postgres][twins]") {
  BackedUp studio;
  for (const std::string program : {"pg_dump", "pg_restore"})
    studio.put_before(program, "echo \"$@\" >> " + studio.path("arguments") + "; echo $PGPASSWORD >> " +
                                   studio.path("passwords") + "; exec /usr/bin/" + program + " \"$@\"");
  const auto run = studio.backup(studio.url_of(studio.owner()) + "&password=s3cr3t%27");
  CAPTURE(run.out, run.err);
  CHECK(run.exit == 0);
  CHECK(studio.read("passwords") == "s3cr3t'\ns3cr3t'\n");
  CHECK_THAT(studio.read("arguments"), !Catch::Contains("s3cr3t"));
  CHECK_THAT(run.out, !Catch::Contains("s3cr3t"));
}

TEST_CASE("a backup that can't be made or proven leaves nothing", "[db][postgres][twins]") {
  BackedUp studio;
  SECTION("pg_dump is not installed") {
    studio.path_variable = studio.path("bin");
    const auto run = studio.backup();
    studio.refused(run, 6, "postgres_client_missing");
    CHECK_THAT(run.out, Catch::Contains("postgresql-client"));
  }
  SECTION("pg_dump fails") {
    studio.put_before("pg_dump", "echo 'server version mismatch' >&2; exit 1");
    const auto run = studio.backup();
    studio.refused(run, 6, "postgres_client_failed");
    CHECK_THAT(run.out, Catch::Contains("server version mismatch"));
  }
  SECTION("the disk is full") {
    studio.put_before("pg_dump", "echo 'could not write: No space left on device' >&2; exit 1");
    studio.refused(studio.backup(), 7, "disk_full");
  }
  SECTION("the dump does not hold what was counted") {
    studio.put_before("pg_restore", "exec /usr/bin/pg_restore --schema-only \"$@\"");
    studio.refused(studio.backup(), 6, "backup_mismatch");
  }
  SECTION("the dump does not restore") {
    studio.put_before("pg_restore", "echo 'input file is too short' >&2; exit 1");
    studio.refused(studio.backup(), 6, "postgres_client_failed");
  }
  SECTION("the role may make no database to prove it in") {
    studio.administer("ALTER ROLE " + studio.owner() + " NOCREATEDB");
    const auto run = studio.backup();
    studio.refused(run, 6, "database_refused");
    CHECK_THAT(run.out, Catch::Contains("CREATEDB"));
  }
}

TEST_CASE("what a killed backup left on the server goes with the next one", "[db][postgres][twins]") {
  BackedUp studio;
  const auto oid = studio.session("steward").rows("SELECT oid FROM pg_database WHERE datname = current_database()");
  PostgresSession(studio.url_of(studio.owner())).script("CREATE DATABASE steward_verify_" + oid.front().front());
  CHECK(studio.backup().exit == 0);
  CHECK(studio.scratch_databases() == 0);
}
