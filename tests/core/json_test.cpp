#include "core/json.h"

#include "core/json_flat.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <random>

#include "core/text.h"
#include "refusal.h"

namespace steward {
namespace {

using namespace std::literals;
using test::refusal;
using test::refusal_code;

std::string in_json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string nested(std::size_t levels, const std::string& open, const std::string& close) {
  std::string out;
  for (std::size_t i = 0; i < levels; ++i) out += open;
  out += "1";
  for (std::size_t i = 0; i < levels; ++i) out += close;
  return out;
}

/// A value of a few levels, different for each state of the engine.
Json any_json(std::mt19937_64& random, int depth) {
  const auto kind = random() % (depth > 0 ? 8 : 6);
  if (kind == 0) return nullptr;
  if (kind == 1) return random() % 2 == 0;
  if (kind == 2) return static_cast<std::int64_t>(random());
  if (kind == 3) return Json::Decimal{fmt::format("{}.{:03}", random() % 1000, random() % 1000)};
  if (kind < 6) {
    std::string text;
    for (auto n = random() % 20; n > 0; --n)
      text += std::array{"a", "\"", "\\", "\n", "é", "漢", "😀", "\x01"}[random() % 8];
    return text;
  }
  auto out = kind == 6 ? Json::array() : Json::object();
  for (int i = static_cast<int>(random() % 5); i > 0; --i) {
    if (kind == 6)
      out.push(any_json(random, depth - 1));
    else
      out.set(fmt::format("m{}", i), any_json(random, depth - 1));
  }
  return out;
}

TEST_CASE("JSON that is read comes out as it was, white space aside", "[core][json]") {
  const auto [text, expected] = GENERATE(
      table<std::string, std::string>({{"null", "null"},
                                       {" true ", "true"},
                                       {"false", "false"},
                                       {"0", "0"},
                                       {"-0", "0"},
                                       {"9223372036854775807", "9223372036854775807"},
                                       {"-9223372036854775808", "-9223372036854775808"},
                                       {"9223372036854775808", "9223372036854775808"},
                                       {"18446744073709551616", "18446744073709551616"},
                                       {"-9223372036854775809", "-9223372036854775809"},
                                       {"12.50", "12.50"},
                                       {"1e2", "1e2"},
                                       {"0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"},
                                       {"[ ]", "[]"},
                                       {"{ }", "{}"},
                                       {"[1, [2, {\"a\": []}]]", "[1,[2,{\"a\":[]}]]"},
                                       {R"({"b": 1, "a": {"d": null, "c": "x"}})", R"({"b":1,"a":{"d":null,"c":"x"}})"},
                                       {R"("\u00e9\ud83d\ude00\/\u0000")", "\"é😀/\\u0000\""}}));
  CAPTURE(text);
  CHECK(to_text(parse_json(text)) == expected);
}

TEST_CASE("numbers within 64 bits are integers and all others keep their text", "[core][json]") {
  CHECK(parse_json("9223372036854775807").integer() == INT64_MAX);
  CHECK(parse_json("-9223372036854775808").integer() == INT64_MIN);
  CHECK(parse_json("9223372036854775808").decimal() == "9223372036854775808");
  CHECK(parse_json("1250.00").decimal() == "1250.00");
  CHECK(parse_json("1E+2").decimal() == "1E+2");
}

TEST_CASE("text that is no JSON is refused with the byte where it goes wrong", "[core][json]") {
  const auto [text, byte] = GENERATE(table<std::string, int>({{"", 1},
                                                              {" ", 2},
                                                              {"{", 2},
                                                              {"[1,]", 4},
                                                              {"[1 2]", 4},
                                                              {"tru", 4},
                                                              {"'a'", 1},
                                                              {"01", 2},
                                                              {"+1", 1},
                                                              {".5", 1},
                                                              {"1.", 3},
                                                              {"NaN", 1},
                                                              {"{\"a\"}", 5},
                                                              {"{a:1}", 2},
                                                              {"{} {}", 4},
                                                              {"1//", 2},
                                                              {"\"a", 3},
                                                              {"\"\t\"", 2},
                                                              {"\"\\x\"", 3},
                                                              {"\"\\ud800\"", 8},
                                                              {"\"\xff\"", 2},
                                                              {"\"\xc0\xaf\"", 2},
                                                              {"\"\xed\xa0\x80\"", 3},
                                                              {"{}\0x"s, 3},
                                                              {"\0"s, 1},
                                                              {"1e999", 5}}));
  CAPTURE(text);
  const auto error = refusal([&, t = text] { parse_json(t); });
  REQUIRE(error);
  CHECK(error->kind() == ErrorKind::usage);
  CHECK(error->code() == "invalid_json");
  CHECK(error->details().at("byte") == Json(byte));
  CHECK_THAT(error->what(), Catch::Contains(fmt::format("byte {}", byte)));
}

TEST_CASE("a byte order mark before the value is passed over, and refused elsewhere", "[core][json]") {
  CHECK(to_text(parse_json("\uFEFF{}")) == "{}");
  CHECK(refusal_code([] { parse_json("{}\uFEFF"); }) == "invalid_json");
}

TEST_CASE("the second of two members with one name is refused", "[core][json]") {
  CHECK(refusal_code([] { parse_json(R"({"a":1,"b":2,"a":1})"); }) == "invalid_json");
  CHECK(refusal_code([] { parse_json(R"([{"x":{"a":1,"\u0061":2}}])"); }) == "invalid_json");
  CHECK(refusal_code([] { parse_json(R"({"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]})"); }) == "");
}

TEST_CASE("a repeated name is found among many members too", "[core][json]") {
  std::string text = "{";
  for (int i = 0; i < 5000; ++i) text += fmt::format("\"m{}\":{},", i, i);
  CHECK(parse_json(text + "\"last\":1}").members().size() == 5001);
  const int repeated = GENERATE(0, 14, 15, 16, 17, 4999);
  const auto error = refusal([&] { parse_json(text + fmt::format("\"m{}\":1}}", repeated)); });
  REQUIRE(error);
  CHECK_THAT(error->what(), Catch::Contains(fmt::format("\"m{}\" occurs twice", repeated)));
}

TEST_CASE("64 levels are read and one more is refused", "[core][json]") {
  CHECK(to_text(parse_json(nested(64, "[", "]"))) == nested(64, "[", "]"));
  CHECK(to_text(parse_json(nested(64, "{\"a\":", "}"))) == nested(64, "{\"a\":", "}"));
  CHECK(refusal_code([] { parse_json(nested(65, "[", "]")); }) == "invalid_json");
  CHECK(refusal_code([] { parse_json(nested(65, "{\"a\":", "}")); }) == "invalid_json");
  CHECK(refusal_code([] { parse_json(std::string(1'000'000, '[')); }) == "invalid_json");
}

TEST_CASE("the sentence about a very long number stays short", "[core][json]") {
  const auto error = refusal([] { parse_json(std::string(5000, '9')); });
  REQUIRE(error);
  CHECK(display_width(error->what()) < 200);
}

TEST_CASE("canonical text sorts members by their bytes at every level", "[core][json]") {
  const auto value = parse_json(R"({"é":1,"b":{"z":1,"a":[{"y":2,"x":1}]},"B":2,"":0,"ba":3})");
  CHECK(to_canonical(value) == R"({"":0,"B":2,"b":{"a":[{"x":1,"y":2}],"z":1},"ba":3,"é":1})");
}

TEST_CASE("pretty text is indented by two spaces", "[core][json]") {
  const auto value = parse_json(R"({"a":[1,{"b":"x"}],"c":{},"d":[],"e":2.0})");
  CHECK(to_pretty(value) ==
        "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x\"\n    }\n  ],\n  \"c\": {},\n  \"d\": [],\n"
        "  \"e\": 2.0\n}");
}

TEST_CASE("whatever was written is read back the same, in all three styles", "[core][json][property]") {
  std::mt19937_64 random(20261122);
  for (int i = 0; i < 2000; ++i) {
    const auto value = any_json(random, 4);
    const auto text = to_text(value);
    CAPTURE(text);
    REQUIRE(parse_json(text) == value);
    REQUIRE(parse_json(to_pretty(value)) == value);
    REQUIRE(to_canonical(parse_json(to_canonical(value))) == to_canonical(value));
  }
}

TEST_CASE("a JSON string escapes what it must and nothing else", "[core][json]") {
  const auto [text, expected] =
      GENERATE(table<std::string, std::string>({{"", R"("")"},
                                                {"plain", R"("plain")"},
                                                {"a \"quoted\" \\ word", R"("a \"quoted\" \\ word")"},
                                                {"\b\f\n\r\t", R"("\b\f\n\r\t")"},
                                                {"\0\x01\x1f\x7f"s, "\"\\u0000\\u0001\\u001f\x7f\""},
                                                {"é漢😀\u2028", "\"é漢😀\u2028\""},
                                                {"/<>&'", R"("/<>&'")"},
                                                {"\xff", "\"\uFFFD\""},
                                                {"a\xe6\xbc", "\"a\uFFFD\uFFFD\""},
                                                {"\xed\xa0\x80z", "\"\uFFFD\uFFFD\uFFFDz\""},
                                                {"\xc3\xa9\xa9", "\"é\uFFFD\""},
                                                {"12345678901234567890\"", R"("12345678901234567890\"")"}}));
  CHECK(in_json(text) == expected);
}

TEST_CASE("any one byte at any place of a run is written so that it can be read back", "[core][json]") {
  for (std::size_t place = 0; place < 24; ++place) {
    for (int byte = 0; byte < 0x80; ++byte) {
      std::string text(24, 'x');
      text[place] = static_cast<char>(byte);
      CAPTURE(place, byte);
      REQUIRE(nlohmann::json::parse(in_json(text)).get<std::string>() == text);
    }
  }
}

TEST_CASE("any bytes at all come out as valid JSON", "[core][json][property]") {
  std::mt19937_64 random(7);
  for (int i = 0; i < 5000; ++i) {
    std::string bytes(random() % 40, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const auto json = in_json(bytes);
    REQUIRE(nlohmann::json::accept(json));
    REQUIRE(nlohmann::json::parse(json).get<std::string>() == (is_utf8(bytes) ? bytes : parse_json(json).text()));
  }
}

TEST_CASE("a JSON string is appended to what is there", "[core][json]") {
  std::string out = "x=";
  append_json_string(out, "y");
  CHECK(out == "x=\"y\"");
}

TEST_CASE("an object is written down as a list of its members", "[core][json]") {
  const Json value{{"from", "PAID"}, {"n", 3}, {"ok", true}, {"list", Json::Array{1, "two", nullptr}}};
  CHECK(to_text(value) == R"({"from":"PAID","n":3,"ok":true,"list":[1,"two",null]})");
  CHECK(value.at("n").integer() == 3);
  CHECK(value.find("none") == nullptr);
  CHECK(Json(1).find("none") == nullptr);
  CHECK_THROWS_AS(value.at("none"), std::out_of_range);
  CHECK_THROWS_AS(value.text(), std::bad_variant_access);
}

TEST_CASE("members are replaced in place and appended otherwise, and calls can be chained", "[core][json]") {
  Json value;
  value.set("a", 1).set("b", 2).set("a", 3);
  CHECK(to_text(value) == R"({"a":3,"b":2})");
  *value.find("b") = Json();
  value.find("b")->push("x").push("y");
  CHECK(to_text(value) == R"({"a":3,"b":["x","y"]})");
}

}  // namespace
TEST_CASE("the short way through a flat object reads what the library reads, and leaves all else to it",
          "[core][json]") {
  for (const auto* text : {"{}", " { } ", R"({"a":"b"})", R"({ "a" : 1 , "b" : -17, "c":0 })",
                           R"({"é":"日本 😀","n":null,"t":true,"f":false})", R"({"":""})", "{\"a\":\"x\"}\r\n",
                           R"({"n":123456789012345678})"}) {
    CAPTURE(text);
    const auto flat = read_flat_object(text);
    REQUIRE(flat);
    CHECK(*flat == parse_any_json(text));
  }
  for (const auto* text : {"",
                           "[]",
                           "1",
                           R"({"a":"\\n"})",
                           R"({"a":[1]})",
                           R"({"a":{}})",
                           R"({"a":1.5})",
                           R"({"a":1e3})",
                           R"({"a":01})",
                           R"({"a":-0})",
                           R"({"a":1234567890123456789})",
                           R"({"a":1,"a":2})",
                           R"({"a":1,})",
                           R"({,"a":1})",
                           R"({"a" 1})",
                           R"({"a":1}x)",
                           R"({"a":1)",
                           R"({"a":"b)",
                           R"({"a":nul})",
                           R"({"a":truex})",
                           R"({"a":1x})",
                           "{\"a\":\"\t\"}",
                           "{\"a\":\"\xFF\"}",
                           "{\"a\":\"\xC3\"}"})
    CHECK(!read_flat_object(text));
}

}  // namespace steward
