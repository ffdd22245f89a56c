// Contract 9: completion in the shells themselves, as their users type.

#include <catch2/catch.hpp>
#include <filesystem>

#include "cli/shop.h"

using namespace steward;
using namespace steward::test;

namespace {

struct Shells : Shop {
  Process run(const std::string& shell, const std::vector<std::string>& flags, const std::string& script,
              const Variables& variables = {}) {
    auto words = flags;
    words.insert(words.end(), {"-c", script});
    auto all = variables;
    all.emplace("PATH", std::filesystem::path(STEWARD_BINARY).parent_path().string() + ":/usr/bin:/bin");
    auto command = box_command(words, all);
    command.program = shell;
    return run_process(command);
  }
  Command box_command(const std::vector<std::string>& words, const Variables& variables) {
    return command(words, {}, variables);
  }
  // What bash offers for a line whose last word is being typed. bash has taken the words apart already.
  Process bash(const std::string& line, const std::string& words, const Variables& variables = {}) {
    return run("bash", {"--norc"},
               "eval \"$(steward completion bash)\"; COMP_LINE='" + line + "'; COMP_WORDS=(" + words +
                   "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _steward; printf '%s\\n' \"${COMPREPLY[@]}\"",
               variables);
  }
  Process zsh(const std::string& words, const Variables& variables = {}) {
    return run("zsh", {"-f"},
               "compdef() { : }; _files() { : }; _describe() { print -rl -- \"${(@P)4}\" }\n"
               "eval \"$(steward completion zsh)\"; words=(" +
                   words + "); CURRENT=${#words}; _steward",
               variables);
  }
  Process fish(const std::string& line, const Variables& variables = {}) {
    return run("fish", {"--no-config"}, "steward completion fish | source; complete -C '" + line + "'", variables);
  }
};

}  // namespace

TEST_CASE("bash, zsh and fish complete commands and the records of the database", "[cli][completion]") {
  Shells box;
  box.offer("lab", "A: title");
  const auto bash = box.bash("steward offers show l", "steward offers show l");
  CHECK(bash.out == "lab\n");
  CHECK(bash.err.empty());
  CHECK(box.bash("steward offers de", "steward offers de").out == "deactivate\n");
  const auto zsh = box.zsh("steward offers show l");
  CHECK(zsh.out == "lab:A\\: title\n");
  CHECK(zsh.err.empty());
  const auto fish = box.fish("steward offers show l");
  CHECK(fish.out == "lab\tA: title\n");
  CHECK(fish.err.empty());
}

TEST_CASE("settings and error codes are completed by their names, without a database too", "[cli][completion]") {
  Shells box;
  CHECK(box.bash("steward settings set studio", "steward settings set studio").out == "studio.timezone\n");
  CHECK(box.bash("steward explain overp", "steward explain overp").out == "overpayment\n");
}

TEST_CASE("bash completes behind = and @, where it takes words apart", "[cli][completion]") {
  Shells box;
  box.user("ada@example.org");
  CHECK(box.bash("steward users show ada@ex", "steward users show ada @ ex").out == "example.org\n");
  CHECK(box.bash("steward users show ada@", "steward users show ada @").out == "example.org\n");
  CHECK(box.bash("steward users list --status=ac", "steward users list --status = ac").out == "active\n");
  CHECK(box.bash("steward --output=nd", "steward --output = nd").out == "ndjson\n");
  CHECK(box.fish("steward users list --status=ac").out == "--status=active\n");
}

TEST_CASE("completion without a database completes the words alone, and says nothing of it", "[cli][completion]") {
  Shells box;
  const Variables nowhere{{"STEWARD_DB", "/nonexistent/steward.db"}};
  for (const auto& ran : {box.bash("steward offers show l", "steward offers show l", nowhere),
                          box.zsh("steward offers show l", nowhere), box.fish("steward offers show l", nowhere)}) {
    CHECK(ran.out.find_first_not_of('\n') == std::string::npos);
    CHECK(ran.err.empty());
  }
  CHECK(box.bash("steward offers de", "steward offers de", nowhere).out == "deactivate\n");
}

TEST_CASE("a draft, which has no number, is completed by its id, before the numbers", "[cli][completion]") {
  Shop box;
  const ops::RawArgs invoice{{"client-email", {"a@b.example"}}, {"amount", {"5"}}, {"currency", {"EUR"}}};
  box.run("invoices.create", invoice);
  box.run("invoices.issue", {{"invoice", {box.value("SELECT id FROM invoices")}}});
  box.run("invoices.create", invoice);
  const auto draft = box.value("SELECT id FROM invoices WHERE number IS NULL");
  const auto out = box.steward({"__complete", "invoices", "issue", ""}).out;
  CHECK_THAT(out, Catch::StartsWith(draft + "\t") && Catch::Contains("\nINV-2026-0001\t"));
}
