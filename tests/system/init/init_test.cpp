#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "db/migrations.h"
#include "ops/files.h"
#include "support/strace.h"
#include "system/database/support.h"

using namespace steward;
using namespace steward::test;
namespace fs = std::filesystem;

namespace {

struct Fresh : Sandbox {
  Fresh() { use_database(place_for_database("house/of/steward.db")); }
  Process init(const std::vector<std::string>& words = {}, const Variables& variables = {}) const {
    std::vector<std::string> all{"init", "--json"};
    all.insert(all.end(), words.begin(), words.end());
    return steward(all, "", variables);
  }
};

using Cells = std::vector<std::vector<std::string>>;

const Variables kRealClock{{"STEWARD_NOW", std::nullopt}};

int mode_of(const std::string& file) {
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

}  // namespace

TEST_CASE("init makes a private folder, database and key, and seeds them", "[init][cli]") {
  Fresh box;
  const auto run = box.init();
  REQUIRE(run.exit == 0);
  CHECK(mode_of(box.path("house/of")) == 0700);
  CHECK((on_postgres() || mode_of(box.database()) == 0600));
  CHECK(mode_of(box.key_file()) == 0600);
  CHECK(run.json().at("data").at("created").boolean());
  CHECK(box.value("SELECT count(*) FROM roles") == "11");
  CHECK(box.rows("SELECT rate_bp FROM rates ORDER BY rate_bp") == Cells{{"400"}, {"6000"}});
  CHECK(box.value("SELECT environment FROM db_identity") == "local");
  CHECK(box.actions() == std::vector<std::string>{"init"});
  CHECK(box.steward({"db", "check"}).exit == 0);
}

TEST_CASE("init is safe to repeat: the second run changes nothing and says how it stands", "[init][cli]") {
  Fresh box;
  box.init();
  const auto digest = box.table_digest(), key = box.read(box.key_file());
  const auto again = box.init();
  CHECK(again.exit == 0);
  CHECK(again.json().at("warnings").items().front().at("code").text() == "no_change");
  CHECK_FALSE(again.json().at("data").at("created").boolean());
  CHECK(box.table_digest() == digest);
  CHECK(box.read(box.key_file()) == key);
}

TEST_CASE("eight inits at once make one database and one key", "[init][cli]") {
  Fresh box;
  std::vector<Running> all;
  for (int i = 0; i < 8; ++i) all.push_back(box.start({"init", "--json"}));
  for (auto& one : all) CHECK(one.finish().exit == 0);
  CHECK(box.actions() == std::vector<std::string>{"init"});
  CHECK(box.value("SELECT count(*) FROM app_migrations") == std::to_string(db::compiled_migrations(engine()).size()));
  const auto key = box.read(box.key_file());
  CHECK(key.find("steward-key-1") == key.rfind("steward-key-1"));
  const auto names = names_in(box.path("house/of"));
  CHECK(names == (on_postgres() ? std::set<std::string>{"steward.db.key"}
                                : std::set<std::string>{"steward.db", "steward.db.key"}));
}

TEST_CASE("CL-4: the environment is recorded once, and another one is refused at every open", "[init][cli]") {
  Fresh box;
  REQUIRE(box.init({"--env", "staging", "--admin-email", "ada@x.example"}, kRealClock).exit == 0);
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"init"}, {"db", "status"}, {"db", "migrate"}, {"users", "list"}}) {
    auto all = words;
    all.insert(all.end(), {"--env", "local", "--json"});
    const auto run = box.steward(all, "", kRealClock);
    CHECK(run.exit == 6);
    CHECK(run.error_code() == "environment_mismatch");
  }
  CHECK(box.steward({"db", "status", "--env", "staging"}, "", kRealClock).exit == 0);
}

TEST_CASE("ID-4: init in prod names an administrator and shows their token once", "[init][cli]") {
  Fresh box;
  const auto run = box.init({"--env", "prod", "--admin-email", "Ada@X.example"}, kRealClock);
  REQUIRE(run.exit == 0);
  const auto token = run.json().at("data").at("token").text();
  CHECK(token.starts_with("stw_"));
  CHECK(box.value("SELECT email FROM users") == "ada@x.example");
  CHECK(box.value("SELECT count(*) FROM user_roles") == "2");
  CHECK(box.value("SELECT kind || scopes FROM service_tokens") == R"(PERSON["*"])");

  const auto again = box.init({"--env", "prod", "--admin-email", "eve@x.example"}, kRealClock);
  CHECK(again.exit == 0);
  CHECK_FALSE(again.json().at("data").find("token"));
  CHECK(box.value("SELECT count(*) FROM users") == "1");

  CHECK(box.steward({"users", "list"}, "", kRealClock).exit == 3);
  auto with = kRealClock;
  with["STEWARD_TOKEN"] = token;
  CHECK(box.steward({"users", "list"}, "", with).exit == 0);
  CHECK(box.steward({"db", "seed", "--fixture", "studio"}, "", with).exit == 0);
}

TEST_CASE("ID-4: when no administrator has a token that works, the file's owner gets back in", "[init][cli]") {
  Fresh box;
  REQUIRE(box.init({"--env", "prod", "--admin-email", "ada@x.example"}, kRealClock).exit == 0);
  box.sql(GENERATE(as<std::string>(), "UPDATE service_tokens SET expires_at = '2026-01-01T00:00:00.000Z'",
                   "UPDATE service_tokens SET revoked_at = '2026-01-01T00:00:00.000Z'",
                   "UPDATE service_tokens SET scopes = '[\"users:read\"]'"));
  box.sql(
      "INSERT INTO users SELECT '0196f000-0000-7000-8000-000000000001', 'cy@x.example', 'ACTIVE', NULL, NULL, NULL, 1,"
      " created_at, updated_at FROM users");
  CHECK(box.init({"--admin-email", "cy@x.example"}, kRealClock).error_code() == "role_missing");
  const auto email = GENERATE(as<std::string>(), "ada@x.example", "new@x.example");
  const auto run = box.init({"--admin-email", email}, kRealClock);
  REQUIRE(run.exit == 0);
  auto with = kRealClock;
  with["STEWARD_TOKEN"] = run.json().at("data").at("token").text();
  CHECK(box.steward({"users", "grant", "cy@x.example", "--role", "STAFF", "--yes"}, "", with).exit == 0);
  const auto trail =
      box.rows("SELECT actor_type, metadata FROM audit_log WHERE action = 'init' ORDER BY seq DESC").at(0);
  CHECK(trail[0] == "OPERATOR");
  CHECK(Catch::contains(trail[1], R"("administrator":true)"));
  CHECK(Catch::contains(trail[1], R"("first_administrator":false)"));
  CHECK_FALSE(box.init({"--admin-email", "eve@x.example"}, kRealClock).json().at("data").find("token"));
}

TEST_CASE("init outside local wants an administrator or --solo before it makes anything", "[init][cli]") {
  Fresh box;
  const auto run = box.init({"--env", "prod"}, kRealClock);
  CHECK(run.exit == 2);
  CHECK(run.error_code() == "missing_argument");
  CHECK_FALSE(fs::exists(box.path("house")));
  const auto fixed = box.init({"--env", "prod", "--solo"});
  CHECK(fixed.error_code() == "fixed_clock");
  CHECK_FALSE(fs::exists(box.path("house")));
}

TEST_CASE("after init --solo the file's owner needs no token and no second person", "[init][cli]") {
  Fresh box;
  REQUIRE(box.init({"--env", "prod", "--solo"}, kRealClock).exit == 0);
  CHECK(box.rows("SELECT key, value FROM settings ORDER BY key") ==
        Cells{{"controls.solo", "on"}, {"controls.two_person", "off"}});
  CHECK(box.steward({"users", "create", "--email", "a@x.example"}, "", kRealClock).exit == 0);
  CHECK(box.value("SELECT actor_type FROM audit_log WHERE action = 'users.create'") == "OPERATOR");
}

TEST_CASE("init goes on where an interrupted one stopped", "[init][cli]") {
  Fresh box;
  fs::create_directories(box.path("house/of"));
  {
    const auto half = db::open(db::Url::parse(box.database()), {db::Access::write, true});
    const auto all = db::compiled_migrations(engine());
    db::migrate(*half, {all.data(), 4}, box.now(), {});
  }
  CHECK(box.steward({"db", "status", "--json"}).error_code() == "foreign_database");
  CHECK(box.init().exit == 0);
  CHECK(box.steward({"db", "check"}).exit == 0);
  CHECK(box.actions() == std::vector<std::string>{"init"});
}

TEST_CASE("init leaves alone what is another program's", "[init][cli]") {
  Fresh box;
  const std::string theirs(5000, 'n');
  if (on_postgres())
    db::open(db::Url::parse(box.database()), {db::Access::write, true})->script("CREATE TABLE letters (a TEXT)");
  else
    box.write("house/of/steward.db", theirs);
  CHECK(box.init().error_code() == "foreign_database");
  CHECK((on_postgres() || box.read("house/of/steward.db") == theirs));
  CHECK_FALSE(fs::exists(box.key_file()));
}

TEST_CASE("init makes no new key where secrets wait for the old one", "[init][cli]") {
  Fresh box;
  box.init();
  box.sql("INSERT INTO settings VALUES ('business.iban', 'v1:00000000:x', true, '2026-01-01T00:00:00.000Z')");
  fs::remove(box.key_file());
  const auto run = box.init();
  CHECK_FALSE(fs::exists(box.key_file()));
  const auto json = run.json();
  bool warned = false;
  for (const auto& warning : json.at("warnings").items()) warned |= warning.at("code").text() == "key_missing";
  CHECK(warned);
  box.sql("DELETE FROM settings");
  CHECK(box.init().exit == 0);
  CHECK(fs::exists(box.key_file()));
}

TEST_CASE("a dry run of init makes nothing", "[init][cli]") {
  Fresh box;
  CHECK(box.init({"--dry-run"}).exit == 0);
  CHECK_FALSE(fs::exists(box.path("house")));
}

TEST_CASE("init repeated goes on from every point at which it was killed", "[init][cli][fault]") {
  // Killed at the first, the second… call of each kind that changes a file or asks the server, until one run has no
  // more of them.
  const auto calls = on_postgres()
                         ? std::vector<std::string>{"sendto", "fsync", "link", "mkdir"}
                         : std::vector<std::string>{"pwrite64", "fdatasync", "fsync", "link", "mkdir", "unlink"};
  const auto call = GENERATE_COPY(from_range(calls));
  int killed = 0;
  for (int nth = 1; nth < 400; nth += call == "pwrite64" || call == "sendto" ? 17 : 1) {
    Fresh box;
    const auto command =
        under_strace(box.command({"init", "--json"}), {"-o", "/dev/null", "-e", "trace=" + call, "-e",
                                                       "inject=" + call + ":signal=KILL:when=" + std::to_string(nth)});
    if (run_process(command).exit == 0) break;
    ++killed;
    CAPTURE(call, nth);
    const auto again = box.init();
    REQUIRE(again.exit == 0);
    REQUIRE(box.steward({"db", "check"}).exit == 0);
    REQUIRE(box.value("SELECT count(*) FROM audit_log") == "1");
    REQUIRE(fs::exists(box.key_file()));
    REQUIRE((on_postgres() || names_in(box.path("house/of")).contains("steward.db")));
  }
  CHECK(killed > 0);
}

TEST_CASE("a file without tables is taken over only when it is empty, or an interrupted init's",
          "[init][cli][sqlite]") {
  Fresh box;
  fs::create_directories(box.path("house/of"));
  const auto make = [&](const std::string& pragma) {
    const Process made = run_process({"sqlite3", {box.database(), pragma}, {{"PATH", "/usr/bin:/bin"}}, "", "", {}});
    REQUIRE(made.exit == 0);
    return box.read(box.database());
  };
  SECTION("nothing at all") {
    box.write("house/of/steward.db", "");
    CHECK(box.init().exit == 0);
  }
  SECTION("our mark, and no tables yet") {
    make("PRAGMA application_id = 0x73747764");
    CHECK(box.steward({"db", "status", "--json"}).exit == 6);
    CHECK(box.steward({"db", "status", "--json"}).error_code() == "foreign_database");
    CHECK(box.init().exit == 0);
    CHECK(box.steward({"db", "check"}).exit == 0);
  }
  SECTION("another program's mark, or none: it has just been begun") {
    const auto bytes = make(GENERATE(as<std::string>{}, "PRAGMA application_id = 42", "PRAGMA user_version = 3"));
    for (const auto* verb : {"init", "db migrate"}) {
      auto words = std::string(verb) == "init" ? std::vector<std::string>{"init", "--json"}
                                               : std::vector<std::string>{"db", "migrate", "--json"};
      const auto run = box.steward(words);
      CHECK(run.exit == 6);
      CHECK(run.error_code() == "foreign_database");
    }
    CHECK(box.read(box.database()) == bytes);
    CHECK_FALSE(fs::exists(box.database() + ".key"));
    CHECK_FALSE(fs::exists(box.database() + "-wal"));
  }
}

TEST_CASE("what init and a demo made is whole in its one file", "[init][wal][sqlite]") {
  Sandbox box;
  const auto made = std::string(GENERATE("init", "demo"));
  const auto database = box.path("made.db");
  const auto ran = made == "init" ? box.steward({"init", "--db", database}) : box.steward({"demo", "--to", database});
  REQUIRE(ran.exit == 0);
  std::filesystem::copy_file(database, box.path("copied.db"));
  CHECK(
      box.steward({"db", "check", "--db", box.path("copied.db")}, {}, {{"STEWARD_KEY_FILE", database + ".key"}}).exit ==
      0);
  std::error_code none;
  const auto log = std::filesystem::file_size(database + "-wal", none);
  CHECK((none || log == 0));
}

TEST_CASE("a database whose tables stayed in the log of what it was copied from says so", "[init][wal][sqlite]") {
  Sandbox box;
  const auto made = box.path("made.db");
  REQUIRE(box.steward({"init", "--db", made}).exit == 0);
  box.use_database(made);
  std::string objects;
  for (const auto& row : box.rows("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"))
    objects += "DROP TABLE " + row[0] + ";";
  box.sql("PRAGMA foreign_keys = OFF;" + objects);
  const auto ran = box.steward({"offers", "list", "--db", made, "--json"});
  CHECK(ran.exit == 6);
  CHECK_THAT(ran.out, Catch::Contains("without the -wal") && Catch::Contains("db backup"));
}

TEST_CASE("the log beside a database stays small over many writes", "[init][wal][sqlite]") {
  Sandbox box;
  std::uintmax_t largest = 0;
  for (int i = 0; i < 300; ++i) {
    box.data("settings.set", {{"key", {"invoices.terms_days"}}, {"value", {std::to_string(1 + i % 300)}}});
    std::error_code none;
    const auto size = std::filesystem::file_size(box.database() + "-wal", none);
    if (!none) largest = std::max(largest, size);
  }
  CHECK(largest > 0);
  CHECK(largest < 5'000'000);
}
