// Contract 4: one exit code for each kind of failure, each told in a sentence and a code.

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "cli/shop.h"
#include "db/tx.h"

using namespace steward::test;

TEST_CASE("exit 0: done, and silent with --quiet", "[cli][exit]") {
  Shop box;
  const auto made = box.steward(Shop::create("lab"));
  CHECK(made.exit == 0);
  CHECK(made.err.empty());
  CHECK_FALSE(made.out.empty());
  const auto quiet = box.steward(Shop::create("lab-two", {"--quiet"}));
  CHECK(quiet.exit == 0);
  CHECK((quiet.out + quiet.err).empty());
}

TEST_CASE("exit 0 and a warning, but no audit row, for a state that is held already", "[cli][exit]") {
  Shop box;
  box.offer("lab");
  const auto seq = box.audit_seq();
  const auto again = box.steward({"offers", "activate", "lab", "--json"});
  CHECK(again.exit == 0);
  CHECK(again.json().at("warnings").items().front().at("code").text() == "no_change");
  CHECK(box.audit_seq() == seq);
}

TEST_CASE("exit 2: words that make no request, each with its code, and nothing changed", "[cli][exit]") {
  Shop box;
  box.offer("lab");
  const auto digest = box.table_digest();
  using Words = std::vector<std::string>;
  const auto [words, code] = GENERATE(table<Words, std::string>({
      {{"frobnicate"}, "unknown_command"},
      {{"offers", "frobnicate"}, "unknown_command"},
      {{"offers", "list", "--frobnicate"}, "unknown_flag"},
      {{"offers", "list", "surplus"}, "unexpected_word"},
      {{"offers", "show"}, "missing_argument"},
      {{"offers", "create", "--slug", "x"}, "missing_argument"},
      {{"offers", "list", "--status", "SOLD"}, "invalid_choice"},
      {{"offers", "list", "--limit", "0"}, "out_of_range"},
      {{"offers", "list", "--sort", "colour"}, "invalid_column"},
      {{"offers", "list", "--columns", "id,colour"}, "invalid_column"},
      {{"offers", "list", "--after", "nonsense"}, "invalid_cursor"},
      {{"offers", "reprice", "lab", "--price", "12,50", "--reason", "R", "--yes"}, "invalid_money"},
      {{"offers", "update", "lab", "--clear", "slug"}, "unknown_argument"},
      {{"offers", "update", "lab", "--title", "A", "--title", "B"}, "repeated_argument"},
      {{"offers", "list", "--dry-run"}, "unsupported_flag"},
  }));
  auto all = words;
  all.push_back("--json");
  const auto ran = box.steward(all);
  CAPTURE(words, ran.out, ran.err);
  CHECK(ran.exit == 2);
  CHECK(ran.error_code() == code);
  CHECK(box.table_digest() == digest);
}

TEST_CASE("exit 3: a missing, malformed, unknown, expired or revoked token look the same", "[cli][exit]") {
  Shop box;
  const auto token = box.token({"*"});
  box.become("prod");
  const auto stranger = token.substr(0, token.size() - 4) + "AAAA";
  const auto refused = [&](const Variables& variables) {
    const auto ran = box.steward({"offers", "list", "--json"}, {}, variables);
    CHECK(ran.exit == 3);
    const auto error = ran.json().at("errors").items().front();
    return error.at("code").text() + " " + error.at("message").text();
  };
  const auto missing = refused({});
  CHECK_THAT(missing, Catch::StartsWith("not_authenticated "));
  CHECK(refused({{"STEWARD_TOKEN", "hello"}}) == missing);
  CHECK(refused({{"STEWARD_TOKEN", stranger}}) == missing);
  box.sql("UPDATE service_tokens SET expires_at = '2026-01-01T00:00:00.000Z'");
  CHECK(refused({{"STEWARD_TOKEN", token}}) == missing);
  box.sql("UPDATE service_tokens SET expires_at = '2099-01-01T00:00:00.000Z', revoked_at = '2026-01-01T00:00:00.000Z'");
  CHECK(refused({{"STEWARD_TOKEN", token}}) == missing);
}

TEST_CASE("exit 3: a token without the scope is told which one it lacks", "[cli][exit]") {
  Shop box;
  const auto token = box.token({"offers:read"});
  const auto ran = box.steward(Shop::create("lab", {"--json"}), {}, {{"STEWARD_TOKEN", token}});
  CHECK(ran.exit == 3);
  CHECK(ran.error_code() == "forbidden");
  CHECK(ran.json().at("errors").items().front().at("details").at("scope").text() == "offers:write");
  CHECK(box.steward({"offers", "list"}, {}, {{"STEWARD_TOKEN", token}}).exit == 0);
}

TEST_CASE("exit 4: no such record", "[cli][exit]") {
  Shop box;
  const auto ran = box.steward({"offers", "show", "nothing-of-that-name", "--json"});
  CHECK(ran.exit == 4);
  CHECK(ran.error_code() == "not_found");
}

TEST_CASE("exit 5: a duplicate, a stale version, the same key with other input", "[cli][exit]") {
  Shop box;
  box.offer("lab");
  CHECK(box.steward(Shop::create("lab", {"--json"})).exit == 5);
  const auto stale = box.steward({"offers", "update", "lab", "--title", "New", "--if-version", "7", "--json"});
  CHECK(stale.exit == 5);
  CHECK(stale.error_code() == "stale_version");
  CHECK(box.steward(Shop::create("one", {"--idempotency-key", "k"})).exit == 0);
  const auto other = box.steward(Shop::create("two", {"--idempotency-key", "k", "--json"}));
  CHECK(other.exit == 5);
  CHECK(other.error_code() == "idempotency_conflict");
}

TEST_CASE("exit 6: no database, another environment, nobody to confirm", "[cli][exit]") {
  Shop box;
  box.offer("lab");
  const auto digest = box.table_digest();
  CHECK(box.steward({"offers", "list", "--db", "nowhere.db", "--json"}).error_code() == "no_database");
  CHECK(box.steward({"offers", "list", "--db", "nowhere.db"}).exit == 6);
  CHECK(box.steward({"offers", "list", "--env", "prod"}).exit == 6);
  CHECK(box.steward({"offers", "list", "--env", "prod", "--json"}).error_code() == "environment_mismatch");
  const auto ran = box.steward({"offers", "reprice", "lab", "--price", "120.00", "--reason", "R", "--json"});
  CHECK(ran.exit == 6);
  CHECK(ran.error_code() == "confirmation_needed");
  CHECK(box.table_digest() == digest);
}

TEST_CASE("exit 7: a database that stays locked past the busy timeout may be tried again", "[cli][exit]") {
  Shop box;
  box.write("config/steward/config.toml", "[db_options]\nbusy_timeout = \"1s\"\n");
  auto connection = box.connect();
  steward::db::Tx lock(*connection, steward::db::Access::write, box.now());
  const auto ran = box.steward(Shop::create("lab", {"--json"}));
  CHECK(ran.exit == 7);
  CHECK(ran.error_code() == "database_locked");
  CHECK(ran.json().at("errors").items().front().at("retryable").boolean());
}

TEST_CASE("an argument is judged before rights, rights before the record, the record before its state", "[cli][exit]") {
  Shop box;
  const auto reader = box.token({"offers:read"});
  const Variables with_reader{{"STEWARD_TOKEN", reader}};
  CHECK(box.steward({"offers", "reprice", "nothing", "--price", "x", "--reason", "R"}, {}, with_reader).exit == 2);
  CHECK(box.steward({"offers", "reprice", "nothing", "--price", "1", "--reason", "R"}, {}, with_reader).exit == 3);
  CHECK(box.steward({"offers", "reprice", "nothing", "--price", "1", "--reason", "R"}).exit == 4);
  box.offer("lab");
  CHECK(box.steward({"offers", "reprice", "lab", "--price", "1", "--reason", "R", "--if-version", "9"}).exit == 5);
  CHECK(box.steward({"offers", "reprice", "lab", "--price", "1", "--reason", "R"}).exit == 6);
}

TEST_CASE("what a list can't show or sort by is told before rights, as any argument is", "[cli][exit]") {
  Shop box;
  const Variables stranger{{"STEWARD_TOKEN", "stw_nobody"}};
  for (const auto& words : std::vector<std::vector<std::string>>{{"users", "list", "--columns", "colour"},
                                                                 {"users", "list", "--sort", "colour"},
                                                                 {"users", "list", "--sort", "email:up"},
                                                                 {"users", "list", "--after", "nonsense"},
                                                                 {"settings", "set", "invoices.terms_days", "soon"},
                                                                 {"audit", "export", "--to", "-", "--json"}}) {
    CAPTURE(words);
    CHECK(box.steward(words, {}, stranger).exit == 2);
  }
}

TEST_CASE("who may not make an administrator is told so whether or not there is such a person", "[cli][exit]") {
  Shop box;
  const auto token = box.token({"*"}, "PERSON", box.user("ana@x.example", {"ADMIN"}));
  for (const auto* verb : {"grant", "revoke"})
    CHECK(box.steward({"users", verb, "nobody@x.example", "--role", "SUPER_ADMIN", "--yes"}, {},
                      {{"STEWARD_TOKEN", token}})
              .exit == 3);
}

TEST_CASE("an answer that can't be written is said, since what was done is done", "[cli][exit]") {
  Shop box;
  auto command = box.command(Shop::create("lab"));
  command.out = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  const auto ran = run_process(command);
  ::close(*command.out);
  CHECK(ran.exit == 7);
  CHECK_THAT(ran.err, Catch::Contains("Standard output can't be written"));
  CHECK(box.value("SELECT slug FROM offers") == "lab");
}

TEST_CASE("a standard output that was closed never lets an answer into the database", "[cli][exit]") {
  Shop box;
  auto command = box.command({"-c", "exec \"$0\" offers list --json >&-", STEWARD_BINARY});
  command.program = "sh";
  box.offer("lab");
  const auto digest = box.table_digest();
  const auto bytes = on_postgres() ? "" : box.read("steward.db");
  const auto ran = run_process(command);
  CHECK(ran.exit == 7);
  CHECK((on_postgres() || box.read("steward.db") == bytes));
  CHECK(box.table_digest() == digest);
}
