#include "core/csv.h"

#include <catch2/catch.hpp>

using namespace steward;

namespace {

// "LINE {json}" a record, "LINE code" a bad line.
class Log final : public JsonLineHandler {
 public:
  void record(std::int64_t line, Json value) override { all.push_back(std::to_string(line) + " " + to_text(value)); }
  void bad_line(std::int64_t line, const Error& error) override {
    all.push_back(std::to_string(line) + " " + error.code());
  }
  std::vector<std::string> all;
};

std::vector<std::string> read(std::string_view text, std::size_t at_once = 64 * 1024) {
  Log log;
  read_records(bytes_of(text, at_once), log);
  return log.all;
}

std::string header_refused(std::string_view text) {
  Log log;
  try {
    read_csv(bytes_of(text), log);
  } catch (const Error& error) {
    return error.code();
  }
  return "";
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a row of CSV is an object under the header's names, without its empty cells", "[core][csv]") {
  CHECK(read("name,note\nAda,\nBea,two\n") == Lines{R"(2 {"name":"Ada"})", R"(3 {"name":"Bea","note":"two"})"});
  CHECK(read("name,note\r\nAda,x\r\n") == Lines{R"(2 {"name":"Ada","note":"x"})"});
  CHECK(read("\xEF\xBB\xBFname , note\nAda,x") == Lines{R"(2 {"name":"Ada","note":"x"})"});
}

TEST_CASE("a quoted cell holds delimiters, line breaks and quotes, whatever the pieces it comes in", "[core][csv]") {
  const auto text = "name,note\n\"By, Ada\",\"one\ntwo \"\"three\"\"\"\n\nBea,x\n";
  for (const std::size_t at_once : {1, 2, 3, 7, 4096})
    CHECK(read(text, at_once) ==
          Lines{R"(2 {"name":"By, Ada","note":"one\ntwo \"three\""})", R"(5 {"name":"Bea","note":"x"})"});
}

TEST_CASE("semicolons and tabs part columns where the header says so", "[core][csv]") {
  CHECK(read("name;note\nAda;1,5\n") == Lines{R"(2 {"name":"Ada","note":"1,5"})"});
  CHECK(read("name\tnote\nAda\tx;y\n") == Lines{R"(2 {"name":"Ada","note":"x;y"})"});
}

TEST_CASE("a row that can't be read is named by the line it begins on, and reading goes on", "[core][csv]") {
  CHECK(read("a,b\n1\n1,2,3\n\"x\"y,2\nx\"y,2\n1,2\n") ==
        Lines{"2 invalid_csv", "3 invalid_csv", "4 invalid_csv", "5 invalid_csv", R"(6 {"a":"1","b":"2"})"});
  CHECK(read("a,b\n1,2\n\"never,closed\n") == Lines{R"(2 {"a":"1","b":"2"})", "3 invalid_csv"});
}

TEST_CASE("a row that is too long is a bad line, and nothing of it is kept", "[core][csv]") {
  const auto long_row = "x," + std::string(kLongestLine, 'y') + "\n";
  CHECK(read("a,b\n" + long_row + "1,2\n") == Lines{"2 line_too_long", R"(3 {"a":"1","b":"2"})"});
}

TEST_CASE("a header that names a column twice or not at all is refused", "[core][csv]") {
  CHECK(header_refused("a,b,a\n1,2,3\n") == "invalid_csv");
  CHECK(header_refused("a,,b\n1,2,3\n") == "invalid_csv");
  CHECK(header_refused("a,b\n") == "");
  CHECK(header_refused("") == "");
}

TEST_CASE("JSON lines are told from CSV by their first line", "[core][csv]") {
  CHECK(read("{\"a\":\"1,2\"}\n") == Lines{R"(1 {"a":"1,2"})"});
  CHECK(read("\n{\"a\":1}\n") == Lines{R"(2 {"a":1})"});
  CHECK(read("nonsense\n") == Lines{"1 invalid_json"});
  CHECK(read("").empty());
}
