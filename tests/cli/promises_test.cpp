// Sentences of contract 1 to 3 that are about what a person sees.

#include <sched.h>
#include <unistd.h>

#include <csignal>

#include <catch2/catch.hpp>

#include "cli/shop.h"
#include "core/text.h"
#include "db/tx.h"

using namespace steward;
using namespace steward::test;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  for (const auto line : split(text, '\n')) out.emplace_back(line);
  return out;
}

}  // namespace

TEST_CASE("show prints aligned label and value lines, and the history below", "[cli][promises]") {
  Shop box;
  box.offer("lab", "A lab");
  const auto lines = lines_of(box.steward({"offers", "show", "lab"}).out);
  std::size_t gap = std::string::npos;
  for (const auto& line : lines)
    if (line.starts_with("slug ")) gap = line.find("lab");
  REQUIRE(gap != std::string::npos);
  std::size_t history = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i] == "history") history = i;
    if (history || lines[i].size() <= gap) continue;
    CAPTURE(lines[i]);
    CHECK(lines[i].substr(gap - 2, 2) == "  ");
    CHECK(lines[i][gap] != ' ');
  }
  REQUIRE(history > 0);
  CHECK_THAT(lines[history + 1], Catch::StartsWith("from") && Catch::Contains("actor"));
  CHECK_THAT(lines[history + 2], Catch::Contains("offers.create"));
}

TEST_CASE("a write prints one sentence of what changed, and the next command to run", "[cli][promises]") {
  Shop box;
  const auto lines = lines_of(
      box.steward({"invoices", "create", "--client-email", "a@b.example", "--amount", "5", "--currency", "EUR"}).out);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].ends_with('.'));
  const auto tail = box.value("SELECT substr(CAST(id AS text), 29) FROM invoices");
  CHECK(lines[1] == "Next: steward invoices issue " + tail);
  CHECK(box.steward({"invoices", "issue", tail, "--yes"}).exit == 0);
}

TEST_CASE("a list that fails after rows were printed says so in ok and errors, which come last", "[cli][promises]") {
  Shop box;
  box.offer("one");
  box.offer("two");
  // No currency of ISO 4217, past the program's own checks: the older row comes second.
  box.sql("UPDATE offers SET currency = 'QQQ' WHERE slug = 'one'");
  const auto ran = box.steward({"offers", "list", "--json"});
  CHECK(ran.exit != 0);
  const auto answer = ran.json();
  CHECK(answer.at("data").items().size() >= 1);
  CHECK(answer.at("data").items().front().at("slug").text() == "two");
  CHECK_FALSE(answer.at("ok").boolean());
  CHECK(answer.at("errors").items().size() == 1);
  CHECK(answer.members().back().first == "ok");
}

TEST_CASE("doctor and config show print each effective value and where it came from", "[cli][promises]") {
  Shop box;
  box.write("config/steward/config.toml",
            "output = \"csv\"\n[db_options]\nbusy_timeout = \"5s\"\n[mail]\nhost = \"mail.example.org\"\nport = 25\n");
  const auto origins = [&](const std::vector<std::string>& words) {
    const auto data = box.steward(words).json().at("data");
    std::map<std::string, std::string> out;
    for (const auto& one : (data.is_array() ? data : data.at("configuration")).items())
      out[one.at("key").text()] = one.at("value").text() + " <- " + one.at("origin").text();
    return out;
  };
  for (const auto* command : {"doctor", "config"}) {
    CAPTURE(command);
    std::vector<std::string> words{command, "--json"};
    if (std::string_view(command) == "config") words.insert(words.begin() + 1, "show");
    const auto found = origins(words);
    CHECK(found.at("db") == box.database() + " <- variable STEWARD_DB");
    CHECK(found.at("output") == "json <- flag");
    const auto file = "file " + box.path("config/steward/config.toml");
    CHECK(found.at("db_options.busy_timeout") == "5s <- " + file);
    CHECK(found.at("mail.host") == "mail.example.org <- " + file);
  }
}

TEST_CASE("a key of the configuration file has one value", "[cli][promises]") {
  Shop box;
  for (const auto* text : {"output = \"csv\"\noutput = \"json\"\n", "output = [\"csv\", \"json\"]\n"}) {
    CAPTURE(text);
    box.write("config/steward/config.toml", text);
    const auto ran = box.steward({"offers", "list"});
    CHECK(ran.exit == 2);
    CHECK_THAT(ran.err, Catch::Contains("'output' more than one value"));
  }
  box.write("config/steward/config.toml", "[serve]\ntrusted_proxies = [\"10.0.0.1\", \"10.0.0.2\"]\n");
  CHECK(box.steward({"offers", "list"}).exit == 0);
}

TEST_CASE("the flag --verbose tells of the SQL on standard error, and of no secret", "[cli][promises]") {
  Shop box;
  const auto token = box.token({"offers:write"});
  const auto ran = box.steward(Shop::create("lab", {"--verbose", "--json"}), {}, {{"STEWARD_TOKEN", token}});
  CHECK(ran.exit == 0);
  CHECK(ran.json().at("ok").boolean());
  CHECK_THAT(ran.err, Catch::Contains("INSERT INTO offers"));
  CHECK(ran.err.find(token.substr(token.size() - 43)) == std::string::npos);
  CHECK(box.steward({"offers", "list"}).err.empty());
}

TEST_CASE("Ctrl-C during a write that waits for the database rolls back and exits 130", "[cli][promises]") {
  Shop box;
  auto connection = box.connect();
  auto lock = std::make_unique<db::Tx>(*connection, db::Access::write, box.now());
  auto running = box.start(Shop::create("lab"));
  // Once it is the program it goes on to wait for the lock; wherever it is interrupted it ends the same way.
  for (int i = 0; i < 1'000'000 && !running.ended(); ++i) {
    char target[4096];
    const auto link = "/proc/" + std::to_string(running.pid()) + "/exe";
    const auto length = ::readlink(link.c_str(), target, sizeof target);
    if (length > 0 && std::string_view(target, static_cast<std::size_t>(length)).ends_with("/steward")) break;
    ::sched_yield();
  }
  running.signal(SIGINT);
  CHECK(running.finish().exit == 130);
  lock.reset();
  CHECK(box.value("SELECT count(*) FROM offers") == "0");
}
