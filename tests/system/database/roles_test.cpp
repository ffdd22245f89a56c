#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "db/grants.h"
#include "db/tx.h"
#include "support/postgres_studio.h"
#include "system/demo/season.h"

using namespace steward;
using namespace steward::test;

namespace {

const char* const kReads[] = {"audit list",     "settings list", "approvals list", "offers list",  "intake list",
                              "proposals list", "invoices list", "payments list",  "rates list",   "deals list",
                              "ledger balance", "users list",    "tokens list",    "audit verify", "ledger check",
                              "db status",      "status",        "proposals list", "deals check",  "db schema"};

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> out(1);
  for (const char c : line)
    if (c == ' ')
      out.emplace_back();
    else
      out.back() += c;
  return out;
}

}  // namespace

TEST_CASE("the whole season plays as the application's role, and every room answers it", "[db][postgres][twins]") {
  PostgresStudio studio;
  studio.grant();
  studio.at("2027-06-01T09:00:00Z");  // the season is some months long, and what init wrote comes before it
  const auto house = studio.house_of(studio.role());
  demo::Season season(house);
  REQUIRE_NOTHROW(season.play(demo::read_season(studio.now())));

  for (const std::string line : kReads) {
    CAPTURE(line);
    auto words = words_of(line);
    words.emplace_back("--json");
    const auto answer = studio.as(studio.role(), words);
    CAPTURE(answer.out);
    CHECK(answer.exit == 0);
  }
  const auto rehearsed =
      studio.as(studio.role(), {"settings", "set", "business.legal_name", "Nord", "--dry-run", "--json"});
  CAPTURE(rehearsed.out, rehearsed.err);
  CHECK(rehearsed.json().at("data").at("changes").items().size() >= 2);
  CHECK(studio.session("steward").rows("SELECT count(*) FROM invoices").front().front() != "0");
}

TEST_CASE("what the commands don't need, the server refuses to the application's role", "[db][postgres][twins]") {
  PostgresStudio studio;
  studio.grant();
  const std::string statement =
      GENERATE("UPDATE audit_log SET action = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log", "TRUNCATE settings",
               "DELETE FROM payments", "UPDATE rates SET rate_bp = 1", "UPDATE db_identity SET environment = 'prod'",
               "INSERT INTO app_migrations SELECT * FROM app_migrations", "DROP TABLE settings",
               "CREATE TABLE mine (id bigint)", "ALTER TABLE settings ADD COLUMN mine bigint",
               "ALTER TABLE audit_log DISABLE TRIGGER ALL", "DROP TRIGGER audit_log_no_update ON audit_log",
               "CREATE INDEX mine ON settings (value)", "CREATE ROLE mine", "SET session_replication_role = replica",
               "CREATE TRIGGER mine BEFORE INSERT ON settings FOR EACH ROW EXECUTE FUNCTION steward_refuse('x')");
  CAPTURE(statement);
  const auto said = studio.refusal(studio.role(), statement);
  CHECK((said.find("permission denied") != std::string::npos || said.find("must be owner") != std::string::npos));
}

TEST_CASE("granting again changes nothing and leaves no trace", "[db][postgres][twins]") {
  PostgresStudio studio;
  studio.grant();
  const auto audited = [&] { return studio.session("steward").rows("SELECT count(*) FROM audit_log").front().front(); };
  const auto before = audited();
  const auto again = studio.as(studio.owner(), {"db", "migrate", "--grant-to", studio.role(), "--json"});
  CHECK(again.exit == 0);
  CHECK(again.json().at("warnings").items().front().at("code").text() == "no_change");
  CHECK(audited() == before);

  studio.administer("GRANT DELETE ON audit_log TO " + studio.role());
  CHECK(studio.as(studio.owner(), {"db", "migrate", "--grant-to", studio.role()}).exit == 0);
  CHECK(audited() != before);
  CHECK_THAT(studio.refusal(studio.role(), "DELETE FROM audit_log"), Catch::Contains("permission denied"));
}

TEST_CASE("the role that is made can't log in before somebody says so", "[db][postgres][twins]") {
  PostgresStudio studio;
  const auto made = studio.as(studio.owner(), {"db", "migrate", "--grant-to", studio.role(), "--json"});
  CHECK(made.exit == 0);
  CHECK(made.json().at("data").at("granted").at("made").boolean());
  const auto row = studio.session("steward")
                       .rows(
                           "SELECT rolcanlogin, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles "
                           "WHERE rolname = '" +
                           studio.role() + "'")
                       .front();
  CHECK(row == std::vector<std::string>{"f", "f", "f", "f", "f"});
}

TEST_CASE("a migration's new table is the application's too, and nobody's who only reads", "[db][postgres][twins]") {
  PostgresStudio studio;
  studio.grant();
  const auto reader = studio.name() + "_reader";
  studio.administer("CREATE ROLE " + reader + "; GRANT SELECT ON audit_log TO " + reader);
  auto known = db::compiled_migrations(db::Engine::postgres);
  known.push_back(db::make_migration(
      std::to_string(1000 + known.size() + 1).replace(0, 1, "0") + "_more.postgres.sql",
      "CREATE TABLE more (id uuid NOT NULL PRIMARY KEY); CREATE TRIGGER more_no_delete BEFORE DELETE ON more FOR EACH "
      "ROW EXECUTE FUNCTION steward_refuse('append_only: more')"));
  const auto connection = db::open(db::Url::parse(studio.url_of(studio.owner())), {db::Access::write});
  db::migrate(*connection, known, studio.now(), {});

  auto app = studio.session(studio.role());
  CHECK_NOTHROW(app.script("INSERT INTO more VALUES ('00000000-0000-7000-8000-000000000001')"));
  CHECK_THAT(studio.refusal(studio.role(), "DELETE FROM more"), Catch::Contains("permission denied"));
  CHECK(studio.session("steward")
            .rows("SELECT has_table_privilege('" + reader + "', 'more', 'SELECT')")
            .front()
            .front() == "f");
  studio.administer("DROP OWNED BY " + reader + "; DROP ROLE " + reader);
}

TEST_CASE("a role that no grant could hold is refused, and nothing is granted", "[db][postgres][twins]") {
  PostgresStudio studio;
  const auto refused = [&](const std::string& role) {
    const auto answer = studio.as("steward", {"db", "migrate", "--grant-to", role, "--json"});
    CAPTURE(answer.out);
    CHECK(studio.session("steward")
              .rows("SELECT 1 FROM pg_class, aclexplode(relacl) a WHERE relname = 'audit_log' AND a.privilege_type = "
                    "'INSERT' AND a.grantee <> relowner")
              .empty());
    return answer;
  };
  SECTION("a superuser") {
    const auto answer = refused("steward");
    CHECK(answer.exit == 6);
    CHECK(answer.error_code() == "database_refused");
    CHECK_THAT(answer.out, Catch::Contains("superuser"));
  }
  SECTION("the owner") { CHECK(refused(studio.owner()).exit == 6); }
  SECTION("one that passes row security by") {
    studio.administer("CREATE ROLE " + studio.role() + " BYPASSRLS");
    CHECK_THAT(refused(studio.role()).out, Catch::Contains("row security"));
  }
  SECTION("one that may do more through everybody's rights") {
    studio.administer("GRANT TRUNCATE ON payments TO PUBLIC");
    CHECK_THAT(refused(studio.role()).out, Catch::Contains("TRUNCATE payments"));
  }
  SECTION("a name that is everybody's") {
    const auto answer = refused("public");
    CHECK(answer.exit == 2);
    CHECK(answer.error_code() == "invalid_value");
  }
}

TEST_CASE("a role that is not there is refused where the owner may make none", "[db][postgres][twins]") {
  PostgresStudio studio;
  studio.administer("ALTER ROLE " + studio.owner() + " NOCREATEROLE");
  const auto answer = studio.as(studio.owner(), {"db", "migrate", "--grant-to", studio.role(), "--json"});
  CHECK(answer.exit == 6);
  CHECK(answer.error_code() == "database_refused");
  CHECK_THAT(answer.out, Catch::Contains("does not exist") && Catch::Contains("CREATE ROLE"));
  studio.administer("CREATE ROLE \"" + studio.role() + "\" LOGIN");
  CHECK(studio.as(studio.owner(), {"db", "migrate", "--grant-to", studio.role()}).exit == 0);
  CHECK(studio.as(studio.role(), {"settings", "set", "business.legal_name", "Nord"}).exit == 0);
}

TEST_CASE("a dry run of a grant says what would be given and gives nothing", "[db][postgres][twins]") {
  PostgresStudio studio;
  const auto answer = studio.as(studio.owner(), {"db", "migrate", "--grant-to", studio.role(), "--dry-run", "--json"});
  CAPTURE(answer.out, answer.err);
  CHECK(answer.exit == 0);
  const auto json = answer.json();
  const auto& rights = json.at("data").at("granted").at("tables");
  CHECK(to_canonical(rights.at("audit_log")) == R"(["SELECT","INSERT"])");
  CHECK(to_canonical(rights.at("db_identity")) == R"(["SELECT"])");
  CHECK(to_canonical(rights.at("invoices")).find("UPDATE") != std::string::npos);
  CHECK(studio.session("steward").rows("SELECT 1 FROM pg_roles WHERE rolname = '" + studio.role() + "'").empty());
}

TEST_CASE("the application's role migrates nothing", "[db][postgres][twins]") {
  PostgresStudio studio;
  studio.grant();
  studio.administer("DELETE FROM app_migrations WHERE seq = (SELECT max(seq) FROM app_migrations)");
  const auto answer = studio.as(studio.role(), {"db", "migrate", "--json"});
  CAPTURE(answer.out);
  CHECK(answer.exit == 6);
  CHECK(answer.error_code() == "database_refused");
}

TEST_CASE("a file has no roles to grant to, and none is made", "[db]") {
  Sandbox box;
  box.use_database(box.path("none.db"));
  const auto refused = box.refusal("db.migrate", {{"grant-to", {"app"}}});
  CHECK(refused.exit_code() == 2);
  CHECK(refused.code() == "unsupported_engine");
  CHECK_FALSE(std::filesystem::exists(box.path("none.db")));
}
