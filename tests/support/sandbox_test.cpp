#include "support/sandbox.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

using namespace steward::test;

TEST_CASE("a sandbox is a migrated and seeded local database with its clock at nine", "[support]") {
  Sandbox box;
  CHECK(box.value("SELECT environment FROM db_identity") == "local");
  CHECK(box.value("SELECT count(*) FROM roles") == "11");
  CHECK(box.value("SELECT sum(rate_bp) FROM rates") == "6400");
  CHECK(to_text(box.now()) == "2026-03-02T09:00:00.000Z");
  box.at("2026-04-01T00:00:00+02:00");
  CHECK(to_text(box.now()) == "2026-03-31T22:00:00.000Z");
  CHECK(std::filesystem::exists(box.key_file()));
}

TEST_CASE("two sandboxes do not see each other, and leave nothing behind", "[support]") {
  std::string folder;
  {
    Sandbox one, two;
    one.user("ada@studio.example", {"ADMIN", "STAFF"});
    CHECK(one.value("SELECT count(*) FROM user_roles") == "2");
    CHECK(two.value("SELECT count(*) FROM users") == "0");
    folder = one.folder();
    CHECK(one.folder() != two.folder());
  }
  CHECK_FALSE(std::filesystem::exists(folder));
}

TEST_CASE("a snapshot tells which rows came, changed and went, and the digest moves with them", "[support]") {
  Sandbox box;
  box.user("ada@studio.example");
  box.user("bob@studio.example");
  const auto before = box.snapshot();
  const auto digest = box.table_digest();
  CHECK(box.table_digest() == digest);
  box.sql("UPDATE users SET bio = 'x' WHERE email LIKE 'ada%'; DELETE FROM users WHERE email LIKE 'bob%'");
  box.token({"events:read"});
  CHECK(differences(before, box.snapshot()) ==
        std::map<std::string, int>{{"users update", 1}, {"users delete", 1}, {"service_tokens insert", 1}});
  CHECK(box.table_digest() != digest);
}

TEST_CASE("a program's exit code, output, input and signal are seen as they are", "[support]") {
  Sandbox box;
  auto command = box.command({"-c", "cat; printf 'no\\n' >&2; pwd; exit 3"}, "typed\n");
  command.program = "sh";
  const auto ran = run_process(command);
  CHECK(ran.exit == 3);
  CHECK(ran.out == "typed\n" + box.folder() + "\n");
  CHECK(ran.err == "no\n");
  command.words = {"-c", "kill -TERM $$"};
  CHECK(run_process(command).exit == 128 + 15);
  command.words = {"-c", "sleep 60"};
  command.limit = std::chrono::milliseconds{50};
  CHECK(run_process(command).exit == 128 + 9);
}

TEST_CASE("a program at a terminal sees one, of the width asked for", "[support]") {
  Sandbox box;
  auto command =
      box.command({"-c", "test -t 0 && test -t 1 && read -r word && stty size && printf 'got %s\\n' \"$word\""});
  command.program = "sh";
  const auto ran = run_on_terminal(command, "yes\n", 100);
  CHECK(ran.exit == 0);
  CHECK(ran.out == "yes\n24 100\ngot yes\n");
}

TEST_CASE("many processes run at once and each answers for itself", "[support]") {
  CHECK(in_processes(4, [](int i) { return i * 2; }) == std::vector<int>{0, 2, 4, 6});
}
