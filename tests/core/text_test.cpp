#include "core/text.h"

#include <catch2/catch.hpp>
#include <random>

#include "core/phrase.h"
#include "refusal.h"

namespace steward {
namespace {

using namespace std::literals;
using test::refusal;
using test::refusal_code;

TEST_CASE("text is kept composed and without white space around it", "[core][text]") {
  const auto [raw, expected] = GENERATE(table<std::string, std::string>({{"plain", "plain"},
                                                                         {"  two words\n", "two words"},
                                                                         {"\t\r\n x \v\f", "x"},
                                                                         {"\u00A0\u3000é\u2003\u2028", "é"},
                                                                         {"e\u0301", "é"},
                                                                         {"A\u030A", "Å"},
                                                                         {"\u212B", "Å"},
                                                                         {"\u1112\u1161\u11AB", "한"},
                                                                         {"é", "é"},
                                                                         {"漢字 😀", "漢字 😀"},
                                                                         {"\u00ADsoft", "\u00ADsoft"},
                                                                         {"שלום", "שלום"}}));
  CAPTURE(raw);
  CHECK(clean_text(raw, "name", 100, false) == expected);
}

TEST_CASE("control characters and what turns text around are refused", "[core][text]") {
  const auto bad = GENERATE(as<std::string>(), "\0"s, "\x01", "\x1b", "\x7f", "\u0080", "\u009b", "\n", "\t", "\r",
                            "\u2028", "\u2029", "\u202A", "\u202E", "\u2066", "\u2069", "\uFEFF");
  const auto error = refusal([&] { clean_text("a" + bad + "b", "note", 100, false); });
  REQUIRE(error);
  CHECK(error->code() == "invalid_text");
  CHECK(error->field() == "note");
  CHECK(error->what() == cut_to_width(error->what(), 200));
}

TEST_CASE("text of several lines keeps its line feeds and tabs, and nothing more", "[core][text]") {
  CHECK(clean_text("a\n\tb\u2028c\n", "note", 100, true) == "a\n\tb\u2028c");
  for (const auto bad : {"\r\n", "\x1b", "\v", "\u0085", "\u202E"}) {
    CAPTURE(bad);
    CHECK(refusal_code([&] { clean_text("a"s + bad + "b", "note", 100, true); }) == "invalid_text");
  }
}

TEST_CASE("bytes that are no UTF-8 are refused", "[core][text]") {
  const auto bytes = GENERATE(as<std::string>(), "\xff", "\x80", "\xc3", "a\xe6\xbc", "\xc0\x80", "\xe0\x80\x80",
                              "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "12345678\xfe");
  CHECK_FALSE(is_utf8(bytes));
  CHECK(refusal_code([&] { clean_text(bytes, "name", 100, false); }) == "invalid_text");
}

TEST_CASE("all of Unicode is UTF-8 but for its surrogates", "[core][text]") {
  CHECK(is_utf8(""));
  CHECK(is_utf8("plain ascii, longer than eight bytes"));
  CHECK(is_utf8("\x7f\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff"));
  CHECK(is_utf8("\0"s));
}

TEST_CASE("the limit counts characters as they are kept", "[core][text]") {
  CHECK(clean_text("ééé", "name", 3, false) == "ééé");
  CHECK(clean_text("e\u0301e\u0301e\u0301", "name", 3, false) == "ééé");
  CHECK(clean_text("  abc  ", "name", 3, false) == "abc");
  const auto error = refusal([] { clean_text("😀😀😀😀", "name", 3, false); });
  REQUIRE(error);
  CHECK(error->code() == "text_too_long");
  CHECK(error->field() == "name");
  CHECK_THAT(error->what(), Catch::Contains("4 characters") && Catch::Contains("at most 3"));
}

TEST_CASE("text of which nothing is left is refused", "[core][text]") {
  for (const auto raw : {"", " ", "\n\t", "\u3000\u00A0"})
    CHECK(refusal_code([&] { clean_text(raw, "name", 10, false); }) == "text_empty");
}

TEST_CASE("clean text stays as it is when cleaned again", "[core][text][property]") {
  std::mt19937_64 random(8);
  const char* const pieces[] = {"a",  "Z",      " ",      "e", "\u0301", "\u0323", "é",
                                "漢", "\u1112", "\u1161", "😀", "\u00A0", "\u212B"};
  for (int i = 0; i < 5'000; ++i) {
    std::string raw = "x";
    for (auto n = random() % 12; n > 0; --n) raw += pieces[random() % std::size(pieces)];
    const auto once = clean_text(raw, "name", 100, false);
    REQUIRE(clean_text(once, "name", 100, false) == once);
  }
}

TEST_CASE("an e-mail address is trimmed and lower-cased", "[core][text]") {
  const auto [raw, expected] =
      GENERATE(table<std::string, std::string>({{"ada@example.com", "ada@example.com"},
                                                {"  Ada.Lovelace@Example.COM\n", "ada.lovelace@example.com"},
                                                {"a+tag@sub.example.co.uk", "a+tag@sub.example.co.uk"},
                                                {"o'brien!#$%&*-/=?^_`{|}~@x.org", "o'brien!#$%&*-/=?^_`{|}~@x.org"},
                                                {"1@2.x3", "1@2.x3"},
                                                {"JOSÉ@EXÄMPLE.com", "josé@exämple.com"},
                                                {"JOSE\u0301@example.com", "josé@example.com"},
                                                {"a@xn--bcher-kva.example", "a@xn--bcher-kva.example"}}));
  CHECK(parse_email(raw) == expected);
  CHECK(parse_email(expected) == expected);
}

TEST_CASE("what is no e-mail address is refused", "[core][text]") {
  const auto raw = GENERATE(as<std::string>(), "", "@", "ada", "ada@", "@example.com", "ada@localhost", "a@b@c.com",
                            "ada@example..com", "ada@.example.com", "ada@example.com.", "ada@-x.com", "ada@x-.com",
                            ".ada@x.com", "ada.@x.com", "a..b@x.com", "a b@x.com", "\"a b\"@x.com", "a@x y.com",
                            "a@x_y.com", "a@[10.0.0.1]", "a@10.0.0.1", "Ada <ada@x.com>", "a,b@x.com", "a(c)@x.com",
                            "a@x.com\n b", "a\x01@x.com", "a\u202E@x.com", "a\xff@x.com", "a@x.com,b@x.com");
  CAPTURE(raw);
  CHECK(refusal_code([&] { parse_email(raw); }) == "invalid_email");
}

TEST_CASE("an e-mail address has the lengths of RFC 5321 at most", "[core][text]") {
  const auto host_of = [](std::size_t n) {
    std::string host(n, 'b');
    for (std::size_t i = 60; i + 4 < n; i += 61) host[i] = '.';
    host.replace(n - 4, 4, ".com");
    return host;
  };
  CHECK(parse_email(std::string(64, 'a') + "@x.com").size() == 70);
  CHECK(refusal_code([] { parse_email(std::string(65, 'a') + "@x.com"); }) == "invalid_email");
  CHECK(parse_email("a@" + host_of(252)).size() == 254);
  CHECK(refusal_code([&] { parse_email("a@" + host_of(253)); }) == "invalid_email");
  CHECK(parse_email("a@" + std::string(63, 'b') + ".com").size() == 69);
  CHECK(refusal_code([] { parse_email("a@" + std::string(64, 'b') + ".com"); }) == "invalid_email");
}

TEST_CASE("slugs are words of small letters and digits", "[core][text]") {
  const auto good = GENERATE(as<std::string>(), "a", "9", "logo-sprint", "a-1-b", "2026");
  CHECK(parse_slug(good) == good);
  CHECK(parse_slug(std::string(100, 'a')).size() == 100);
}

TEST_CASE("what is no slug is refused", "[core][text]") {
  const auto bad =
      GENERATE(as<std::string>(), "", "-", "-a", "a-", "a--b", "A", "a b", "a_b", "a.b", "é", "a\n", " a", "a/b");
  CAPTURE(bad);
  CHECK(refusal_code([&] { parse_slug(bad); }) == "invalid_slug");
  CHECK(refusal_code([] { parse_slug(std::string(101, 'a')); }) == "invalid_slug");
}

TEST_CASE("web addresses are kept as they were typed", "[core][text]") {
  const auto url =
      GENERATE(as<std::string>(), "https://example.com", "http://example.com/", "HTTPS://Example.com/A?b=c#d",
               "https://example.com:8080/x", "http://localhost:3000", "http://127.0.0.1/x", "http://[::1]:80/",
               "https://user@example.com/", "https://exämple.com/ü?q=漢", "https://a_b.example.com",
               "https://example.com?x=1", "https://example.com/a%20b,(c)[d]'e'!*;:@&=+$~");
  CAPTURE(url);
  CHECK(parse_url(url) == url);
}

TEST_CASE("what is no web address is refused", "[core][text]") {
  const auto url = GENERATE(
      as<std::string>(), "", "example.com", "/path", "//example.com", "ftp://example.com", "file:///etc/passwd",
      "javascript:alert(1)", "https:example.com", "https:/example.com", "https://", "https:///path", "https://?x",
      "https://:80", "https://user@", "https://a b.com", "https://example.com/a b", "https://example.com/\n",
      " https://example.com", "https://example.com ", "https://example.com:port", "https://example.com:99999",
      "https://example.com:", "https://[::1", "https://[]/", "https://[zz::]/", "https://ex\"ample.com",
      "https://example.com/<x>", "https://example.com\\x", "https://example.com/\u202E", "https://example.com/\xff",
      "https://example.com/\u00A0", "https://exa*mple.com", "https://example.com/\x7f");
  CAPTURE(url);
  CHECK(refusal_code([&] { parse_url(url); }) == "invalid_url");
}

TEST_CASE("a web address has at most 2000 bytes", "[core][text]") {
  const std::string start = "https://example.com/";
  CHECK(parse_url(start + std::string(2000 - start.size(), 'a')).size() == 2000);
  CHECK(refusal_code([&] { parse_url(start + std::string(2001 - start.size(), 'a')); }) == "invalid_url");
}

TEST_CASE("characters and columns are counted apart from bytes", "[core][text]") {
  const auto [text, points, columns] = GENERATE(table<std::string, std::size_t, std::size_t>({{"", 0, 0},
                                                                                              {"abc", 3, 3},
                                                                                              {"é", 1, 1},
                                                                                              {"e\u0301", 2, 1},
                                                                                              {"漢字", 2, 4},
                                                                                              {"한글", 2, 4},
                                                                                              {"😀", 1, 2},
                                                                                              {"a\u200Db", 3, 2},
                                                                                              {"ｗｉｄｅ", 4, 8}}));
  CAPTURE(text);
  CHECK(code_points(text) == points);
  CHECK(display_width(text) == columns);
}

TEST_CASE("text that is too wide ends in an ellipsis", "[core][text]") {
  const auto [text, columns, expected] =
      GENERATE(table<std::string, std::size_t, std::string>({{"abcdef", 6, "abcdef"},
                                                             {"abcdef", 5, "abcd…"},
                                                             {"abcdef", 1, "…"},
                                                             {"abcdef", 0, ""},
                                                             {"", 0, ""},
                                                             {"漢字漢字", 5, "漢字…"},
                                                             {"漢字漢字", 6, "漢字…"},
                                                             {"漢字", 4, "漢字"},
                                                             {"e\u0301e\u0301e\u0301", 2, "e\u0301…"}}));
  CAPTURE(text, columns);
  CHECK(cut_to_width(text, columns) == expected);
  CHECK(display_width(cut_to_width(text, columns)) <= columns);
}

TEST_CASE("cutting never fails on any bytes, nor is the result too wide", "[core][text][property]") {
  std::mt19937_64 random(3);
  for (int i = 0; i < 5'000; ++i) {
    std::string bytes(random() % 30, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const auto columns = random() % 20;
    REQUIRE(display_width(cut_to_width(bytes, columns)) <= columns);
  }
}

TEST_CASE("only ASCII letters change their case", "[core][text]") {
  CHECK(to_lower("AZaz09[]@É") == "azaz09[]@É");
  CHECK(to_upper("AZaz09{}`é") == "AZAZ09{}`é");
}

TEST_CASE("text is trimmed, split and joined", "[core][text]") {
  CHECK(trim(" \t a b \r\n") == "a b");
  CHECK(trim(" \n") == "");
  CHECK(split("a,b,,c", ',') == std::vector<std::string_view>{"a", "b", "", "c"});
  CHECK(split("", ',') == std::vector<std::string_view>{""});
  CHECK(split(",", ',') == std::vector<std::string_view>{"", ""});
  CHECK(join({"a", "b", "c"}, ", ") == "a, b, c");
  CHECK(join({"a"}, ", ") == "a");
  CHECK(join({}, ", ") == "");
}

TEST_CASE("the nearest words are offered, best first, at most three", "[core][text]") {
  const std::vector<std::string> words{"invoices", "invoice", "intakes", "clients", "db",
                                       "status",   "stats",   "state",   "start"};
  CHECK(nearest("invocies", words) == std::vector<std::string>{"invoices", "invoice"});
  CHECK(nearest("INVOICES", words) == std::vector<std::string>{"invoices", "invoice"});
  CHECK(nearest("cleints", words) == std::vector<std::string>{"clients"});
  CHECK(nearest("stat", words) == std::vector<std::string>{"stats", "state", "start"});
  CHECK(nearest("xyzzy", words).empty());
  CHECK(nearest("dd", words).empty());
  CHECK(nearest("", words).empty());
  CHECK(nearest(std::string(100'000, 'a'), words).empty());
}

TEST_CASE("a swap of two letters counts once", "[core][text]") {
  CHECK(nearest("abc", {"acb"}) == std::vector<std::string>{"acb"});
  CHECK(nearest("abc", {"cab"}).empty());
}

TEST_CASE("things are counted in words", "[core][text]") {
  CHECK(count_of(0, "invoice") == "0 invoices");
  CHECK(count_of(1, "invoice") == "1 invoice");
  CHECK(count_of(3, "invoice") == "3 invoices");
  CHECK(count_of(2, "entry", "entries") == "2 entries");
  CHECK(count_of(1, "entry", "entries") == "1 entry");
}

TEST_CASE("what was typed is put in quotes on one line", "[core][text]") {
  CHECK(in_quotes("EUR") == "\"EUR\"");
  CHECK(in_quotes("a\n\"b\"\x1b") == R"("a\n\"b\"\u001b")");
  CHECK(display_width(in_quotes(std::string(500, 'x'))) == 62);
}

TEST_CASE("alternatives are listed with an or", "[core][text]") {
  CHECK(either({}) == "");
  CHECK(either({"A"}) == "A");
  CHECK(either({"A", "B"}) == "A or B");
  CHECK(either({"A", "B", "C"}) == "A, B or C");
}

}  // namespace

TEST_CASE("printable text can't move a terminal's cursor or turn its lines", "[core][text]") {
  CHECK(printable("plain, é, 日本語, שלום") == "plain, é, 日本語, שלום");
  CHECK(printable("a\x1b[2J\tb\nc\r\x7f") == "a [2J b c  ");
  CHECK(printable("a\xc2\x9b"
                  "b\xe2\x80\xae"
                  "c\xe2\x80\xa8"
                  "d") == "a b c d");
  CHECK(printable("a\xff"
                  "b") ==
        "a\xef\xbf\xbd"
        "b");
  CHECK(printable("") == "");
}

TEST_CASE("a text becomes one word for a shell, quoted only where it has to be", "[core][text]") {
  CHECK(shell_word("/tmp/steward-demo-x/steward.db") == "/tmp/steward-demo-x/steward.db");
  CHECK(shell_word("postgresql:///a?host=/tmp/s&user=b") == "'postgresql:///a?host=/tmp/s&user=b'");
  CHECK(shell_word("it's $HOME") == R"('it'\''s $HOME')");
  CHECK(shell_word("") == "''");
}

TEST_CASE("text of which nothing can be seen is no text; what joins or marks a letter stays", "[core][text]") {
  for (const char* raw : {"\u200B", "\u200B\u200D", "\u2060", "\u00AD", "\u3164", "\u2800", "\uFE0F", "\u0301"}) {
    CAPTURE(raw);
    CHECK(refusal_code([&] { clean_text(raw, "name", 10, false); }) == "text_empty");
  }
  for (const char* kept : {"a\u200Bb", "\u0915\u094D\u200D\u0937", "\u2764\uFE0F", "x\u0302", "-", "\u7530"}) {
    CAPTURE(kept);
    CHECK(clean_text(kept, "name", 10, false) == kept);
  }
}

}  // namespace steward
