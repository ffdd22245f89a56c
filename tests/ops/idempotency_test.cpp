// Docs/contract.md, 6: with --idempotency-key K a repeat by the same actor returns the first answer.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "db/migrations.h"
#include "support/sandbox.h"

using namespace steward;
using namespace steward::test;

namespace {

ops::RawArgs person(const std::string& email) { return {{"email", {email}}}; }
ops::RawArgs user(const std::string& email) { return {{"user", {email}}}; }

bool warned(const ops::Answer& answer, std::string_view code) {
  return std::ranges::any_of(answer.warnings, [&](const auto& warning) { return warning.code == code; });
}

bool is_replay(const ops::Answer& answer) { return warned(answer, "idempotent_replay"); }

std::string keys_kept(const Sandbox& box) { return box.value("SELECT count(*) FROM idempotency_keys"); }

const std::string kInquiry =
    R"({"audience":"INDIVIDUAL","contact_name":"Ada","contact_email":"ada@client.example","goals":"Learn"})"
    "\n";

}  // namespace

TEST_CASE("a key belongs to its actor: the same key of somebody else is a request of its own", "[ops][idempotency]") {
  Sandbox box;
  const auto agent = box.token({"users:write"}), other = box.token({"users:write"});
  box.run("users.create", person("a@x.example"), {.key = "k"});
  CHECK_FALSE(is_replay(box.run("users.create", person("b@x.example"), {.token = agent, .key = "k"})));
  CHECK_FALSE(is_replay(box.run("users.create", person("c@x.example"), {.token = other, .key = "k"})));
  CHECK(is_replay(box.run("users.create", person("b@x.example"), {.token = agent, .key = "k"})));
  CHECK(box.error_code("users.create", person("a@x.example"), {.token = other, .key = "k"}) == "idempotency_conflict");
}

TEST_CASE("two tokens of one person are one actor, and share their keys", "[ops][idempotency]") {
  Sandbox box;
  const auto ana = box.user("ana@x.example", {"ADMIN"});
  const auto first = box.token({"*"}, "PERSON", ana), second = box.token({"users:write"}, "PERSON", ana);
  box.run("users.create", person("b@x.example"), {.token = first, .key = "k"});
  CHECK(is_replay(box.run("users.create", person("b@x.example"), {.token = second, .key = "k"})));
}

TEST_CASE("other input or another command under a key is a conflict, and nothing is done", "[ops][idempotency]") {
  Sandbox box;
  box.run("users.create", person("a@x.example"), {.key = "k"});
  const auto digest = box.table_digest();
  for (const auto& [path, raw] : std::vector<std::pair<std::string, ops::RawArgs>>{
           {"users.create", person("b@x.example")},
           {"users.create", {{"email", {"a@x.example"}}, {"name", {"Ana"}}}},
           {"users.disable", user("a@x.example")},
           {"users.disable", user("nobody@x.example")}}) {
    const auto error = box.refusal(path, raw, {.key = "k"});
    CHECK(error.code() == "idempotency_conflict");
    CHECK(error.exit_code() == 5);
  }
  CHECK(box.table_digest() == digest);
}

TEST_CASE("a call that failed keeps nothing under its key", "[ops][idempotency]") {
  Sandbox box;
  CHECK(box.error_code("users.disable", user("a@x.example"), {.key = "k"}) == "not_found");
  CHECK(box.error_code("users.create", {{"email", {"a@x.example"}}, {"role", {"ADMIN"}}},
                       {.token = box.token({"invoices:write"}), .key = "k"}) == "forbidden");
  CHECK(keys_kept(box) == "0");
  box.run("users.create", person("a@x.example"));
  CHECK_FALSE(is_replay(box.run("users.disable", user("a@x.example"), {.key = "k"})));
}

TEST_CASE("an unconfirmed call keeps nothing, and the repeat of a confirmed one asks nobody", "[ops][idempotency]") {
  Sandbox box;
  box.user("a@x.example");
  CHECK(box.error_code("users.disable", user("a@x.example"), {.key = "k", .yes = false}) == "confirmation_needed");
  CHECK(keys_kept(box) == "0");
  box.run("users.disable", user("a@x.example"), {.key = "k"});
  CHECK(is_replay(box.run("users.disable", user("a@x.example"), {.key = "k", .yes = false})));
}

TEST_CASE("an agent's proposal is no success: under its key it waits once, and nothing is kept", "[ops][idempotency]") {
  Sandbox box;
  box.user("a@x.example");
  const auto agent = box.token({"users:write"});
  const auto first = box.refusal("users.disable", user("a@x.example"), {.token = agent, .key = "k"});
  const auto again = box.refusal("users.disable", user("a@x.example"), {.token = agent, .key = "k"});
  CHECK(first.code() == "approval_required");
  CHECK(first.details().at("approval_id") == again.details().at("approval_id"));
  CHECK(keys_kept(box) == "0");
}

TEST_CASE("a key is up to 255 characters of text", "[ops][idempotency]") {
  Sandbox box;
  const std::string longest(255, 'k');
  box.run("users.create", person("a@x.example"), {.key = longest});
  CHECK(is_replay(box.run("users.create", person("a@x.example"), {.key = longest})));
  const auto digest = box.table_digest();
  for (const auto& [key, code] : std::vector<std::pair<std::string, std::string>>{{longest + "k", "text_too_long"},
                                                                                  {"a\nb", "invalid_text"},
                                                                                  {"\xff", "invalid_text"},
                                                                                  {"  ", "text_empty"}}) {
    const auto error = box.refusal("users.create", person("b@x.example"), {.key = key});
    CHECK(error.code() == code);
    CHECK(error.exit_code() == 2);
    CHECK(error.field() == "idempotency-key");
  }
  CHECK(box.table_digest() == digest);
}

TEST_CASE("an empty key is a mistake in a script, not the wish to have none", "[ops][idempotency][cli]") {
  Sandbox box;
  const auto ran = box.steward({"users", "create", "--email", "a@x.example", "--idempotency-key", "", "--json"});
  CHECK(ran.exit == 2);
  CHECK(ran.error_code() == "text_empty");
  CHECK(box.value("SELECT count(*) FROM users") == "0");
}

TEST_CASE("an answer is kept for 30 days, then its key is free and its row goes", "[ops][idempotency]") {
  Sandbox box;
  box.run("users.create", person("a@x.example"), {.key = "k"});
  box.run("users.create", person("b@x.example"), {.key = "other"});
  box.at("2026-04-01T08:59:59.999Z");
  CHECK(is_replay(box.run("users.create", person("a@x.example"), {.key = "k"})));
  box.at("2026-04-01T09:00:00Z");
  CHECK(box.error_code("users.create", person("a@x.example"), {.key = "k"}) == "duplicate");
  CHECK_FALSE(is_replay(box.run("users.create", person("c@x.example"), {.key = "k"})));
  CHECK(box.value("SELECT max(key) || count(*) FROM idempotency_keys") == "k1");
}

TEST_CASE("a replay needs the rights of now", "[ops][idempotency]") {
  Sandbox box;
  const auto ana = box.user("ana@x.example", {"ADMIN"});
  const auto kind = GENERATE(as<std::string>(), "AGENT", "JOB", "PERSON");
  const Call call{.token = box.token({"users:write"}, kind, kind == "PERSON" ? ana : ""), .key = "k"};
  box.run("users.create", person("a@x.example"), call);
  REQUIRE(is_replay(box.run("users.create", person("a@x.example"), call)));
  const auto with = [&](const std::string& change, const std::string& back) {
    box.sql(change);
    const auto error = box.refusal("users.create", person("a@x.example"), call);
    box.sql(back);
    CHECK(error.exit_code() == 3);
    return error.code();
  };
  CHECK(with("UPDATE service_tokens SET scopes = '[\"users:read\"]'",
             "UPDATE service_tokens SET scopes = '[\"users:write\"]'") == "forbidden");
  CHECK(with("UPDATE service_tokens SET expires_at = '2026-03-02T09:00:00.000Z'",
             "UPDATE service_tokens SET expires_at = '2099-01-01T00:00:00.000Z'") == "not_authenticated");
  CHECK(with("UPDATE service_tokens SET revoked_at = '2026-03-02T09:00:00.000Z'",
             "UPDATE service_tokens SET revoked_at = NULL") == "not_authenticated");
  REQUIRE(is_replay(box.run("users.create", person("a@x.example"), call)));
}

TEST_CASE("a person who was disabled or lost the role gets no answer from an old key", "[ops][idempotency]") {
  Sandbox box;
  const Call call{.token = box.token({"*"}, "PERSON", box.user("ana@x.example", {"ADMIN"})), .key = "k"};
  box.run("users.create", person("a@x.example"), call);
  box.sql("DELETE FROM user_roles");
  CHECK(box.error_code("users.create", person("a@x.example"), call) == "forbidden");
  box.sql("UPDATE users SET status = 'DISABLED' WHERE email = 'ana@x.example'");
  CHECK(box.error_code("users.create", person("a@x.example"), call) == "not_authenticated");
}

TEST_CASE("no replay from a database that waits for a migration", "[ops][idempotency]") {
  Sandbox box;
  box.run("users.create", person("a@x.example"), {.key = "k"});
  auto known = db::compiled_migrations(engine());
  auto next = known.back();
  next.name = "9999_next";
  next.seq = known.back().seq + 1;
  known.push_back(next);
  box.use_migrations(known);
  CHECK(box.error_code("users.create", person("a@x.example"), {.key = "k"}) == "migrations_pending");
}

TEST_CASE("a file counts by its content, whatever it is called", "[ops][idempotency]") {
  Sandbox box;
  const auto import = [&](const std::string& file) { return ops::RawArgs{{"file", {file}}}; };
  const auto first = box.run("intake.import", import(box.write("one.jsonl", kInquiry)), {.key = "k"});
  const auto again = box.run("intake.import", import(box.write("copy.jsonl", kInquiry)), {.key = "k"});
  CHECK(is_replay(again));
  CHECK(again.data == first.data);
  box.write("one.jsonl", kInquiry + "\n" + kInquiry);
  CHECK(box.error_code("intake.import", import(box.path("one.jsonl")), {.key = "k"}) == "idempotency_conflict");
  const auto gone = box.refusal("intake.import", import(box.path("gone.jsonl")), {.key = "k"});
  CHECK(gone.code() == "file_unreadable");
}

TEST_CASE("standard input counts by its content too", "[ops][idempotency][cli]") {
  Sandbox box;
  const std::vector<std::string> words{"intake", "import", "--file", "-", "--idempotency-key", "k", "--json"};
  const auto first = box.steward(words, kInquiry);
  REQUIRE(first.exit == 0);
  const auto again = box.steward(words, kInquiry);
  CHECK(again.json().at("data") == first.json().at("data"));
  CHECK(again.json().at("warnings").items().front().at("code").text() == "idempotent_replay");
  CHECK(box.steward(words, kInquiry + kInquiry).error_code() == "idempotency_conflict");
}

TEST_CASE("a file that a command writes counts by its name", "[ops][idempotency]") {
  Sandbox box;
  box.run("users.create", person("a@x.example"));
  const ops::RawArgs raw{{"to", {box.path("head.checkpoint")}}};
  const auto first = box.run("audit.checkpoint", raw, {.key = "k"});
  const auto again = box.run("audit.checkpoint", raw, {.key = "k"});
  CHECK(is_replay(again));
  CHECK(again.data == first.data);
  CHECK(box.error_code("audit.checkpoint", {{"to", {box.path("other")}}}, {.key = "k"}) == "idempotency_conflict");
}

TEST_CASE("how the answer is shown does not count as input", "[ops][idempotency][cli]") {
  Sandbox box;
  std::vector<std::string> words{"users", "create", "--email", "a@x.example", "--idempotency-key", "k"};
  REQUIRE(box.steward(words).exit == 0);
  const auto digest = box.table_digest();
  for (const auto& flags : std::vector<std::vector<std::string>>{
           {"-o", "json"}, {"-o", "ndjson"}, {"-o", "csv"}, {"--quiet"}, {"--verbose"}, {"--no-color"}, {"--yes"}}) {
    auto all = words;
    all.insert(all.end(), flags.begin(), flags.end());
    CAPTURE(flags);
    CHECK(box.steward(all).exit == 0);
  }
  CHECK(box.table_digest() == digest);
}

TEST_CASE("a dry run keeps no key, and foretells a replay and a conflict", "[ops][idempotency]") {
  Sandbox box;
  const auto digest = box.table_digest();
  box.run("users.create", person("a@x.example"), {.key = "k", .dry_run = true});
  CHECK(box.table_digest() == digest);
  box.run("users.create", person("b@x.example"), {.key = "k"});
  const auto again = box.run("users.create", person("b@x.example"), {.key = "k", .dry_run = true});
  CHECK(is_replay(again));
  CHECK(again.data.at("changes").items().empty());
  CHECK(box.error_code("users.create", person("c@x.example"), {.key = "k", .dry_run = true}) == "idempotency_conflict");
}

TEST_CASE("what the first answer warned of is said again", "[ops][idempotency]") {
  Sandbox box;
  box.user("a@x.example");
  CHECK(warned(box.run("users.enable", user("a@x.example"), {.key = "k"}), "no_change"));
  const auto again = box.run("users.enable", user("a@x.example"), {.key = "k"});
  CHECK(warned(again, "no_change"));
  CHECK(is_replay(again));
}

TEST_CASE("a replay of what showed a secret once says that it is not shown again", "[ops][idempotency]") {
  Sandbox box;
  const ops::RawArgs raw{{"name", {"helper"}}, {"scope", {"users:read"}}};
  const auto first = box.run("tokens.create", raw, {.key = "k"});
  const auto again = box.run("tokens.create", raw, {.key = "k"});
  REQUIRE(is_replay(again));
  CHECK(again.data.find("token") == nullptr);
  const auto said = std::ranges::find(again.warnings, "idempotent_replay", &ops::Warning::code);
  CHECK_THAT(said->message, Catch::Contains("not shown again"));
  box.run("users.create", person("a@x.example"), {.key = "plain"});
  const auto plain = box.run("users.create", person("a@x.example"), {.key = "plain"});
  CHECK_THAT(plain.warnings.front().message, !Catch::Contains("not shown again"));
}

namespace {

struct Team : Sandbox {
  Team() {
    for (const auto* email : {"a@x.example", "b@x.example", "c@x.example"}) user(email);
  }
  Process disable(std::vector<std::string> emails, const std::string& key = "k") const {
    std::vector<std::string> words{"users", "disable"};
    words.insert(words.end(), emails.begin(), emails.end());
    for (const auto* word : {"--yes", "--json", "--idempotency-key"}) words.emplace_back(word);
    words.push_back(key);
    return steward(words);
  }
  std::string disabled() const {
    std::string out;
    for (const auto& row : rows("SELECT email FROM users WHERE status = 'DISABLED' ORDER BY email"))
      out += (out.empty() ? "" : ",") + row.front();
    return out;
  }
};

int replays(const Process& process) {
  const auto json = process.json();
  return static_cast<int>(std::ranges::count_if(json.at("warnings").items(), [](const Json& warning) {
    return warning.at("code").text() == "idempotent_replay";
  }));
}

}  // namespace

TEST_CASE("a key over several subjects answers each of them again", "[ops][idempotency][cli]") {
  Team box;
  const auto first = box.disable({"a@x.example", "b@x.example"});
  CHECK(first.exit == 0);
  CHECK(replays(first) == 0);
  const auto digest = box.table_digest();
  const auto again = box.disable({"a@x.example", "b@x.example"});
  CHECK(again.exit == 0);
  CHECK(replays(again) == 2);
  CHECK(again.json().at("data") == first.json().at("data"));
  CHECK(box.table_digest() == digest);
}

TEST_CASE("of several subjects under a key, only those that failed are tried again", "[ops][idempotency][cli]") {
  Team box;
  CHECK(box.disable({"a@x.example", "d@x.example", "b@x.example"}).exit == 4);
  CHECK(box.disabled() == "a@x.example,b@x.example");
  box.user("d@x.example");
  const auto again = box.disable({"a@x.example", "d@x.example", "b@x.example"});
  CHECK(again.exit == 0);
  CHECK(replays(again) == 2);
  CHECK(box.disabled() == "a@x.example,b@x.example,d@x.example");
}

TEST_CASE("another list of subjects under a key is other input, for all of them", "[ops][idempotency][cli]") {
  Team box;
  box.disable({"a@x.example", "b@x.example"});
  const auto digest = box.table_digest();
  for (const auto& other : std::vector<std::vector<std::string>>{{"a@x.example", "c@x.example"},
                                                                 {"a@x.example"},
                                                                 {"c@x.example"},
                                                                 {"a@x.example", "b@x.example", "c@x.example"}}) {
    const auto ran = box.disable(other);
    CHECK(ran.exit == 5);
    const auto answer = ran.json();
    for (const auto& error : answer.at("errors").items()) CHECK(error.at("code").text() == "idempotency_conflict");
  }
  CHECK(box.disable({"c@x.example"}, "one").exit == 0);
  CHECK(box.disable({"c@x.example", "a@x.example"}, "one").exit == 5);
  CHECK(box.disabled() == "a@x.example,b@x.example,c@x.example");
}

TEST_CASE("the longest key holds over several subjects", "[ops][idempotency][cli]") {
  Team box;
  const std::string longest(255, 'k');
  CHECK(box.disable({"a@x.example", "b@x.example"}, longest).exit == 0);
  CHECK(replays(box.disable({"a@x.example", "b@x.example"}, longest)) == 2);
}

TEST_CASE("many processes at once under one key: one does it, the others answer the same", "[ops][idempotency][cli]") {
  Sandbox box;
  std::vector<Running> all;
  for (int i = 0; i < 8; ++i)
    all.push_back(box.start({"users", "create", "--email", "a@x.example", "--idempotency-key", "k", "--json"}));
  int did = 0;
  std::set<std::string> answers;
  for (auto& one : all) {
    const auto ended = one.finish();
    CHECK(ended.exit == 0);
    did += replays(ended) == 0 ? 1 : 0;
    answers.insert(to_canonical(ended.json().at("data")));
  }
  CHECK(did == 1);
  CHECK(answers.size() == 1);
  CHECK(box.value("SELECT count(*) FROM users") == "1");
  CHECK(box.actions() == std::vector<std::string>{"users.create"});
}
