#include <catch2/catch.hpp>

#include "studio/commerce.h"
#include "support/sandbox.h"
#include "support/triggers.h"

using namespace steward;
using steward::test::Call;
using steward::test::Sandbox;

namespace {

// An agent that may propose, and two people who may administer.
struct Office {
  Sandbox box;
  std::string ana = box.user("ana@example.com", {"ADMIN", "SUPER_ADMIN"});
  std::string bo = box.user("bo@example.com", {"ADMIN", "SUPER_ADMIN"});
  std::string target = box.user("cy@example.com");
  std::string agent = box.token({"users:write"});
  std::string ana_token = box.token({"*"}, "PERSON", ana);
  std::string bo_token = box.token({"*"}, "PERSON", bo);

  void need_two() {
    box.sql(
        "INSERT INTO settings (key, value, updated_at) VALUES ('controls.two_person', 'on', "
        "'2026-01-01T00:00:00.000Z')");
  }
  // Proposes and answers the request's id.
  std::string propose(const std::string& path, const ops::RawArgs& raw, const std::string& token) {
    const auto error = box.refusal(path, raw, {.token = token});
    REQUIRE(error.code() == "approval_required");
    REQUIRE(error.exit_code() == 6);
    return error.details().at("approval_id").text();
  }
  std::string propose_disable() {
    return propose("users.disable", {{"user", {"cy@example.com"}}, {"reason", {"left"}}}, agent);
  }
  std::string propose_admin() {
    return propose("users.grant", {{"user", {"cy@example.com"}}, {"role", {"ADMIN"}}}, ana_token);
  }
  std::string status_of_target() { return box.value("SELECT status FROM users WHERE email = 'cy@example.com'"); }
};

ops::RawArgs id(const std::string& approval) { return {{"approval", {approval}}}; }

}  // namespace

TEST_CASE("PR-1, PR-2: an agent proposes, a person approves, and it is carried out once as that person",
          "[approvals][operations]") {
  Office office;
  auto& box = office.box;
  const auto approval = office.propose_disable();
  CHECK(office.status_of_target() == "ACTIVE");
  const auto seq = box.audit_seq();

  auto args = id(approval.substr(26));  // a tail of the id is enough
  args["note"] = {"agreed"};
  const auto answer = box.run("approvals.approve", args, {.token = office.ana_token});
  CHECK(answer.sentence == "Approved: Disabled cy@example.com.");
  CHECK(office.status_of_target() == "DISABLED");
  CHECK(answer.data.at("status").text() == "APPROVED");
  CHECK(answer.data.at("rationale").text() == "agreed");
  CHECK(answer.data.at("reviewed_by").text() == office.ana);
  CHECK(answer.data.at("result").at("data").at("status").text() == "DISABLED");

  CHECK(box.actions(seq) == std::vector<std::string>{"users.disable", "approvals.approve"});
  const auto row = box.rows("SELECT actor_id, metadata FROM audit_log WHERE action = 'users.disable'").at(0);
  CHECK(row[0] == office.ana);
  const auto metadata = parse_json(row[1]);
  CHECK(metadata.at("approval_id").text() == approval);
  CHECK(metadata.at("proposed_by").text() == box.value("SELECT proposed_by FROM action_proposals"));
  CHECK(box.value("SELECT operation FROM user_status_history WHERE to_status = 'DISABLED'") == "users.disable");

  const auto digest = box.table_digest();
  CHECK(box.run("approvals.approve", id(approval), {.token = office.ana_token}).warnings.at(0).code == "no_change");
  CHECK(box.error_code("approvals.deny", id(approval), {.token = office.bo_token}) == "invalid_transition");
  CHECK(box.table_digest() == digest);
}

TEST_CASE("the same call of the same agent waits once, and its filing is in the trail", "[approvals][operations]") {
  Office office;
  const auto first = office.propose_disable();
  CHECK(office.propose_disable() == first);
  CHECK(office.box.value("SELECT count(*) FROM action_proposals") == "1");
  CHECK(office.box.actions().front() == "approvals.request");
  const auto shown = office.box.data("approvals.show", id(first));
  CHECK(shown.at("operation").text() == "users.disable");
  CHECK(shown.at("subject").text() == "cy@example.com");
  CHECK(shown.at("payload") == Json{{"reason", "left"}, {"user", "cy@example.com"}});
  CHECK(shown.at("payload_hash").text().size() == 64);
  CHECK(office.box.list("approvals.list", {{"status", {"pending"}}}).items().size() == 1);
}

TEST_CASE("PR-4: agents and jobs never decide, not even for others", "[approvals][operations]") {
  Office office;
  const auto approval = office.propose_disable();
  for (const auto kind : {"AGENT", "JOB"}) {
    const auto token = office.box.token({"*"}, kind);
    CHECK(office.box.error_code("approvals.approve", id(approval), {.token = token}) == "forbidden");
    CHECK(office.box.error_code("approvals.deny", id(approval), {.token = token}) == "forbidden");
  }
  CHECK(office.status_of_target() == "ACTIVE");
}

TEST_CASE("who approves must have the rights for the operation itself", "[approvals][operations]") {
  Office office;
  auto& box = office.box;
  const auto approval = office.propose_disable();
  const auto maestro = box.user("mae@example.com", {"MAESTRO"});
  CHECK(box.error_code("approvals.approve", id(approval), {.token = box.token({"*"}, "PERSON", maestro)}) ==
        "forbidden");
  const auto narrow = box.token({"approvals:write"}, "PERSON", office.bo);
  CHECK(box.error_code("approvals.approve", id(approval), {.token = narrow}) == "forbidden");
  CHECK(office.status_of_target() == "ACTIVE");
}

TEST_CASE("ID-1, PR-4: what takes two people is done by two people, not by two tokens", "[approvals][operations]") {
  Office office;
  auto& box = office.box;
  office.need_two();
  const auto approval = office.propose_admin();
  CHECK(box.data("approvals.show", id(approval)).at("reason").text() == "two_person");
  CHECK(box.error_code("approvals.approve", id(approval), {.token = office.ana_token}) == "same_person");
  CHECK(box.error_code("approvals.approve", id(approval), {.token = box.token({"*"}, "PERSON", office.ana)}) ==
        "same_person");
  const auto answer = box.run("approvals.approve", id(approval), {.token = office.bo_token});
  CHECK(answer.sentence == "Approved: Granted ADMIN to cy@example.com.");
  CHECK(box.value("SELECT count(*) FROM user_roles WHERE user_id = '" + office.target + "'") == "1");
  const auto metadata = box.value("SELECT metadata FROM audit_log WHERE action = 'users.grant'");
  CHECK_FALSE(Catch::contains(metadata, "two_person"));
}

TEST_CASE("nobody approves what is about themselves into a protected role", "[approvals][operations]") {
  Office office;
  office.need_two();
  auto& box = office.box;
  box.sql("DELETE FROM user_roles WHERE user_id = '" + office.bo +
          "' AND role_id = (SELECT id FROM roles WHERE name = 'ADMIN')");
  const auto approval =
      office.propose("users.grant", {{"user", {"bo@example.com"}}, {"role", {"ADMIN"}}}, office.ana_token);
  CHECK(box.error_code("approvals.approve", id(approval), {.token = office.bo_token}) == "forbidden");
}

TEST_CASE("ID-1: an agent and the person who made it are one person", "[approvals][operations]") {
  Office office;
  office.need_two();
  auto& box = office.box;
  const auto made =
      box.data("tokens.create", {{"name", {"helper"}}, {"scope", {"users:write"}}}, {.token = office.ana_token});
  const auto approval =
      office.propose("users.grant", {{"user", {"cy@example.com"}}, {"role", {"ADMIN"}}}, made.at("token").text());
  CHECK(box.error_code("approvals.approve", id(approval), {.token = office.ana_token}) == "same_person");
  CHECK(box.error_code("approvals.approve", id(approval), {.token = office.bo_token}) == "");
}

TEST_CASE("a token that the proposer made for the reviewer shows in the trail", "[approvals][operations]") {
  Office office;
  office.need_two();
  auto& box = office.box;
  const auto made = box.data("tokens.create",
                             {{"name", {"bo"}}, {"scope", {"*"}}, {"kind", {"person"}}, {"user", {"bo@example.com"}}},
                             {.token = office.ana_token});
  box.run("approvals.approve", id(office.propose_admin()), {.token = made.at("token").text()});
  CHECK(Catch::contains(box.value("SELECT metadata FROM audit_log WHERE action = 'users.grant'"),
                        R"("reviewer_token_made_by_proposer":true)"));
}

TEST_CASE("PR-3: after a day a request is EXPIRED, and asking again files a new one", "[approvals][operations]") {
  Office office;
  auto& box = office.box;
  const auto approval = office.propose_disable();
  box.at("2026-03-03T09:00:00Z");
  CHECK(box.error_code("approvals.approve", id(approval)) == "expired");
  CHECK(box.data("approvals.show", id(approval)).at("status").text() == "EXPIRED");
  CHECK(box.list("approvals.list", {{"status", {"pending"}}}).items().empty());
  CHECK(box.list("approvals.list", {{"status", {"expired"}}}).items().size() == 1);
  CHECK(office.propose_disable() != approval);
  CHECK(box.data("approvals.expire-due").at("expired").integer() == 1);
  CHECK(box.run("approvals.expire-due").warnings.at(0).code == "no_change");
  CHECK(box.error_code("approvals.approve", id(approval)) == "invalid_transition");
  CHECK(office.status_of_target() == "ACTIVE");
}

TEST_CASE("PR-3: what runs is what was filed and what the reviewer saw", "[approvals][operations]") {
  Office office;
  auto& box = office.box;
  const auto approval = office.propose_disable();
  auto args = id(approval);
  args["payload-hash"] = {std::string(64, '0')};
  CHECK(box.error_code("approvals.approve", args) == "payload_changed");
  CHECK_THROWS(box.sql("UPDATE action_proposals SET payload = '{\"user\":\"ana@example.com\"}'"));
  box.sql(test::drop_trigger("action_proposals_immutable", "action_proposals") +
          R"(UPDATE action_proposals SET payload = '{"user":"ana@example.com"}')");
  CHECK(box.error_code("approvals.approve", id(approval)) == "payload_changed");
  CHECK(box.value("SELECT count(*) FROM users WHERE status = 'DISABLED'") == "0");
}

TEST_CASE("contract 6: an invoice that was changed while its approval waited is not issued",
          "[approvals][operations]") {
  Office office;
  auto& box = office.box;
  const auto agent = box.token({"invoices:write"});
  const auto draft = test::draft_invoice(box, "7.00");
  const auto issue = ops::RawArgs{{"invoice", {draft}}};
  const auto first = office.propose("invoices.issue", issue, agent);
  const auto shown = box.data("approvals.show", id(first));
  CHECK(shown.at("rehearsal").text() == "Issued INV-2026-0001 to ada@client.example for 7.00 EUR, due 2026-04-01.");
  CHECK(shown.at("state_hash").text().size() == 64);

  box.data("invoices.update", {{"invoice", {draft}}, {"amount", {"7000"}}, {"client-email", {"evil@x.example"}}},
           {.token = agent});
  auto args = id(first);
  args["payload-hash"] = {shown.at("payload_hash").text()};
  const auto digest = box.table_digest();
  const auto refused = box.refusal("approvals.approve", args);
  CHECK(refused.code() == "stale_version");
  CHECK(refused.exit_code() == 5);
  CHECK(Catch::contains(refused.hint(), "steward approvals deny " + first));
  CHECK(box.error_code("approvals.approve", args, {.dry_run = true}) == "stale_version");
  CHECK(box.table_digest() == digest);

  const auto anew = office.propose("invoices.issue", issue, agent);
  CHECK(anew != first);
  CHECK(Catch::contains(box.data("approvals.show", id(anew)).at("rehearsal").text(), "evil@x.example for 7000.00 EUR"));
  CHECK(box.data("approvals.approve", id(anew)).at("status").text() == "APPROVED");
}

TEST_CASE("contract 6: a proposal that was changed while its approval waited is not sent", "[approvals][operations]") {
  Office office;
  auto& box = office.box;
  const auto agent = box.token({"proposals:write"});
  const auto draft = test::draft_proposal(box);
  const auto approval = office.propose("proposals.send", {{"proposal", {draft}}}, agent);
  CHECK(Catch::contains(box.data("approvals.show", id(approval)).at("rehearsal").text(),
                        "ada@client.example for 100.00 EUR"));
  box.data("proposals.update", {{"proposal", {draft}}, {"amount", {"1"}}}, {.token = agent});
  CHECK(box.error_code("approvals.approve", id(approval)) == "stale_version");
  CHECK(test::text(box.data("proposals.show", {{"proposal", {draft}}}), "status") == "DRAFT");
}

TEST_CASE("what a name meant when the request was filed is what is carried out, not what it means now",
          "[approvals][operations]") {
  Office office;
  auto& box = office.box;
  const auto agent = box.token({"tokens:write"});
  const auto make = [&] {
    return test::text(box.data("tokens.create", {{"name", {"nightly"}}, {"scope", {"users:read"}}}), "id");
  };
  const auto old = make();
  const auto approval = office.propose("tokens.revoke", {{"token", {"nightly"}}}, agent);
  box.data("tokens.revoke", {{"token", {old}}});
  make();
  CHECK(box.error_code("approvals.approve", id(approval)) == "stale_version");
}

TEST_CASE("another number, another day or another record's change don't stand in the way of an approval",
          "[approvals][operations]") {
  Office office;
  auto& box = office.box;
  const auto approval = office.propose("invoices.issue", {{"invoice", {test::draft_invoice(box, "7.00")}}},
                                       box.token({"invoices:write"}));
  box.at("2026-03-03T08:00:00Z");
  test::issued_invoice(box);
  const auto answer = box.run("approvals.approve", id(approval));
  CHECK(answer.sentence == "Approved: Issued INV-2026-0002 to ada@client.example for 7.00 EUR, due 2026-04-02.");
}

TEST_CASE("what was rehearsed can't be altered in the request", "[approvals][operations]") {
  Office office;
  office.propose_disable();
  for (const std::string column : {"rehearsal", "state_hash"})
    CHECK_THROWS(office.box.sql("UPDATE action_proposals SET " + column + " = ''"));
}

TEST_CASE("PR-2: what became impossible meanwhile is refused at approval, and the request waits on",
          "[approvals][operations]") {
  Office office;
  auto& box = office.box;
  const auto approval =
      office.propose("users.grant", {{"user", {"cy@example.com"}}, {"role", {"maestro"}}}, office.agent);
  box.sql("DELETE FROM roles WHERE name = 'MAESTRO'");
  CHECK(box.error_code("approvals.approve", id(approval)) == "not_seeded");
  CHECK(box.data("approvals.show", id(approval)).at("status").text() == "PENDING");
}

TEST_CASE("a person confirms before a request is carried out or turned down", "[approvals][operations]") {
  Office office;
  auto& box = office.box;
  const auto approval = office.propose_disable();
  CHECK(box.error_code("approvals.approve", id(approval), {.yes = false}) == "confirmation_needed");
  std::string question;
  Call no{.yes = false, .confirm = [&](const std::string& asked) {
            question = asked;
            return false;
          }};
  CHECK(box.error_code("approvals.deny", id(approval), no) == "confirmation_needed");
  CHECK(box.error_code("approvals.approve", id(approval), no) == "confirmation_needed");
  CHECK(question == "Approved: Disabled cy@example.com. Go ahead?");
  CHECK(office.status_of_target() == "ACTIVE");
}

TEST_CASE("a request is turned down with a note, and withdrawn by its author only", "[approvals][operations]") {
  Office office;
  auto& box = office.box;
  const auto approval = office.propose_disable();
  auto args = id(approval);
  args["note"] = {"not yet"};
  CHECK(box.data("approvals.deny", args).at("status").text() == "DENIED");
  CHECK(box.error_code("approvals.approve", id(approval)) == "invalid_transition");

  const auto author = box.token({"users:write", "approvals:write"});
  const auto second = office.propose("users.disable", {{"user", {"bo@example.com"}}}, author);
  CHECK(box.error_code("approvals.withdraw", id(second)) == "forbidden");
  CHECK(box.data("approvals.withdraw", id(second), {.token = author}).at("status").text() == "CANCELLED");
  CHECK(box.value("SELECT count(*) FROM users WHERE status = 'DISABLED'") == "0");
}

TEST_CASE("a dry run of an approval shows both changes and makes none", "[approvals][operations]") {
  Office office;
  const auto approval = office.propose_disable();
  const auto digest = office.box.table_digest();
  const auto changes = to_text(office.box.run("approvals.approve", id(approval), {.dry_run = true}).data.at("changes"));
  CHECK(Catch::contains(changes, R"("table":"users")"));
  CHECK(Catch::contains(changes, R"("table":"action_proposals")"));
  CHECK(office.box.table_digest() == digest);
}

TEST_CASE("the queue through the binary: refused with the id, approved by a person, done", "[approvals][cli]") {
  Office office;
  auto& box = office.box;
  const auto asked =
      box.steward({"users", "disable", "cy@example.com", "--json"}, "", {{"STEWARD_TOKEN", office.agent}});
  CHECK(asked.exit == 6);
  CHECK(asked.error_code() == "approval_required");
  const auto approval = asked.json().at("errors").items().at(0).at("details").at("approval_id").text();
  const auto approved = box.steward({"approvals", "approve", approval, "--yes", "--json"});
  CHECK(approved.exit == 0);
  CHECK(approved.json().at("data").at("status").text() == "APPROVED");
  CHECK(office.status_of_target() == "DISABLED");
}
