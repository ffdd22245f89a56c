// Contract 1 to 3 at their edges: what nobody types on purpose, and what a script passes when a variable is not set.

#include <fcntl.h>
#include <pty.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include <catch2/catch.hpp>
#include <filesystem>

#include "cli/shop.h"
#include "core/text.h"

using namespace steward;
using namespace steward::test;

namespace {

using Words = std::vector<std::string>;

Words operator+(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// Runs a line of sh in which "$0" is the binary.
Process in_shell(const Shop& box, const std::string& line) {
  auto command = box.command({"-c", line, STEWARD_BINARY});
  command.program = "sh";
  return run_process(command);
}

// Runs it on a terminal and presses Ctrl-C once that text has been shown.
Process interrupted_at(const std::string& text, const Command& command) {
  std::vector<std::string> words{command.program};
  words.insert(words.end(), command.words.begin(), command.words.end());
  std::vector<std::string> variables;
  for (const auto& [name, value] : command.environment) variables.push_back(name + "=" + value);
  std::vector<char*> argv, envp;
  for (auto& word : words) argv.push_back(word.data());
  for (auto& variable : variables) envp.push_back(variable.data());
  argv.push_back(nullptr);
  envp.push_back(nullptr);
  int terminal = -1;
  const pid_t pid = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  REQUIRE(pid >= 0);
  if (pid == 0) {
    std::signal(SIGINT, SIG_DFL);
    if (::chdir(command.folder.c_str()) == 0) ::execvpe(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  Process out;
  bool pressed = false;
  char c;
  while (::read(terminal, &c, 1) == 1) {  // fails once the last holder of the other side is gone
    if (c != '\r') out.out += c;
    if (pressed || !out.out.ends_with(text)) continue;
    pressed = ::write(terminal, "\x03", 1) == 1;
  }
  ::close(terminal);
  int status = 0;
  ::waitpid(pid, &status, 0);
  out.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return out;
}

}  // namespace

TEST_CASE("standard output that can't be written is exit 7 for help and completion too", "[cli][edges]") {
  Shop box;
  for (const auto* words :
       {"--help", "offers", "offers list --help", "offers list", "offers list --json", "__complete of"})
    for (const auto* where : {">/dev/full", ">&-"}) {
      CAPTURE(words, where);
      const auto ran = in_shell(box, "exec \"$0\" " + std::string(words) + " " + where);
      CHECK(ran.exit == 7);
      CHECK_THAT(ran.err, Catch::Contains("Standard output can't be written"));
    }
}

TEST_CASE("standard error that is closed or full changes no exit code and no output", "[cli][edges]") {
  Shop box;
  box.offer("lab");
  for (const auto* where : {"2>/dev/full", "2>&-"}) {
    CAPTURE(where);
    const auto tail = " " + std::string(where);
    CHECK(in_shell(box, "exec \"$0\" offers show nothing" + tail).exit == 4);
    CHECK(in_shell(box, "exec \"$0\" nothing" + tail).exit == 2);
    const auto list = in_shell(box, "exec \"$0\" offers list -v --limit 1 -o ndjson" + tail);
    CHECK(list.exit == 0);
    CHECK_THAT(list.out, Catch::Contains("\"slug\":\"lab\""));
    CHECK(in_shell(box, "exec \"$0\" offers activate lab" + tail).exit == 0);
    CHECK(in_shell(box, "exec \"$0\" --help >/dev/full" + tail).exit == 7);
  }
}

TEST_CASE("behind -- every word is an argument", "[cli][edges]") {
  Shop box;
  box.offer("lab");
  CHECK(box.steward({"offers", "show", "--", "lab"}).exit == 0);
  CHECK(box.steward({"offers", "show", "--json", "--", "lab"}).json().at("ok").boolean());
  CHECK(box.steward({"offers", "list", "--"}).exit == 0);
  const auto json = box.steward({"offers", "show", "--", "--json"});
  CHECK(json.exit == 4);
  CHECK_THAT(json.err, Catch::Contains("There is no offer '--json'"));
  CHECK(box.steward({"offers", "show", "--", "--", "lab"}).exit == 2);
}

TEST_CASE("a flag that swallowed another flag as its value is told so", "[cli][edges]") {
  Shop box;
  box.offer("lab");
  const auto ran = box.steward({"offers", "reprice", "lab", "--price", "5", "--reason", "--yes"});
  CHECK(ran.exit == 2);
  CHECK_THAT(ran.err, Catch::Contains("--reason has no value") && Catch::Contains("--reason=--yes"));
  CHECK(box.value("SELECT price_cents FROM offers") == "10000");
  CHECK(box.steward({"offers", "reprice", "lab", "--price", "5", "--reason=--yes", "--yes"}).exit == 0);
  CHECK(box.steward({"offers", "update", "lab", "--title", "-5 degrees"}).exit == 0);
  CHECK_THAT(box.steward({"offers", "list", "--limit"}).err, Catch::Contains("--limit has no value"));
  CHECK_THAT(box.steward({"offers", "list", "-o", "csv", "-o", "json"}).err, Catch::Contains("more than once"));
}

TEST_CASE("a wrong verb is told from the right ones wherever global flags stand", "[cli][edges]") {
  Shop box;
  for (const auto& words : {Words{"offers", "lst"}, Words{"--no-color", "offers", "lst"}, Words{"offers", "-q", "lst"},
                            Words{"-o", "csv", "offers", "lst"}}) {
    CAPTURE(words);
    CHECK_THAT(box.steward(words).err, Catch::Contains("Did you mean steward offers list?"));
  }
}

TEST_CASE("JSON asked for in any spelling is what a refusal comes in", "[cli][edges]") {
  Shop box;
  for (const auto& json :
       {Words{"--json"}, Words{"-o", "JSON"}, Words{"-oJson"}, Words{"--output=JSON"}, Words{"--json=true"}}) {
    CAPTURE(json);
    CHECK(box.steward(Words{"offers", "list", "--nope"} + json).error_code() == "unknown_flag");
    CHECK(box.steward(Words{"offers", "show", "nope"} + json).error_code() == "not_found");
  }
  CHECK(box.steward({"offers", "list", "--nope"}, {}, {{"STEWARD_OUTPUT", "JSON"}}).error_code() == "unknown_flag");
}

TEST_CASE("an empty value is refused: it stands for a variable that is not set", "[cli][edges]") {
  Shop box;
  const auto digest = box.table_digest();
  for (const auto* flag : {"--db", "--env", "--config", "--output", "--token-file", "--idempotency-key", "--workspace",
                           "--limit", "--after", "--sort", "--columns", "--status"}) {
    CAPTURE(flag);
    CHECK(box.steward({"offers", "list", flag, ""}).exit == 2);
  }
  CHECK(box.steward(Shop::create("lab", {"--idempotency-key", ""})).exit == 2);
  CHECK(box.steward({"offers", "activate", "--from", ""}).exit == 2);
  CHECK(box.steward({"offers", "activate", ""}).exit == 2);
  CHECK(box.table_digest() == digest);
}

TEST_CASE("an idempotency key is text of at most 255 characters", "[cli][edges]") {
  Shop box;
  const auto code = [&](const std::string& slug, const std::string& key) {
    return box.steward(Shop::create(slug, {"--json", "--idempotency-key", key})).error_code();
  };
  CHECK(code("one", std::string(255, 'k')).empty());
  CHECK(code("two", std::string(256, 'k')) == "text_too_long");
  CHECK(code("two", "k\xff") == "invalid_text");
  CHECK(code("two", "k\x1b") == "invalid_text");
  CHECK(code("two", " ") == "text_empty");
  CHECK(box.value("SELECT count(*) FROM offers") == "1");
  // Of several subjects each has a key of its own, however long.
  const Words both{"offers", "deactivate", "one", "one", "--idempotency-key", std::string(255, 'x')};
  CHECK(box.steward(both).exit == 0);
  CHECK(box.value("SELECT max(length(key)) FROM idempotency_keys") == "255");
}

TEST_CASE("an amount that no currency could mean is refused before its record is looked for", "[cli][edges]") {
  Shop box;
  for (const auto* amount : {"0", "0.000", "-5.00", "1e3", "1,5", "", " 1", "+1", "99999999999999999999", "\xd9\xa1"}) {
    CAPTURE(amount);
    CHECK(box.steward({"payments", "record", "--invoice", "nothing", "--amount", amount}).exit == 2);
  }
  CHECK(box.steward({"payments", "record", "--invoice", "nothing", "--amount", "0.01"}).exit == 4);
}

TEST_CASE("what was typed is shown short and harmless when it is refused", "[cli][edges]") {
  Shop box;
  const std::string huge(100'000, 'a');
  for (const auto& words :
       {Words{huge}, Words{"offers", huge}, Words{"offers", "list", "--" + huge}, Words{"offers", "list", huge},
        Words{"offers", "list", "--limit", huge}, Words{"offers", "list", "--sort", huge},
        Words{"offers", "list", "--status", huge}, Words{"offers", "list", "--limit", std::string(1000, '9')},
        Words{"offers", "show", huge}}) {
    const auto ran = box.steward(words);
    CHECK((ran.exit == 2 || ran.exit == 4));
    CHECK(ran.err.size() < 1000);
  }
  for (const auto* bad : {"a\x1b[2J", "a\x7f",
                          "a\xc2\x9b"
                          "2J",
                          "a\xe2\x80\xae", "a\rb", "a\xff"}) {
    const auto ran = box.steward({"offers", "list", "--limit", bad});
    CHECK(ran.exit == 2);
    CHECK(is_utf8(ran.err));
    for (const auto* harm : {"\x1b", "\x7f", "\xc2\x9b", "\xe2\x80\xae", "\r"})
      CHECK(ran.err.find(harm) == std::string::npos);
    CHECK(is_utf8(box.steward({"offers", "list", "--limit", bad, "--json"}).out));
  }
}

TEST_CASE("a list ends somewhere or it does not: --limit and --all exclude each other", "[cli][edges]") {
  Shop box;
  CHECK(box.steward({"offers", "list", "--limit", "5", "--all", "--json"}).error_code() == "conflicting_arguments");
  for (const auto* limit : {"0", "-1", "1000000001", "9007199254740993", "1e9", "+5", " 5", "5.0"}) {
    CAPTURE(limit);
    CHECK(box.steward({"offers", "list", "--limit", limit}).exit == 2);
  }
  CHECK(box.steward({"offers", "list", "--limit", "1000000000", "-o", "ndjson"}).exit == 0);
}

TEST_CASE("the CSV of several subjects has one header", "[cli][edges]") {
  Shop box;
  for (const auto* slug : {"one", "two", "three"}) box.offer(slug);
  const auto ran = box.steward({"offers", "deactivate", "one", "nothing", "two", "three", "-o", "csv"});
  CHECK(ran.exit == 4);
  const auto lines = split(ran.out, '\n');
  REQUIRE(lines.size() == 5);  // a header, three records, and what is behind the last line's end
  CHECK(lines[0].starts_with("id,slug,"));
  for (int i = 1; i < 4; ++i) CHECK_FALSE(lines[i].starts_with("id,"));
}

TEST_CASE("subjects from a file may begin with a byte order mark, and standard input has one reader", "[cli][edges]") {
  Shop box;
  box.offer("lab");
  CHECK(box.steward({"offers", "deactivate", "--from", "-"}, "\xEF\xBB\xBFlab\r\n").exit == 0);
  CHECK(box.value("SELECT status FROM offers") == "INACTIVE");
  const auto both = box.steward({"offers", "activate", "--from", "-", "--token-file", "-", "--json"}, "lab\n");
  CHECK(both.exit == 2);
  CHECK(both.error_code() == "conflicting_arguments");
  CHECK(box.steward({"intake", "import", "--file", "-", "--token-file", "-"}, "x").exit == 2);
}

TEST_CASE("five hundred subjects are answered in one object, each with its result", "[cli][edges]") {
  Shop box;
  box.offer("lab");
  std::string lines;
  for (int i = 0; i < 500; ++i) lines += i == 250 ? "lab\n" : "nothing-" + std::to_string(i) + "\n";
  const auto answer = box.steward({"offers", "deactivate", "--from", "-", "--json"}, lines).json();
  CHECK(answer.at("data").items().size() == 500);
  CHECK(answer.at("errors").items().size() == 499);
  CHECK(answer.at("data").items()[250].at("data").at("status").text() == "INACTIVE");
  CHECK_FALSE(answer.at("ok").boolean());
}

TEST_CASE("a folder is no configuration file", "[cli][edges]") {
  Shop box;
  CHECK(box.steward({"offers", "list", "--config", box.folder(), "--json"}).error_code() == "file_unreadable");
}

TEST_CASE("cells that a spreadsheet would run are disarmed in their full-width forms too", "[cli][edges]") {
  Shop box;
  int n = 0;
  for (const auto* title : {"=1+1", "+1", "-1", "@x", "＝1", "＋1", "－1", "＠x"}) {
    CAPTURE(title);
    box.offer("lab-" + std::to_string(n++), title);
    CHECK(box.steward({"offers", "list", "-o", "csv", "--columns", "title", "--limit", "1"}).out ==
          "title\r\n\"'" + std::string(title) + "\"\r\n");
  }
}

TEST_CASE("Ctrl-C at a question changes nothing and exits 130", "[cli][edges]") {
  Shop box;
  box.offer("lab");
  const auto asked =
      interrupted_at("[y/N] ", box.command({"offers", "reprice", "lab", "--price", "5", "--reason", "R"}));
  CHECK(asked.exit == 130);
  CHECK(box.value("SELECT price_cents FROM offers") == "10000");
}

TEST_CASE("a demo without a folder for temporary files is refused with a sentence", "[cli][edges]") {
  Sandbox box;
  const auto ran = box.steward({"demo", "--json"}, {}, {{"TMPDIR", box.path("nowhere")}});
  CHECK(ran.exit == 6);
  CHECK(ran.error_code() == "file_unwritable");
}

TEST_CASE("a database that is opened through a link finds its key beside itself", "[cli][edges][sqlite]") {
  Sandbox box;
  box.run("settings.set", {{"key", {"business.iban"}}, {"value", {"DE02120300000000202051"}}});
  std::filesystem::create_directory(box.path("elsewhere"));
  std::filesystem::create_symlink(box.database(), box.path("elsewhere/link.db"));
  const auto ran = box.steward({"settings", "show", "business.iban", "--db", box.path("elsewhere/link.db")});
  CHECK(ran.exit == 0);
  CHECK_THAT(ran.out, Catch::Contains("DE02120300000000202051"));
}

TEST_CASE("a limit on a file's size ends a write as a full disk does, and nothing is changed", "[cli][edges][sqlite]") {
  Sandbox box;
  const auto digest = box.table_digest();
  const auto exits = test::in_processes(1, [&](int) {
    const rlimit limit{4096, 4096};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto written = box.steward({"users", "create", "--email", "ada@x.example"}).exit;
    const auto copied = box.steward({"audit", "export", "--to", box.path("trail")}).exit;
    return written == 7 && (copied == 0 || copied == 7) ? 0 : 1;
  });
  CHECK(exits.front() == 0);
  CHECK(box.table_digest() == digest);
}
