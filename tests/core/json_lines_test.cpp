#include "core/json_lines.h"

#include <catch2/catch.hpp>

#include "core/text.h"

using namespace steward;

namespace {

// Writes down what it is handed: `1 {"a":1}`, `2 ! invalid_json`.
class Notes final : public JsonLineHandler {
 public:
  void record(std::int64_t line, Json value) override { add(line, to_text(value)); }
  void bad_line(std::int64_t line, const Error& error, std::string_view) override { add(line, "! " + error.code()); }
  std::vector<std::string> notes;

 private:
  void add(std::int64_t line, const std::string& what) { notes.push_back(std::to_string(line) + " " + what); }
};

std::vector<std::string> notes_of(std::string_view bytes, std::size_t at_once = 64 * 1024) {
  Notes notes;
  read_json_lines(bytes_of(bytes, at_once), notes);
  return notes.notes;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("each line is one value, numbered as an editor numbers it", "[core][json_lines]") {
  CHECK(notes_of("{\"a\":1}\n[2]\n3\n") == Lines{"1 {\"a\":1}", "2 [2]", "3 3"});
  CHECK(notes_of("").empty());
  CHECK(notes_of("\n\n").empty());
}

TEST_CASE("the last line needs no end", "[core][json_lines]") { CHECK(notes_of("1\n2") == Lines{"1 1", "2 2"}); }

TEST_CASE("blank lines are skipped and counted", "[core][json_lines]") {
  CHECK(notes_of("\n1\n \t\n\r\n2\n") == Lines{"2 1", "5 2"});
}

TEST_CASE("CRLF ends a line as LF does, and a lone CR ends none", "[core][json_lines]") {
  CHECK(notes_of("1\r\n2\r\n") == Lines{"1 1", "2 2"});
  CHECK(notes_of("1\r2\n3") == Lines{"1 ! invalid_json", "2 3"});
}

TEST_CASE("a byte order mark at the beginning is no part of the first line", "[core][json_lines]") {
  CHECK(notes_of("\xEF\xBB\xBF"
                 "1\n2") == Lines{"1 1", "2 2"});
  CHECK(notes_of("\xEF\xBB\xBF").empty());
}

TEST_CASE("a bad line is named, and reading goes on behind it", "[core][json_lines]") {
  CHECK(notes_of("{\n1\n{\"a\":1,\"a\":2}\n\"\xFF\"\n2") ==
        Lines{"1 ! invalid_json", "2 1", "3 ! invalid_json", "4 ! invalid_json", "5 2"});
}

TEST_CASE("two values in a line are a bad line", "[core][json_lines]") {
  CHECK(notes_of("1 2\n") == Lines{"1 ! invalid_json"});
}

TEST_CASE("however the bytes come in, the lines are the same", "[core][json_lines]") {
  const std::string_view bytes = "\xEF\xBB\xBF{\"a\":\"\xC3\xA9\"}\r\n\r\n[1]\n{\n\n7";
  const auto whole = notes_of(bytes);
  for (std::size_t at_once = 1; at_once <= bytes.size(); ++at_once) {
    CAPTURE(at_once);
    CHECK(notes_of(bytes, at_once) == whole);
  }
}

TEST_CASE("a line may have a mebibyte, and no more", "[core][json_lines]") {
  const auto line_of = [](std::size_t length) { return "\"" + std::string(length - 2, 'x') + "\""; };
  const auto longest = line_of(kLongestLine);
  CHECK(notes_of(longest) == Lines{"1 " + longest});
  CHECK(notes_of(longest + "\r\n2") == Lines{"1 " + longest, "2 2"});
  CHECK(notes_of(line_of(kLongestLine + 1) + "\n2") == Lines{"1 ! line_too_long", "2 2"});
  CHECK(notes_of(line_of(5 * kLongestLine) + "\n2") == Lines{"1 ! line_too_long", "2 2"});
  CHECK(notes_of("1\n" + line_of(3 * kLongestLine)) == Lines{"1 1", "2 ! line_too_long"});
}

TEST_CASE("an endless line is read in little memory", "[core][json_lines]") {
  std::size_t left = 200u << 20;
  Notes notes;
  read_json_lines(
      [&](std::span<char> buffer) {
        const auto n = std::min(left, buffer.size());
        std::fill_n(buffer.data(), n, 'x');
        left -= n;
        return n;
      },
      notes);
  CHECK(notes.notes == Lines{"1 ! line_too_long"});
}

TEST_CASE("what the handler throws stops the reading", "[core][json_lines]") {
  class Thrower final : public JsonLineHandler {
   public:
    void record(std::int64_t, Json) override { throw Error{ErrorKind::temporary, "disk_full", "Full."}; }
    void bad_line(std::int64_t, const Error&, std::string_view) override { FAIL("a good line"); }
  } thrower;
  CHECK_THROWS_AS(read_json_lines(bytes_of("1\n2"), thrower), Error);
}
