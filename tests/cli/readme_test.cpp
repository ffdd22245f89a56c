// The README's "first ten minutes", run word by word.

#include <catch2/catch.hpp>
#include <filesystem>

#include "core/text.h"
#include "ops/files.h"
#include "support/sandbox.h"

using namespace steward;
using namespace steward::test;

namespace {

// The indented lines of a section, as a newcomer would paste them into a shell.
std::string commands_of(const std::string& heading) {
  const auto text = ops::read_file(std::string(STEWARD_SOURCE_DIR) + "/README.md");
  const auto from = text.find("## " + heading + "\n");
  REQUIRE(from != std::string::npos);
  const auto to = text.find("\n## ", from + 1);
  std::string out;
  for (const auto line : split(std::string_view(text).substr(from, to - from), '\n'))
    if (line.starts_with("    ")) out.append(line.substr(4)) += '\n';
  return out;
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

}  // namespace

TEST_CASE("the README's first ten minutes lead from an empty folder to a paid invoice, line by line",
          "[cli][readme][sqlite]") {
  Sandbox box;
  std::filesystem::create_directory(box.path("home"));
  const auto build = std::filesystem::path(STEWARD_BINARY).parent_path().string();
  const auto script = replaced(commands_of("The first ten minutes"), "$PWD/build/release", build);
  auto command = box.command({"-euo", "pipefail", "-c", script}, {},
                             {{"HOME", box.path("home")}, {"STEWARD_DB", std::nullopt}, {"STEWARD_NOW", std::nullopt}});
  command.program = "bash";
  command.folder = box.path("home");
  const auto ran = run_process(command);
  INFO(ran.out << ran.err);
  CHECK(ran.exit == 0);
  CHECK(ran.err.empty());
  box.use_database(box.path("home/studio.db"));
  CHECK(box.value("SELECT status FROM invoices") == "PAID");
  CHECK_THAT(ran.out, Catch::Contains("status             PAID") && Catch::Contains("ISSUED       PAID"));
  CHECK_THAT(ran.out, Catch::Contains("intact"));
}
