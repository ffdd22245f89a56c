#include <catch2/catch.hpp>

#include "studio/identity/identity.h"
#include "support/sandbox.h"

using namespace steward;
using steward::test::Call;
using steward::test::Sandbox;

namespace {

void need_two(Sandbox& box) {
  box.sql(
      "INSERT INTO settings (key, value, updated_at) VALUES ('controls.two_person', 'on', '2026-01-01T00:00:00.000Z')");
}

std::string last_metadata(Sandbox& box) {
  return box.value("SELECT metadata FROM audit_log ORDER BY seq DESC LIMIT 1");
}

Json names(std::initializer_list<const char*> roles) { return Json(Json::Array(roles.begin(), roles.end())); }

}  // namespace

TEST_CASE("a person is added with roles and a history, and read back by address", "[identity][operations]") {
  Sandbox box;
  const auto made = box.data(
      "users.create",
      {{"email", {" Ana@Example.COM "}}, {"name", {"Ana Lima"}}, {"role", {"maestro", "associate", "maestro"}}});
  CHECK(made.at("email").text() == "ana@example.com");
  CHECK(made.at("status").text() == "ACTIVE");
  CHECK(made.at("roles") == names({"ASSOCIATE", "MAESTRO"}));
  CHECK(made.at("version").integer() == 1);

  const auto shown = box.data("users.show", {{"user", {"ANA@example.com"}}});
  CHECK(shown.at("id") == made.at("id"));
  CHECK(shown.at("grants").items().size() == 2);
  REQUIRE(shown.at("history").items().size() == 1);
  CHECK(shown.at("history").items()[0].at("to_status").text() == "ACTIVE");
  CHECK(last_metadata(box) == R"({"after":{"roles":["ASSOCIATE","MAESTRO"],"status":"ACTIVE"}})");
}

TEST_CASE("one address is one person", "[identity][operations]") {
  Sandbox box;
  box.user("ana@example.com");
  CHECK(box.error_code("users.create", {{"email", {"ANA@example.com"}}}) == "duplicate");
  box.user("bo@example.com");
  CHECK(box.error_code("users.update", {{"user", {"bo@example.com"}}, {"email", {"ana@example.com"}}}) == "duplicate");
}

TEST_CASE("ID-8: a role is one of the closed enumeration", "[identity][operations]") {
  Sandbox box;
  CHECK(box.error_code("users.create", {{"email", {"a@example.com"}}, {"role", {"WIZARD"}}}) == "invalid_choice");
  CHECK(box.value("SELECT count(*) FROM roles") == "11");
}

TEST_CASE("ID-7: seeding makes every role once, the two protected ones marked", "[identity][operations]") {
  Sandbox box;
  const auto connection = box.connect();
  db::Tx tx(*connection, db::Access::write, box.now());
  tx.exec("DELETE FROM roles");
  identity::seed_roles(tx);
  identity::seed_roles(tx);
  CHECK(tx.integer("SELECT count(*) FROM roles") == 11);
  CHECK(tx.all("SELECT name FROM roles WHERE protected ORDER BY name", {},
               [](const db::Row& row) { return row.str(0); }) == std::vector<std::string>{"ADMIN", "SUPER_ADMIN"});
}

TEST_CASE("people are listed by role, status and text", "[identity][operations]") {
  Sandbox box;
  box.user("ana@example.com", {"MAESTRO"}, "Ana Lima");
  box.user("bo@example.com", {"ASSOCIATE"}, "Bo 100%");
  box.sql("UPDATE users SET status = 'DISABLED' WHERE email = 'bo@example.com'");
  CHECK(box.list("users.list", {{"role", {"maestro"}}}).items().size() == 1);
  CHECK(box.list("users.list", {{"status", {"disabled"}}}).items().size() == 1);
  CHECK(box.list("users.list", {{"search", {"LIMA"}}}).items().size() == 1);
  CHECK(box.list("users.list", {{"search", {"%"}}}).items().size() == 1);
  CHECK(box.list("users.list").items().size() == 2);
}

TEST_CASE("an update changes what is named, empties what is cleared, and refuses a stale version",
          "[identity][operations]") {
  Sandbox box;
  box.user("ana@example.com", {}, "Ana");
  const auto changed =
      box.data("users.update", {{"user", {"ana@example.com"}}, {"bio", {"Line\nline"}}, {"if-version", {"1"}}});
  CHECK(changed.at("bio").text() == "Line\nline");
  CHECK(changed.at("display_name").text() == "Ana");
  CHECK(changed.at("version").integer() == 2);
  CHECK(last_metadata(box) == R"({"fields":["bio"]})");
  CHECK(box.error_code("users.update", {{"user", {"ana@example.com"}}, {"name", {"B"}}, {"if-version", {"1"}}}) ==
        "stale_version");
  CHECK(box.data("users.update", {{"user", {"ana@example.com"}}, {"clear", {"bio"}}}).at("bio").is_null());
  CHECK(box.error_code("users.update", {{"user", {"ana@example.com"}}}) == "missing_argument");
}

TEST_CASE("disabling and enabling leave a history and ask for confirmation", "[identity][operations]") {
  Sandbox box;
  box.user("ana@example.com");
  CHECK(box.error_code("users.disable", {{"user", {"ana@example.com"}}}, {.yes = false}) == "confirmation_needed");
  CHECK(box.data("users.disable", {{"user", {"ana@example.com"}}, {"reason", {"left"}}}).at("status").text() ==
        "DISABLED");
  const auto again = box.run("users.disable", {{"user", {"ana@example.com"}}});
  REQUIRE(again.warnings.size() == 1);
  CHECK(again.warnings[0].code == "no_change");
  box.at("2026-03-02T10:00:00Z");
  CHECK(box.data("users.enable", {{"user", {"ana@example.com"}}}).at("status").text() == "ACTIVE");
  const auto history = box.data("users.show", {{"user", {"ana@example.com"}}}).at("history");
  REQUIRE(history.items().size() == 2);
  CHECK(history.items()[0].at("note").text() == "left");
  CHECK(history.items()[0].at("actor").text().starts_with("operator:"));
  CHECK(box.actions() == std::vector<std::string>{"users.disable", "users.enable"});
}

TEST_CASE("ID-12: nobody disables themselves, and the last administrator stays", "[identity][operations]") {
  Sandbox box;
  const auto ana = box.user("ana@example.com", {"SUPER_ADMIN", "ADMIN"});
  const auto token = box.token({"*"}, "PERSON", ana);
  CHECK(box.error_code("users.disable", {{"user", {"ana@example.com"}}}, {.token = token}) == "forbidden");
  CHECK(box.error_code("users.disable", {{"user", {"ana@example.com"}}}) == "last_administrator");
  CHECK(box.error_code("users.revoke", {{"user", {"ana@example.com"}}, {"role", {"ADMIN"}}}) == "last_administrator");
  CHECK(box.error_code("users.revoke", {{"user", {"ana@example.com"}}, {"role", {"ADMIN"}}}, {.token = token}) ==
        "forbidden");
  box.user("bo@example.com", {"ADMIN"});
  CHECK(box.error_code("users.disable", {{"user", {"ana@example.com"}}}) ==
        "last_administrator");  // the last SUPER_ADMIN
  CHECK(box.data("users.revoke", {{"user", {"ana@example.com"}}, {"role", {"ADMIN"}}}).at("roles") ==
        names({"SUPER_ADMIN"}));
  CHECK(box.error_code("users.disable", {{"user", {"bo@example.com"}}}) == "last_administrator");
}

TEST_CASE("ID-12: asking for a role that is held changes nothing and audits nothing", "[identity][operations]") {
  Sandbox box;
  box.user("ana@example.com", {"MAESTRO"});
  const auto before = box.table_digest();
  CHECK(box.run("users.grant", {{"user", {"ana@example.com"}}, {"role", {"maestro"}}}).warnings.at(0).code ==
        "no_change");
  CHECK(box.run("users.revoke", {{"user", {"ana@example.com"}}, {"role", {"staff"}}}).warnings.at(0).code ==
        "no_change");
  CHECK(box.table_digest() == before);
}

TEST_CASE("a role is granted and taken, and the trail says what was held before and after", "[identity][operations]") {
  Sandbox box;
  box.user("ana@example.com", {"STAFF"});
  CHECK(box.data("users.grant", {{"user", {"ana@example.com"}}, {"role", {"maestro"}}}).at("roles") ==
        names({"STAFF", "MAESTRO"}));
  CHECK(last_metadata(box) ==
        R"({"after":{"roles":["STAFF","MAESTRO"]},"before":{"roles":["STAFF"]},"role":"MAESTRO"})");
  CHECK(box.data("users.revoke", {{"user", {"ana@example.com"}}, {"role", {"maestro"}}}).at("version").integer() == 3);
}

TEST_CASE("ID-1: a protected role takes two people, and who waives it is in the trail", "[identity][operations]") {
  Sandbox box;
  const auto ana = box.user("ana@example.com", {"SUPER_ADMIN", "ADMIN"});
  const auto bo = box.user("bo@example.com", {"ADMIN"});
  box.user("cy@example.com");
  const auto admin = box.token({"*"}, "PERSON", bo);

  CHECK(box.error_code("users.grant", {{"user", {"cy@example.com"}}, {"role", {"SUPER_ADMIN"}}}, {.token = admin}) ==
        "forbidden");
  CHECK(box.error_code("users.grant", {{"user", {"bo@example.com"}}, {"role", {"ADMIN"}}}, {.token = admin}) ==
        "");  // held already

  box.data("users.grant", {{"user", {"cy@example.com"}}, {"role", {"ADMIN"}}}, {.token = admin});
  CHECK(Catch::contains(last_metadata(box), R"("two_person":"off")"));

  need_two(box);
  const auto error = box.refusal("users.revoke", {{"user", {"cy@example.com"}}, {"role", {"ADMIN"}}}, {.token = admin});
  CHECK(error.code() == "approval_required");
  CHECK(box.error_code("users.create", {{"email", {"d@example.com"}}, {"role", {"ADMIN"}}}, {.token = admin}) ==
        "approval_required");
  CHECK(box.value("SELECT count(*) FROM users WHERE email = 'd@example.com'") == "0");
  CHECK(box.error_code("users.grant", {{"user", {"cy@example.com"}}, {"role", {"MAESTRO"}}}, {.token = admin}) == "");
}

TEST_CASE("ID-1: nobody makes themselves an administrator", "[identity][operations]") {
  Sandbox box;
  const auto bo = box.user("bo@example.com", {"SUPER_ADMIN"});
  const auto token = box.token({"*"}, "PERSON", bo);
  CHECK(box.error_code("users.grant", {{"user", {"bo@example.com"}}, {"role", {"ADMIN"}}}, {.token = token}) ==
        "forbidden");
}

TEST_CASE("an agent proposes what hands out roles, and may add a person without any", "[identity][operations]") {
  Sandbox box;
  const auto agent = box.token({"users:write"});
  CHECK(box.error_code("users.create", {{"email", {"a@example.com"}}}, {.token = agent}) == "");
  CHECK(box.error_code("users.create", {{"email", {"b@example.com"}}, {"role", {"maestro"}}}, {.token = agent}) ==
        "approval_required");
  CHECK(box.error_code("users.disable", {{"user", {"a@example.com"}}}, {.token = agent}) == "approval_required");
}

TEST_CASE("other rooms get an ACTIVE user with one of the roles, or a sentence that says why not",
          "[identity][operations]") {
  Sandbox box;
  box.user("ana@example.com", {"MAESTRO"});
  const auto connection = box.connect();
  db::Tx tx(*connection, db::Access::read, box.now());
  const ops::Role maestro[] = {ops::Role::maestro};
  const ops::Role providers[] = {ops::Role::associate, ops::Role::apprentice};
  CHECK(identity::require_active(tx, {"ANA@example.com"}, maestro, "maestro").email == "ana@example.com");
  CHECK(identity::require_active(tx, {"ana@example.com"}, {}, "owner").status == identity::UserStatus::active);
  try {
    identity::require_active(tx, {"ana@example.com"}, providers, "provider");
    FAIL("not refused");
  } catch (const Error& error) {
    CHECK(error.code() == "role_missing");
    CHECK(error.field() == "provider");
    CHECK(std::string(error.what()) ==
          "ana@example.com can't be the provider: the role ASSOCIATE or APPRENTICE is missing.");
  }
}

TEST_CASE("a disabled user can't be given anything to do", "[identity][operations]") {
  Sandbox box;
  box.user("ana@example.com", {"MAESTRO"});
  box.sql("UPDATE users SET status = 'DISABLED'");
  const auto connection = box.connect();
  db::Tx tx(*connection, db::Access::read, box.now());
  CHECK_THROWS_WITH(identity::require_active(tx, {"ana@example.com"}, {}, "maestro"),
                    "ana@example.com is DISABLED and can't be the maestro.");
}
