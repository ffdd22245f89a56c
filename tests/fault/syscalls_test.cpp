// System calls that fail, or at which the process is killed, one at a time (strace does it): the command says so with
// its documented code, nothing is half done, and the same command works once the disk does.
#include <algorithm>
#include <csignal>
#include <regex>

#include <catch2/catch.hpp>

#include "fault/support.h"
#include "support/strace.h"

using namespace steward;
using namespace steward::test;
namespace fs = std::filesystem;

namespace {

constexpr const char* kCalls = "write,pwrite64,fsync,fdatasync,rename,unlink,link,ftruncate,openat";

/// The `nth` call of that name since the program's start.
struct SystemCall {
  std::string name;
  int nth = 0;
};

/// A command in a scene, and how one tells whether it did its work.
struct Attempt {
  std::vector<std::string> words;
  std::function<bool()> done;
  std::set<std::string> names;      ///< what the folder holds once it is done
  std::set<std::string> untouched;  ///< files that a failure leaves byte for byte
};

Process traced(const Sandbox& box, const std::vector<std::string>& words, std::vector<std::string> flags) {
  flags.insert(flags.begin(), {"-e", std::string("trace=") + kCalls});
  return run_process(under_strace(box.command(words), std::move(flags)));
}

/// The calls of one run that go to the scene's own files, in order.
std::vector<SystemCall> calls_of(const Sandbox& box, const Scene& scene, const std::vector<std::string>& words) {
  const auto trace = box.path("trace");
  REQUIRE(traced(box, words, {"--seccomp-bpf", "-y", "-o", trace}).exit == 0);
  std::vector<SystemCall> out;
  std::map<std::string, int> count;
  std::ifstream lines(trace);
  static const std::regex kCall("^[0-9]+ +([a-z0-9]+)\\(");
  for (std::string line; std::getline(lines, line);) {
    std::smatch found;
    if (!std::regex_search(line, found, kCall)) continue;
    const int nth = ++count[found[1]];
    if (line.find(scene.folder()) != std::string::npos) out.push_back({found[1], nth});
  }
  return out;
}

/// All of them in a long run; else of each name the first, the last and some in between.
std::vector<SystemCall> chosen(const std::vector<SystemCall>& calls, std::size_t of_each) {
  if (long_run()) return calls;
  std::map<std::string, std::vector<SystemCall>> by_name;
  for (const auto& call : calls) by_name[call.name].push_back(call);
  std::vector<SystemCall> out;
  for (const auto& [name, all] : by_name) {
    const auto take = std::min(of_each, all.size());
    for (std::size_t i = 0; i < take; ++i) out.push_back(all[take == 1 ? 0 : i * (all.size() - 1) / (take - 1)]);
  }
  return out;
}

bool creates_or_writes(const std::string& name) {
  return name == "write" || name == "pwrite64" || name == "openat" || name == "ftruncate" || name == "link";
}

void require_documented(const Process& ended) {
  REQUIRE((ended.exit == 0 || ended.exit == 6 || ended.exit == 7));
  if (ended.exit == 0) return;
  const auto error = ended.json().at("errors").items().front();
  REQUIRE(error.at("code").text() != "defect");
  REQUIRE(error.at("message").text().size() > 20);
}

void require_untouched(const Scene& scene, const Attempt& attempt) {
  const auto files = files_in(scene.folder());
  for (const auto& name : attempt.untouched) {
    INFO(name);
    const bool same = files.contains(name) && files.at(name) == scene.kept().at(name);
    REQUIRE(same);
  }
}

// Whatever befell it: readers read, and the state is the old one or the new one.
void require_old_or_new(Sandbox& box, const Attempt& attempt, const db::Manifest& before) {
  REQUIRE(box.steward({"db", "status"}).exit == 0);
  require_whole(box);
  if (attempt.done()) return;
  const bool same = manifest_of(box) == before;
  REQUIRE(same);
}

void require_works_now(Sandbox& box, const Scene& scene, const Attempt& attempt) {
  const auto again = box.steward(attempt.words);
  INFO(again.out << again.err);
  REQUIRE(again.exit == 0);
  REQUIRE(attempt.done());
  require_whole(box);
  require_no_strays(scene, attempt.names);
}

/// "error=EIO" or "signal=SIGKILL". With a seccomp filter strace stops at the calls it looks for alone, but sends no
/// signal.
Process struck(const Sandbox& box, const Scene& scene, const Attempt& attempt, const SystemCall& call,
               const std::string& fault) {
  scene.reset();
  std::vector<std::string> flags{"-o", "/dev/null", "-e",
                                 fmt::format("inject={}:{}:when={}", call.name, fault, call.nth)};
  if (fault.starts_with("error=")) flags.emplace_back("--seccomp-bpf");
  return traced(box, attempt.words, std::move(flags));
}

void fail_one(Sandbox& box, const Scene& scene, const Attempt& attempt, const SystemCall& call,
              const std::string& error) {
  const auto ended = struck(box, scene, attempt, call, "error=" + error);
  CAPTURE(call.name, call.nth, error, ended.exit, ended.out, ended.err);
  require_documented(ended);
  require_old_or_new(box, attempt, scene.manifest());
  REQUIRE(attempt.done() == (ended.exit == 0));
  if (call.name != "unlink") require_no_strays(scene, attempt.names);
  if (ended.exit == 0) return;
  require_untouched(scene, attempt);
  require_works_now(box, scene, attempt);
}

void kill_one(Sandbox& box, const Scene& scene, const Attempt& attempt, const SystemCall& call) {
  const auto ended = struck(box, scene, attempt, call, "signal=SIGKILL");
  CAPTURE(call.name, call.nth, ended.exit);
  REQUIRE(ended.exit == 128 + SIGKILL);
  require_old_or_new(box, attempt, scene.manifest());
  if (!attempt.done()) require_works_now(box, scene, attempt);
}

void strike_each(Sandbox& box, const Scene& scene, const Attempt& attempt, std::size_t of_each) {
  const auto calls = calls_of(box, scene, attempt.words);
  REQUIRE(attempt.done());
  REQUIRE(calls.size() > 10);
  for (const auto& call : chosen(calls, of_each)) {
    fail_one(box, scene, attempt, call, "EIO");
    if (creates_or_writes(call.name)) fail_one(box, scene, attempt, call, "ENOSPC");
    kill_one(box, scene, attempt, call);
  }
}

}  // namespace

TEST_CASE("payments record keeps a payment or nothing of it, whichever system call fails",
          "[fault][syscalls][sqlite]") {
  Sandbox box;
  const auto invoice = issued_invoice(box);
  Scene scene(box);
  strike_each(box, scene,
              {{"payments", "record", "--invoice", invoice, "--amount", "1.00", "--reference", "r1", "--json"},
               [&] { return box.value("SELECT count(*) FROM payments") == "1"; },
               {"steward.db", "steward.db.key"},
               {}},
              8);
}

TEST_CASE("db backup makes a new backup or leaves the old one, whichever system call fails",
          "[fault][syscalls][sqlite]") {
  Sandbox box;
  populate(box);
  issued_invoice(box);
  Scene scene(box);
  REQUIRE(box.steward({"db", "backup", "--to", scene.path("b.db")}).exit == 0);
  issued_invoice(box);
  scene.keep();
  const auto old = scene.kept().at("b.db");
  strike_each(box, scene,
              {{"db", "backup", "--to", scene.path("b.db"), "--yes", "--json"},
               [&] {
                 const auto now = files_in(scene.folder());
                 const auto told = now.find("b.db.manifest.json");
                 return now.at("b.db") != old && told != now.end() && told->second != scene.kept().at(told->first);
               },
               {"steward.db", "steward.db.key", "b.db", "b.db.manifest.json"},
               {"b.db", "b.db.manifest.json"}},
              3);
}

TEST_CASE("db migrate migrates or leaves the database as it was, whichever system call fails",
          "[fault][syscalls][sqlite]") {
  Sandbox box(World::older);
  populate(box);
  box.use_migrations(older_migrations());
  box.data("settings.set", {{"key", {"studio.timezone"}}, {"value", {"Europe/Paris"}}});
  Scene scene(box);
  const auto newest = db::compiled_migrations(db::Engine::sqlite);
  box.use_migrations(newest);
  const auto backup = "steward.db.before-" + newest.back().name.substr(0, 4) + ".bak";
  strike_each(box, scene,
              {{"db", "migrate", "--json"},
               [&] { return box.value("SELECT max(seq) FROM app_migrations") == std::to_string(newest.size()); },
               {"steward.db", "steward.db.key", backup, backup + ".manifest.json"},
               {}},
              3);
}

TEST_CASE("db restore restores or leaves the database as it was, whichever system call fails",
          "[fault][syscalls][sqlite]") {
  Sandbox box;
  populate(box);
  Scene scene(box);
  REQUIRE(box.steward({"db", "backup", "--to", scene.path("b.db")}).exit == 0);
  issued_invoice(box);
  scene.keep();
  const std::string kept = "steward.db.replaced-.bak";
  strike_each(box, scene,
              {{"db", "restore", "--from", scene.path("b.db"), "--yes", "--json"},
               [&] { return box.value("SELECT count(*) FROM invoices WHERE number IS NOT NULL") == "0"; },
               {"steward.db", "steward.db.key", "b.db", "b.db.manifest.json", kept, kept + ".manifest.json"},
               {"b.db", "b.db.manifest.json"}},
              3);
}

TEST_CASE("a restore over a damaged file leaves that file where it was, whichever system call fails",
          "[fault][syscalls][sqlite]") {
  Sandbox box;
  Scene scene(box);
  REQUIRE(box.steward({"db", "backup", "--to", scene.path("b.db")}).exit == 0);
  scene.keep();
  scene.damage("steward.db", scene.kept().at("steward.db").substr(0, 40'960));
  const std::string aside = "steward.db.damaged-.bak", kept = "steward.db.replaced-.bak";
  const Attempt attempt{{"db", "restore", "--from", scene.path("b.db"), "--yes", "--json"},
                        [&] { return fs::file_size(scene.path("steward.db")) > 40'960; },
                        {"steward.db", "steward.db.key", "b.db", "b.db.manifest.json", aside, kept},
                        {"steward.db", "b.db", "b.db.manifest.json"}};
  scene.reset();
  const auto calls = calls_of(box, scene, attempt.words);
  for (const auto& call : chosen(calls, 3)) {
    const auto ended = struck(box, scene, attempt, call, "error=EIO");
    CAPTURE(call.name, call.nth, ended.exit, ended.out, ended.err);
    require_documented(ended);
    if (call.name != "unlink") require_no_strays(scene, attempt.names);
    if (ended.exit == 0) continue;
    require_untouched(scene, attempt);
    require_works_now(box, scene, attempt);
  }
}

TEST_CASE("a commit that can't be told from one that was kept says so, and a repeat under its key is safe",
          "[fault][syscalls][sqlite]") {
  Sandbox box;
  const auto invoice = issued_invoice(box);
  Scene scene(box);
  const std::vector<std::string> words = {"payments",    "record", "--invoice",         invoice, "--amount", "1.00",
                                          "--reference", "r1",     "--idempotency-key", "k1",    "--json"};
  const auto ended = traced(box, words, {"-o", "/dev/null", "-e", "inject=fdatasync:error=EIO:when=2+"});
  INFO(ended.out << ended.err);
  CHECK(ended.exit == 7);  // to be repeated: under the key it is done once
  CHECK(ended.error_code() == "outcome_unknown");
  CHECK(box.steward(words).exit == 0);
  CHECK(box.value("SELECT count(*) FROM payments") == "1");
  require_whole(box);
}
