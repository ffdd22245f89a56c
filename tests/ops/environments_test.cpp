// Docs/contract.md, 7: where a token is needed, of every operation there is.
#include <catch2/catch.hpp>

#include "support/example.h"

using namespace steward;
using namespace steward::test;
using Form = ops::Operation::Form;

namespace {

bool is_read(const ops::Operation& operation) { return operation.form == Form::list || operation.form == Form::show; }

// The code that an operation's example is refused with; whether its records exist is of no account before rights.
std::string code_of(Sandbox& box, const ops::Operation& operation, const Call& call = {}) {
  return box.error_code(operation.path, parsed_example(operation.examples.front()).raw, call);
}

}  // namespace

TEST_CASE("outside local every write, and every read that is not open, needs a token", "[ops][environments]") {
  Sandbox box;
  box.become(GENERATE(as<std::string>(), "staging", "prod"));
  for (const auto* operation : Sandbox::registry().all()) {
    if (operation->form != Form::write && !is_read(*operation)) continue;
    CAPTURE(operation->path);
    if (is_read(*operation) && operation->open)
      CHECK(code_of(box, *operation) != "not_authenticated");
    else
      CHECK(code_of(box, *operation) == "not_authenticated");
  }
}

TEST_CASE("what is open to everyone shows nobody's data", "[ops][environments]") {
  for (const auto* operation : Sandbox::registry().all()) {
    if (!operation->open) continue;
    CAPTURE(operation->path);
    CHECK(operation->form != Form::write);
    for (const auto& column : operation->columns) {
      const std::string name(column.name);
      CAPTURE(name);
      for (const auto* personal : {"email", "user", "contact", "client", "phone", "address", "beneficiary"})
        CHECK_FALSE(Catch::contains(name, personal));
    }
  }
}

TEST_CASE("a token that is given is checked, even where none is needed", "[ops][environments]") {
  Sandbox box;
  const auto expired = box.token({"*"});
  box.sql("UPDATE service_tokens SET expires_at = '2026-03-02T09:00:00.000Z'");
  for (const auto* operation : Sandbox::registry().all()) {
    if (operation->form != Form::write && !is_read(*operation)) continue;
    CAPTURE(operation->path);
    for (const auto& token : {expired, std::string("stw_nonsense"), std::string()})
      CHECK(code_of(box, *operation, {.token = token}) == "not_authenticated");
  }
}

TEST_CASE("a token without a scope may do nothing that asks for one", "[ops][environments]") {
  Sandbox box;
  const auto token = box.token({"nothing:read"});
  for (const auto* operation : Sandbox::registry().all()) {
    if ((operation->form != Form::write && !is_read(*operation)) || operation->scope.empty()) continue;
    CAPTURE(operation->path);
    const auto error = box.refusal(operation->path, parsed_example(operation->examples.front()).raw, {.token = token});
    CHECK(error.code() == "forbidden");
    CHECK(error.details().at("scope").text() == operation->scope);
  }
}

TEST_CASE("init --solo: the owner acts without a token, and each use of the waived second person is in the trail",
          "[ops][environments][cli]") {
  Sandbox box;
  box.use_database(box.place_for_database("house/steward.db"));
  const Variables real{{"STEWARD_NOW", std::nullopt}};
  REQUIRE(box.steward({"init", "--env", "prod", "--solo"}, "", real).exit == 0);
  CHECK(Catch::contains(box.value("SELECT metadata FROM audit_log WHERE action = 'init'"), R"("solo":true)"));
  REQUIRE(box.steward({"users", "create", "--email", "a@x.example"}, "", real).exit == 0);
  REQUIRE(box.steward({"users", "grant", "a@x.example", "--role", "ADMIN", "--yes"}, "", real).exit == 0);
  CHECK(Catch::contains(box.value("SELECT metadata FROM audit_log WHERE action = 'users.grant'"),
                        R"("two_person":"off")"));
  CHECK(box.value("SELECT DISTINCT actor_type FROM audit_log") == "OPERATOR");
  const auto forged =
      box.steward({"users", "list", "--json"}, "", {{"STEWARD_NOW", std::nullopt}, {"STEWARD_TOKEN", "x"}});
  CHECK(forged.exit == 3);
}

TEST_CASE("in staging and prod two people are asked for unless somebody decided otherwise", "[ops][environments]") {
  Sandbox box;
  const auto token = box.token({"*"}, "PERSON", box.user("ana@x.example", {"ADMIN", "SUPER_ADMIN"}));
  box.user("cy@x.example");
  box.become(GENERATE(as<std::string>(), "staging", "prod"));
  const ops::RawArgs raw{{"user", {"cy@x.example"}}, {"role", {"ADMIN"}}};
  CHECK(box.error_code("users.grant", raw, {.token = token}) == "approval_required");
  box.run("settings.set", {{"key", {"controls.two_person"}}, {"value", {"off"}}}, {.token = token});
  CHECK(box.error_code("users.grant", raw, {.token = token}).empty());
  CHECK(
      Catch::contains(box.value("SELECT metadata FROM audit_log ORDER BY seq DESC LIMIT 1"), R"("two_person":"off")"));
}

TEST_CASE("a refused authentication is in the trail, by read, write and dry run alike", "[ops][environments]") {
  Sandbox box;
  const ops::RawArgs raw{{"email", {"a@x.example"}}};
  CHECK(box.error_code("users.list", {}, {.token = "x"}) == "not_authenticated");
  CHECK(box.error_code("users.create", raw, {.token = "x"}) == "not_authenticated");
  CHECK(box.error_code("users.create", raw, {.token = "x", .dry_run = true}) == "not_authenticated");
  using Rows = std::vector<std::vector<std::string>>;
  CHECK(box.rows("SELECT action, actor_type, target_id FROM audit_log ORDER BY seq") ==
        Rows{{"auth.refused", "ANONYMOUS", "users.list"},
             {"auth.refused", "ANONYMOUS", "users.create"},
             {"auth.refused", "ANONYMOUS", "users.create"}});
}

TEST_CASE("a flood of refused authentications from many processes leaves ten rows a minute",
          "[ops][environments][cli]") {
  Sandbox box;
  const auto exits = in_processes(4, [&](int) {
    for (int i = 0; i < 4; ++i)
      if (box.steward({"users", "list"}, "", {{"STEWARD_TOKEN", "x"}}).exit != 3) return 1;
    return 0;
  });
  CHECK(exits == std::vector<int>(4, 0));
  CHECK(box.value("SELECT count(*) FROM audit_log") == "10");
  CHECK(box.value("SELECT count FROM auth_failures") == "16");
  CHECK(box.data("audit.verify").at("verdict").text() == "intact");
}
