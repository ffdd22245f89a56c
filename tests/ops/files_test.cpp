#include "ops/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "core/refusal.h"
#include "support/sandbox.h"

using namespace steward;
using steward::test::refusal_code;
using steward::test::Sandbox;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(folder)) out.push_back(entry.path().filename().string());
  std::sort(out.begin(), out.end());
  return out;
}

unsigned mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

pid_t number_of_one_that_ended() {
  const auto child = ::fork();
  if (child == 0) ::_exit(0);
  ::waitpid(child, nullptr, 0);
  return child;
}

}  // namespace

TEST_CASE("a file is replaced whole, is its owner's alone, and leaves nothing beside it", "[ops][files]") {
  Sandbox box;
  fs::create_directory(box.path("f"));
  const auto path = box.path("f/report");
  ops::replace_file(path, "one");
  CHECK(box.read(path) == "one");
  CHECK(mode_of(path) == 0600);
  ops::replace_file(path, std::string("two\0", 4));
  CHECK(box.read(path) == std::string("two\0", 4));
  CHECK(names_in(box.path("f")) == std::vector<std::string>{"report"});
}

TEST_CASE("a replacement that fails leaves what was there, and no temporary file", "[ops][files]") {
  Sandbox box;
  fs::create_directories(box.path("f/taken/inner"));
  CHECK(refusal_code([&] { ops::replace_file(box.path("f/taken"), "x"); }) == "file_unwritable");
  CHECK(refusal_code([&] { ops::replace_file(box.path("f/none/report"), "x"); }) == "file_unwritable");
  CHECK(names_in(box.path("f")) == std::vector<std::string>{"taken"});
  CHECK(names_in(box.path("f/taken")) == std::vector<std::string>{"inner"});
  CHECK(refusal_code([&] { ops::replace_file("/dev/full/x", "x"); }) == "file_unwritable");
}

TEST_CASE("what is no ordinary file is written to or refused, and never replaced", "[ops][files]") {
  Sandbox box;
  fs::create_directory(box.path("f"));
  const auto path = box.path("f/there");
  struct stat before {
  }, after{};
  SECTION("a pipe is written to, whole files and pieces alike") {
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
    REQUIRE(::stat(path.c_str(), &before) == 0);
    ops::replace_file(path, "one ");
    ops::StagedFile file(path);
    file.write("two");
    file.commit();
    char got[16] = {};
    CHECK(::read(reader, got, sizeof got) == 7);
    CHECK(std::string(got) == "one two");
    ::close(reader);
    CHECK(refusal_code([&] { ops::put_in_place(box.write("f/new", "x"), path); }) == "file_unwritable");
  }
  SECTION("a device of characters is written to") {
    if (::mknod(path.c_str(), S_IFCHR | 0600, makedev(1, 3)) != 0) return;  // only root makes devices
    REQUIRE(::stat(path.c_str(), &before) == 0);
    ops::replace_file(path, "one");
    CHECK(refusal_code([&] { ops::put_in_place(box.write("f/new", "x"), path); }) == "file_unwritable");
  }
  SECTION("a device of blocks is refused") {
    if (::mknod(path.c_str(), S_IFBLK | 0600, makedev(7, 200)) != 0) return;
    REQUIRE(::stat(path.c_str(), &before) == 0);
    CHECK(refusal_code([&] { ops::replace_file(path, "one"); }) == "file_unwritable");
  }
  REQUIRE(::stat(path.c_str(), &after) == 0);
  CHECK(after.st_ino == before.st_ino);
  CHECK(after.st_mode == before.st_mode);
  CHECK(names_in(box.path("f")) == std::vector<std::string>{"there"});
}

TEST_CASE("a symbolic link stays, and the file it leads to is replaced or made", "[ops][files]") {
  Sandbox box;
  fs::create_directories(box.path("f/deep"));
  fs::create_symlink("deep/second", box.path("f/link"));
  fs::create_symlink("../real", box.path("f/deep/second"));
  ops::replace_file(box.path("f/link"), "made");
  CHECK(box.read("f/real") == "made");
  ops::copy_file(box.write("from", "copied"), box.path("f/link"));
  CHECK(box.read("f/real") == "copied");
  CHECK(fs::is_symlink(box.path("f/link")));
  CHECK(fs::is_symlink(box.path("f/deep/second")));
  CHECK(names_in(box.path("f")) == std::vector<std::string>{"deep", "link", "real"});
  CHECK(names_in(box.path("f/deep")) == std::vector<std::string>{"second"});
}

TEST_CASE("a file is created where there is none; of many at once one wins, whole", "[ops][files]") {
  Sandbox box;
  fs::create_directory(box.path("f"));
  const auto path = box.path("f/key");
  const auto exits = test::in_processes(
      8, [&](int i) { return ops::create_file(path, std::string(100'000, static_cast<char>('a' + i))) ? 1 : 0; });
  CHECK(std::count(exits.begin(), exits.end(), 1) == 1);
  CHECK(std::count(exits.begin(), exits.end(), 0) == 7);
  const auto content = box.read(path);
  CHECK(content == std::string(100'000, content.at(0)));
  CHECK(mode_of(path) == 0600);
  CHECK_FALSE(ops::create_file(path, "late"));
  CHECK(box.read(path) == content);
  CHECK(names_in(box.path("f")) == std::vector<std::string>{"key"});
  CHECK(refusal_code([&] { ops::create_file(box.path("none/key"), "x"); }) == "file_unwritable");
}

TEST_CASE("what can't be read says so, and too much is refused", "[ops][files]") {
  Sandbox box;
  const auto path = box.write("some.txt", "0123456789");
  CHECK(ops::read_file(path) == "0123456789");
  CHECK(ops::read_file(path, 10) == "0123456789");
  CHECK(refusal_code([&] { ops::read_file(path, 9); }) == "file_too_large");
  CHECK(refusal_code([&] { ops::read_file(box.path("missing")); }) == "file_unreadable");
  CHECK(refusal_code([&] { ops::read_file(box.folder()); }) == "file_unreadable");
  CHECK(refusal_code([&] { ops::sha256_of_file(box.path("missing")); }) == "file_unreadable");
}

TEST_CASE("a hash of a file is SHA-256 of its bytes", "[ops][files]") {
  Sandbox box;
  // printf abc | sha256sum
  CHECK(ops::sha256_of_file(box.write("abc", "abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("what processes that are gone left behind is removed, and nothing else", "[ops][files]") {
  Sandbox box;
  fs::create_directory(box.path("f"));
  const auto dead = number_of_one_that_ended();
  const auto path = box.path("f/report");
  box.write("f/report", "kept");
  box.write("f/report.tmp-" + std::to_string(dead), "left");
  box.write("f/report.tmp-" + std::to_string(::getpid()), "mine");
  box.write("f/report.manifest.json.tmp-" + std::to_string(dead), "left beside it");
  box.write("f/report2.tmp-" + std::to_string(dead), "another's of a like name");
  box.write("f/report.tmp-x", "no number");
  box.write("f/other.tmp-" + std::to_string(dead), "another's");
  ops::remove_leftovers(path);
  CHECK(names_in(box.path("f")) == std::vector<std::string>{"other.tmp-" + std::to_string(dead), "report",
                                                            "report.tmp-" + std::to_string(::getpid()), "report.tmp-x",
                                                            "report2.tmp-" + std::to_string(dead)});
}

TEST_CASE("a file is copied whole and is its owner's alone; a copy that fails leaves nothing", "[ops][files]") {
  Sandbox box;
  fs::create_directory(box.path("f"));
  const std::string content(200'000, 'x');
  ops::copy_file(box.write("from", content), box.path("f/to"));
  CHECK(box.read("f/to") == content);
  CHECK(fs::status(box.path("f/to")).permissions() == fs::perms(0600));
  CHECK_THROWS_AS(ops::copy_file(box.path("nowhere"), box.path("f/other")), Error);
  CHECK(names_in(box.path("f")) == std::vector<std::string>{"to"});
}
