// Contract 1 and 6: how a command is said, to whom it is asked, and what happens when it is said twice.

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "cli/shop.h"

using namespace steward;
using namespace steward::test;

TEST_CASE("global flags work before and after the verb, in every spelling", "[cli][words]") {
  Shop box;
  box.offer("lab");
  using Words = std::vector<std::string>;
  const auto words = GENERATE(values<Words>({{"offers", "list", "-o", "csv"},
                                             {"-o", "csv", "offers", "list"},
                                             {"offers", "-o", "csv", "list"},
                                             {"offers", "list", "-ocsv"},
                                             {"-ocsv", "offers", "list"},
                                             {"--output=csv", "offers", "list"},
                                             {"offers", "--output", "csv", "list"}}));
  CAPTURE(words);
  const auto ran = box.steward(words);
  CHECK(ran.exit == 0);
  CHECK_THAT(ran.out, Catch::StartsWith("id,slug,"));
}

TEST_CASE("a group answers to its singular, and enumerations to any case", "[cli][words]") {
  Shop box;
  box.offer("lab");
  CHECK(box.steward({"offer", "show", "lab"}).exit == 0);
  CHECK(box.steward({"offers", "list", "--status", "active", "--json"}).json().at("data").items().size() == 1);
  CHECK(box.steward({"offers", "list", "--status", "Active", "--json"}).json().at("data").items().size() == 1);
}

TEST_CASE("an unknown word, verb or flag gets a did you mean", "[cli][words]") {
  Shop box;
  CHECK_THAT(box.steward({"offrs", "list"}).err, Catch::Contains("Did you mean steward offers?"));
  CHECK_THAT(box.steward({"offers", "lst"}).err, Catch::Contains("Did you mean steward offers list?"));
  CHECK_THAT(box.steward({"offers", "list", "--statis", "x"}).err, Catch::Contains("Did you mean --status?"));
  CHECK_THAT(box.steward({"offers", "list", "--jsn"}).err, Catch::Contains("Did you mean --json?"));
}

TEST_CASE("a word that looks like a flag can be an argument all the same", "[cli][words]") {
  Shop box;
  const auto ran = box.steward(Shop::create("lab", {"--outcome=-minus", "--outcome", "plain", "--json"}));
  CHECK(ran.exit == 0);
  CHECK_THAT(to_text(ran.json().at("data").at("outcomes_json")), Catch::Contains("-minus"));
}

TEST_CASE("bare steward GROUP and --help print help and need no database", "[cli][words]") {
  Sandbox box;
  const Variables nowhere{{"STEWARD_DB", "/nonexistent/steward.db"}};
  CHECK_THAT(box.steward({"offers"}, {}, nowhere).out, Catch::Contains("offers reprice"));
  CHECK_THAT(box.steward({"offers", "reprice", "--help"}, {}, nowhere).out, Catch::Contains("--reason"));
  CHECK_THAT(box.steward({"--help"}, {}, nowhere).out, Catch::Contains("Commands:"));
  for (const auto& words : std::vector<std::vector<std::string>>{{"offers"}, {"offers", "reprice", "--help"}, {"-h"}})
    CHECK(box.steward(words, {}, nowhere).exit == 0);
}

TEST_CASE("several subjects are a run each, and the exit code is the worst", "[cli][words]") {
  Shop box;
  for (const auto* slug : {"one", "two", "three"}) box.offer(slug);
  const auto seq = box.audit_seq();
  const auto ran = box.steward({"offers", "deactivate", "one", "nothing", "three", "--json"});
  CHECK(ran.exit == 4);
  const auto answer = ran.json();
  REQUIRE(answer.at("data").items().size() == 3);
  CHECK(answer.at("data").items()[0].at("ok").boolean());
  CHECK_FALSE(answer.at("data").items()[1].at("ok").boolean());
  CHECK(answer.at("data").items()[2].at("data").at("status").text() == "INACTIVE");
  CHECK(answer.at("errors").items().size() == 1);
  CHECK(answer.at("errors").items()[0].at("subject").text() == "nothing");
  CHECK_FALSE(answer.at("ok").boolean());
  CHECK(box.actions(seq) == std::vector<std::string>{"offers.deactivate", "offers.deactivate"});
  CHECK(box.value("SELECT status FROM offers WHERE slug = 'two'") == "ACTIVE");
}

TEST_CASE("a flag that is given or left out says so of a value", "[cli][words]") {
  Shop box;
  for (const auto* flag : {"--yes", "--dry-run", "--total", "--disputed"}) {
    CAPTURE(flag);
    const auto ran = box.steward({"deals", "list", std::string(flag) + "=maybe"});
    CHECK(ran.exit == 2);
    CHECK_THAT(ran.err,
               Catch::Contains(fmt::format("The flag {} is given or left out; 'maybe' is no value of it.", flag)));
  }
}

TEST_CASE("the flag --from reads subjects from a file or standard input, a line each", "[cli][words]") {
  Shop box;
  for (const auto* slug : {"one", "two", "three"}) box.offer(slug);
  CHECK(box.steward({"offers", "deactivate", "--from", "-"}, "one\n\n  two  \r\n").exit == 0);
  CHECK(box.value("SELECT count(*) FROM offers WHERE status = 'INACTIVE'") == "2");
  box.write("slugs.txt", "three");
  CHECK(box.steward({"offers", "deactivate", "--from", "slugs.txt"}).exit == 0);
  CHECK(box.value("SELECT count(*) FROM offers WHERE status = 'INACTIVE'") == "3");
}

TEST_CASE("what a list prints of its ids as CSV can be piped into a command as it is", "[cli][words]") {
  Shop box;
  for (const auto* slug : {"one", "two"}) box.offer(slug);
  const auto column = GENERATE(as<std::string>(), "id", "slug");
  const auto list = box.steward({"offers", "list", "--columns", column, "-o", "csv"}).out;
  REQUIRE_THAT(list, Catch::StartsWith(column));
  CHECK(box.steward({"offers", "deactivate", "--from", "-", "--yes"}, list).exit == 0);
  CHECK(box.value("SELECT count(*) FROM offers WHERE status = 'INACTIVE'") == "2");
  // Further down it is a handle like any other.
  CHECK(box.steward({"offers", "activate", "--from", "-"}, "one\n" + column + "\n").exit == 4);
}

TEST_CASE("a list of subjects with nothing in it is nothing to do, not a mistake", "[cli][words]") {
  Shop box;
  const auto lines = GENERATE(as<std::string>(), "", "\r\n\n", "id\n");
  const auto ran = box.steward({"offers", "deactivate", "--from", "-", "--json"}, lines);
  CHECK(ran.exit == 0);
  CHECK(ran.json().at("warnings").items().at(0).at("code").text() == "no_change");
  CHECK(ran.json().at("data").items().empty());
  const auto told = box.steward({"offers", "deactivate", "--from", "-"}, lines);
  CHECK(told.out.empty());
  CHECK(told.err == "Warning: Nothing was named.\n");
}

TEST_CASE("a person at the terminal is asked, and only yes is yes", "[cli][words]") {
  Shop box;
  box.offer("lab");
  const std::vector<std::string> words{"offers", "reprice", "lab", "--price", "120.00", "--reason", "R"};
  const auto no = box.steward_on_terminal(words, "n\n");
  CHECK(no.exit == 6);
  CHECK_THAT(no.out, Catch::Contains("Go ahead? [y/N]"));
  CHECK(box.steward_on_terminal(words, "\n").exit == 6);
  CHECK(box.value("SELECT price_cents FROM offers") == "10000");
  CHECK(box.steward_on_terminal(words, "yes\n").exit == 0);
  CHECK(box.value("SELECT price_cents FROM offers") == "12000");
  auto with_yes = words;
  with_yes[4] = "130.00";
  with_yes.push_back("-y");
  CHECK(box.steward(with_yes).exit == 0);
  CHECK(box.value("SELECT price_cents FROM offers") == "13000");
}

TEST_CASE("a repeat under one idempotency key answers the first answer again and does nothing", "[cli][words]") {
  Shop box;
  const auto words = Shop::create("lab", {"--idempotency-key", "monday", "--json"});
  const auto first = box.steward(words).json();
  const auto digest = box.table_digest();
  box.at("2026-03-09T09:00:00Z");
  const auto second = box.steward(words).json();
  CHECK(to_canonical(second.at("data")) == to_canonical(first.at("data")));
  CHECK(second.at("warnings").items().front().at("code").text() == "idempotent_replay");
  CHECK(second.at("request_id") != first.at("request_id"));
  CHECK(box.table_digest() == digest);
  auto as_table = words;
  as_table.back() = "--quiet";
  CHECK(box.steward(as_table).exit == 0);
  box.at("2026-05-01T09:00:00Z");
  CHECK(box.steward(words).exit == 5);
}

TEST_CASE("a dry run says what would change and keeps nothing", "[cli][words]") {
  Shop box;
  box.offer("lab");
  const auto digest = box.table_digest();
  const auto ran =
      box.steward({"offers", "reprice", "lab", "--price", "120.00", "--reason", "R", "--dry-run", "--json"});
  CHECK(ran.exit == 0);
  const auto changes = ran.json().at("data").at("changes");
  bool told = false;
  for (const auto& change : changes.items())
    if (change.at("table").text() == "offers" && change.at("op").text() == "update")
      told = change.at("old").at("price_cents").integer() == 10000 &&
             change.at("new").at("price_cents").integer() == 12000;
  CHECK(told);
  CHECK(ran.json().at("dry_run").boolean());
  CHECK(box.table_digest() == digest);
}

TEST_CASE("a flag beats a variable, a variable the file, the file the default", "[cli][words]") {
  Shop box;
  box.offer("lab");
  box.write("config/steward/config.toml", "output = \"csv\"\n");
  const std::vector<std::string> list{"offers", "list"};
  CHECK_THAT(box.steward(list).out, Catch::StartsWith("id,slug"));
  CHECK_THAT(box.steward(list, {}, {{"STEWARD_OUTPUT", "json"}}).out, Catch::StartsWith("{\"command\""));
  CHECK_THAT(box.steward({"offers", "list", "-o", "ndjson"}, {}, {{"STEWARD_OUTPUT", "json"}}).out,
             Catch::StartsWith("{\"id\""));
  box.write("other.toml", "output = \"ndjson\"\n");
  CHECK_THAT(box.steward({"offers", "list", "--config", "other.toml"}).out, Catch::StartsWith("{\"id\""));
}

TEST_CASE("a configuration file with an unknown key or a bad value is named and refused", "[cli][words]") {
  Shop box;
  box.write("config/steward/config.toml", "outptu = \"csv\"\n");
  const auto ran = box.steward({"offers", "list", "--json"});
  CHECK(ran.exit == 2);
  CHECK(ran.error_code() == "invalid_config");
  CHECK_THAT(ran.out, Catch::Contains("outptu") && Catch::Contains("Did you mean output?"));
  box.write("config/steward/config.toml", "output = \"xml\"\n");
  CHECK(box.steward({"offers", "list"}).exit == 2);
  box.write("config/steward/config.toml", "= broken\n");
  CHECK(box.steward({"offers", "list"}).exit == 2);
  CHECK(box.steward({"offers", "list", "--config", "missing.toml"}).exit == 6);
}

TEST_CASE("a file that is no configuration is refused by its line, and nothing in it is told", "[cli][words]") {
  Shop box;
  const std::string content =
      GENERATE("steward-key-1 3f9a01bc deadbeef0123456789\n", "correcthorsebattery\n", "# a remark\n\nSecretWord99\n",
               "deadbeefcafe==\n", "db = \"a.db\"\n[deadbeef\ncafe0123\n", "\"deadbeef\n", "x = 'deadbeef\n");
  box.write("secret.toml", content);
  const auto ran = box.steward({"offers", "list", "--config", "secret.toml", "--json"});
  CHECK(ran.exit == 2);
  CHECK(ran.error_code() == "invalid_config");
  for (const auto* part : {"3f9a", "deadbeef", "correct", "Secret", "cafe"}) {
    CAPTURE(ran.out);
    CHECK((ran.out + ran.err).find(part) == std::string::npos);
  }
}

TEST_CASE("an unknown key of the configuration is named with its line", "[cli][words]") {
  Shop box;
  box.write("lines.toml", "# mine\noutput = \"csv\"\noutptu = \"csv\"\n");
  const auto ran = box.steward({"offers", "list", "--config", "lines.toml"});
  CHECK_THAT(ran.err, Catch::Contains("'outptu' in line 3"));
}

TEST_CASE("CL-9: a bad value is refused with its key and where it came from", "[cli][words]") {
  Shop box;
  const auto refused = [&](const Variables& variables) {
    const auto ran = box.steward({"offers", "list", "--json"}, {}, variables);
    CHECK(ran.exit == 2);
    CHECK(ran.error_code() == "invalid_config");
    return ran.json().at("errors").items().front().at("message").text();
  };
  CHECK_THAT(refused({{"STEWARD_ENV", "moon"}}), Catch::Contains("env (variable STEWARD_ENV)"));
  CHECK_THAT(refused({{"STEWARD_NOW", "soon"}}), Catch::Contains("variable STEWARD_NOW"));
  for (const auto* text : {"env = \"moon\"\n", "[db_options]\nbusy_timeout = \"soon\"\n"}) {
    box.write("config/steward/config.toml", text);
    CHECK_THAT(refused({}), Catch::Contains("file ") && Catch::Contains("config/steward/config.toml"));
  }
}

TEST_CASE("a token comes from a variable, a file or standard input, never from the command line", "[cli][words]") {
  Shop box;
  const auto token = box.token({"offers:read"});
  box.become("prod");
  box.write("token", token + "\n");
  const std::vector<std::string> list{"offers", "list", "--json"};
  CHECK(box.steward(list).exit == 3);
  CHECK(box.steward(list, {}, {{"STEWARD_TOKEN", token}}).json().at("actor").at("type").text() == "AGENT");
  CHECK(box.steward(list, {}, {{"STEWARD_TOKEN_FILE", box.path("token")}}).exit == 0);
  CHECK(box.steward({"offers", "list", "--token-file", "token"}).exit == 0);
  CHECK(box.steward({"offers", "list", "--token-file", "-"}, token).exit == 0);
  CHECK(box.steward({"offers", "list", "--token", token}).exit == 2);
}

TEST_CASE("STEWARD_NOW fixes the clock of a local database, and of no other", "[cli][words]") {
  Shop box;
  box.at("2027-01-02T03:04:05Z");
  CHECK(box.steward(Shop::create("lab", {"--json"})).json().at("data").at("created_at").text() ==
        "2027-01-02T03:04:05.000Z");
  const auto token = box.token({"*"});
  box.become("prod");
  const auto ran = box.steward({"offers", "list", "--json"}, {},
                               {{"STEWARD_TOKEN", token}, {"STEWARD_NOW", "2027-01-02T03:04:05Z"}});
  CHECK(ran.exit == 6);
  CHECK(ran.error_code() == "fixed_clock");
}

TEST_CASE("an id's unique tail names a record; one that several share lists them", "[cli][words]") {
  Shop box;
  box.offer("lab");
  const auto id = box.value("SELECT id FROM offers");
  CHECK(box.steward({"offers", "show", id}).exit == 0);
  CHECK(box.steward({"offers", "show", id.substr(28)}).exit == 0);
  box.offer("other");
  box.sql_without_references("UPDATE offers SET id = '00000000-0000-7000-8000-aaaaaaaaaaaa' WHERE slug = 'other'");
  box.offer("third");
  box.sql_without_references("UPDATE offers SET id = '00000000-0000-7000-8001-aaaaaaaaaaaa' WHERE slug = 'third'");
  const auto ran = box.steward({"offers", "show", "aaaaaaaaaaaa", "--json"});
  CHECK(ran.exit == 2);
  CHECK(ran.error_code() == "ambiguous_handle");
  CHECK(ran.json().at("errors").items().front().at("details").at("candidates").items().size() == 2);
}
