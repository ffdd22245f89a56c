// Many at once on the queue of approvals and on tokens, through the binary.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "support/sandbox.h"

using namespace steward;
using namespace steward::test;

namespace {

constexpr int kAtOnce = 6;

struct Office : Sandbox {
  std::string ana = user("ana@x.example", {"ADMIN", "SUPER_ADMIN"});
  std::string bo = user("bo@x.example", {"ADMIN", "SUPER_ADMIN"});
  std::string cy = user("cy@x.example");
  std::string agent = token({"users:write"});

  std::string propose() {
    const auto error = refusal("users.disable", {{"user", {"cy@x.example"}}}, {.token = agent});
    REQUIRE(error.code() == "approval_required");
    return error.details().at("approval_id").text();
  }
  std::string token_id(const std::string& text) const {
    return value("SELECT id FROM service_tokens WHERE prefix = '" + text.substr(4, 12) + "'");
  }
  std::string count(const std::string& action) const {
    return value("SELECT count(*) FROM audit_log WHERE action = '" + action + "'");
  }
};

std::vector<Process> finish(std::vector<Running>& all) {
  std::vector<Process> out;
  for (auto& one : all) out.push_back(one.finish());
  return out;
}

}  // namespace

TEST_CASE("PR-2: however many approve a request at once, it is carried out once", "[approvals][racing][cli]") {
  Office box;
  const auto approval = box.propose();
  const std::vector<std::string> tokens{box.token({"*"}, "PERSON", box.ana), box.token({"*"}, "PERSON", box.bo)};
  std::vector<Running> all;
  for (int i = 0; i < kAtOnce; ++i)
    all.push_back(box.start({"approvals", "approve", approval, "--yes", "--json"}, "",
                            {{"STEWARD_TOKEN", tokens[static_cast<std::size_t>(i) % 2]}}));
  int carried_out = 0;
  for (const auto& ended : finish(all)) {
    CHECK(ended.exit == 0);
    carried_out += ended.json().at("warnings").items().empty() ? 1 : 0;
  }
  CHECK(carried_out == 1);
  CHECK(box.count("users.disable") == "1");
  CHECK(box.count("approvals.approve") == "1");
  CHECK(box.value("SELECT count(*) FROM user_status_history WHERE to_status = 'DISABLED'") == "1");
}

TEST_CASE("one approves while another denies: one of the two holds", "[approvals][racing][cli]") {
  Office box;
  const auto approval = box.propose();
  std::vector<Running> all;
  for (const auto* verb : {"approve", "deny"})
    all.push_back(box.start({"approvals", verb, approval, "--yes", "--json"}));
  const auto ended = finish(all);
  CHECK(std::ranges::count(ended, 0, &Process::exit) == 1);
  CHECK(std::ranges::count(ended, 5, &Process::exit) == 1);
  const auto status = box.value("SELECT status FROM action_proposals");
  CHECK(status == (ended[0].exit == 0 ? "APPROVED" : "DENIED"));
  CHECK(box.value("SELECT status FROM users WHERE id = '" + box.cy + "'") ==
        (status == "APPROVED" ? "DISABLED" : "ACTIVE"));
}

TEST_CASE("a token is revoked while its request is approved: carried out before, or cancelled",
          "[approvals][racing][cli]") {
  Office box;
  const auto approval = box.propose();
  std::vector<Running> all;
  all.push_back(box.start({"approvals", "approve", approval, "--yes", "--json"}));
  all.push_back(box.start({"tokens", "revoke", box.token_id(box.agent), "--json"}));
  const auto ended = finish(all);
  CHECK(ended[1].exit == 0);
  const auto status = box.value("SELECT status FROM action_proposals");
  CHECK(status == (ended[0].exit == 0 ? "APPROVED" : "CANCELLED"));
  CHECK(box.count("users.disable") == (status == "APPROVED" ? "1" : "0"));
  if (status == "CANCELLED") CHECK(ended[0].error_code() == "invalid_transition");
}

TEST_CASE("whatever a token proposes while it is revoked, nothing of it waits afterwards", "[approvals][racing][cli]") {
  Office box;
  std::vector<Running> all;
  for (int i = 0; i < kAtOnce; ++i) {
    if (i == kAtOnce / 2) all.push_back(box.start({"tokens", "revoke", box.token_id(box.agent)}));
    all.push_back(box.start({"users", "disable", "cy@x.example", "--reason", std::to_string(i), "--json"}, "",
                            {{"STEWARD_TOKEN", box.agent}}));
  }
  for (const auto& ended : finish(all)) CHECK((ended.exit == 0 || ended.exit == 3 || ended.exit == 6));
  CHECK(box.value("SELECT count(*) FROM action_proposals WHERE status = 'PENDING'") == "0");
  CHECK(box.value("SELECT count(*) FROM service_tokens WHERE revoked_at IS NOT NULL") == "1");
}

TEST_CASE("one call proposed many times at once is one request", "[approvals][racing][cli]") {
  Office box;
  std::vector<Running> all;
  for (int i = 0; i < kAtOnce; ++i)
    all.push_back(box.start({"users", "disable", "cy@x.example", "--json"}, "", {{"STEWARD_TOKEN", box.agent}}));
  std::set<std::string> ids;
  for (const auto& ended : finish(all)) {
    CHECK(ended.error_code() == "approval_required");
    ids.insert(ended.json().at("errors").items().front().at("details").at("approval_id").text());
  }
  CHECK(ids.size() == 1);
  CHECK(box.count("approvals.request") == "1");
}

TEST_CASE("a token that rotates itself from two sides at once is rotated once", "[identity][racing][cli]") {
  Office box;
  const auto text = box.token({"*"}, "PERSON", box.ana);
  std::vector<Running> all;
  for (int i = 0; i < 2; ++i)
    all.push_back(box.start({"tokens", "rotate", box.token_id(text), "--json"}, "", {{"STEWARD_TOKEN", text}}));
  const auto ended = finish(all);
  CHECK(std::ranges::count(ended, 0, &Process::exit) == 1);
  CHECK(std::ranges::count(ended, 3, &Process::exit) == 1);
  const auto& winner = ended[0].exit == 0 ? ended[0] : ended[1];
  const auto fresh = winner.json().at("data").at("token").text();
  CHECK(box.steward({"users", "list"}, "", {{"STEWARD_TOKEN", fresh}}).exit == 0);
  CHECK(box.steward({"users", "list"}, "", {{"STEWARD_TOKEN", text}}).exit == 3);
}

TEST_CASE("of the secrets that two rotations at once hand out, the last one opens and no other",
          "[identity][racing][cli]") {
  Office box;
  const auto text = box.token({"*"}, "PERSON", box.ana);
  std::vector<Running> all;
  for (int i = 0; i < 2; ++i) all.push_back(box.start({"tokens", "rotate", box.token_id(text), "--json"}));
  int open = 0;
  for (const auto& ended : finish(all)) {
    REQUIRE(ended.exit == 0);
    open +=
        box.steward({"users", "list"}, "", {{"STEWARD_TOKEN", ended.json().at("data").at("token").text()}}).exit == 0;
  }
  CHECK(open == 1);
  CHECK(box.count("tokens.rotate") == "2");
}

TEST_CASE("ID-12: two administrators who disable each other at once leave one", "[identity][racing][cli]") {
  Office box;
  const auto ana = box.token({"*"}, "PERSON", box.ana), bo = box.token({"*"}, "PERSON", box.bo);
  std::vector<Running> all;
  all.push_back(box.start({"users", "disable", "bo@x.example", "--yes", "--json"}, "", {{"STEWARD_TOKEN", ana}}));
  all.push_back(box.start({"users", "disable", "ana@x.example", "--yes", "--json"}, "", {{"STEWARD_TOKEN", bo}}));
  const auto ended = finish(all);
  CHECK(std::ranges::count(ended, 0, &Process::exit) == 1);
  CHECK(box.value("SELECT count(*) FROM users u JOIN user_roles ur ON ur.user_id = u.id WHERE u.status = 'ACTIVE'") ==
        "2");
}

TEST_CASE("ID-12: the last two administrators disabled at once from the shell leave one", "[identity][racing][cli]") {
  Office box;
  std::vector<Running> all;
  for (const auto* email : {"ana@x.example", "bo@x.example"})
    all.push_back(box.start({"users", "disable", email, "--yes", "--json"}));
  const auto ended = finish(all);
  CHECK(std::ranges::count(ended, 0, &Process::exit) == 1);
  const auto& refused = ended[0].exit == 0 ? ended[1] : ended[0];
  CHECK(refused.error_code() == "last_administrator");
}

TEST_CASE("two payouts at once never take a token past its ceiling", "[approvals][racing][cli]") {
  Sandbox box(World::season);
  box.user("pay@x.example", {"ADMIN", "SUPER_ADMIN"});
  const auto entries = box.rows(
      "SELECT min(CAST(id AS text)), amount_cents, currency FROM ledger_entries WHERE status = 'APPROVED' AND "
      "beneficiary_user_id IS "
      "NOT"
      " NULL AND amount_cents > 100 GROUP BY currency, amount_cents ORDER BY 1");
  // Any two of one currency, and a ceiling that lets either through but not both.
  std::vector<std::vector<std::string>> two;
  for (const auto& one : entries)
    for (const auto& other : entries)
      if (two.empty() && one[0] != other[0] && one[2] == other[2]) two = {one, other};
  REQUIRE(two.size() == 2);
  const auto currency = Currency::parse(two[0][2]);
  const auto a = std::stoll(two[0][1]), b = std::stoll(two[1][1]);
  const auto token = box.data("tokens.create", {{"name", {"till"}},
                                                {"scope", {"ledger:*"}},
                                                {"kind", {"person"}},
                                                {"user", {"pay@x.example"}},
                                                {"max-amount", {to_text(Money{a + b - 1, currency}) + "/day"}}})
                         .at("token")
                         .text();
  std::vector<Running> all;
  for (const auto& entry : two)
    all.push_back(box.start({"ledger", "payout", entry[0], "--expect-total",
                             to_text(Money{std::stoll(entry[1]), currency}), "--yes", "--json"},
                            "", {{"STEWARD_TOKEN", token}}));
  const auto ended = finish(all);
  CHECK(std::ranges::count(ended, 0, &Process::exit) == 1);
  const auto& refused = ended[0].exit == 0 ? ended[1] : ended[0];
  CHECK(refused.error_code() == "ceiling_reached");
}
