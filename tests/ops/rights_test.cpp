// Who may what (docs/contract.md, 7).
#include <unistd.h>

#include <catch2/catch.hpp>

#include "core/refusal.h"
#include "ops/authenticate.h"
#include "ops/declare.h"
#include "ops/run.h"
#include "studio/commerce.h"

using namespace steward;
using namespace steward::test;

namespace {

ops::Operation operation(std::string scope, std::vector<ops::Role> roles = {}) {
  ops::Operation out;
  out.path = "things.change";
  out.scope = std::move(scope);
  out.roles = std::move(roles);
  return out;
}

ops::Actor person(std::vector<ops::Role> roles, std::vector<std::string> scopes = {"*"}) {
  ops::Actor out;
  out.type = ops::ActorType::user;
  out.roles = std::move(roles);
  out.scopes = std::move(scopes);
  return out;
}

bool may(const ops::Actor& actor, const ops::Operation& operation) {
  const auto code = refusal_code([&] { ops::authorise(actor, operation); });
  CHECK((code.empty() || code == "forbidden"));
  return code.empty();
}

// An operation that moves money and does nothing else, so that a ceiling is all there is to see.
struct MoveArgs {
  ops::Sum sum;
};
ops::Change move(ops::Context&, const MoveArgs& args) {
  ops::Change change;
  change.target_type = "money";
  change.target_id = "m";
  change.sentence = "Moved it.";
  change.moves = args.sum;
  return change;
}

struct Till {
  Sandbox box;
  ops::Operation moves = ops::declare<MoveArgs>("money.move", "Move money")
                             .option("sum", &MoveArgs::sum, "How much")
                             .needs("payments:write")
                             .writes(move);
  std::string token;

  explicit Till(const std::string& ceiling, const std::string& user = {}) {
    ops::RawArgs raw{{"name", {"till"}}, {"scope", {"payments:write"}}, {"max-amount", {ceiling}}, {"ttl", {"365d"}}};
    if (!user.empty()) {
      box.user(user, {"ADMIN"});
      raw["kind"] = {"person"};
      raw["user"] = {user};
    }
    token = box.data("tokens.create", raw).at("token").text();
  }
  std::string code(const std::string& sum) {
    ops::Request request;
    request.operation = &moves;
    request.raw = {{"sum", {sum}}};
    request.token = token;
    request.request_id = "r";
    const auto house = box.house();
    return refusal_code([&] { ops::run(house, request, nullptr); });
  }
};

std::string last_used(const Sandbox& box) { return box.value("SELECT last_used_at FROM service_tokens"); }

}  // namespace

TEST_CASE("a scope is held as itself, by its group, by its verb, or by everything", "[ops][rights]") {
  const auto [held, wanted, fine] = GENERATE(table<std::vector<std::string>, std::string, bool>({
      {{"events:write"}, "events:write", true},
      {{"events:*"}, "events:write", true},
      {{"*:write"}, "events:write", true},
      {{"*"}, "events:write", true},
      {{"*:*"}, "events:write", false},  // no way to spell it
      {{"invoices:write", "events:write"}, "events:write", true},
      {{}, "events:write", false},
      {{"events:read"}, "events:write", false},
      {{"event:*"}, "events:write", false},
      {{"events"}, "events:write", false},
      {{"*:read"}, "events:write", false},
      {{"ledger:*"}, "ledger:approve", true},
      {{"*:write"}, "ledger:approve", false},
  }));
  CAPTURE(held, wanted);
  CHECK(person({ops::Role::admin}, held).has_scope(wanted) == fine);
  CHECK(may(person({ops::Role::admin}, held), operation(wanted)) == fine);
}

TEST_CASE("a person's token needs the scope and the role; an agent's the scope alone", "[ops][rights]") {
  using ops::Role;
  const auto anyone = operation("things:write", {Role::maestro, Role::staff}), admins = operation("things:write");
  for (const auto role : {Role::admin, Role::super_admin}) {
    CHECK(may(person({role}), anyone));
    CHECK(may(person({role}), admins));
    CHECK_FALSE(may(person({role}, {"other:write"}), admins));
  }
  CHECK(may(person({Role::client, Role::staff}), anyone));
  CHECK_FALSE(may(person({Role::client, Role::staff}), admins));
  CHECK_FALSE(may(person({Role::user}), anyone));
  CHECK_FALSE(may(person({}), anyone));
  auto agent = person({});
  agent.type = ops::ActorType::agent;
  CHECK(may(agent, admins));
  agent.scopes = {"things:read"};
  const auto error = refusal([&] { ops::authorise(agent, admins); });
  REQUIRE(error);
  CHECK(error->kind() == ErrorKind::permission);
  CHECK(error->details() == Json{{"scope", "things:write"}});
  CHECK_THAT(refusal([&] { ops::authorise(person({Role::user}), anyone); })->what(),
             Catch::Contains("ADMIN, SUPER_ADMIN, MAESTRO, STAFF"));
}

TEST_CASE("outside local, the shell needs a token for every write and every read of people", "[ops][rights]") {
  Sandbox box;
  const auto ana = box.user("ana@studio.example", {"ADMIN"});
  const auto token =
      box.data("tokens.create",
               {{"name", {"t"}}, {"scope", {"*"}}, {"kind", {"person"}}, {"user", {"ana@studio.example"}}})
          .at("token")
          .text();
  CHECK(box.error_code("users.list").empty());
  box.become(GENERATE(as<std::string>(), "staging", "prod"));
  box.sql("UPDATE service_tokens SET expires_at = '2999-01-01T00:00:00.000Z'");
  for (const auto* path : {"users.list", "approvals.expire-due"}) {
    CAPTURE(path);
    const auto error = box.refusal(path);
    CHECK(error.code() == "not_authenticated");
    CHECK(error.exit_code() == 3);
    CHECK(box.error_code(path, {}, {.token = token}).empty());
    CHECK(box.error_code(path, {}, {.token = "nonsense"}) == "not_authenticated");
  }
}

TEST_CASE("solo: the owner of the file acts without a token, nobody else", "[ops][rights][sqlite]") {
  Sandbox box;
  box.become("prod");
  box.sql("INSERT INTO settings VALUES ('controls.solo', 'on', false, '2026-01-01T00:00:00.000Z')");
  CHECK(box.run("users.list").actor.id == "operator:tester");
  CHECK(box.error_code("users.list", {}, {.token = "nonsense"}) == "not_authenticated");
  REQUIRE(::geteuid() == 0);  // CI runs as root; so must whoever runs this
  REQUIRE(::chown(box.database().c_str(), 65534, 65534) == 0);
  CHECK(box.error_code("users.list") == "not_authenticated");
  REQUIRE(::chown(box.database().c_str(), 0, 0) == 0);
  box.sql("UPDATE settings SET value = 'off'");
  CHECK(box.error_code("users.list") == "not_authenticated");
}

TEST_CASE("refused authentications are counted by the minute", "[ops][rights]") {
  Sandbox box;
  const auto knock = [&](int times) {
    for (int i = 0; i < times; ++i)
      CHECK(box.error_code("users.list", {}, {.token = "nonsense"}) == "not_authenticated");
  };
  knock(11);
  CHECK(box.audit_seq() == 10);
  box.at("2026-03-02T09:00:59.999Z");
  knock(1);
  CHECK(box.audit_seq() == 10);
  box.at("2026-03-02T09:01:00Z");
  knock(12);
  CHECK(box.audit_seq() == 20);
  const auto row = box.rows("SELECT actor_type, actor_id, target_id, metadata FROM audit_log WHERE seq = 20").at(0);
  CHECK(row == std::vector<std::string>{"ANONYMOUS", "", "users.list", "{}"});
  CHECK(box.data("audit.verify").at("verdict").text() == "intact");
}

TEST_CASE("a token is touched by what changes something, once a minute at most", "[ops][rights]") {
  Sandbox box;
  const auto token = box.token({"invoices:*"});
  const auto draft = [&] {
    return text(box.data("invoices.create", {{"client-email", {kClient}}, {"amount", {"5.00"}}, {"currency", {"EUR"}}},
                         {.token = token}),
                "id");
  };
  box.run("invoices.list", {}, {.token = token});
  CHECK(box.error_code("invoices.update", {{"invoice", {"INV-2026-0009"}}}, {.token = token}) != "");
  CHECK(last_used(box).empty());
  draft();
  CHECK(last_used(box) == "2026-03-02T09:00:00.000Z");
  box.at("2026-03-02T09:01:00Z");
  draft();
  CHECK(last_used(box) == "2026-03-02T09:00:00.000Z");
  box.at("2026-03-02T09:01:00.001Z");
  draft();
  CHECK(last_used(box) == "2026-03-02T09:01:00.001Z");
}

TEST_CASE("a ceiling a call, in its own currency", "[ops][rights][ceiling]") {
  Till till("100.00 EUR/call");
  CHECK(till.code("100.00 EUR").empty());
  CHECK(till.code("100.00 EUR").empty());
  CHECK(till.code("100.01 EUR") == "ceiling_reached");
  CHECK(till.code("1.00 USD") == "ceiling_reached");
  CHECK(till.box.value("SELECT count(*) FROM audit_log WHERE action = 'money.move'") == "2");
}

TEST_CASE("a ceiling a day, a week or a month adds up what the token moved, in studio.timezone",
          "[ops][rights][ceiling]") {
  // 2026-03-02 is a Monday; Auckland is thirteen hours ahead.
  const auto [per, same, next] = GENERATE(table<std::string, std::string, std::string>({
      {"day", "2026-03-02T10:59:59Z", "2026-03-02T11:00:00Z"},
      {"week", "2026-03-08T10:59:59Z", "2026-03-08T11:00:00Z"},
      {"month", "2026-03-31T10:59:59Z", "2026-03-31T11:00:00Z"},
  }));
  CAPTURE(per);
  Till till("100.00 EUR/" + per);
  till.box.run("settings.set", {{"key", {"studio.timezone"}}, {"value", {"Pacific/Auckland"}}});
  CHECK(till.code("60.00 EUR").empty());
  till.box.at(same);
  CHECK(till.code("40.01 EUR") == "ceiling_reached");
  CHECK(till.code("40.00 EUR").empty());
  CHECK(till.code("0.01 EUR") == "ceiling_reached");
  till.box.at(next);
  CHECK(till.code("100.00 EUR").empty());
  CHECK(till.code("0.01 EUR") == "ceiling_reached");
}

TEST_CASE("what another token of the same person moved does not count", "[ops][rights][ceiling]") {
  Till till("100.00 EUR/day", "ana@studio.example");
  CHECK(till.code("100.00 EUR").empty());
  till.token = till.box
                   .data("tokens.create", {{"name", {"second"}},
                                           {"scope", {"payments:write"}},
                                           {"kind", {"person"}},
                                           {"user", {"ana@studio.example"}},
                                           {"max-amount", {"100.00 EUR/day"}}})
                   .at("token")
                   .text();
  CHECK(till.code("100.00 EUR").empty());
  CHECK(till.code("0.01 EUR") == "ceiling_reached");
}

TEST_CASE("a token without a ceiling moves what it likes, up to what money can be", "[ops][rights][ceiling]") {
  Till till("90071992547409.91 EUR/day");
  CHECK(till.code("90071992547409.91 EUR").empty());
  const auto code = till.code("90071992547409.91 EUR");
  CHECK((code == "ceiling_reached" || code == "amount_too_large"));
  till.token = till.box.token({"payments:write"});
  CHECK(till.code("90071992547409.91 EUR").empty());
  CHECK(till.code("90071992547409.91 EUR").empty());
}
