#include "ops/input.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <thread>

#include "ops/encoding.h"
#include "support/sandbox.h"

using namespace steward;
using namespace steward::test;

namespace {

std::string content_of(const std::string& path, std::size_t at_once) {
  ops::InputFile file(path);
  std::string out, buffer(at_once, '\0');
  while (const auto got = file.read(buffer)) out.append(buffer, 0, got);
  return out;
}

std::string code_of(const std::string& path) {
  try {
    content_of(path, 10);
  } catch (const Error& error) {
    return error.code();
  }
  return {};
}

}  // namespace

TEST_CASE("a file is read in pieces, and from its beginning by each reader", "[ops][input]") {
  Sandbox box;
  const auto path = box.write("some.txt", "0123456789");
  CHECK(content_of(path, 3) == "0123456789");
  ops::InputFile first(path), second(path);
  char a[4], b[4];
  CHECK(first.read(a) == 4);
  CHECK(second.read(b) == 4);
  CHECK(std::string_view(a, 4) == std::string_view(b, 4));
}

TEST_CASE("a pipe is read once and stays readable", "[ops][input]") {
  Sandbox box;
  const auto path = box.path("pipe");
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  std::string text;
  for (int i = 0; i < 30'000; ++i) text += "a line of some length\n";
  std::thread writer([&] { std::ofstream(path) << text; });
  CHECK(ops::blake2b_hex_of_file(path) == ops::blake2b_hex(text));
  writer.join();
  CHECK(content_of(path, 1 << 16) == text);
}

TEST_CASE("what can't be read says so", "[ops][input]") {
  Sandbox box;
  CHECK(code_of(box.path("missing")) == "file_unreadable");
  CHECK(code_of(box.folder()) == "file_unreadable");
}

TEST_CASE("a hash in pieces is the hash of the whole", "[ops][input]") {
  ops::Blake2b hash;
  hash.update("ab");
  hash.update("");
  hash.update("c");
  CHECK(hash.hex() == ops::blake2b_hex("abc"));
}
