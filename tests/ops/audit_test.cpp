// The chain itself (docs/contract.md, 8); the commands on it are tested with their room.
#include "ops/audit.h"

#include <catch2/catch.hpp>

#include "core/refusal.h"
#include "support/sandbox.h"

using namespace steward;
using steward::test::refusal;
using steward::test::Sandbox;

namespace {

/// A sandbox whose studio chain holds `count` rows.
struct Trail {
  Sandbox box;
  std::unique_ptr<db::Connection> connection = box.connect();

  explicit Trail(int count = 5) {
    for (int i = 1; i <= count; ++i) append(i);
  }
  void append(int i, std::string_view chain = ops::kStudioChain) {
    ops::Actor actor;
    actor.type = ops::ActorType::agent;
    actor.id = "agent";
    actor.token_id = "token";
    db::Tx tx(*connection, db::Access::write, box.now());
    ops::append_audit(tx, actor, "things.change", "thing", "t" + std::to_string(i), "r" + std::to_string(i),
                      Json{{"n", i}}, chain);
    tx.commit();
  }
  ops::AuditVerdict verdict(std::string_view chain = ops::kStudioChain) {
    db::Tx tx(*connection, db::Access::read, box.now());
    return ops::verify_audit(tx, chain);
  }
  /// Past the triggers, as somebody with the file would.
  void tamper(const std::string& sql) const { box.sql_without_rules(sql); }
};

// A document may be spelled in two ways on SQLite only, where it is text.
const char* const kOtherSpelling = test::on_postgres() ? "metadata = '{}'" : "metadata = '{\"n\": 3}'";
// What each engine has beside UPDATE and DELETE to make a row another one.
const char* const kInOneGo =
    test::on_postgres() ? "TRUNCATE audit_log" : "REPLACE INTO audit_log SELECT * FROM audit_log WHERE seq = 1";

}  // namespace

// The golden values come from Python, which shares no code with steward:
//   canon = lambda o: json.dumps(o, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
//   h1 = blake2b(bytes(32) + canon(row1).encode(), digest_size=32)
//   h2 = blake2b(bytes.fromhex(h1) + canon(row2).encode(), digest_size=32)
TEST_CASE("a row's canonical text and hash are what Python makes of the same row", "[ops][audit]") {
  ops::AuditRow row{"0196f000-0000-7000-8000-000000000001",
                    "studio",
                    1,
                    "OPERATOR",
                    "operator:tester",
                    std::nullopt,
                    "invoices.issue",
                    "invoice",
                    "0196f000-0000-7000-8000-0000000000aa",
                    "r-1",
                    R"({"after":{"status":"ISSUED"},"before":{"status":"DRAFT"},"note":"café \"x\"\n"})",
                    "2026-03-02T09:00:00.000Z"};
  std::string text;
  ops::append_audit_canonical(text, row);
  CHECK(text ==
        R"({"action":"invoices.issue","actor_id":"operator:tester","actor_type":"OPERATOR","chain":"studio",)"
        R"("created_at":"2026-03-02T09:00:00.000Z","id":"0196f000-0000-7000-8000-000000000001",)"
        R"("metadata":{"after":{"status":"ISSUED"},"before":{"status":"DRAFT"},"note":"café \"x\"\n"},)"
        R"("request_id":"r-1","seq":1,"target_id":"0196f000-0000-7000-8000-0000000000aa","target_type":"invoice",)"
        R"("token_id":null})");
  const auto first = ops::audit_hash(ops::kGenesis, text);
  CHECK(first == "6794e4c0df898a0047d6946fb8c60b7523d519ff7e9795cab1d8ccf3d3ae1c40");
  row = {"0196f000-0000-7000-8000-000000000002",
         "studio",
         2,
         "ANONYMOUS",
         std::nullopt,
         std::nullopt,
         "auth.refused",
         "operation",
         "users.list",
         "r-2",
         "{}",
         "2026-03-02T09:00:00.000Z"};
  text.clear();
  ops::append_audit_canonical(text, row);
  CHECK(ops::audit_hash(first, text) == "1d4587ea419960be0a4a2ab7408ace38ccaea0808769ba4988b89711e52c1547");
}

TEST_CASE("what is appended verifies, row by row, and the head is the last row", "[ops][audit]") {
  Trail trail;
  std::vector<std::string> seen;
  db::Tx tx(*trail.connection, db::Access::read, trail.box.now());
  const auto verdict = ops::verify_audit(tx, ops::kStudioChain, [&](std::int64_t seq, std::string_view hash) {
    seen.push_back(std::to_string(seq) + std::string(hash));
  });
  CHECK(verdict.verdict == "intact");
  CHECK(verdict.entries == 5);
  CHECK(verdict.first_bad == 0);
  CHECK(verdict.head == trail.box.value("SELECT hash FROM audit_log WHERE seq = 5"));
  CHECK(trail.box.value("SELECT seq || hash FROM audit_heads") == "5" + verdict.head);
  REQUIRE(seen.size() == 5);
  CHECK(seen.back() == "5" + verdict.head);
  CHECK(trail.box.value("SELECT prev_hash FROM audit_log WHERE seq = 1") == ops::kGenesis);
}

TEST_CASE("a chain that has no row yet is intact", "[ops][audit]") {
  Trail trail(0);
  const auto verdict = trail.verdict();
  CHECK(verdict.verdict == "intact");
  CHECK(verdict.entries == 0);
  CHECK(verdict.head == ops::kGenesis);
}

TEST_CASE("a change in any column of a row is found, and the row is named", "[ops][audit]") {
  Trail trail;
  const auto set = GENERATE(
      as<std::string>(), "id = '0196f000-0000-7000-8000-000000000009'", "actor_type = 'USER'", "actor_id = 'another'",
      "actor_id = NULL", "token_id = 'another'", "token_id = NULL", "action = 'things.leave'", "target_type = 'thin'",
      "target_id = 't9'", "request_id = 'r9'", "metadata = '{\"n\":9}'", kOtherSpelling,
      "created_at = '2026-03-02T09:00:00.001Z'", "prev_hash = hash", "prev_hash = upper(prev_hash)", "hash = prev_hash",
      "hash = replace(hash, substr(hash, 64), CASE substr(hash, 64) WHEN 'a' THEN 'b' ELSE 'a' END)");
  CAPTURE(set);
  trail.tamper("UPDATE audit_log SET " + set + " WHERE seq = 3");
  const auto verdict = trail.verdict();
  CHECK(verdict.verdict == "tampered");
  CHECK(verdict.first_bad == 3);
  CHECK(verdict.entries == 2);
  CHECK_FALSE(verdict.reason.empty());
}

TEST_CASE("rows that are gone, moved or cut off are found", "[ops][audit]") {
  Trail trail;
  const auto [sql, first_bad] = GENERATE(table<std::string, std::int64_t>({
      {"DELETE FROM audit_log WHERE seq = 1", 1},
      {"DELETE FROM audit_log WHERE seq = 3", 3},
      {"DELETE FROM audit_log WHERE seq = 3; UPDATE audit_log SET seq = seq - 1 WHERE seq > 3", 3},
      {"DELETE FROM audit_log WHERE seq = 5", 5},
      {"DELETE FROM audit_log WHERE seq > 2", 3},
      {"DELETE FROM audit_log", 1},
      {"UPDATE audit_log SET chain = 'other' WHERE seq = 5", 5},
      {"DELETE FROM audit_heads", 5},
      {"UPDATE audit_heads SET seq = 4", 6},
      {"UPDATE audit_heads SET hash = (SELECT hash FROM audit_log WHERE seq = 4)", 6},
      // The tail cut off and the head set back shows in a checkpoint only; set back halfway it shows here.
      {"DELETE FROM audit_log WHERE seq = 5; UPDATE audit_heads SET seq = 4", 5},
  }));
  CAPTURE(sql);
  trail.tamper(sql);
  const auto verdict = trail.verdict();
  CHECK(verdict.verdict == "tampered");
  CHECK(verdict.first_bad == first_bad);
}

TEST_CASE("each chain stands by itself", "[ops][audit]") {
  Trail trail(3);
  for (int i = 1; i <= 2; ++i) trail.append(i, "workspace");
  CHECK(trail.verdict().entries == 3);
  CHECK(trail.verdict("workspace").entries == 2);
  CHECK(trail.box.value("SELECT prev_hash FROM audit_log WHERE chain = 'workspace' AND seq = 1") == ops::kGenesis);
  trail.tamper("UPDATE audit_log SET action = 'x' WHERE chain = 'workspace' AND seq = 2");
  CHECK(trail.verdict("workspace").first_bad == 2);
  CHECK(trail.verdict().verdict == "intact");
  trail.append(4);
  CHECK(trail.verdict().entries == 4);
}

TEST_CASE("nothing is written onto a head that is damaged", "[ops][audit]") {
  Trail trail(2);
  trail.tamper("UPDATE audit_heads SET hash = '" + std::string(64, 'z') + "'");
  const auto error = refusal([&] { trail.append(3); });
  REQUIRE(error);
  CHECK(error->code() == "check_failed");
  CHECK(trail.box.value("SELECT count(*) FROM audit_log") == "2");
}

TEST_CASE("the database itself refuses to change or delete a row, or to set a head back", "[ops][audit]") {
  Trail trail(2);
  for (const auto* sql :
       {"UPDATE audit_log SET action = 'x'", "DELETE FROM audit_log WHERE seq = 2", "DELETE FROM audit_heads",
        "UPDATE audit_heads SET seq = 1", "UPDATE audit_heads SET chain = 'x'", kInOneGo}) {
    CAPTURE(sql);
    const auto error = refusal([&] { trail.box.sql(sql); });
    REQUIRE(error);
    CHECK(error->code() == "append_only");
  }
  CHECK(trail.verdict().verdict == "intact");
}

TEST_CASE("a clock may lag ten minutes behind the last change, not more", "[ops][audit]") {
  Trail trail(1);
  const auto at = [&](Duration lag) {
    db::Tx tx(*trail.connection, db::Access::read, trail.box.now() - lag);
    return test::refusal_code([&] { ops::require_clock(tx); });
  };
  CHECK(at({0}).empty());
  CHECK(at({10 * 60'000}).empty());
  CHECK(at({10 * 60'000 + 1}) == "clock_behind");
}
