#include "core/csv.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "core/charset.h"

using namespace steward;

namespace {

// "LINE {json}" a record, "LINE code" a bad line.
class Log final : public JsonLineHandler {
 public:
  void record(std::int64_t line, Json value) override { all.push_back(std::to_string(line) + " " + to_text(value)); }
  void bad_line(std::int64_t line, const Error& error, std::string_view) override {
    all.push_back(std::to_string(line) + " " + error.code());
  }
  std::vector<std::string> all;
};

std::vector<std::string> read(std::string_view text, std::size_t at_once = 64 * 1024) {
  Log log;
  read_records(bytes_of(text, at_once), log);
  return log.all;
}

std::string kept_file(const std::string& name) {
  std::ifstream stream(STEWARD_SOURCE_DIR "/tests/fuzz/corpus/csv/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string decoded(std::string_view bytes, std::optional<Charset> charset, std::size_t at_once) {
  std::string out;
  const auto source = as_utf8(bytes_of(bytes, at_once), charset);
  std::array<char, 5> buffer;
  while (const auto n = source(buffer)) out.append(buffer.data(), n);
  return out;
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

TEST_CASE("contract 3: a cell of CSV is quoted where it has to be, and never a formula", "[core][csv]") {
  const auto cell = [](std::string_view text, bool number = false) {
    std::string out;
    append_guarded_cell(out, text, number);
    return out;
  };
  CHECK(cell("plain; text") == "plain; text");
  CHECK(cell("a,\"b\"\n") == "\"a,\"\"b\"\"\n\"");
  for (const auto* formula : {"=1+1", "+1", "-1", "@x", "\tx", "＝1"})
    CHECK(cell(formula) == std::string("\"'") + formula + "\"");
  CHECK(cell("-1.00", true) == "-1.00");
}

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
  CHECK(read("\"nonsense\n") == Lines{"1 invalid_json"});
  CHECK(read("true\n12\n").size() == 2);
  CHECK(read("email\na@x.example\n") == Lines{R"(2 {"email":"a@x.example"})"});
  CHECK(read("Straße 2\nx\n") == Lines{R"(2 {"Straße 2":"x"})"});
  CHECK(read("").empty());
}

TEST_CASE("csv-spectrum is read as it says itself", "[core][csv]") {
  const std::vector<std::pair<std::string, Lines>> kExpected{
      {"comma_in_quotes",
       {R"(2 {"first":"John","last":"Doe","address":"120 any st.","city":"Anytown, WW","zip":"08123"})"}},
      {"empty", {R"(2 {"a":"1"})", R"(3 {"a":"2","b":"3","c":"4"})"}},
      {"empty_crlf", {R"(2 {"a":"1"})", R"(3 {"a":"2","b":"3","c":"4"})"}},
      {"escaped_quotes", {R"(2 {"a":"1","b":"ha \"ha\" ha"})", R"(3 {"a":"3","b":"4"})"}},
      {"json", {R"(2 {"key":"1","val":"{\"type\": \"Point\", \"coordinates\": [102.0, 0.5]}"})"}},
      {"location_coordinates", {R"x(2 {"Latitude":"43.64","Longitude":"-79.39","Name":"Toronto (ON)"})x"}},
      {"newlines",
       {R"(2 {"a":"1","b":"2","c":"3"})", R"(3 {"a":"Once upon \na time","b":"5","c":"6"})",
        R"(5 {"a":"7","b":"8","c":"9"})"}},
      {"newlines_crlf",
       {R"(2 {"a":"1","b":"2","c":"3"})", R"(3 {"a":"Once upon \r\na time","b":"5","c":"6"})",
        R"(5 {"a":"7","b":"8","c":"9"})"}},
      {"quotes_and_newlines", {R"(2 {"a":"1","b":"ha \n\"ha\" \nha"})", R"(5 {"a":"3","b":"4"})"}},
      {"simple", {R"(2 {"a":"1","b":"2","c":"3"})"}},
      {"simple_crlf", {R"(2 {"a":"1","b":"2","c":"3"})"}},
      {"utf8", {R"(2 {"a":"1","b":"2","c":"3"})", R"(3 {"a":"4","b":"5","c":"ʤ"})"}}};
  for (const auto& [name, expected] : kExpected) {
    CAPTURE(name);
    const auto text = kept_file("spectrum-" + name);
    REQUIRE(!text.empty());
    for (const std::size_t at_once : {1, 3, 4096}) CHECK(read(text, at_once) == expected);
  }
}

TEST_CASE("a carriage return alone ends no row and is dropped from none", "[core][csv]") {
  CHECK(read("a,b\nx\ry,2\n1,2\r\r\n3,4\r\n") == Lines{"2 invalid_csv", "3 invalid_csv", R"(4 {"a":"3","b":"4"})"});
  CHECK(read("a,b\n\"x\ry\",2\n") == Lines{R"(2 {"a":"x\ry","b":"2"})"});
}

TEST_CASE("a delimiter that is said parts columns, whatever the header holds", "[core][csv]") {
  Log log;
  read_records(bytes_of("a,b|c\n1,2|3\n"), log, '|');
  read_records(bytes_of("only\n4\n"), log, ';');
  CHECK(log.all == Lines{R"(2 {"a,b":"1,2","c":"3"})", R"(2 {"only":"4"})"});
}

TEST_CASE("the columns are named before the rows, and a bad row is handed over as it stands", "[core][csv]") {
  class Originals final : public JsonLineHandler {
   public:
    void columns(const std::vector<std::string>& names, char) override { all = names; }
    void record(std::int64_t, Json) override { all.push_back("good"); }
    void bad_line(std::int64_t, const Error&, std::string_view original) override { all.emplace_back(original); }
    std::vector<std::string> all;
  } handler;
  read_csv(bytes_of("a , b\r\n1,2\r\n\"x\"y,\"2\n3\"\r\n\"open,\n", 3), handler);
  CHECK(handler.all == std::vector<std::string>{"a", "b", "good", "\"x\"y,\"2\n3\"", "\"open,"});
  read_json_lines(bytes_of("{\n1\r\nx\r\n"), handler);
  CHECK(handler.all.at(5) == "{");
  CHECK(handler.all.at(7) == "x");
}

TEST_CASE("a cell that is written is quoted where it has to be", "[core][csv]") {
  std::string out;
  for (const auto* cell : {"plain", "a,b", "a;b", "say \"x\"", "two\nlines", ""}) {
    append_csv_cell(out, cell, ';');
    out += '|';
  }
  CHECK(out == "plain|a,b|\"a;b\"|\"say \"\"x\"\"\"|\"two\nlines\"||");
}

TEST_CASE("what a bank or a spreadsheet writes is read as UTF-8, however the bytes come in", "[core][csv]") {
  for (const std::size_t at_once : {1, 2, 3, 4096}) {
    CAPTURE(at_once);
    CHECK(decoded("M\xFCller \x80", Charset::windows_1252, at_once) == "Müller €");
    CHECK(decoded("M\xFCller \xA4", Charset::iso_8859_15, at_once) == "Müller €");
    CHECK(decoded("\x93\xFA\x96\x7B", Charset::shift_jis, at_once) == "日本");
    CHECK(decoded({"\xFF\xFE\xE9\0,\0\x3D\xD8\0\xDE", 10}, std::nullopt, at_once) == "é,😀");
    CHECK(decoded({"\xFE\xFF\0\xE9", 4}, std::nullopt, at_once) == "é");
    CHECK(decoded("Müller", std::nullopt, at_once) == "Müller");
    CHECK(decoded("Müller", Charset::utf_8, at_once) == "Müller");
    CHECK(decoded("", Charset::windows_1252, at_once).empty());
  }
}

TEST_CASE("a byte that stands for no letter makes its place no UTF-8, and reading goes on", "[core][csv]") {
  for (const std::size_t at_once : {1, 2, 4096}) {
    CAPTURE(at_once);
    CHECK(decoded("a\x81z", Charset::windows_1252, at_once) == "a\xFFz");
    CHECK(decoded({"\xFF\xFE\0\xD8z\0x", 7}, std::nullopt, at_once) == "\xFFz\xFF");
    CHECK(decoded("z\x93", Charset::shift_jis, at_once) == "z\xFF");
  }
}

TEST_CASE("every encoding that is offered can be read here", "[core][csv]") {
  for (std::size_t i = 0; i < kCharsetNames.size(); ++i) {
    CAPTURE(kCharsetNames[i]);
    if (static_cast<Charset>(i) != Charset::utf_16) CHECK(decoded("abc", static_cast<Charset>(i), 4096) == "abc");
  }
}
