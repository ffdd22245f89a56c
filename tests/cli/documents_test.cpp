// What is made from the registry: fresh in docs/, and accepted by the programs that read it.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "cli/completion.h"
#include "cli/reference.h"
#include "core/error_codes.h"
#include "support/sandbox.h"

using namespace steward;
using namespace steward::test;
namespace fs = std::filesystem;

namespace {

std::string content(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string committed(const char* name) { return content(fs::path(STEWARD_SOURCE_DIR) / "docs" / name); }

Process run_tool(const std::string& program, const std::vector<std::string>& words, const std::string& input = {}) {
  return run_process(
      {program, words, {{"PATH", "/usr/bin:/bin"}, {"HOME", "/tmp"}, {"LC_ALL", "C.UTF-8"}}, "", input, {}});
}

}  // namespace

TEST_CASE("the committed documents are what the registry makes: else run scripts/docs", "[cli][docs]") {
  CHECK((committed("reference.md") == cli::reference_markdown(Sandbox::registry())));
  CHECK((committed("lifecycles.md") == cli::lifecycles_markdown(Sandbox::registry())));
  CHECK((committed("errors.md") == cli::errors_markdown()));
}

TEST_CASE("every error code that src/ throws is in the table, and the table is sorted", "[cli][docs]") {
  const std::regex thrown(R"re((?:ErrorKind::[a-z_]+,\s*|refuse_(?:usage|conflict|precondition)\(\s*)"([a-z_]+)")re");
  const std::regex raised(R"re(RAISE\(ABORT, '([a-z_]+))re");
  for (const char* folder : {"src", "migrations"})
    for (const auto& file : fs::recursive_directory_iterator(fs::path(STEWARD_SOURCE_DIR) / folder)) {
      if (!file.is_regular_file()) continue;
      const auto text = content(file.path());
      for (const auto& pattern : {thrown, raised})
        for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) {
          CAPTURE(file.path().string(), (*at)[1].str());
          CHECK(find_error_code((*at)[1].str()) != nullptr);
        }
    }
  const auto codes = error_codes();
  CHECK(std::is_sorted(codes.begin(), codes.end(), [](const auto& a, const auto& b) { return a.code < b.code; }));
}

TEST_CASE("bash, zsh and fish accept their completion scripts", "[cli][docs]") {
  CHECK(run_tool("bash", {"-n"}, cli::completion_script(cli::Shell::bash)).exit == 0);
  CHECK(run_tool("zsh", {"-n"}, cli::completion_script(cli::Shell::zsh)).exit == 0);
  CHECK(run_tool("fish", {"-n"}, cli::completion_script(cli::Shell::fish)).exit == 0);
}

TEST_CASE("completion knows commands, flags, choices and the records of the database", "[cli][completion]") {
  Sandbox box;
  box.run("invoices.create", {{"client-email", {"a@b.example"}}, {"amount", {"5"}}, {"currency", {"EUR"}}});
  box.run("invoices.issue", {{"invoice", {box.value("SELECT id FROM invoices")}}});
  const auto complete = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "__complete");
    return box.steward(words).out;
  };
  CHECK(complete({"invo"}).starts_with("invoices\t"));
  CHECK(complete({"invoices", "iss"}).starts_with("issue\t"));
  CHECK(complete({"invoices", "show", "inv-"}).starts_with("INV-2026-0001\t"));
  CHECK(complete({"payments", "record", "--invoice", ""}).starts_with("INV-2026-0001\t"));
  CHECK(complete({"payments", "record", "--inv"}).starts_with("--invoice\t"));
  CHECK(complete({"invoices", "list", "--status", "p"}) == "partially_paid\npaid\n");
  CHECK(complete({"-o", "nd"}) == "ndjson\n");
  CHECK(complete({"--db", "/nowhere/x.db", "invoices", "show", "I"}).empty());
}

TEST_CASE("mandoc finds nothing to complain about in the manual pages", "[cli][docs]") {
  Sandbox box;
  for (const auto& page : cli::man_pages(Sandbox::registry())) {
    const auto path = box.write(page.name, page.roff);
    const auto lint = run_tool("mandoc", {"-T", "lint", "-W", "warning", path});
    INFO(page.name << "\n" << lint.out);
    CHECK(lint.out.empty());
  }
}
