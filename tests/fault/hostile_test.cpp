// A hostile world: each misfortune ends with its documented code and sentence, and nothing is changed.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "fault/small_disk.h"
#include "fault/support.h"
#include "ops/vault.h"

using namespace steward;
using namespace steward::test;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> payment(const std::string& invoice, const std::string& reference = "r1") {
  return {"payments", "record", "--invoice", invoice, "--amount", "1.00", "--reference", reference, "--json"};
}

void copy_bytes(const std::string& from, const std::string& to, std::uintmax_t bytes) {
  std::ifstream in(from, std::ios::binary);
  std::string content(bytes, '\0');
  in.read(content.data(), static_cast<std::streamsize>(bytes));
  std::ofstream(to, std::ios::binary).write(content.data(), in.gcount());
}

}  // namespace

TEST_CASE("a full disk ends with exit 7 and disk_full, and everything acknowledged before is there",
          "[fault][hostile][sqlite]") {
  REQUIRE(may_mount());  // CI runs as root; so must whoever runs this
  Sandbox box;
  const auto invoice = issued_invoice(box);
  fold(box);
  const SmallDisk disk(box.path("disk"), "1200k");
  fs::copy_file(box.database(), disk.path("steward.db"));
  box.use_database(disk.path("steward.db"));
  int acknowledged = 0;
  Process last;
  for (int i = 0; i < 400; ++i) {
    last = box.steward(payment(invoice, "r" + std::to_string(i)));
    if (last.exit != 0) break;
    ++acknowledged;
  }
  CHECK(last.exit == 7);
  CHECK(last.error_code() == "disk_full");
  CHECK(box.value("SELECT count(*) FROM payments") == std::to_string(acknowledged));
  CHECK(box.data("audit.verify").at("verdict").text() == "intact");
}

TEST_CASE("a read-only file system ends with exit 6 and still lets one read", "[fault][hostile][sqlite]") {
  REQUIRE(may_mount());
  Sandbox box;
  const auto invoice = issued_invoice(box);
  fold(box);
  const SmallDisk disk(box.path("disk"), "8m");
  fs::copy_file(box.database(), disk.path("steward.db"));
  box.use_database(disk.path("steward.db"));
  REQUIRE(box.steward(payment(invoice)).exit == 0);
  REQUIRE(disk.remount_read_only());
  const auto done = box.steward(payment(invoice, "r2"));
  CHECK(done.exit == 6);
  CHECK(done.error_code() == "database_read_only");
  CHECK(box.steward({"invoices", "show", invoice}).exit == 0);
}

TEST_CASE("a missing folder, an empty file and a directory are no database", "[fault][hostile][sqlite]") {
  Sandbox box;
  const auto invoice = issued_invoice(box);
  box.write("empty.db", "");
  for (const auto& path : {box.path("nowhere/steward.db"), box.path("empty.db"), box.folder()}) {
    CAPTURE(path);
    box.use_database(path);
    for (const auto& words : {payment(invoice), std::vector<std::string>{"invoices", "list", "--json"}}) {
      const auto done = box.steward(words);
      CHECK(done.exit == 6);
      CHECK(done.error_code() == "no_database");
    }
  }
  CHECK(fs::file_size(box.path("empty.db")) == 0);
  CHECK_FALSE(fs::exists(box.path("nowhere")));
}

TEST_CASE("a truncated database is told from a good one, and is not made worse", "[fault][hostile][sqlite]") {
  Sandbox box;
  const auto invoice = issued_invoice(box);
  fold(box);
  const auto size = fs::file_size(box.database());
  for (const auto kept : {size / 2, size - 4096, std::uintmax_t{4096}, std::uintmax_t{100}}) {
    CAPTURE(kept);
    const auto cut = box.path("cut-" + std::to_string(kept) + ".db");
    copy_bytes(box.database(), cut, kept);
    const auto before = box.read(cut);
    const auto done =
        box.steward({"--db", cut, "payments", "record", "--invoice", invoice, "--amount", "1.00", "--json"});
    CHECK(done.exit == 6);
    const auto code = done.error_code();
    CHECK((code == "database_corrupt" || code == "foreign_database" || code == "migrations_pending"));
    CHECK(box.read(cut) == before);
  }
}

TEST_CASE("a database of another program is refused, read or write", "[fault][hostile][sqlite]") {
  Sandbox box;
  const auto other = box.path("other.db");
  REQUIRE(run_process({"sqlite3",
                       {other, "CREATE TABLE t (a); INSERT INTO t VALUES (1);"},
                       {{"PATH", "/usr/bin:/bin"}},
                       "",
                       "",
                       {}})
              .exit == 0);
  const auto before = box.read(other);
  box.use_database(other);
  for (const auto& words : {payment("INV-2026-0001"), std::vector<std::string>{"invoices", "list", "--json"},
                            std::vector<std::string>{"init", "--json"},
                            std::vector<std::string>{"db", "backup", "--to", box.path("b.db"), "--json"},
                            std::vector<std::string>{"db", "migrate", "--yes", "--json"}}) {
    const auto done = box.steward(words);
    CAPTURE(words[0]);
    CHECK(done.exit == 6);
    CHECK(done.error_code() == "foreign_database");
  }
  box.write(
      "text.db",
      "This is no database but a letter, and rather a long one, so that it fills a header of a hundred bytes easily.");
  box.use_database(box.path("text.db"));
  CHECK(box.steward(payment("INV-2026-0001")).error_code() == "foreign_database");
  CHECK(box.read(other) == before);
}

TEST_CASE("a corrupt page is named by db check, and no command crashes on it", "[fault][hostile][sqlite]") {
  Sandbox box;
  issued_invoice(box);
  fold(box);
  auto bytes = box.read(box.database());
  for (std::size_t page = 3; page * 4096 + 4096 <= bytes.size(); page += 7) {
    CAPTURE(page);
    auto broken = bytes;
    for (std::size_t i = 0; i < 600; ++i) broken[page * 4096 + i] = static_cast<char>(0xA5);
    const auto path = box.write("broken.db", broken);
    const auto check = box.steward({"--db", path, "db", "check", "--json"});
    CHECK(check.exit == 6);
    const auto list = box.steward({"--db", path, "invoices", "list", "--json"});
    CHECK((list.exit == 0 || list.exit == 6));
    const bool untouched = box.read(path) == broken;
    CHECK(untouched);
    const auto write =
        box.steward({"--db",       path,  "offers",     "create", "--slug",          "x",      "--title", "X",
                     "--summary",  "S",   "--audience", "both",   "--delivery-mode", "online", "--price", "1.00",
                     "--currency", "EUR", "--duration", "1 h",    "--json"});
    CHECK((write.exit == 0 || write.exit == 6));
    for (const auto* beside : {"-wal", "-shm"}) fs::remove(path + beside);
  }
}

TEST_CASE("a clock that jumps back is refused before anything is written", "[fault][hostile]") {
  Sandbox box;
  const auto invoice = issued_invoice(box);
  const auto before = box.table_digest();
  const auto done = box.steward(payment(invoice), {}, {{"STEWARD_NOW", "2026-03-01T09:00:00Z"}});
  CHECK(done.exit == 6);
  CHECK(done.error_code() == "clock_behind");
  CHECK(box.table_digest() == before);
  // A few minutes are what clocks do.
  CHECK(box.steward(payment(invoice), {}, {{"STEWARD_NOW", "2026-03-02T08:55:00Z"}}).exit == 0);
}

TEST_CASE("standard output on a full disk is exit 7, and the write itself stands", "[fault][hostile]") {
  Sandbox box;
  const auto invoice = issued_invoice(box);
  auto command = box.command(payment(invoice));
  const int full = ::open("/dev/full", O_WRONLY);
  command.out = full;
  CHECK(run_process(command).exit == 7);
  ::close(full);
  CHECK(box.value("SELECT count(*) FROM payments") == "1");
}

TEST_CASE("a file or folder that may not be written ends with exit 6, and changes nothing",
          "[fault][hostile][sqlite]") {
  REQUIRE(may_mount());
  Sandbox box;
  const auto invoice = issued_invoice(box);
  Scene scene(box);
  // root writes where it is not allowed to; so somebody else tries
  const auto steward = box.path("steward");
  fs::copy_file(STEWARD_BINARY, steward);
  fs::permissions(box.folder(), fs::perms(0755));
  const auto as_nobody = [&](std::vector<std::string> words) {
    auto command = box.command(words, {}, {{"HOME", "/"}});
    words.insert(words.begin(), {"--reuid=65534", "--regid=65534", "--clear-groups", steward});
    command.program = "setpriv";
    command.words = words;
    return run_process(command);
  };
  const auto database = box.database();
  const auto allow = [&](int folder, int file) {
    scene.reset();
    fs::permissions(scene.folder(), fs::perms(folder));
    fs::permissions(database, fs::perms(file));
  };
  const auto refused = [&](const std::string& code, const std::vector<std::string>& words) {
    CAPTURE(words[0], words[1]);
    const auto ended = as_nobody(words);
    INFO(ended.out << ended.err);
    CHECK(ended.exit == 6);
    CHECK(ended.error_code() == code);
    CHECK(names_in(scene.folder()) == std::set<std::string>{"steward.db", "steward.db.key"});
    const bool same = box.read(database) == scene.kept().at("steward.db");
    CHECK(same);
  };
  allow(0777, 0444);
  refused("database_read_only", payment(invoice));
  refused("database_read_only", {"db", "migrate", "--json"});
  CHECK(as_nobody({"invoices", "show", invoice}).exit == 0);
  allow(0555, 0666);
  refused("database_read_only", payment(invoice));
  refused("database_read_only", {"db", "backup", "--to", scene.path("b.db"), "--json"});
  allow(0777, 0600);
  refused("no_database", payment(invoice));
  refused("no_database", {"invoices", "list", "--json"});
  fs::permissions(scene.folder(), fs::perms(0700));
}

TEST_CASE(
    "a full disk ends import, backup, restore and migrate with exit 7, nothing of them kept, and they work once "
    "there is room",
    "[fault][hostile][sqlite]") {
  REQUIRE(may_mount());
  const auto kind = GENERATE(0, 1, 2, 3);
  Sandbox box(kind == 3 ? World::older : World::empty);
  populate(box);
  box.write("backups/one.txt", "");
  std::string lines;
  for (int i = 0; i < 2'000; ++i)
    lines +=
        fmt::format(R"({{"audience":"INDIVIDUAL","contact_name":"N{0}","contact_email":"n{0}@x.example","goals":"G"}})",
                    i) +
        "\n";
  const auto file = box.write("in.jsonl", lines);
  const auto elsewhere = box.path("backups/b.db");
  if (kind == 2) {
    REQUIRE(box.steward({"db", "backup", "--to", elsewhere}).exit == 0);
    issued_invoice(box);
  }
  fold(box);
  const SmallDisk disk(box.path("disk"), "12m");
  for (const auto* beside : {"", ".key"}) fs::copy_file(box.database() + beside, disk.path("steward.db") + beside);
  box.use_database(disk.path("steward.db"));
  const std::vector<std::vector<std::string>> all = {{"intake", "import", "--file", file, "--json"},
                                                     {"db", "backup", "--to", disk.path("b.db"), "--json"},
                                                     {"db", "restore", "--from", elsewhere, "--yes", "--json"},
                                                     {"db", "migrate", "--json"}};
  const auto& words = all[static_cast<std::size_t>(kind)];
  const auto before = manifest_of(box);
  const auto names = names_in(box.path("disk"));
  int refused = 0;
  for (const int free : {0, 40'000, 300'000, 700'000, 1'200'000, 1'800'000, 2'600'000}) {
    CAPTURE(words[0], words[1], free);
    disk.leave(free);
    const auto ended = box.steward(words);
    INFO(ended.out << ended.err);
    disk.clear();
    if (ended.exit == 0) break;
    ++refused;
    CHECK(ended.exit == 7);
    CHECK(ended.error_code() == "disk_full");
    const bool same = manifest_of(box) == before;
    CHECK(same);
    require_whole(box);
    for (const auto& name : names_in(box.path("disk")))
      CHECK((names.contains(name) || name.find(".before-") != std::string::npos));
  }
  CHECK(refused > 1);
  if (manifest_of(box) == before && kind != 1) CHECK(box.steward(words).exit == 0);
  require_whole(box);
}

TEST_CASE(
    "a key file that is wrong, cut off, open to others or gone ends with exit 6, and only what is encrypted needs it",
    "[fault][hostile]") {
  Sandbox box;
  const auto invoice = issued_invoice(box);
  box.run("settings.set", {{"key", {"business.iban"}}, {"value", {"DE02120300000000202051"}}});
  const auto key = box.key_file();
  const auto good = box.read(key);
  REQUIRE(ops::Vault::create(box.path("other.key")));
  const auto foreign = box.read("other.key");
  int payments = 0;
  const auto refused = [&](const std::string& code) {
    CAPTURE(code);
    const auto before = box.table_digest();
    for (const auto& words : {std::vector<std::string>{"settings", "show", "business.iban", "--json"},
                              std::vector<std::string>{"keys", "rotate", "--yes", "--json"}}) {
      CAPTURE(words[0]);
      const auto file = fs::exists(key) ? box.read(key) : "";
      const auto ended = box.steward(words);
      INFO(ended.out << ended.err);
      CHECK(ended.exit == 6);
      CHECK(ended.error_code() == code);
      CHECK(ended.out.find("DE0212") == std::string::npos);
      CHECK((fs::exists(key) ? box.read(key) : "") == file);
    }
    CHECK(box.table_digest() == before);
    CHECK(box.steward(payment(invoice, std::to_string(++payments))).exit == 0);
  };
  const auto put = [&](const std::string& content) {
    box.write("steward.db.key", content);
    fs::permissions(key, fs::perms(0600));
  };
  put(foreign);
  refused("wrong_key");
  for (const auto kept : {good.size() / 2 - 10, std::size_t{30}, std::size_t{0}}) {
    put(good.substr(0, kept));
    refused("key_file");
  }
  put(good);
  for (const int mode : {0644, 0640, 0604}) {
    fs::permissions(key, fs::perms(mode));
    refused("key_file");
  }
  fs::remove(key);
  refused("key_missing");
  put(good);
  CHECK(box.steward({"settings", "show", "business.iban"}).out.find("DE0212") != std::string::npos);
}

TEST_CASE(
    "a token that is malformed, unknown, expired or revoked gets one sentence; one of too narrow a scope or of a "
    "workspace gets its own; nothing is changed",
    "[fault][hostile]") {
  Sandbox box;
  const auto invoice = issued_invoice(box);
  const auto good = box.token({"*"}), expired = box.token({"*"}), revoked = box.token({"*"});
  const auto narrow = box.token({"payments:read", "invoices:write"}), bound = box.token({"*"});
  const auto change = [&](const std::string& token, const std::string& what) {
    box.sql("UPDATE service_tokens SET " + what + " WHERE prefix = '" + token.substr(4, 12) + "'");
  };
  change(expired, "expires_at = '2026-03-02T08:59:59.999Z'");
  change(revoked, "revoked_at = '2026-03-02T08:59:59.999Z'");
  change(bound, "workspace = 'acme'");
  const auto answer = [&](const std::string& token) {
    CAPTURE(token);
    const auto before = box.snapshot();
    const auto ended = box.steward(payment(invoice), {}, {{"STEWARD_TOKEN", token}});
    CHECK(ended.exit == 3);
    for (const auto& [what, rows] : differences(before, box.snapshot()))  // the refusal itself is recorded
      CHECK((what.starts_with("audit_") || what.starts_with("auth_failures")));
    auto error = ended.json().at("errors").items().front();
    return error.at("code").text() + ": " + error.at("message").text();
  };
  const auto unknown = answer("stw_aaaaaaaaaaaa_" + good.substr(17));
  CHECK(unknown == "not_authenticated: The token is missing or not valid.");
  CHECK(answer("stw_") == unknown);
  CHECK(answer(good.substr(0, good.size() - 1)) == unknown);
  CHECK(answer(good.substr(0, good.size() - 1) + (good.back() == 'A' ? "B" : "A")) == unknown);
  CHECK(answer(expired) == unknown);
  CHECK(answer(revoked) == unknown);
  CHECK(answer(narrow) == "forbidden: This token may not payments record: it lacks the scope payments:write.");
  CHECK(answer(bound) == "forbidden: This token may not payments record: it reaches the workspace acme only.");
  CHECK(box.value("SELECT count(*) FROM payments") == "0");
}
