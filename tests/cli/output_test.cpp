// Contract 3: what goes where, and in which shape.

#include <unistd.h>

#include <catch2/catch.hpp>
#include <set>

#include "cli/shop.h"
#include "core/text.h"

using namespace steward;
using namespace steward::test;

namespace {

std::vector<std::string> names_in(const Json& object) {
  std::vector<std::string> out;
  for (const auto& [name, value] : object.members()) out.push_back(name);
  return out;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  for (const auto line : split(text, '\n')) out.emplace_back(line);
  if (!out.empty() && out.back().empty()) out.pop_back();
  return out;
}

}  // namespace

TEST_CASE("with --json there is one object and nothing else, with ok and errors last, on success and on failure",
          "[cli][output]") {
  Shop box;
  box.offer("lab");
  const auto list = box.steward({"offers", "list", "--json"});
  CHECK(list.err.empty());
  const auto listed = list.json();
  CHECK(listed.at("command").text() == "offers.list");
  CHECK(listed.at("env").text() == "local");
  CHECK(listed.at("data").items().size() == 1);
  CHECK(to_text(listed.at("page")) == R"({"limit":100,"next":null,"more":false})");
  CHECK(listed.at("warnings").items().empty());
  CHECK(listed.at("errors").items().empty());
  CHECK(listed.at("ok").boolean());
  CHECK(names_in(listed).back() == "ok");

  const auto shown = box.steward({"offers", "show", "lab", "--json"}).json();
  CHECK(shown.at("data").at("slug").text() == "lab");
  CHECK(shown.find("page") == nullptr);

  const auto failure = box.steward({"offers", "show", "nothing", "--json"});
  CHECK(failure.err.empty());
  const auto failed = failure.json();
  CHECK(failed.at("command").text() == "offers.show");
  CHECK(failed.at("data").is_null());
  CHECK_FALSE(failed.at("ok").boolean());
  CHECK(names_in(failed.at("errors").items().front()) ==
        std::vector<std::string>{"code", "message", "field", "hint", "retryable", "details"});
  CHECK(failed.at("request_id").text().size() == 36);
}

TEST_CASE("JSON was asked for by flag or variable: then even words that make no command fail in JSON",
          "[cli][output]") {
  Shop box;
  CHECK(box.steward({"frobnicate", "--json"}).error_code() == "unknown_command");
  CHECK(box.steward({"-o", "json", "frobnicate"}).error_code() == "unknown_command");
  CHECK(box.steward({"--output=json", "offers", "list", "--nope"}).error_code() == "unknown_flag");
  CHECK(box.steward({"offers", "list", "--nope"}, {}, {{"STEWARD_OUTPUT", "json"}}).error_code() == "unknown_flag");
  CHECK(box.steward({"offers", "show", "nope"}, {}, {{"STEWARD_OUTPUT", "json"}}).error_code() == "not_found");
}

TEST_CASE("JSON carries money in minor units and as decimal text, and instants in UTC", "[cli][output]") {
  Shop box;
  box.offer("lab");
  const auto record = box.steward({"offers", "show", "lab", "--json"}).json().at("data");
  CHECK(record.at("price_cents").integer() == 10000);
  CHECK(record.at("price").text() == "100.00");
  CHECK(record.at("currency").text() == "EUR");
  CHECK(record.at("created_at").text() == "2026-03-02T09:00:00.000Z");
}

TEST_CASE("what a person reads names an instant in UTC, by the minute, and says so", "[cli][output]") {
  Shop box;
  box.offer("lab");
  const auto exact = box.value("SELECT created_at FROM offers");
  const auto told = exact.substr(0, 10) + " " + exact.substr(11, 5) + "Z";
  const auto list = box.steward({"offers", "list", "--columns", "slug,created_at"}).out;
  CHECK_THAT(list, Catch::Contains(told + "\n"));
  const auto show = box.steward({"offers", "show", "lab"}).out;
  CHECK_THAT(show, Catch::Contains(told) && !Catch::Contains(exact));
  CHECK_THAT(box.steward({"offers", "list", "--columns", "created_at", "-o", "csv"}).out, Catch::Contains(exact));
  const auto token =
      box.steward({"tokens", "create", "--name", "reader", "--kind", "agent", "--scope", "offers:read", "--ttl", "2d"});
  CHECK_THAT(token.out, Catch::Contains("Z. It is shown this once") && !Catch::Contains(".000Z"));
}

TEST_CASE("a write says in one sentence what changed; the sentence is also in its JSON", "[cli][output]") {
  Shop box;
  const auto made = box.steward(Shop::create("lab"));
  CHECK_THAT(lines_of(made.out).front(), Catch::EndsWith("."));
  const auto again = box.steward(Shop::create("lab-two", {"--json"})).json();
  CHECK_THAT(again.at("message").text(), Catch::EndsWith("."));
  CHECK(again.at("data").at("slug").text() == "lab-two");
  CHECK(again.at("actor").at("type").text() == "OPERATOR");
}

TEST_CASE("ndjson is a record a line, with no page limit", "[cli][output]") {
  Shop box;
  for (int i = 0; i < 120; ++i) box.offer("offer-" + std::to_string(i));
  const auto ran = box.steward({"offers", "list", "-o", "ndjson"});
  const auto lines = lines_of(ran.out);
  REQUIRE(lines.size() == 120);
  CHECK(parse_json(lines.front()).at("slug").text() == "offer-119");
  CHECK(box.steward({"offers", "list", "--json"}).json().at("data").items().size() == 100);
  CHECK(lines_of(box.steward({"offers", "list", "-o", "csv"}).out).size() == 121);
}

TEST_CASE("pages join without a gap or a repeat, whatever the order", "[cli][output]") {
  Shop box;
  for (int i = 0; i < 23; ++i)
    box.offer("offer-" + std::to_string(i), i % 3 == 0 ? "Same" : "Other " + std::to_string(i % 5));
  const auto sort = GENERATE(std::string(), std::string("slug"), std::string("title:desc"));
  CAPTURE(sort);
  std::vector<std::string> words{"offers", "list", "--json", "--limit", "5", "--total"}, seen;
  if (!sort.empty()) words.insert(words.end(), {"--sort", sort});
  for (std::string after;;) {
    auto page_words = words;
    if (!after.empty()) page_words.insert(page_words.end(), {"--after", after});
    const auto page = box.steward(page_words).json();
    CHECK(page.at("page").at("total").integer() == 23);
    for (const auto& row : page.at("data").items()) seen.push_back(row.at("slug").text());
    if (!page.at("page").at("more").boolean()) break;
    after = page.at("page").at("next").text();
    REQUIRE(seen.size() < 30);
  }
  CHECK(seen.size() == 23);
  CHECK(std::set(seen.begin(), seen.end()).size() == 23);
}

TEST_CASE("CSV is RFC 4180, with a header, and no cell a spreadsheet would run", "[cli][output]") {
  Shop box;
  box.offer("formula", "=HYPERLINK(\"http://x\",\"y\")");
  box.offer("commas", "one, \"two\"");
  const auto ran =
      box.steward({"offers", "list", "-o", "csv", "--columns", "slug,title,price_cents", "--sort", "slug"});
  CHECK(ran.out ==
        "slug,title,price_cents,price,currency\r\n"
        "commas,\"one, \"\"two\"\"\",10000,100.00,EUR\r\n"
        "formula,\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\",10000,100.00,EUR\r\n");
}

TEST_CASE("a table fits the terminal and aligns money to the right; nothing is cut without a mark", "[cli][output]") {
  Shop box;
  box.offer("lab", std::string(150, 'x'));
  box.offer("wide", "日本語のタイトルはここにあります。長い長い長い長い長い長い題名です");
  const auto ran = box.steward_on_terminal({"offers", "list"}, {}, 60);
  CAPTURE(ran.out);
  CHECK_THAT(ran.out, Catch::Contains("…"));
  for (auto line : lines_of(ran.out)) {
    while (line.find('\x1b') != std::string::npos)
      line.erase(line.find('\x1b'), line.find('m', line.find('\x1b')) - line.find('\x1b') + 1);
    CHECK(display_width(line) <= 60);
  }
}

TEST_CASE("what a table has no room for is named", "[cli][output]") {
  Shop box;
  box.offer("lab");
  const auto narrow = box.steward_on_terminal({"offers", "list"}, {}, 40);
  CHECK_THAT(narrow.out, Catch::Contains("… no room for ") && Catch::Contains("slug"));
  CHECK_THAT(box.steward_on_terminal({"offers", "list"}, {}, 200).out, !Catch::Contains("no room"));
}

TEST_CASE("colour is for terminals only, and not for those who said no", "[cli][output]") {
  Shop box;
  box.offer("lab");
  CHECK_THAT(box.steward_on_terminal({"offers", "list"}).out, Catch::Contains("\x1b[1m"));
  CHECK_THAT(box.steward_on_terminal({"offers", "list", "--no-color"}).out, !Catch::Contains("\x1b"));
  CHECK_THAT(box.steward_on_terminal({"offers", "list"}, {}, 80, {{"NO_COLOR", "1"}}).out, !Catch::Contains("\x1b"));
  CHECK_THAT(box.steward_on_terminal({"offers", "list"}, {}, 80, {{"TERM", "dumb"}}).out, !Catch::Contains("\x1b"));
  CHECK_THAT(box.steward({"offers", "list"}).out, !Catch::Contains("\x1b"));
}

TEST_CASE("a table that does not hold everything says how much more there is", "[cli][output]") {
  Shop box;
  for (int i = 0; i < 7; ++i) box.offer("offer-" + std::to_string(i));
  CHECK_THAT(box.steward({"offers", "list", "--limit", "5"}).out, Catch::Contains("2 more of 7"));
  CHECK_THAT(box.steward({"offers", "list", "--all"}).out, !Catch::Contains("more"));
}

TEST_CASE("an empty list is an empty list in every format", "[cli][output]") {
  Shop box;
  CHECK(box.steward({"offers", "list", "--json"}).json().at("data").items().empty());
  CHECK(box.steward({"offers", "list", "-o", "ndjson"}).out.empty());
  CHECK(lines_of(box.steward({"offers", "list", "-o", "csv"}).out).size() == 1);
  const auto table = box.steward({"offers", "list"});
  CHECK(table.exit == 0);
  CHECK(table.err == "Nothing to list.\n");
}

TEST_CASE("a reader that goes away ends the program quietly", "[cli][output]") {
  Shop box;
  for (int i = 0; i < 30; ++i) box.offer("offer-" + std::to_string(i));
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  ::close(ends[0]);
  auto command = box.command({"offers", "list", "-o", "ndjson"});
  command.out = ends[1];
  const auto ran = run_process(command);
  ::close(ends[1]);
  CHECK(ran.exit == 0);
  CHECK(ran.err.empty());
}

TEST_CASE("diagnostics go to standard error, in plain sentences with what to do", "[cli][output]") {
  Shop box;
  const auto ran = box.steward({"offers", "show", "nothing"});
  CHECK(ran.out.empty());
  const auto lines = lines_of(ran.err);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == "steward: There is no offer 'nothing'.");
  CHECK_THAT(lines[1], Catch::StartsWith("  "));
}

TEST_CASE("no line that came from a record can move the cursor of whoever looks at it", "[cli][output]") {
  Shop box;
  CHECK(box.steward(Shop::create("lab", {"--outcome", "\x1b[2J"})).exit == 2);
}
