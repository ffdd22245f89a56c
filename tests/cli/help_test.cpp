// Contract 1 and 9: what the help, the manual and explain say, and that it can be read.

#include "cli/help.h"

#include <catch2/catch.hpp>

#include "cli/reference.h"
#include "cli/shop.h"
#include "core/error_codes.h"
#include "core/text.h"
#include "support/example.h"

using namespace steward;
using namespace steward::test;

namespace {

constexpr std::size_t kWidth = 100;

// Its lines that are wider, one a line; a single word has no place to be broken at.
std::string too_wide(const std::string& text) {
  std::string out;
  for (const auto line : split(text, '\n'))
    if (display_width(line) > kWidth) out.append(line) += '\n';
  return out;
}

}  // namespace

TEST_CASE("every help fits into 100 columns and shows an example", "[cli][help]") {
  auto& registry = Sandbox::registry();
  const auto check = [](const std::string& name, const std::string& help) {
    INFO(name);
    CHECK(too_wide(help) == "");
    CHECK_THAT(help, Catch::Contains("\nExample") && Catch::Contains("  steward "));
  };
  check("steward", cli::root_help(registry));
  for (const auto& room : registry.rooms())
    if (!room.group.empty()) check(std::string(room.group), cli::group_help(registry, std::string(room.group), {}));
  for (const auto* operation : registry.all()) check(operation->path, cli::operation_help(*operation));
}

TEST_CASE("the help of everything that takes text states its limit", "[cli][help]") {
  for (const auto* operation : Sandbox::registry().all())
    for (const auto& param : operation->params) {
      CAPTURE(operation->path, param.name, param.type.label);
      const bool text = param.type.label == "TEXT" || param.type.label == "EMAIL" || param.type.label == "SLUG" ||
                        param.type.label == "URL";
      CHECK((!text || cli::described(param).find("at most ") != std::string::npos));
    }
}

TEST_CASE("a long command is shown over several lines that a shell reads as one", "[cli][help]") {
  for (const auto* operation : Sandbox::registry().all())
    for (const auto& line : operation->examples) {
      auto shown = cli::spread_command(line);
      CHECK(too_wide(shown) == "");
      for (auto at = shown.find("\\\n      "); at != std::string::npos; at = shown.find("\\\n      "))
        shown.erase(at, 8);
      CHECK(shown == line);
    }
}

TEST_CASE("explain lists every code, and suggests those near to one that is none", "[cli][help]") {
  Shop box;
  CHECK(box.steward({"explain", "--json"}).json().at("data").items().size() == error_codes().size());
  CHECK_THAT(box.steward({"explain"}).out, Catch::StartsWith("code") && Catch::Contains("\nnot_payable "));
  CHECK_THAT(box.steward({"explain", "overpaymnt"}).err, Catch::Contains("Did you mean overpayment?"));
  CHECK_THAT(box.steward({"explain", "Payable"}).err, Catch::Contains("Did you mean not_payable?"));
  CHECK_THAT(box.steward({"explain", "zzzzzzzzzzzz"}).err, Catch::Contains("steward explain lists them all."));
}

TEST_CASE("a verb whose note is required says so", "[cli][help]") {
  Shop box;
  CHECK_THAT(box.steward({"intake", "reopen", "--help"}).out,
             Catch::Contains("(required)") && Catch::Contains("reopen INTAKE… --note TEXT"));
  CHECK(box.steward({"intake", "reopen", "7f3a9c12"}).exit == 2);
}

TEST_CASE("what explain says of a code fits into 100 columns", "[cli][help]") {
  constexpr std::size_t kLabel = 9;  // "meaning  "
  for (const auto& code : error_codes()) {
    CAPTURE(code.code);
    CHECK(kLabel + display_width(code.meaning) <= kWidth);
    CHECK(kLabel + display_width(code.advice) <= kWidth);
  }
}

TEST_CASE("the manual pages, as man shows them, fit into 100 columns", "[cli][help]") {
  Sandbox box;
  for (const auto& page : cli::man_pages(Sandbox::registry())) {
    const auto path = box.write(page.name, page.roff);
    const auto shown = run_process({"mandoc", {"-T", "utf8", "-O", "width=98", path}, box.environment(), "", "", {}});
    std::string plain;  // without what makes it bold: a letter, a backspace, the letter again
    for (const char c : shown.out) {
      if (c == '\b') {
        if (!plain.empty()) plain.pop_back();
      } else {
        plain += c;
      }
    }
    INFO(page.name);
    CHECK(too_wide(plain) == "");
  }
}

TEST_CASE("steward help GROUP VERB is the same as asking with --help", "[cli][help]") {
  Sandbox box;
  CHECK(box.steward({"help"}).out == box.steward({"--help"}).out);
  CHECK(box.steward({"help", "offers"}).out == box.steward({"offers"}).out);
  CHECK(box.steward({"help", "offers", "show"}).out == box.steward({"offers", "show", "--help"}).out);
  CHECK(box.steward({"help", "offrs"}).exit == 2);
}

TEST_CASE("help that was asked for in JSON is one object like everything else", "[cli][help]") {
  Sandbox box;
  const auto help = box.steward({"offers", "--json"});
  CHECK(help.exit == 0);
  CHECK_THAT(help.json().at("data").at("text").text(), Catch::Contains("offers reprice"));
  CHECK(help.json().at("ok").boolean());
  CHECK(box.steward({"offers", "show", "--help", "-o", "json"}).json().at("command").text() == "offers.show");
}
