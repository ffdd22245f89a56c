// Documents as a user asks for them: which file, which words in it, and what stands in the way.

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <regex>

#include "adapters/pdf/reading.h"
#include "core/text.h"
#include "ops/encoding.h"
#include "studio/commerce.h"

using namespace steward;
using namespace steward::test;
namespace fs = std::filesystem;

namespace {

const fs::path kBinary = STEWARD_BINARY;
const fs::path kModule = kBinary.parent_path() / "lib/steward/steward_pdf.so";

struct Studio : Sandbox {
  Studio() {
    set("business.legal_name", "Atelier Nord GmbH");
    set("business.address", "Lindenstraße 4\n04109 Leipzig");
    set("business.country", "DE");
    set("business.tax_id", "DE123456789");
    run("contacts.create",
        {{"email", {kClient}}, {"name", {"Ada Client"}}, {"address", {"8 Eyre Square\nGalway"}}, {"country", {"IE"}}});
  }
  void set(const std::string& key, const std::string& value) {
    run("settings.set", {{"key", {key}}, {"value", {value}}});
  }
  /// The text of what a command writes to a file.
  std::string text_of(std::vector<std::string> words) {
    words.insert(words.end(), {"--to", path("out.pdf"), "--yes"});
    const auto ran = steward(words);
    INFO(ran.out << ran.err);
    REQUIRE(ran.exit == 0);
    return text_of_pdf(read("out.pdf"));
  }
  /// The sandbox's binary at another place, with or without its module.
  Process moved(const std::string& module, const std::vector<std::string>& words) {
    fs::create_directories(path("usr/bin"));
    fs::copy_file(kBinary, path("usr/bin/steward"), fs::copy_options::overwrite_existing);
    fs::remove_all(path("usr/lib"));
    if (!module.empty()) {
      fs::create_directories(path("usr/lib/steward"));
      fs::copy_file(module, path("usr/lib/steward/steward_pdf.so"));
    }
    auto asked = command(words);
    asked.program = path("usr/bin/steward");
    return run_process(asked);
  }
};

}  // namespace

TEST_CASE("an invoice is rendered to a file that only its owner reads, whole", "[cli][documents]") {
  Studio box;
  box.set("business.iban", "DE02120300000000202051");
  box.set("business.terms", "Payable within 30 days.");
  const auto number = issued_invoice(box, "1250.00");
  pay(box, number, "250.00");
  const auto ran = box.steward({"invoices", "render", number, "--to", box.path("a.pdf"), "--json"});
  REQUIRE(ran.exit == 0);
  CHECK(text(ran.json().at("data"), "file") == box.path("a.pdf"));
  CHECK(ran.json().at("data").at("pages").integer() == 1);
  struct stat seen {};
  REQUIRE(::stat(box.path("a.pdf").c_str(), &seen) == 0);
  CHECK((seen.st_mode & 0777) == 0600);
  const auto bytes = box.read("a.pdf");
  CHECK(damage_of_pdf(bytes) == "");
  CHECK(fonts_not_embedded(bytes) == "");
  const auto page = text_of_pdf(bytes);
  CAPTURE(page);
  for (const auto& part :
       {std::string("Atelier Nord GmbH"), std::string("Lindenstraße 4"), std::string("04109 Leipzig"), number, kClient,
        std::string("1250.00 EUR"), std::string("250.00 EUR"), std::string("1000.00 EUR"), std::string("2026-03-02"),
        std::string("2026-04-01"), std::string("DE02120300000000202051"), std::string("DE123456789"),
        std::string("Payable within 30 days.")})
    CHECK_THAT(page, Catch::Contains(part));
}

TEST_CASE("amounts are printed with the digits of their currency", "[cli][documents]") {
  Studio box;
  CHECK_THAT(box.text_of({"invoices", "render", issued_invoice(box, "348138", "JPY")}), Catch::Contains("348138 JPY"));
  CHECK_THAT(box.text_of({"invoices", "render", issued_invoice(box, "1250.005", "KWD")}),
             Catch::Contains("1250.005 KWD"));
  CHECK_THAT(box.text_of({"invoices", "render", issued_invoice(box, "90071992547409.91", "EUR")}),
             Catch::Contains("90071992547409.91 EUR"));
}

TEST_CASE("an invoice of a proposal names what was proposed", "[cli][documents]") {
  Studio box;
  const auto proposal = accepted_proposal(box);
  const auto id = text(box.data("invoices.create", {{"proposal", {proposal}}}), "id");
  const auto page = box.text_of({"invoices", "render", id});
  CHECK_THAT(page, Catch::Contains("Two days on site") && Catch::Contains(proposal) && Catch::Contains("DRAFT"));
}

TEST_CASE("lines, each tax and both sides are on the invoice, and on its credit note with the reason",
          "[cli][documents]") {
  Studio box;
  box.run("taxes.set", {{"code", {"VAT21"}}, {"rate-bp", {"2100"}}, {"from", {"2020-01-01"}}});
  box.run("taxes.set", {{"code", {"EX"}}, {"treatment", {"exempt"}}, {"from", {"2020-01-01"}}});
  const auto file = box.write("lines.csv",
                              "description,quantity,unit_price,tax\nDays on site,2.5,960.00,VAT21\n"
                              "Printed notes,1,123.45,EX\nA friend's discount,1,-100.00,VAT21\n");
  const auto id =
      text(box.data("invoices.create", {{"client-email", {kClient}}, {"currency", {"EUR"}}, {"lines", {file}}}), "id");
  const auto number = text(box.data("invoices.issue", {{"invoice", {id}}}), "number");
  const auto page = box.text_of({"invoices", "render", number});
  CAPTURE(page);
  for (const auto* part : {"Days on site", "2.5", "960.00", "2400.00", "-100.00", "2423.45 EUR",
                           "VAT21 21 % on 2300.00", "483.00 EUR", "2906.45 EUR", "EX: exempt from tax.", "Ada Client",
                           "8 Eyre Square", "Galway", "Atelier Nord GmbH", "DE123456789"})
    CHECK_THAT(page, Catch::Contains(part));
  const auto note = text(
      box.data("invoices.credit", {{"invoice", {number}}, {"amount", {"1000.00"}}, {"reason", {"Half a day less"}}}),
      "number");
  const auto credit = box.text_of({"invoices", "credit-notes", "render", note});
  CAPTURE(credit);
  for (const auto* part : {"Credit note", "1000.00 EUR", "Half a day less", "Ada Client"})
    CHECK_THAT(credit, Catch::Contains(part));
  CHECK_THAT(credit, Catch::Contains(note) && Catch::Contains(number));
  CHECK_THAT(box.text_of({"invoices", "render", number}), Catch::Contains("-1000.00 EUR"));
}

TEST_CASE("a void invoice says so, and asks for no money", "[cli][documents]") {
  Studio box;
  const auto number = issued_invoice(box);
  box.run("invoices.void", {{"invoice", {number}}, {"reason", {"Wrong client"}}});
  const auto page = box.text_of({"invoices", "render", number});
  CHECK_THAT(page, Catch::Contains("VOID") && Catch::Contains(number) && !Catch::Contains("Amount due"));
}

TEST_CASE("a proposal is rendered with the day it stands until", "[cli][documents]") {
  Studio box;
  const auto id = text(box.data("proposals.create", {{"title", {"Două zile la fața locului"}},
                                                     {"amount", {"2400.00"}},
                                                     {"currency", {"EUR"}},
                                                     {"client-email", {kClient}},
                                                     {"expires", {"2026-03-31"}}}),
                       "id");
  CHECK_THAT(box.text_of({"proposals", "render", id}), Catch::Contains("DRAFT"));
  const auto number = text(box.data("proposals.send", {{"proposal", {id}}}), "number");
  const auto page = box.text_of({"proposals", "render", number});
  CAPTURE(page);
  CHECK_THAT(page, Catch::Contains("Proposal") && Catch::Contains(number) && Catch::Contains("2400.00 EUR") &&
                       Catch::Contains("Două zile la fața locului") && !Catch::Contains("DRAFT"));
  CHECK(std::regex_search(page, std::regex("Valid until +2026-03-31")));
  box.run("proposals.accept", {{"proposal", {number}}});
  CHECK(std::regex_search(box.text_of({"proposals", "render", number}), std::regex("Accepted +2026-03-02")));
}

TEST_CASE("a file is replaced only with a yes, also inside a folder", "[cli][documents]") {
  Studio box;
  const auto number = issued_invoice(box);
  fs::create_directory(box.path("folder"));
  const auto inside = box.path("folder/" + number + ".pdf");
  for (const auto& to : {box.path("a.pdf"), box.path("folder")}) {
    CAPTURE(to);
    REQUIRE(box.steward({"invoices", "render", number, "--to", to}).exit == 0);
    const auto file = to == box.path("folder") ? inside : to;
    std::ofstream(file) << "mine";
    const auto refused = box.steward({"invoices", "render", number, "--to", to, "--json"});
    CHECK(refused.exit == 6);
    CHECK(refused.error_code() == "confirmation_needed");
    CHECK(box.read(file) == "mine");
    CHECK(box.steward({"invoices", "render", number, "--to", to, "--yes"}).exit == 0);
    CHECK(box.read(file).starts_with("%PDF-"));
  }
}

TEST_CASE("several invoices go into a folder, each under its number, and into no single file", "[cli][documents]") {
  Studio box;
  const auto first = issued_invoice(box), second = issued_invoice(box, "20.00");
  fs::create_directory(box.path("folder"));
  const auto ran =
      box.steward({"invoices", "render", "--from", "-", "--to", box.path("folder")}, first + "\n" + second + "\n");
  CHECK(ran.exit == 0);
  CHECK_THAT(text_of_pdf(box.read("folder/" + first + ".pdf")),
             Catch::Contains(first) && Catch::Contains("100.00 EUR"));
  CHECK_THAT(text_of_pdf(box.read("folder/" + second + ".pdf")),
             Catch::Contains(second) && Catch::Contains("20.00 EUR"));
  for (const auto& one : {box.path("one.pdf"), std::string("-")}) {
    const auto refused = box.steward({"invoices", "render", first, second, "--to", one});
    CHECK(refused.exit == 2);
    CHECK_THAT(refused.err, Catch::Contains("several records"));
    CHECK(refused.out.empty());
  }
  CHECK_FALSE(fs::exists(box.path("one.pdf")));
}

TEST_CASE("on standard output the document is all there is", "[cli][documents]") {
  Studio box;
  const auto number = issued_invoice(box);
  const auto ran = box.steward({"invoices", "render", number, "--to", "-"});
  REQUIRE(ran.exit == 0);
  CHECK(damage_of_pdf(ran.out) == "");
  REQUIRE(box.steward({"invoices", "render", number, "--to", box.path("a.pdf")}).exit == 0);
  CHECK((box.read("a.pdf") == ran.out));
  CHECK(box.steward({"invoices", "render", number, "--to", "-", "--json"}).error_code() == "unsupported_combination");
}

TEST_CASE("the same invoice gives the same bytes to every user, in every language and at any time",
          "[cli][documents]") {
  Studio box;
  box.set("business.legal_name", "株式会社東京デザイン研究所");
  const auto number = issued_invoice(box);
  const auto bytes = [&](const Variables& variables) {
    return box.steward({"invoices", "render", number, "--to", "-"}, {}, variables).out;
  };
  const auto first = bytes({});
  REQUIRE(first.starts_with("%PDF-"));
  // A user who would have all text in another font.
  const auto mine = box.write(
      "fonts.conf",
      "<?xml version=\"1.0\"?><!DOCTYPE fontconfig SYSTEM \"fonts.dtd\"><fontconfig><dir>/usr/share/fonts</dir>"
      "<match target=\"pattern\"><edit name=\"family\" mode=\"assign\" binding=\"strong\"><string>DejaVu Serif"
      "</string></edit></match></fontconfig>");
  fs::create_directories(box.path("config/fontconfig"));
  fs::copy_file(mine, box.path("config/fontconfig/fonts.conf"));
  CHECK((bytes({}) == first));
  CHECK((bytes({{"FONTCONFIG_FILE", mine}}) == first));
  CHECK((bytes({{"LC_ALL", "C"}, {"LANG", "ja_JP.UTF-8"}}) == first));
  CHECK((bytes({{"LANGUAGE", "ko:ja:zh"}, {"PANGO_LANGUAGE", "zh-tw"}, {"FC_LANG", "ja"}}) == first));
  CHECK((bytes({{"TZ", "Asia/Tokyo"}, {"STEWARD_NOW", "2026-07-08T23:59:00Z"}}) == first));
  CHECK_FALSE(fs::exists(box.path("cache/fontconfig")));
}

TEST_CASE("a character that no font has is exit 6, and leaves no file", "[cli][documents]") {
  Studio box;
  box.set("business.legal_name", "Party 🎉 GmbH");
  const auto ran = box.steward({"invoices", "render", issued_invoice(box), "--to", box.path("a.pdf"), "--json"});
  CHECK(ran.exit == 6);
  CHECK(ran.error_code() == "glyph_missing");
  CHECK_THAT(ran.out,
             Catch::Contains("U+1F389") && Catch::Contains("the studio's name") && Catch::Contains("studio.name"));
  CHECK(std::ranges::none_of(fs::directory_iterator(box.folder()),
                             [](const auto& entry) { return entry.path().filename().string().starts_with("a.pdf"); }));
}

TEST_CASE("the logo of the configuration file goes before that of the settings, and a bad one is exit 6",
          "[cli][documents]") {
  Studio box;
  const auto number = issued_invoice(box);
  const auto code = [&] { return box.steward({"invoices", "render", number, "--to", "-", "--yes"}).err; };
  box.set("business.logo", box.path("none.png"));
  CHECK_THAT(code(), Catch::Contains("none.png") && Catch::Contains("can't be read"));
  box.set("business.logo", box.write("words.png", "no picture"));
  CHECK_THAT(code(), Catch::Contains("no PNG"));
  box.set("business.logo", box.write("large.png", std::string((4u << 20) + 1, 'x')));
  CHECK_THAT(code(), Catch::Contains("larger than"));
  box.write("config/steward/config.toml", "[pdf]\nlogo = \"" STEWARD_SOURCE_DIR "/tests/support/files/logo.png\"\n");
  CHECK(code().empty());
}

TEST_CASE("the font of the configuration file is the document's", "[cli][documents]") {
  Studio box;
  const auto number = issued_invoice(box);
  box.write("config/steward/config.toml", "[pdf]\nfont = \"/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf\"\n");
  const auto ran = box.steward({"invoices", "render", number, "--to", "-"});
  CHECK_THAT(read_pdf("pdffonts", {"-"}, ran.out).out, Catch::Contains("DejaVuSans"));
  box.write("config/steward/config.toml", "[pdf]\nfont = \"/etc/hostname\"\n");
  CHECK(box.steward({"invoices", "render", number, "--to", box.path("a.pdf"), "--json"}).error_code() ==
        "font_missing");
}

TEST_CASE("the colour of documents is six hexadecimal digits", "[cli][documents]") {
  Studio box;
  box.set("business.colour", "c2185b");
  CHECK(box.value("SELECT value FROM settings WHERE key = 'business.colour'") == "#C2185B");
  for (const auto* bad : {"red", "#12345", "#12345G", "#", "1234567"})
    CHECK(box.error_code("settings.set", {{"key", {"business.colour"}}, {"value", {bad}}}) == "invalid_value");
}

TEST_CASE("a binary finds its module wherever both are taken, and says what is missing without it",
          "[cli][documents]") {
  Studio box;
  const auto number = issued_invoice(box);
  const std::vector<std::string> render{"invoices", "render", number, "--to", "-"};
  CHECK(box.moved(kModule, render).out.starts_with("%PDF-"));
  const auto without = box.moved("", render);
  CHECK(without.exit == 6);
  CHECK_THAT(without.err, Catch::Contains("steward_pdf.so"));
  CHECK(box.moved("", {"invoices", "show", number}).exit == 0);
  // Another library under that name.
  const auto wrong = box.moved(STEWARD_NO_FSYNC, {"invoices", "render", number, "--to", box.path("a.pdf"), "--json"});
  CHECK(wrong.exit == 6);
  CHECK(wrong.error_code() == "pdf_module_missing");
}

TEST_CASE("who may not read invoices renders none", "[cli][documents]") {
  Studio box;
  const auto number = issued_invoice(box);
  CHECK(box.error_code("invoices.render", {{"invoice", {number}}, {"to", {box.path("a.pdf")}}},
                       {.token = box.token({"offers:read"})}) == "forbidden");
  CHECK(box.error_code("invoices.render", {{"invoice", {"INV-2026-0099"}}, {"to", {box.path("a.pdf")}}}) ==
        "not_found");
  CHECK_FALSE(fs::exists(box.path("a.pdf")));
}
