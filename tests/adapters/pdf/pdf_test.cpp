// Documents drawn, and read by programs that others wrote.

#include "adapters/pdf/pdf.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <random>
#include <regex>
#include <set>

#include "adapters/pdf/reading.h"
#include "adapters/pdf/samples.h"
#include "core/error.h"

using namespace steward;
using namespace steward::test;

namespace {

std::vector<std::pair<std::string, pdf::Document>> every_sample() {
  return {{"invoice", sample_invoice()},
          {"long", long_invoice(80)},
          {"arabic", arabic_invoice()},
          {"hebrew", hebrew_invoice()},
          {"japanese", japanese_invoice()},
          {"chinese", chinese_invoice()},
          {"korean", korean_invoice()},
          {"cyrillic", cyrillic_invoice()},
          {"devanagari", devanagari_invoice()},
          {"draft", draft_invoice_document()},
          {"void", void_invoice_document()},
          {"wide", wide_invoice()},
          {"tall", tall_invoice()},
          {"statement", sample_statement()}};
}

std::string bytes_of(const pdf::Document& document) { return pdf::render(document).bytes; }

Error refusal_of(const pdf::Document& document) {
  try {
    pdf::render(document);
  } catch (const Error& error) {
    return error;
  }
  FAIL("it was drawn");
  throw;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string logo() {
  std::ifstream file(STEWARD_SOURCE_DIR "/tests/support/files/logo.png", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The outermost edges of all words, over all pages, in points: left, top, right, bottom.
struct Edges {
  double left = 1e9, top = 1e9, right = 0, bottom = 0;
};
Edges edges_of(const std::string& bytes) {
  static const std::regex kWord(R"re(xMin="([0-9.]+)" yMin="([0-9.]+)" xMax="([0-9.]+)" yMax="([0-9.]+)")re");
  const auto words = read_pdf("pdftotext", {"-bbox", "-", "-"}, bytes).out;
  Edges out;
  for (std::sregex_iterator at(words.begin(), words.end(), kWord), end; at != end; ++at) {
    out.left = std::min(out.left, std::stod((*at)[1]));
    out.top = std::min(out.top, std::stod((*at)[2]));
    out.right = std::max(out.right, std::stod((*at)[3]));
    out.bottom = std::max(out.bottom, std::stod((*at)[4]));
  }
  return out;
}

}  // namespace

TEST_CASE("every document is a sound PDF with its fonts embedded, and nothing leaves the page", "[core][pdf]") {
  for (const auto& [name, document] : every_sample()) {
    CAPTURE(name);
    const auto bytes = bytes_of(document);
    CHECK(damage_of_pdf(bytes) == "");
    CHECK(fonts_not_embedded(bytes) == "");
    const auto edges = edges_of(bytes);
    CHECK(edges.left > 54);
    CHECK(edges.top > 40);
    CHECK(edges.right < 595.3 - 54);
    CHECK(edges.bottom < 841.9 - 20);
  }
}

TEST_CASE("the same document gives the same bytes, whatever was drawn before it", "[core][pdf]") {
  std::vector<std::string> first;
  for (const auto& [name, document] : every_sample()) first.push_back(bytes_of(document));
  auto again = every_sample();
  for (std::size_t i = again.size(); i-- > 0;) {
    CAPTURE(again[i].first);
    CHECK((bytes_of(again[i].second) == first[i]));
  }
}

TEST_CASE("another document gives other bytes", "[core][pdf]") {
  auto other = sample_invoice();
  other.tables[0].rows[0].back() = "2400.01";
  CHECK((bytes_of(other) != bytes_of(sample_invoice())));
}

TEST_CASE("every text and every amount is read back as it was written", "[core][pdf]") {
  const auto text = text_of_pdf(bytes_of(sample_invoice()));
  CAPTURE(text);
  for (const auto* part : {"Atelier Nord GmbH",
                           "Lindenstraße 12",
                           "Invoice",
                           "INV-2026-0001",
                           "Billed to",
                           "Ada Lovelace Ltd",
                           "12 St James's Square",
                           "2026-04-01",
                           "Follow-up report",
                           "1200.00",
                           "VAT 19 %",
                           "2400.00",
                           "84.00",
                           "2934.00 EUR",
                           "541.50 EUR",
                           "5.88 EUR",
                           "3481.38 EUR",
                           "1000.00 EUR",
                           "2481.38 EUR",
                           "DE02120300000000202051",
                           "Payable within 30 days",
                           "Page 1 of 1"})
    CHECK_THAT(text, Catch::Contains(part));
}

TEST_CASE("the largest amounts there are stand in one piece beside the longest words", "[core][pdf]") {
  const auto text = text_of_pdf(bytes_of(wide_invoice()));
  std::size_t found = 0;
  for (auto at = text.find("9007199254740.991"); at != std::string::npos; at = text.find("9007199254740.991", at + 1))
    ++found;
  CHECK(found == 3);
  CHECK_THAT(text, Catch::Contains("123456789.123456") && Catch::Contains("Reverse charge"));
}

TEST_CASE("names in any writing are read back as they were written", "[core][pdf]") {
  CHECK_THAT(text_of_pdf(bytes_of(cyrillic_invoice())), Catch::Contains("Павел Дворжак и сыновья"));
  CHECK_THAT(text_of_pdf(bytes_of(japanese_invoice())), Catch::Contains("株式会社東京デザイン研究所"));
  CHECK_THAT(text_of_pdf(bytes_of(chinese_invoice())), Catch::Contains("北京设计有限公司"));
  CHECK_THAT(text_of_pdf(bytes_of(korean_invoice())), Catch::Contains("서울특별시"));
  CHECK_THAT(text_of_pdf(bytes_of(hebrew_invoice())), Catch::Contains("כהן") && Catch::Contains("הרצל"));
  CHECK_THAT(text_of_pdf(bytes_of(arabic_invoice())), Catch::Contains("النور") && Catch::Contains("الرياض"));
  CHECK_THAT(text_of_pdf(bytes_of(devanagari_invoice())), Catch::Contains("नई"));
}

TEST_CASE("the file names its title and its author, and no time of day", "[core][pdf]") {
  const auto info = pdf_info(bytes_of(sample_invoice()));
  CAPTURE(info);
  CHECK_THAT(info, Catch::Contains("Invoice INV-2026-0001") && Catch::Contains("Atelier Nord GmbH") &&
                       Catch::Contains("(A4)"));
  CHECK_THAT(info, Catch::Contains("Mar  2 00:00:00 2026"));
  CHECK_THAT(info, !Catch::Contains("ModDate"));
}

TEST_CASE("a long table repeats its header on each of its pages, and every page says which it is", "[core][pdf]") {
  const auto made = pdf::render(long_invoice(80));
  const auto pages = page_texts(made.bytes);
  REQUIRE(made.pages == 4);
  REQUIRE(pages.size() == 4);
  for (std::size_t i = 0; i < pages.size(); ++i) {
    CAPTURE(i, pages[i]);
    CHECK_THAT(pages[i], Catch::Contains("Page " + std::to_string(i + 1) + " of 4"));
    CHECK(has(pages[i], "Description") == has(pages[i], "Session"));
    CHECK(has(pages[i], "Invoice INV-2026-0001") == (i > 0));
  }
  const auto text = text_of_pdf(made.bytes);
  for (int i = 1; i <= 80; ++i) CHECK(std::regex_search(text, std::regex("Session " + std::to_string(i) + "[ ,]")));
}

TEST_CASE("sums stay with the last two lines, however many there are", "[core][pdf]") {
  std::set<int> seen;
  for (int lines = 1; lines <= 70; ++lines) {
    CAPTURE(lines);
    const auto made = pdf::render(long_invoice(lines));
    seen.insert(made.pages);
    const auto last = "Session " + std::to_string(lines), before = "Session " + std::to_string(lines - 1);
    for (const auto& page : page_texts(made.bytes)) {
      if (!has(page, "2934.00 EUR")) continue;
      CHECK(std::regex_search(page, std::regex(last + "[ ,]")));
      if (lines > 1) CHECK(std::regex_search(page, std::regex(before + "[ ,]")));
      CHECK_THAT(page,
                 Catch::Contains("541.50 EUR") && Catch::Contains("3481.38 EUR") && Catch::Contains("Outstanding"));
    }
  }
  CHECK(seen.size() >= 3);
}

TEST_CASE("a line that is longer than a page goes on over the next ones, and loses no word", "[core][pdf]") {
  const auto made = pdf::render(tall_invoice());
  CHECK(made.pages > 2);
  CHECK_THAT(page_texts(made.bytes).front(), Catch::Contains("word0 "));  // it begins where there is room
  const auto text = text_of_pdf(made.bytes);
  for (int i = 0; i < 1800; ++i) {
    const auto word = "word" + std::to_string(i);
    if (!has(text, word + " ") && !has(text, word + "\n")) FAIL_CHECK(word);
  }
}

TEST_CASE("terms of several pages lose no sentence", "[core][pdf]") {
  auto document = sample_invoice();
  document.terms.clear();
  for (int i = 0; i < 900; ++i) document.terms += "Clause" + std::to_string(i) + " holds. ";
  const auto made = pdf::render(document);
  CHECK(made.pages > 2);
  const auto text = text_of_pdf(made.bytes);
  for (int i = 0; i < 900; ++i)
    if (!has(text, "Clause" + std::to_string(i))) FAIL_CHECK(i);
}

TEST_CASE("a draft and a void document say so in their text as well as across the page", "[core][pdf]") {
  CHECK_THAT(text_of_pdf(bytes_of(draft_invoice_document())), Catch::Contains("DRAFT") && !Catch::Contains("VOID"));
  CHECK_THAT(text_of_pdf(bytes_of(void_invoice_document())), Catch::Contains("VOID") && !Catch::Contains("DRAFT"));
  CHECK_THAT(text_of_pdf(bytes_of(sample_invoice())), !Catch::Contains("VOID") && !Catch::Contains("DRAFT"));
}

TEST_CASE("a character that no font has is an error that names it and its text, and never a box", "[core][pdf]") {
  auto document = sample_invoice();
  document.tables[0].rows[1][0] = "Report 🎉";
  const auto error = refusal_of(document);
  CHECK(error.code() == "glyph_missing");
  CHECK(error.exit_code() == 6);
  CHECK(error.field() == "lines[2].description");
  CHECK_THAT(error.what(), Catch::Contains("U+1F389") && Catch::Contains("the description of line 2"));
  document = sample_invoice();
  document.client.name = "\xF0\x93\x80\x80";  // an Egyptian hieroglyph
  CHECK_THAT(refusal_of(document).what(), Catch::Contains("U+13000") && Catch::Contains("the client's name"));
  document = sample_invoice();
  document.terms = "\xEE\x80\x80";  // of private use: nobody's letter
  CHECK_THAT(refusal_of(document).what(), Catch::Contains("U+E000") && Catch::Contains("the terms"));
}

TEST_CASE("what a font lacks is not made up from the fonts of the document before", "[core][pdf]") {
  auto symbols = sample_invoice();
  symbols.notes = "Done ✓ → next";
  CHECK(damage_of_pdf(bytes_of(symbols)) == "");
  auto half = sample_invoice();
  half.notes = "ﻼ";  // an Arabic ligature on its own
  const auto alone = bytes_of(half);
  bytes_of(arabic_invoice());
  CHECK((bytes_of(half) == alone));
}

TEST_CASE("text that is none, and more of it than a document holds, is refused by its name", "[core][pdf]") {
  for (const auto* bad : {"a\x01z", "a\x7Fz", "a\xC2\x85z", "\xFF\xFE", "caf\xC3"}) {
    auto document = sample_invoice();
    document.client.name = bad;
    const auto error = refusal_of(document);
    CHECK(error.code() == "invalid_text");
    CHECK(error.field() == "client.name");
  }
  auto document = sample_invoice();
  document.notes = std::string("a\0b", 3);
  CHECK(refusal_of(document).code() == "invalid_text");
  document = sample_invoice();
  document.tables[0].rows[2][0] = std::string(100'000, 'a');
  const auto error = refusal_of(document);
  CHECK(error.code() == "text_too_long");
  CHECK(error.field() == "lines[3].description");
  document = sample_invoice();
  document.tables[0].rows.resize(10'001, {"a"});
  CHECK(refusal_of(document).code() == "text_too_long");
}

TEST_CASE("an address that fills a page is refused, not drawn past its end", "[core][pdf]") {
  const std::vector<std::string> street(200, "Street");
  auto document = sample_invoice();
  document.client.lines = street;
  CHECK(refusal_of(document).code() == "text_too_long");
  document = sample_invoice();
  document.studio.lines = street;
  CHECK(refusal_of(document).code() == "text_too_long");
  document = sample_invoice();
  document.payment = std::vector<pdf::Fact>(200, {"IBAN", "DE02120300000000202051"});
  CHECK(refusal_of(document).code() == "text_too_long");
}

TEST_CASE("the studio's logo stands on the first page", "[core][pdf]") {
  auto document = sample_invoice();
  document.studio.logo_png = logo();
  const auto bytes = bytes_of(document);
  CHECK(damage_of_pdf(bytes) == "");
  CHECK_THAT(read_pdf("pdfimages", {"-list", "-"}, bytes).out, Catch::Contains(" 240 ") && Catch::Contains(" 80 "));
  CHECK_THAT(text_of_pdf(bytes), Catch::Contains("Atelier Nord GmbH"));
}

TEST_CASE("a logo that is no PNG, is damaged or is too large is refused before it is unpacked", "[core][pdf]") {
  auto huge = logo(), flat = logo(), torn = logo(), header = logo();
  huge[18] = '\x7f';                          // 32,000 pixels wide
  flat.replace(16, 4, std::string(4, '\0'));  // none
  torn.resize(torn.size() / 2);
  header.resize(20);
  for (const auto& png :
       {huge, flat, torn, header, std::string("GIF89a"), std::string("\xFF\xD8\xFF\xE0 a photograph of us")}) {
    auto document = sample_invoice();
    document.studio.logo_png = png;
    const auto error = refusal_of(document);
    CHECK(error.code() == "invalid_logo");
    CHECK(error.field() == "studio.logo");
  }
}

TEST_CASE("the studio's colour is drawn, and text stays readable where it is too light", "[core][pdf]") {
  const auto stream = [](const std::string& colour) {
    auto document = sample_invoice();
    document.studio.colour = colour;
    return read_pdf("qpdf", {"--qdf", "--object-streams=disable", "/dev/stdin", "-"}, bytes_of(document)).out;
  };
  const auto red = stream("#FF0000"), pale = stream("#FFFF00"), none = stream("mauve");
  CHECK(has(red, "1 0 0 rg"));
  CHECK(has(pale, "1 1 0 rg"));
  const auto count = [](const std::string& in, const std::string& what) {
    std::size_t n = 0;
    for (auto at = in.find(what); at != std::string::npos; at = in.find(what, at + 1)) ++n;
    return n;
  };
  CHECK(count(red, "1 0 0 rg") > count(pale, "1 1 0 rg"));  // text takes the ink instead
  CHECK((none == stream("")));
}

TEST_CASE("a font of one's own comes first, and what is none is refused", "[core][pdf]") {
  auto document = sample_invoice();
  document.font = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";
  CHECK_THAT(read_pdf("pdffonts", {"-"}, bytes_of(document)).out,
             Catch::Contains("DejaVuSans") && !Catch::Contains("NotoSans"));
  document.font = "/usr/share/fonts/truetype/dejavu";
  CHECK_THAT(read_pdf("pdffonts", {"-"}, bytes_of(document)).out, Catch::Contains("DejaVu"));
  for (const auto* none : {"/etc/passwd", "/no/such/font.ttf", "/etc"}) {
    document.font = none;
    CHECK(refusal_of(document).code() == "font_missing");
  }
}

TEST_CASE("an empty document, and one with empty parts, is still a page", "[core][pdf]") {
  CHECK(damage_of_pdf(bytes_of({})) == "");
  auto document = sample_invoice();
  document.tables = {{"", {}, {}, {}}, {"Heading", {{"Only", pdf::Column::Is::figure}}, {{}, {"1", "2", "3"}}, {}}};
  document.facts = {{"", ""}, {"Due", ""}};
  CHECK(damage_of_pdf(bytes_of(document)) == "");
}

TEST_CASE("whatever texts it is made of, a document is drawn or refused with a reason", "[core][pdf]") {
  const std::vector<std::string> pieces{"a",         "Ünïcödé ",
                                        "\n",        "\t",
                                        "العربية ",  "עברית ",
                                        "हिन्दी",     "漢字",
                                        "한글",      "ไทย",
                                        "\u202E",    "\u200F",
                                        "\u200B",    "e\u0301\u0301\u0301\u0301",
                                        "ﬁ",         "€",
                                        "\u00AD",    "WWWWWWWWWWWWWWWWWWWW",
                                        "12.50 ",    " ",
                                        "—",         "\u2028",
                                        "\uFEFF",    "🎉",
                                        "\U00013000"};
  std::minstd_rand random(7);
  auto choice = pieces.size();
  const auto text = [&](std::size_t longest) {
    std::string out;
    for (auto n = random() % longest; n > 0; --n) out += pieces[random() % choice];
    return out;
  };
  int drawn = 0;
  for (int i = 0; i < 150; ++i) {
    CAPTURE(i);
    choice = pieces.size() - (i % 3 == 0 ? 0 : 2);  // the last two no font has
    auto document = long_invoice(static_cast<int>(random() % 30) + 1);
    document.client = {text(12), {text(20), text(4)}};
    for (auto& row : document.tables[0].rows)
      for (auto& cell : row)
        if (random() % 9 == 0) cell = text(random() % 40 == 0 ? 400 : 8);
    document.terms = text(200);
    try {
      const auto made = pdf::render(document);
      ++drawn;
      CHECK(made.pages > 0);
      if (i % 10 == 1) CHECK(damage_of_pdf(made.bytes) == "");
    } catch (const Error& error) {
      CHECK(error.code() == "glyph_missing");
      CHECK(!error.field().empty());
    }
  }
  CHECK(drawn >= 90);
}
