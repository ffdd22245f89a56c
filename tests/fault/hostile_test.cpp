// A hostile world: each misfortune ends with its documented code and sentence, and nothing is changed.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "support/sandbox.h"

using namespace steward;
using namespace steward::test;
namespace fs = std::filesystem;

namespace {

std::string issued(Sandbox& box) {
  const auto made =
      box.data("invoices.create", {{"client-email", {"a@b.example"}}, {"amount", {"500.00"}}, {"currency", {"EUR"}}});
  return box.data("invoices.issue", {{"invoice", {made.at("id").text()}}}).at("number").text();
}

std::vector<std::string> payment(const std::string& invoice, const std::string& reference = "r1") {
  return {"payments", "record", "--invoice", invoice, "--amount", "1.00", "--reference", reference, "--json"};
}

void checkpoint(Sandbox& box) { box.sql("PRAGMA wal_checkpoint(TRUNCATE)"); }

void copy_bytes(const std::string& from, const std::string& to, std::uintmax_t bytes) {
  std::ifstream in(from, std::ios::binary);
  std::string content(bytes, '\0');
  in.read(content.data(), static_cast<std::streamsize>(bytes));
  std::ofstream(to, std::ios::binary).write(content.data(), in.gcount());
}

/// A small file system of its own; gone with the object.
class SmallDisk {
 public:
  SmallDisk(std::string folder, const char* size) : folder_(std::move(folder)) {
    fs::create_directories(folder_);
    REQUIRE(::mount("tmpfs", folder_.c_str(), "tmpfs", 0, (std::string("size=") + size).c_str()) == 0);
  }
  ~SmallDisk() { ::umount2(folder_.c_str(), MNT_DETACH); }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  std::string path(const char* name) const { return folder_ + "/" + name; }
  bool remount_read_only() const {
    return ::mount("tmpfs", folder_.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) == 0;
  }

 private:
  std::string folder_;
};

bool may_mount() { return ::geteuid() == 0; }

}  // namespace

TEST_CASE("a full disk ends with exit 7 and disk_full, and everything acknowledged before is there",
          "[fault][hostile][sqlite]") {
  REQUIRE(may_mount());  // CI runs as root; so must whoever runs this
  Sandbox box;
  const auto invoice = issued(box);
  checkpoint(box);
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
  const auto invoice = issued(box);
  checkpoint(box);
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
  const auto invoice = issued(box);
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
  const auto invoice = issued(box);
  checkpoint(box);
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
  issued(box);
  checkpoint(box);
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
  }
}

TEST_CASE("a clock that jumps back is refused before anything is written", "[fault][hostile]") {
  Sandbox box;
  const auto invoice = issued(box);
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
  const auto invoice = issued(box);
  auto command = box.command(payment(invoice));
  const int full = ::open("/dev/full", O_WRONLY);
  command.out = full;
  CHECK(run_process(command).exit == 7);
  ::close(full);
  CHECK(box.value("SELECT count(*) FROM payments") == "1");
}
