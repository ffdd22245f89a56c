#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "ops/files.h"
#include "ops/run.h"
#include "ops/vault.h"
#include "support/sandbox.h"
#include "system/keys/copy.h"

using namespace steward;
using namespace steward::test;

namespace {

const std::string kIban = "DE02120300000000202051";

struct Keyed : Sandbox {
  Keyed() {
    run("settings.set", {{"key", {"business.iban"}}, {"value", {kIban}}});
    write("pass", "correct horse battery\n");
  }
  std::string iban() { return data("settings.show", {{"key", {"business.iban"}}}).at("value").text(); }
};

}  // namespace

TEST_CASE("a sensitive field is ciphertext in the database and plain to who may read it", "[keys]") {
  Keyed box;
  CHECK(box.value("SELECT value FROM settings WHERE key = 'business.iban'").starts_with("v1:"));
  CHECK_FALSE(box.holds(kIban));
  CHECK(box.iban() == kIban);
}

TEST_CASE("keys rotate re-encrypts every sensitive field under a new key", "[keys]") {
  Keyed box;
  const auto before = box.value("SELECT value FROM settings WHERE key = 'business.iban'");
  const auto old_key = box.data("keys.show").at("key_id").text();
  CHECK(box.data("keys.rotate").at("fields").integer() == 1);
  CHECK(box.data("keys.show").at("key_id").text() != old_key);
  CHECK(box.value("SELECT value FROM settings WHERE key = 'business.iban'") != before);
  CHECK(box.iban() == kIban);
  CHECK(box.actions().back() == "keys.rotate");
}

TEST_CASE("a dry run of keys rotate leaves file and fields alone", "[keys]") {
  Keyed box;
  const auto file = box.read(box.key_file());
  const auto digest = box.table_digest();
  Call dry;
  dry.dry_run = true;
  box.run("keys.rotate", {}, dry);
  CHECK(box.read(box.key_file()) == file);
  CHECK(box.table_digest() == digest);
}

TEST_CASE("an exported key comes back with its passphrase only, and never over another key", "[keys]") {
  Keyed box;
  box.run("keys.export", {{"to", {box.path("copy")}}, {"passphrase-file", {box.path("pass")}}});
  CHECK((std::filesystem::status(box.path("copy")).permissions() & std::filesystem::perms::mask) ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  CHECK(box.read("copy").find("steward-key-1") == std::string::npos);
  const auto content = box.read(box.key_file());
  std::filesystem::remove(box.key_file());
  CHECK(box.error_code("settings.show", {{"key", {"business.iban"}}}) == "key_missing");
  box.write("wrong", "another passphrase\n");
  CHECK(box.error_code("keys.import", {{"from", {box.path("copy")}}, {"passphrase-file", {box.path("wrong")}}}) ==
        "wrong_key");
  box.run("keys.import", {{"from", {box.path("copy")}}, {"passphrase-file", {box.path("pass")}}});
  CHECK(box.read(box.key_file()) == content);
  CHECK(box.iban() == kIban);
  box.run("keys.rotate");
  CHECK(box.error_code("keys.import", {{"from", {box.path("copy")}}, {"passphrase-file", {box.path("pass")}}}) ==
        "duplicate");
}

TEST_CASE("a short passphrase and a file that is no copy are refused", "[keys]") {
  Keyed box;
  box.write("short", "too short");
  CHECK(box.error_code("keys.export", {{"to", {box.path("copy")}}, {"passphrase-file", {box.path("short")}}}) ==
        "out_of_range");
  box.write("junk", R"({"format":"something else"})");
  CHECK(box.error_code("keys.import", {{"from", {box.path("junk")}}, {"passphrase-file", {box.path("pass")}}}) ==
        "invalid_json");
}

TEST_CASE("no copy of the key, of the books or of their history is written over the database or its key file",
          "[keys][files][sqlite]") {
  Keyed box;
  const auto key = box.read(box.key_file()), rows = box.table_digest();
  const auto inode = [](const std::string& file) {
    struct stat status {};
    REQUIRE(::stat(file.c_str(), &status) == 0);
    return status.st_ino;
  };
  const auto before = inode(box.database());
  std::filesystem::create_symlink(box.database(), box.path("by-another-name"));
  for (const auto& file : {box.key_file(), box.database(), box.database() + "-wal", box.path("by-another-name")}) {
    CAPTURE(file);
    CHECK(box.error_code("keys.export", {{"to", {file}}, {"passphrase-file", {box.path("pass")}}}) == "invalid_target");
    CHECK(box.error_code("db.backup", {{"to", {file}}}) == "invalid_target");
    CHECK(box.error_code("audit.export", {{"to", {file}}}) == "invalid_target");
    CHECK(box.error_code("audit.checkpoint", {{"to", {file}}}) == "invalid_target");
  }
  CHECK(box.read(box.key_file()) == key);
  CHECK(inode(box.database()) == before);
  CHECK(box.table_digest() == rows);
}

TEST_CASE("a copy of the key replaces a file only when it is told to", "[keys]") {
  Keyed box;
  box.write("copy", "mine");
  Call call;
  call.yes = false;
  const ops::RawArgs raw{{"to", {box.path("copy")}}, {"passphrase-file", {box.path("pass")}}};
  CHECK(box.error_code("keys.export", raw, call) == "confirmation_needed");
  CHECK(box.read("copy") == "mine");
  call.yes = true;
  CHECK(box.error_code("keys.export", raw, call) == "");
}

TEST_CASE("contract 7: the key file is for people: an agent or a job neither exports, imports nor rotates it",
          "[keys][rights]") {
  Keyed box;
  box.run("keys.export", {{"to", {box.path("copy")}}, {"passphrase-file", {box.path("pass")}}});
  const auto key = box.read(box.key_file());
  Call call;
  call.token = box.token({"*"}, GENERATE(as<std::string>{}, "AGENT", "JOB"));
  CHECK(box.error_code("keys.export", {{"to", {box.path("c2")}}, {"passphrase-file", {box.path("pass")}}}, call) ==
        "forbidden");
  CHECK(box.error_code("keys.import", {{"from", {box.path("copy")}}, {"passphrase-file", {box.path("pass")}}}, call) ==
        "forbidden");
  CHECK(box.error_code("keys.rotate", {}, call) == "forbidden");
  CHECK_FALSE(std::filesystem::exists(box.path("c2")));
  CHECK(box.read(box.key_file()) == key);
}

TEST_CASE("who may comes before what is asked: without the right nobody is asked to confirm a rotation",
          "[keys][rights]") {
  Keyed box;
  Call call;
  call.token = box.token({"users:read"}, "PERSON", box.user("ada@x.example", {"ADMIN"}));
  call.yes = false;
  bool asked = false;
  call.confirm = [&](const std::string&) { return asked = true; };
  CHECK(box.error_code("keys.rotate", {}, call) == "forbidden");
  CHECK_FALSE(asked);
}

TEST_CASE("without a file a passphrase is asked for at the terminal: a new one twice, a known one once", "[keys]") {
  Keyed box;
  std::vector<std::string> answers;
  const auto call = [&](const std::string& path, const ops::RawArgs& raw) -> std::string {
    ops::Request request;
    request.operation = Sandbox::registry().find(path);
    request.raw = raw;
    request.yes = true;
    request.request_id = "test";
    request.ask_secret = [&](const std::string&) {
      auto answer = answers.empty() ? "" : answers.front();
      if (!answers.empty()) answers.erase(answers.begin());
      return answer;
    };
    try {
      ops::run(box.house(), request, nullptr);
      return "";
    } catch (const Error& error) {
      return error.code();
    }
  };
  CHECK(box.error_code("keys.export", {{"to", {box.path("copy")}}}) == "missing_argument");
  answers = {"correct horse", "correct house"};
  CHECK(call("keys.export", {{"to", {box.path("copy")}}}) == "conflicting_arguments");
  answers = {"short", "short"};
  CHECK(call("keys.export", {{"to", {box.path("copy")}}}) == "out_of_range");
  CHECK_FALSE(std::filesystem::exists(box.path("copy")));
  answers = {"correct horse", "correct horse"};
  CHECK(call("keys.export", {{"to", {box.path("copy")}}}) == "");
  answers = {"correct horse"};
  CHECK(call("keys.import", {{"from", {box.path("copy")}}}) == "");
}

TEST_CASE("a passphrase that no file holds is asked for at the terminal, a new one twice and unseen",
          "[system][keys][binary]") {
  Sandbox box;
  const std::string copy = box.path("key.copy");
  const auto differing = box.steward_on_terminal({"keys", "export", "--to", copy, "--yes"},
                                                 "correct horse battery\nanother horse battery\n");
  CHECK(differing.exit == 2);
  CHECK_FALSE(std::filesystem::exists(copy));
  const auto made = box.steward_on_terminal({"keys", "export", "--to", copy, "--yes"},
                                            "correct horse battery\ncorrect horse battery\n");
  CAPTURE(made.out);
  CHECK(made.exit == 0);
  CHECK(box.steward_on_terminal({"keys", "import", "--from", copy, "--yes"}, "correct horse battery\n").exit == 0);
  CHECK(box.steward_on_terminal({"keys", "import", "--from", copy, "--yes"}, "a wrong passphrase\n").exit != 0);
  const auto unattended = box.steward({"keys", "export", "--to", copy, "--yes", "--json"});
  CHECK(unattended.exit == 2);
  CHECK(unattended.error_code() == "missing_argument");
}

TEST_CASE("a copy of the key from before a rotation counts as missing until another is made", "[keys]") {
  Keyed box;
  const auto missing = [&] {
    const auto agenda = box.data("status").at("waiting");
    return std::ranges::any_of(agenda.items(),
                               [](const Json& item) { return item.at("key").text() == "key_copy_missing"; });
  };
  const auto doctor = [&] {
    const auto found = box.data("doctor");
    for (const auto& check : found.at("checks").items())
      if (check.at("name").text() == "key_copy") return check.at("level").text();
    return std::string();
  };
  const auto copied = [&](const std::string& to) {
    box.run("keys.export", {{"to", {box.path(to)}}, {"passphrase-file", {box.path("pass")}}});
  };
  copied("first");
  CHECK_FALSE(missing());
  CHECK(doctor() == "ok");
  box.run("keys.rotate");
  CHECK(missing());
  CHECK(doctor() == "warn");
  CHECK(box.data("keys.show").at("last_exported_at").is_null());
  copied("second");
  CHECK_FALSE(missing());
  CHECK(doctor() == "ok");
}

TEST_CASE("nothing is encrypted under a key file that can't read what is there, be it another's or an older one",
          "[keys]") {
  Keyed box;
  const auto before = box.read(box.key_file());
  const bool older = GENERATE(true, false);
  CAPTURE(older);
  if (older) box.run("keys.rotate");
  const auto right = box.read(box.key_file());
  std::filesystem::remove(box.key_file());
  if (older)
    ops::replace_file(box.key_file(), before);
  else
    ops::Vault::create(box.key_file());
  const auto digest = box.table_digest();
  const auto error = box.refusal("settings.set", {{"key", {"business.tax_id"}}, {"value", {"DE123456788"}}});
  CHECK(error.code() == "wrong_key");
  CHECK(error.exit_code() == 6);
  CHECK(box.table_digest() == digest);
  ops::replace_file(box.key_file(), right);
  box.run("settings.set", {{"key", {"business.tax_id"}}, {"value", {"DE123456788"}}});
  CHECK(box.iban() == kIban);
}

TEST_CASE("where a key is lost for good keys renew goes on with another, and says what was given up", "[keys]") {
  Keyed box;
  const auto lost = box.data("keys.show").at("key_id").text();
  CHECK(box.data("keys.renew").at("lost").items().empty());
  std::filesystem::remove(box.key_file());
  Call dry;
  dry.dry_run = true;
  box.run("keys.renew", {}, dry);
  CHECK_FALSE(std::filesystem::exists(box.key_file()));
  const auto renewed = box.data("keys.renew");
  REQUIRE(renewed.at("lost").items().size() == 1);
  CHECK(renewed.at("lost").items().front().text() == lost);
  CHECK(box.data("keys.show").at("key_id").text() != lost);
  box.run("settings.set", {{"key", {"business.tax_id"}}, {"value", {"DE123456788"}}});
  CHECK(box.error_code("keys.rotate") == "wrong_key");
  box.run("settings.set", {{"key", {"business.iban"}}, {"value", {kIban}}});
  CHECK(box.iban() == kIban);
  CHECK(box.data("keys.rotate").at("fields").integer() == 2);
}
