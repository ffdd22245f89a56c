// Docs/contract.md, 6: the change, its history, its audit row and its idempotency record commit together or not at all.
#include <catch2/catch.hpp>

#include "studio/commerce.h"
#include "support/triggers.h"

using namespace steward;
using namespace steward::test;

TEST_CASE("a write that fails at any of its rows keeps none of them", "[ops][transaction]") {
  Sandbox box;
  box.user("a@x.example");
  const auto token = box.token({"*"}, "PERSON", box.user("ana@x.example", {"ADMIN"}));
  const auto [row, verb] = GENERATE(table<std::string, std::string>({{"users", "UPDATE"},
                                                                     {"user_status_history", "INSERT"},
                                                                     {"audit_log", "INSERT"},
                                                                     {"audit_heads", "INSERT"},
                                                                     {"service_tokens", "UPDATE"},
                                                                     {"idempotency_keys", "INSERT"}}));
  CAPTURE(row);
  box.sql(trigger_that_refuses("broken", "AFTER " + verb + " ON " + row, "append_only: test"));
  const auto digest = box.table_digest();
  const Call call{.token = token, .key = "k"};
  CHECK(box.error_code("users.disable", {{"user", {"a@x.example"}}}, call) == "append_only");
  CHECK(box.table_digest() == digest);
  box.sql(drop_trigger("broken", row));
  CHECK(box.run("users.disable", {{"user", {"a@x.example"}}}, call).warnings.empty());
}

TEST_CASE("an approval and what it carries out are one transaction", "[ops][transaction]") {
  Sandbox box;
  box.user("a@x.example");
  const auto asked = box.refusal("users.disable", {{"user", {"a@x.example"}}}, {.token = box.token({"*"})});
  const ops::RawArgs approval{{"approval", {asked.details().at("approval_id").text()}}};
  box.sql(trigger_that_refuses("broken", "AFTER UPDATE ON action_proposals", "append_only: test"));
  const auto digest = box.table_digest();
  CHECK(box.error_code("approvals.approve", approval) == "append_only");
  CHECK(box.table_digest() == digest);
  box.sql(drop_trigger("broken", "action_proposals"));
  CHECK(box.data("approvals.approve", approval).at("status").text() == "APPROVED");
}

TEST_CASE("one id of one invocation: in the answer, the audit row, the history and the idempotency record",
          "[ops][transaction][cli]") {
  Sandbox box;
  box.user("a@x.example");
  const auto ran = box.steward({"users", "disable", "a@x.example", "--yes", "--json", "--idempotency-key", "k"});
  const auto id = ran.json().at("request_id").text();
  CHECK(box.value("SELECT request_id FROM audit_log") == id);
  CHECK(box.value("SELECT request_id FROM user_status_history") == id);
  CHECK(box.value("SELECT request_id FROM idempotency_keys") == id);
}

TEST_CASE("an audit row names who acted: the operator, a token's person, or the token of an agent or job",
          "[ops][transaction]") {
  Sandbox box;
  const auto ana = box.user("ana@x.example", {"ADMIN"});
  const auto create = [&](const std::string& email, const std::optional<std::string>& token) {
    box.run("users.create", {{"email", {email}}}, {.token = token});
    return box.rows("SELECT actor_type, actor_id, token_id, target_type FROM audit_log ORDER BY seq DESC LIMIT 1")
        .at(0);
  };
  using Row = std::vector<std::string>;
  CHECK(create("1@x.example", {}) == Row{"OPERATOR", "operator:tester", "", "user"});
  const auto person = box.token({"*"}, "PERSON", ana);
  const auto id_of = [&](const std::string& token) {
    return box.value("SELECT id FROM service_tokens WHERE prefix = '" + token.substr(4, 12) + "'");
  };
  CHECK(create("2@x.example", person) == Row{"USER", ana, id_of(person), "user"});
  const auto agent = box.token({"*"}, "AGENT");
  CHECK(create("3@x.example", agent) == Row{"AGENT", id_of(agent), id_of(agent), "user"});
  const auto job = box.token({"*"}, "JOB");
  CHECK(create("4@x.example", job) == Row{"SERVICE", id_of(job), id_of(job), "user"});
}

TEST_CASE("a ceiling holds for what moves money: a payout over it is refused, and nothing is kept", "[ops][ceiling]") {
  Sandbox box(World::season);
  const auto entry =
      box.rows(
             "SELECT id, amount_cents, currency, beneficiary_user_id FROM ledger_entries WHERE status = 'APPROVED'"
             " AND beneficiary_user_id IS NOT NULL AND amount_cents > 100 ORDER BY id")
          .at(0);
  const auto currency = Currency::parse(entry[2]);
  const auto cents = std::stoll(entry[1]);
  box.user("pay@x.example", {"ADMIN", "SUPER_ADMIN"});
  const auto token_for = [&](const Money& ceiling, const std::string& per) {
    return box
        .data("tokens.create", {{"name", {"till"}},
                                {"scope", {"ledger:*"}},
                                {"kind", {"person"}},
                                {"user", {"pay@x.example"}},
                                {"max-amount", {to_text(ceiling) + "/" + per}}})
        .at("token")
        .text();
  };
  const ops::RawArgs raw{{"entry", {entry[0]}}, {"expect-total", {to_text(Money{cents, currency})}}};
  const auto tight = token_for({cents - 1, currency}, "day"), enough = token_for({cents, currency}, "day");
  const auto digest = box.table_digest();
  const auto error = box.refusal("ledger.payout", raw, {.token = tight});
  CHECK(error.code() == "ceiling_reached");
  CHECK(error.exit_code() == 3);
  CHECK(box.error_code("ledger.payout", raw, {.token = tight, .dry_run = true}) == "ceiling_reached");
  CHECK(box.table_digest() == digest);
  CHECK(box.error_code("ledger.payout", raw, {.token = enough}) == "");
}
