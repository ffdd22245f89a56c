// Docs/contract.md, 6: what is of high risk is confirmed by a person, and only proposed by an agent or a job.
#include <algorithm>
#include <catch2/catch.hpp>

#include "ops/run.h"
#include "support/sandbox.h"

using namespace steward;
using namespace steward::test;

namespace {

ops::RawArgs user(const std::string& email) { return {{"user", {email}}}; }
ops::RawArgs make_admin(const std::string& email) { return {{"user", {email}}, {"role", {"ADMIN"}}}; }

struct Office {
  Sandbox box;
  std::string ana = box.user("ana@x.example", {"ADMIN", "SUPER_ADMIN"});
  std::string cy = box.user("cy@x.example");
  std::string person = box.token({"*"}, "PERSON", ana);

  std::string status() { return box.value("SELECT status FROM users WHERE email = 'cy@x.example'"); }
  std::string waiting() { return box.value("SELECT count(*) FROM action_proposals WHERE status = 'PENDING'"); }
};

bool warned(const ops::Answer& answer, std::string_view code) {
  return std::ranges::any_of(answer.warnings, [&](const auto& warning) { return warning.code == code; });
}

}  // namespace

TEST_CASE("an agent and a job propose what is high, and their proposal is all that is kept", "[ops][risk]") {
  Office office;
  auto& box = office.box;
  const auto kind = GENERATE(as<std::string>(), "AGENT", "JOB");
  const auto token = box.token({"*"}, kind);
  const auto before = box.snapshot();
  const auto error = box.refusal("users.disable", user("cy@x.example"), {.token = token});
  CHECK(error.code() == "approval_required");
  CHECK(error.exit_code() == 6);
  CHECK(error.details().at("approval_id").text() == box.value("SELECT id FROM action_proposals"));
  CHECK(differences(before, box.snapshot()) == std::map<std::string, int>{{"action_proposals insert", 1},
                                                                          {"audit_log insert", 1},
                                                                          {"audit_heads insert", 1},
                                                                          {"service_tokens update", 1}});
  CHECK(box.actions() == std::vector<std::string>{"approvals.request"});
}

TEST_CASE("the word --yes is a person's: it makes no agent or job do what it may only propose", "[ops][risk]") {
  Office office;
  const auto kind = GENERATE(as<std::string>(), "AGENT", "JOB");
  const auto token = office.box.token({"*"}, kind);
  bool asked = false;
  const auto ask = [&](const std::string&) { return asked = true; };
  for (const bool yes : {true, false})
    CHECK(office.box.error_code("users.disable", user("cy@x.example"), {.token = token, .yes = yes, .confirm = ask}) ==
          "approval_required");
  CHECK_FALSE(asked);
  CHECK(office.status() == "ACTIVE");
}

TEST_CASE("what is low is done by every kind of token, without a question", "[ops][risk]") {
  Office office;
  auto& box = office.box;
  const auto kind = GENERATE(as<std::string>(), "AGENT", "JOB", "PERSON");
  const auto token = box.token({"*"}, kind, kind == "PERSON" ? office.ana : "");
  CHECK(box.error_code("users.create", {{"email", {"new@x.example"}}}, {.token = token, .yes = false}).empty());
  CHECK(office.waiting() == "0");
}

TEST_CASE("a person confirms what is high, with a token as at the shell", "[ops][risk]") {
  Office office;
  auto& box = office.box;
  const bool shell = GENERATE(true, false);
  const auto token = shell ? std::nullopt : std::optional(office.person);
  CHECK(box.error_code("users.disable", user("cy@x.example"), {.token = token, .yes = false}) == "confirmation_needed");
  CHECK(office.status() == "ACTIVE");
  int asked = 0;
  box.run("users.disable", user("cy@x.example"),
          {.token = token, .yes = false, .confirm = [&](const std::string& question) {
             CHECK(question == "Disabled cy@x.example. Go ahead?");
             return ++asked == 1;
           }});
  CHECK(asked == 1);
  CHECK(office.status() == "DISABLED");
}

TEST_CASE("nobody is asked about what would change nothing", "[ops][risk]") {
  Office office;
  auto& box = office.box;
  CHECK(warned(box.run("users.enable", user("cy@x.example"), {.yes = false}), "no_change"));
  CHECK(warned(box.run("users.enable", user("cy@x.example"), {.token = box.token({"*"})}), "no_change"));
  CHECK(office.waiting() == "0");
}

TEST_CASE("the question is never asked under a lock", "[ops][risk]") {
  Office office;
  auto& box = office.box;
  box.run("users.disable", user("cy@x.example"), {.yes = false, .confirm = [&](const std::string&) {
                                                    box.run("users.create", {{"email", {"other@x.example"}}});
                                                    return true;
                                                  }});
  CHECK(box.actions() == std::vector<std::string>{"users.create", "users.disable"});
}

TEST_CASE("what changed while the question waited is looked at again before anything is done", "[ops][risk]") {
  Office office;
  auto& box = office.box;
  const auto answered_after = [&](const std::function<void()>& change) {
    return Call{.token = office.person, .yes = false, .confirm = [=](const std::string&) { return change(), true; }};
  };
  CHECK(warned(box.run("users.disable", user("cy@x.example"),
                       answered_after([&] { box.run("users.disable", user("cy@x.example")); })),
               "no_change"));
  CHECK(box.error_code("users.enable", user("cy@x.example"), answered_after([&] {
                         box.sql("UPDATE service_tokens SET revoked_at = '2026-03-02T09:00:00.000Z'");
                       })) == "not_authenticated");
  CHECK(office.status() == "DISABLED");
}

TEST_CASE("two people are asked for from the moment the setting is on, even with a question open", "[ops][risk]") {
  Office office;
  auto& box = office.box;
  const Call call{.token = office.person, .yes = false, .confirm = [&](const std::string&) {
                    box.run("settings.set", {{"key", {"controls.two_person"}}, {"value", {"on"}}});
                    return true;
                  }};
  CHECK(box.error_code("users.grant", make_admin("cy@x.example"), call) == "approval_required");
  CHECK(box.value("SELECT count(*) FROM user_roles WHERE user_id = '" + office.cy + "'") == "0");
  CHECK(office.waiting() == "1");
}

TEST_CASE("while two people are not asked for, every use of it says so in its audit row", "[ops][risk]") {
  Office office;
  auto& box = office.box;
  const auto metadata = [&] {
    return parse_json(box.value("SELECT metadata FROM audit_log ORDER BY seq DESC LIMIT 1"));
  };
  box.run("users.grant", make_admin("cy@x.example"));
  CHECK(metadata().at("two_person").text() == "off");
  box.run("users.grant", {{"user", {"cy@x.example"}}, {"role", {"STAFF"}}});
  CHECK(metadata().find("two_person") == nullptr);
  box.run("users.create", {{"email", {"dee@x.example"}}, {"role", {"ADMIN"}}});
  CHECK(metadata().at("two_person").text() == "off");
}

TEST_CASE("changing controls.two_person is audited with what it was", "[ops][risk]") {
  Office office;
  auto& box = office.box;
  const auto metadata = [&] { return box.value("SELECT metadata FROM audit_log ORDER BY seq DESC LIMIT 1"); };
  box.run("settings.set", {{"key", {"controls.two_person"}}, {"value", {"on"}}});
  CHECK(metadata() == R"({"after":{"value":"on"},"before":{"value":"off"}})");
  box.run("settings.reset", {{"key", {"controls.two_person"}}});
  CHECK(metadata() == R"({"after":{"value":"off"},"before":{"value":"on"}})");
}

TEST_CASE("the same proposal again is the same request, and leaves no second row in the trail", "[ops][risk]") {
  Office office;
  auto& box = office.box;
  const auto agent = box.token({"*"});
  box.error_code("users.disable", user("cy@x.example"), {.token = agent});
  const auto digest = box.table_digest();
  CHECK(box.error_code("users.disable", user("cy@x.example"), {.token = agent}) == "approval_required");
  CHECK(box.table_digest() == digest);
  CHECK(box.error_code("users.disable", user("ana@x.example"), {.token = agent}) !=
        "approval_required");  // the last one
  CHECK(office.waiting() == "1");
}

TEST_CASE("what could not be done is not proposed either", "[ops][risk]") {
  Office office;
  auto& box = office.box;
  const auto agent = box.token({"*"});
  CHECK(box.error_code("users.disable", user("nobody@x.example"), {.token = agent}) == "not_found");
  CHECK(box.error_code("users.disable", user("ana@x.example"), {.token = agent}) == "last_administrator");
  CHECK(box.error_code("users.disable", user("cy@x.example"), {.token = box.token({"users:read"})}) == "forbidden");
  CHECK(office.waiting() == "0");
}

TEST_CASE("an agent's dry run of what is high shows the change and files nothing", "[ops][risk]") {
  Office office;
  auto& box = office.box;
  const auto agent = box.token({"*"});
  const auto digest = box.table_digest();
  const auto answer = box.run("users.disable", user("cy@x.example"), {.token = agent, .dry_run = true});
  CHECK(Catch::contains(to_text(answer.data.at("changes")), R"("table":"users")"));
  CHECK(box.table_digest() == digest);
}

TEST_CASE("a token that is revoked before its proposal is filed leaves nothing waiting", "[ops][risk]") {
  Office office;
  auto& box = office.box;
  const auto agent = box.token({"*"});
  // The rehearsal is over when its transaction is rolled back; what follows is the filing.
  auto house = box.house();
  house.log = [&](const std::string& line) {
    if (Catch::contains(line, "ROLLBACK"))
      box.sql("UPDATE service_tokens SET revoked_at = '2026-03-02T09:00:00.000Z' WHERE kind = 'AGENT'");
  };
  ops::Request request;
  request.operation = Sandbox::registry().find("users.disable");
  request.raw = user("cy@x.example");
  request.token = agent;
  request.request_id = "r";
  try {
    ops::run(house, request, nullptr);
    FAIL("not refused");
  } catch (const Error& error) {
    CHECK(error.code() == "not_authenticated");
  }
  CHECK(box.value("SELECT count(*) FROM action_proposals") == "0");
}
