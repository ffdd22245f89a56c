#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "ops/audit.h"
#include "support/sandbox.h"

using namespace steward;
using steward::test::Call;
using steward::test::Sandbox;
namespace fs = std::filesystem;

namespace {

// A database with a handful of rows in its trail.
struct Trail {
  Sandbox box;
  Trail() {
    for (const auto days : {"10", "20", "30", "40"})
      box.data("settings.set", {{"key", {"invoices.terms_days"}}, {"value", {days}}});
    box.data("users.create", {{"email", {"ana@example.com"}}});
  }
  // Past the triggers, as somebody with the file could.
  void tamper(const std::string& statement) { box.sql_without_rules(statement); }
  Json report(const ops::RawArgs& raw = {}) {
    const auto error = box.refusal("audit.verify", raw);
    CHECK(error.code() == "check_failed");
    CHECK(error.exit_code() == 6);
    return error.details();
  }
  // Rewrites row 2 and every hash behind it: what a patient forger does.
  void forge() {
    tamper("UPDATE audit_log SET actor_id = 'operator:nobody' WHERE seq = 2");
    std::string previous(ops::kGenesis);
    for (const auto& row : box.rows("SELECT id, seq, actor_type, actor_id, action, target_type, target_id, request_id, "
                                    "metadata, created_at FROM audit_log "
                                    "ORDER BY seq")) {
      std::string canonical;
      ops::append_audit_canonical(canonical, {row[0],
                                              ops::kStudioChain,
                                              std::stoll(row[1]),
                                              row[2],
                                              std::string_view(row[3]),
                                              {},
                                              row[4],
                                              row[5],
                                              row[6],
                                              row[7],
                                              row[8],
                                              row[9]});
      const auto hash = ops::audit_hash(previous, canonical);
      box.sql("UPDATE audit_log SET prev_hash = '" + previous + "', hash = '" + hash + "' WHERE seq = " + row[1]);
      previous = hash;
    }
    box.sql("UPDATE audit_heads SET hash = '" + previous + "'");
  }
  std::string checkpoint(const std::string& name = "head.checkpoint") {
    box.data("audit.checkpoint", {{"to", {box.path(name)}}});
    return box.path(name);
  }
};

}  // namespace

TEST_CASE("the trail is listed by actor, action, target and time, newest first", "[audit][operations]") {
  Trail trail;
  auto& box = trail.box;
  const auto token = box.token({"*"}, "PERSON", box.user("bo@example.com", {"ADMIN"}));
  box.at("2026-03-05T09:00:00Z");
  box.data("users.update", {{"user", {"ana@example.com"}}, {"name", {"Ana"}}}, {.token = token});

  const auto all = box.list("audit.list");
  REQUIRE(all.items().size() == 6);
  CHECK(all.items()[0].at("seq").integer() == 6);
  CHECK(all.items()[0].at("actor_email").text() == "bo@example.com");
  CHECK(all.items()[0].at("token_name").text() == "test");
  CHECK(box.list("audit.list", {{"actor", {"BO@example.com"}}}).items().size() == 1);
  CHECK(box.list("audit.list", {{"actor", {all.items()[1].at("actor_id").text()}}}).items().size() == 5);
  CHECK(box.list("audit.list", {{"token", {"test"}}}).items().size() == 1);
  CHECK(box.list("audit.list", {{"action", {"users"}}}).items().size() == 2);
  CHECK(box.list("audit.list", {{"action", {"users.create"}}}).items().size() == 1);
  CHECK(box.list("audit.list", {{"action", {"user"}}}).items().empty());
  CHECK(box.list("audit.list", {{"target", {"setting"}}}).items().size() == 4);
  CHECK(box.list("audit.list", {{"target", {"setting:invoices.terms_days"}}}).items().size() == 4);
  CHECK(box.list("audit.list", {{"target", {"ana@example.com"}}}).items().size() == 2);
  CHECK(box.list("audit.list", {{"since", {"2026-03-04"}}}).items().size() == 1);
  CHECK(box.list("audit.list", {{"until", {"2026-03-04"}}}).items().size() == 5);
  CHECK(box.error_code("audit.list", {{"actor", {"nobody@example.com"}}}) == "not_found");

  steward::test::Call call;
  call.list.limit = 2;
  CHECK(box.list("audit.list", {}, call).items().size() == 2);
  call.list.limit = 10;
  call.list.after = box.page().next;
  CHECK(box.list("audit.list", {}, call).items().size() == 4);
}

TEST_CASE("AU-5: a row of the trail carries the request's id and what changed", "[audit][operations]") {
  Trail trail;
  const auto row = trail.box.data("audit.show", {{"seq", {"2"}}});
  CHECK(row.at("action").text() == "settings.set");
  CHECK(row.at("metadata") == Json{{"after", Json{{"value", "20"}}}, {"before", Json{{"value", "10"}}}});
  CHECK(is_uuid(row.at("request_id").text()));
  CHECK(trail.box.error_code("audit.show", {{"seq", {"99"}}}) == "not_found");
}

TEST_CASE("AU-1: an untouched trail is intact, and reading it adds nothing to it", "[audit][operations]") {
  Trail trail;
  const auto report = trail.box.data("audit.verify");
  CHECK(report.at("verdict").text() == "intact");
  CHECK(report.at("entries").integer() == 5);
  CHECK(report.at("first_bad").is_null());
  CHECK(report.at("head").text() == trail.box.value("SELECT hash FROM audit_heads"));
  CHECK(trail.box.audit_seq() == 5);
}

TEST_CASE("an empty trail is intact", "[audit][operations]") {
  Sandbox box;
  CHECK(box.data("audit.verify").at("entries").integer() == 0);
}

TEST_CASE("AU-1: the database refuses to change or delete a row", "[audit][operations]") {
  Trail trail;
  CHECK_THROWS_WITH(trail.box.sql("UPDATE audit_log SET action = 'x'"), Catch::Contains("append"));
  CHECK_THROWS_WITH(trail.box.sql("DELETE FROM audit_log"), Catch::Contains("append"));
}

TEST_CASE("AU-1: whatever is changed in any column of a row is found, and the row is named", "[audit][operations]") {
  const auto change =
      GENERATE("actor_id = 'operator:nobody'", "actor_id = NULL", "actor_type = 'AGENT'", "token_id = 'x'",
               "action = 'users.list'", "target_type = 'x'", "target_id = 'x'", "request_id = 'x'", "metadata = '{}'",
               "created_at = '2026-03-02T09:00:00.001Z'", "id = '01930000-0000-7000-8000-000000000000'",
               "hash = '0000000000000000000000000000000000000000000000000000000000000001'",
               "prev_hash = '0000000000000000000000000000000000000000000000000000000000000001'");
  CAPTURE(change);
  Trail trail;
  trail.tamper(std::string("UPDATE audit_log SET ") + change + " WHERE seq = 3");
  const auto report = trail.report();
  CHECK(report.at("verdict").text() == "tampered");
  CHECK(report.at("first_bad").integer() == 3);
  CHECK(report.at("entries").integer() == 2);
}

TEST_CASE("AU-1: a missing row is found: in the middle, at the end, and all of them", "[audit][operations]") {
  const auto [where, first_bad] = GENERATE(
      table<std::string, int>({{"seq = 1", 1}, {"seq = 3", 3}, {"seq = 5", 5}, {"seq > 2", 3}, {"seq > 0", 1}}));
  CAPTURE(where);
  Trail trail;
  trail.tamper("DELETE FROM audit_log WHERE " + where);
  CHECK(trail.report().at("first_bad").integer() == first_bad);
}

TEST_CASE("AU-1: two rows that changed places are found", "[audit][operations]") {
  Trail trail;
  trail.tamper(
      "UPDATE audit_log SET seq = 100 WHERE seq = 2; UPDATE audit_log SET seq = 2 WHERE seq = 3; UPDATE audit_log SET "
      "seq = 3 WHERE seq = 100");
  CHECK(trail.report().at("first_bad").integer() == 2);
}

TEST_CASE("every chain is checked, also one whose head was removed", "[audit][operations]") {
  Trail trail;
  {
    const auto connection = trail.box.connect();
    db::Tx tx(*connection, db::Access::write, trail.box.now());
    ops::append_audit(tx, {}, "x.y", "x", "y", "r", Json::object(), "0193-workspace");
    ops::append_audit(tx, {}, "x.y", "x", "y", "r", Json::object(), "0193-workspace");
    tx.commit();
  }
  CHECK(trail.box.data("audit.verify").at("entries").integer() == 7);
  CHECK(trail.box.list("audit.list", {{"chain", {"0193-workspace"}}}).items().size() == 2);
  trail.tamper("DELETE FROM audit_heads WHERE chain = '0193-workspace'");
  const auto report = trail.report();
  CHECK(report.at("chain").text() == "0193-workspace");
}

TEST_CASE("a checkpoint is signed with the key of the key file and verified offline", "[audit][operations]") {
  Trail trail;
  auto& box = trail.box;
  const auto file = trail.checkpoint();
  const auto signed_head = parse_json(box.read(file));
  CHECK(signed_head.at("seq").integer() == 5);
  CHECK(signed_head.at("chain").text() == "studio");
  CHECK(signed_head.at("public_key").text() == box.value("SELECT public_key FROM audit_keys"));
  CHECK(box.actions(5) == std::vector<std::string>{"audit.checkpoint"});
  const auto report = box.data("audit.verify", {{"checkpoint", {file}}});
  CHECK(report.at("verdict").text() == "intact");
  CHECK(report.at("checkpoint").at("seq").integer() == 5);

  trail.checkpoint("second.checkpoint");
  CHECK(box.value("SELECT count(*) FROM audit_keys") == "1");
  CHECK(box.data("audit.verify", {{"checkpoint", {file}}}).at("verdict").text() == "intact");
}

TEST_CASE("what the key file holds stays out of every row and file", "[audit][operations]") {
  Trail trail;
  const auto file = trail.checkpoint();
  const auto keys = trail.box.read(trail.box.key_file());
  for (const auto line : split(keys, '\n')) {
    if (line.empty()) continue;
    const auto secret = std::string(line.substr(line.rfind(' ') + 1));
    CHECK(trail.box.read(file).find(secret) == std::string::npos);
    for (const auto& [table, rows] : trail.box.snapshot())
      for (const auto& [key, row] : rows) CHECK(row.find(secret) == std::string::npos);
  }
}

TEST_CASE("a chain forged from end to end passes alone, and fails against an earlier checkpoint",
          "[audit][operations]") {
  Trail trail;
  const auto file = trail.checkpoint();
  trail.tamper("DELETE FROM audit_log WHERE seq = 6; UPDATE audit_heads SET seq = 5");
  trail.forge();
  CHECK(trail.box.data("audit.verify").at("verdict").text() == "intact");
  const auto report = trail.report({{"checkpoint", {file}}});
  CHECK(report.at("verdict").text() == "tampered");
  CHECK(report.at("first_bad").integer() == 5);
}

TEST_CASE("a trail cut off before the checkpoint fails against it", "[audit][operations]") {
  Trail trail;
  const auto file = trail.checkpoint();
  trail.tamper(
      "DELETE FROM audit_log WHERE seq > 2; UPDATE audit_heads SET seq = 2, hash = (SELECT hash FROM audit_log WHERE "
      "seq = 2)");
  CHECK(trail.box.data("audit.verify").at("verdict").text() == "intact");
  const auto report = trail.report({{"checkpoint", {file}}});
  CHECK(report.at("verdict").text() == "tampered");
  CHECK(report.at("first_bad").integer() == 3);
}

TEST_CASE("a checkpoint that was altered is tampered with; one that can't be judged is unverifiable",
          "[audit][operations]") {
  Trail trail;
  auto& box = trail.box;
  const auto file = trail.checkpoint();
  const auto altered = [&](const char* member, Json value) {
    auto json = parse_json(box.read(file));
    json.set(member, std::move(value));
    return trail.report({{"checkpoint", {box.write("altered", to_canonical(json))}}}).at("verdict").text();
  };
  CHECK(altered("seq", 4) == "tampered");
  CHECK(altered("created_at", "2026-03-02T09:00:00.001Z") == "tampered");
  CHECK(altered("signature", std::string(128, '0')) == "tampered");
  CHECK(altered("public_key", std::string(64, '1')) == "unverifiable");
  CHECK(altered("instance_id", "01930000-0000-7000-8000-000000000000") == "unverifiable");
  CHECK(trail.report({{"checkpoint", {box.write("other", "hello")}}}).at("verdict").text() == "unverifiable");
  CHECK(box.error_code("audit.verify", {{"checkpoint", {box.path("missing")}}}) == "file_unreadable");
  trail.tamper("DELETE FROM audit_keys");
  CHECK(trail.report({{"checkpoint", {file}}}).at("verdict").text() == "unverifiable");
}

TEST_CASE("an old checkpoint holds after the keys were rotated", "[audit][operations]") {
  Trail trail;
  auto& box = trail.box;
  const auto old = trail.checkpoint("old");
  ops::Vault::add_key(box.key_file());
  const auto fresh = trail.checkpoint("fresh");
  CHECK(box.value("SELECT count(*) FROM audit_keys") == "2");
  CHECK(box.value("SELECT count(*) FROM audit_keys WHERE retired_at IS NULL") == "1");
  CHECK(box.data("audit.verify", {{"checkpoint", {old}}}).at("verdict").text() == "intact");
  CHECK(box.data("audit.verify", {{"checkpoint", {fresh}}}).at("verdict").text() == "intact");
}

TEST_CASE("without the key file nothing is signed, and everything else works", "[audit][operations]") {
  Trail trail;
  auto& box = trail.box;
  box.write("steward.db.key", "");
  CHECK(box.error_code("audit.checkpoint", {{"to", {box.path("x")}}}) == "key_file");
  std::remove(box.key_file().c_str());
  const auto digest = box.table_digest();
  CHECK(box.error_code("audit.checkpoint", {{"to", {box.path("x")}}}) == "key_missing");
  CHECK(box.table_digest() == digest);
  CHECK(box.data("audit.verify").at("verdict").text() == "intact");
}

TEST_CASE("a checkpoint is verified offline: with the database and the file alone, and nothing is written",
          "[audit][cli][sqlite]") {
  Trail trail;
  auto& box = trail.box;
  const auto file = trail.checkpoint();
  box.sql("PRAGMA wal_checkpoint(TRUNCATE)");
  const auto copy = box.write("elsewhere/copy.db", box.read("steward.db"));
  const auto ran = box.steward({"--db", copy, "audit", "verify", "--checkpoint", file, "--json"});
  CHECK(ran.exit == 0);
  CHECK(ran.json().at("data").at("verdict").text() == "intact");
  CHECK(ran.json().at("data").at("checkpoint").at("seq").integer() == 5);
  CHECK(box.read(copy) == box.read("steward.db"));
}

TEST_CASE("a tail forged behind a checkpoint holds alone and against it; against a later one it fails",
          "[audit][operations]") {
  Trail trail;
  const auto early = trail.checkpoint("early");
  const auto late = trail.checkpoint("late");  // signs row 6, which recorded the first
  trail.tamper("UPDATE audit_log SET target_id = 'other' WHERE seq = 6");
  CHECK(trail.report().at("first_bad").integer() == 6);
  trail.tamper(
      "DELETE FROM audit_log WHERE seq >= 6; UPDATE audit_heads SET seq = 5, hash = (SELECT hash FROM"
      " audit_log WHERE seq = 5)");
  CHECK(trail.box.data("audit.verify", {{"checkpoint", {early}}}).at("verdict").text() == "intact");
  CHECK(trail.report({{"checkpoint", {late}}}).at("first_bad").integer() == 6);
}

TEST_CASE("a dry run of a checkpoint writes no file", "[audit][operations]") {
  Trail trail;
  trail.box.run("audit.checkpoint", {{"to", {trail.box.path("x")}}}, {.dry_run = true});
  CHECK_THROWS_AS(trail.box.data("audit.verify", {{"checkpoint", {trail.box.path("x")}}}), Error);
  CHECK(trail.box.audit_seq() == 5);
}

TEST_CASE("an export can be checked by anybody: each line is what was hashed, with its hashes", "[audit][operations]") {
  Trail trail;
  auto& box = trail.box;
  const auto answer = box.data("audit.export", {{"to", {box.path("trail.ndjson")}}});
  CHECK(answer.at("entries").integer() == 5);
  std::string previous(ops::kGenesis);
  const auto text = box.read("trail.ndjson");
  int lines = 0;
  for (const auto line : split(text, '\n')) {
    if (line.empty()) continue;
    ++lines;
    auto row = parse_json(line);
    CHECK(row.at("prev_hash").text() == previous);
    const auto hash = row.at("hash").text();
    std::erase_if(row.members(),
                  [](const auto& member) { return member.first == "hash" || member.first == "prev_hash"; });
    CHECK(ops::audit_hash(previous, to_canonical(row)) == hash);
    previous = hash;
  }
  CHECK(lines == 5);
  CHECK(answer.at("head").text() == previous);
}

TEST_CASE("through the binary, a tampered trail is exit 6 with the report in the error's details", "[audit][cli]") {
  Trail trail;
  auto& box = trail.box;
  const auto good = box.steward({"audit", "verify", "--json"});
  CHECK(good.exit == 0);
  CHECK(good.json().at("data").at("verdict").text() == "intact");
  trail.tamper("UPDATE audit_log SET metadata = '{}' WHERE seq = 4");
  const auto bad = box.steward({"audit", "verify", "--json"});
  CHECK(bad.exit == 6);
  CHECK(bad.error_code() == "check_failed");
  const auto details = bad.json().at("errors").items().at(0).at("details");
  CHECK(details.at("verdict").text() == "tampered");
  CHECK(details.at("first_bad").integer() == 4);
  CHECK(details.at("entries").integer() == 3);
}

TEST_CASE("the trail needs audit:read outside local", "[audit][operations]") {
  Trail trail;
  trail.box.become("prod");
  CHECK(trail.box.error_code("audit.list") == "not_authenticated");
  CHECK(trail.box.error_code("audit.verify", {}, {.token = trail.box.token({"invoices:read"})}) == "forbidden");
  CHECK(trail.box.error_code("audit.verify", {}, {.token = trail.box.token({"*:read"})}) == "");
}

TEST_CASE("an export and a checkpoint replace an ordinary file only when they are told to", "[audit][operations]") {
  Trail trail;
  auto& box = trail.box;
  box.write("there", "mine");
  const auto operation = std::string(GENERATE("audit.export", "audit.checkpoint"));
  Call call;
  call.yes = false;
  CHECK(box.error_code(operation, {{"to", {box.path("there")}}}, call) == "confirmation_needed");
  call.confirm = [](const std::string&) { return false; };
  CHECK(box.error_code(operation, {{"to", {box.path("there")}}}, call) == "confirmation_needed");
  CHECK(box.read("there") == "mine");
  CHECK(box.error_code(operation, {{"to", {box.path("new")}}}, call) == "");
  std::string asked;
  call.confirm = [&](const std::string& question) {
    asked = question;
    return true;
  };
  CHECK(box.error_code(operation, {{"to", {box.path("there")}}}, call) == "");
  CHECK(asked.find("there exists") != std::string::npos);
  CHECK(box.read("there").find("hash") != std::string::npos);
  CHECK(box.error_code(operation, {{"to", {box.path("there")}}}) == "");
}

TEST_CASE("a checkpoint that replaced a file is repeated under its key without asking again", "[audit][operations]") {
  Trail trail;
  Call call;
  call.key = "once";
  call.yes = false;
  const ops::RawArgs raw{{"to", {trail.box.path("head")}}};
  const auto first = trail.box.run("audit.checkpoint", raw, call);
  const auto content = trail.box.read("head");
  CHECK(to_canonical(trail.box.run("audit.checkpoint", raw, call).data) == to_canonical(first.data));
  CHECK(trail.box.read("head") == content);
}

TEST_CASE("an export and a checkpoint write to standard output, and then say nothing else", "[audit][cli]") {
  Trail trail;
  const auto to = std::string(GENERATE("-", "/dev/stdout"));
  const auto lines = trail.box.steward({"audit", "export", "--to", to});
  CHECK(lines.exit == 0);
  trail.box.data("audit.export", {{"to", {trail.box.path("trail")}}});
  CHECK(lines.out == trail.box.read("trail"));
  const auto head = trail.box.steward({"audit", "checkpoint", "--to", to});
  CHECK(head.exit == 0);
  CHECK(parse_json(head.out).at("seq").integer() == 5);
  CHECK(trail.box.steward({"audit", "export", "--to", to, "-o", "json"}).exit == 2);
}

TEST_CASE("no copy of the books is written in the place of a pipe", "[audit][operations]") {
  Sandbox box;
  fs::path pipe = box.path("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(box.error_code("db.backup", {{"to", {pipe.string()}}}) == "invalid_target");
  CHECK(fs::is_fifo(pipe));
}
