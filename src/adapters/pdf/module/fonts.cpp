#include "adapters/pdf/module/fonts.h"

#include <pango/pangofc-fontmap.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "adapters/pdf/module/refuse.h"

namespace steward::pdf {
namespace {

namespace fs = std::filesystem;

// Where Debian and others put what `scripts/deps` installs.
constexpr std::string_view kFolders[] = {"/usr/share/fonts/truetype/noto",
                                         "/usr/share/fonts/truetype/dejavu",
                                         "/usr/share/fonts/truetype/droid",
                                         "/usr/share/fonts/truetype/nanum",
                                         "/usr/share/fonts/noto",
                                         "/usr/share/fonts/google-noto",
                                         "/usr/share/fonts/TTF",
                                         "/usr/share/fonts/dejavu-sans-fonts",
                                         "/usr/local/share/fonts"};

/// One family: its files, regular first, and the package that brings them.
struct Face {
  std::string stem, package;
  bool bold = true;
};

const Face kBase{"NotoSans", "fonts-noto-core"};
const Face kSymbols{"DejaVuSans", "fonts-dejavu-core"};
const Face kHan{"DroidSansFallbackFull", "fonts-droid-fallback", false};
const Face kHangul{"NanumGothic", "fonts-nanum"};

// The scripts that people write names in today, in the order their fonts are tried.
struct ScriptFace {
  GUnicodeScript script;
  const char* stem;
};
constexpr ScriptFace kScripts[] = {
    {G_UNICODE_SCRIPT_ARABIC, "NotoSansArabic"},
    {G_UNICODE_SCRIPT_HEBREW, "NotoSansHebrew"},
    {G_UNICODE_SCRIPT_DEVANAGARI, "NotoSansDevanagari"},
    {G_UNICODE_SCRIPT_ARMENIAN, "NotoSansArmenian"},
    {G_UNICODE_SCRIPT_BENGALI, "NotoSansBengali"},
    {G_UNICODE_SCRIPT_CANADIAN_ABORIGINAL, "NotoSansCanadianAboriginal"},
    {G_UNICODE_SCRIPT_CHEROKEE, "NotoSansCherokee"},
    {G_UNICODE_SCRIPT_COPTIC, "NotoSansCoptic"},
    {G_UNICODE_SCRIPT_ETHIOPIC, "NotoSansEthiopic"},
    {G_UNICODE_SCRIPT_GEORGIAN, "NotoSansGeorgian"},
    {G_UNICODE_SCRIPT_GUJARATI, "NotoSansGujarati"},
    {G_UNICODE_SCRIPT_GURMUKHI, "NotoSansGurmukhi"},
    {G_UNICODE_SCRIPT_JAVANESE, "NotoSansJavanese"},
    {G_UNICODE_SCRIPT_KANNADA, "NotoSansKannada"},
    {G_UNICODE_SCRIPT_KHMER, "NotoSansKhmer"},
    {G_UNICODE_SCRIPT_LAO, "NotoSansLao"},
    {G_UNICODE_SCRIPT_MALAYALAM, "NotoSansMalayalam"},
    {G_UNICODE_SCRIPT_MONGOLIAN, "NotoSansMongolian"},
    {G_UNICODE_SCRIPT_MYANMAR, "NotoSansMyanmar"},
    {G_UNICODE_SCRIPT_NKO, "NotoSansNKo"},
    {G_UNICODE_SCRIPT_ORIYA, "NotoSansOriya"},
    {G_UNICODE_SCRIPT_SINHALA, "NotoSansSinhala"},
    {G_UNICODE_SCRIPT_SYRIAC, "NotoSansSyriac"},
    {G_UNICODE_SCRIPT_TAMIL, "NotoSansTamil"},
    {G_UNICODE_SCRIPT_TELUGU, "NotoSansTelugu"},
    {G_UNICODE_SCRIPT_THAANA, "NotoSansThaana"},
    {G_UNICODE_SCRIPT_THAI, "NotoSansThai"},
    {G_UNICODE_SCRIPT_TIFINAGH, "NotoSansTifinagh"},
    {G_UNICODE_SCRIPT_VAI, "NotoSansVai"},
};

// Chinese and Japanese with their punctuation and full-width forms, which Korean uses too.
bool is_east_asian(gunichar c, GUnicodeScript script) {
  return script == G_UNICODE_SCRIPT_HAN || script == G_UNICODE_SCRIPT_HIRAGANA || script == G_UNICODE_SCRIPT_KATAKANA ||
         script == G_UNICODE_SCRIPT_BOPOMOFO || (c >= 0x3000 && c < 0x3400) || (c >= 0xFE30 && c < 0xFE50) ||
         (c >= 0xFF00 && c < 0xFFF0);
}

// Arrows, ticks, mathematics: past what NotoSans draws.
bool is_symbol(gunichar c, GUnicodeScript script) {
  return script == G_UNICODE_SCRIPT_COMMON && c >= 0x2160 && !is_east_asian(c, script);
}

struct Needs {
  std::set<GUnicodeScript> scripts;
  bool symbols = false, east_asian = false;
};

Needs needs_of(const std::vector<Named>& texts) {
  Needs out;
  for (const auto& [field, text] : texts)
    for (const char* at = text->c_str(); *at; at = g_utf8_next_char(at)) {
      const auto c = g_utf8_get_char(at);
      if (c < 0x300) continue;
      const auto script = g_unichar_get_script(c);
      out.scripts.insert(script);
      out.symbols = out.symbols || is_symbol(c, script);
      out.east_asian = out.east_asian || is_east_asian(c, script);
    }
  return out;
}

std::vector<Face> faces_for(const Needs& needs) {
  std::vector<Face> out{kBase};
  for (const auto& [script, stem] : kScripts)
    if (needs.scripts.count(script)) out.push_back({stem, "fonts-noto-core"});
  if (needs.scripts.count(G_UNICODE_SCRIPT_HANGUL)) out.push_back(kHangul);
  if (needs.east_asian) out.push_back(kHan);
  if (needs.symbols) out.push_back(kSymbols);
  return out;
}

// "" when it is not installed.
std::string find_file(const std::string& name) {
  std::error_code none;
  for (const auto folder : kFolders)
    if (auto file = fs::path(folder) / name; fs::exists(file, none)) return file.string();
  return {};
}

// DejaVu, Droid and Nanum name the regular face by the family alone.
std::string regular_file(const Face& face) {
  const auto named = find_file(face.stem + "-Regular.ttf");
  return named.empty() ? find_file(face.stem + ".ttf") : named;
}

[[noreturn]] void refuse_font(const std::string& what, const std::string& hint) {
  refuse(Refusal::Kind::precondition, "font_missing", what, hint);
}

std::vector<std::string> files_of(const Face& face) {
  auto regular = regular_file(face);
  if (regular.empty())
    refuse_font("The font " + face.stem + " is not installed, and the document needs it.",
                "Install it (Debian: apt-get install " + face.package + ").");
  std::vector<std::string> out{std::move(regular)};
  if (!face.bold) return out;
  for (const auto* end : {"-Bold.ttf", "Bold.ttf"})
    if (auto bold = find_file(face.stem + end); !bold.empty()) out.push_back(std::move(bold));
  return out;
}

bool is_font_file(const fs::path& path) {
  const auto extension = path.extension().string();
  return extension == ".ttf" || extension == ".otf" || extension == ".ttc";
}

// What [pdf] font names: a file, or the fonts of a folder in the order of their names.
std::vector<std::string> own_files(const std::string& own) {
  std::error_code none;
  if (own.empty()) return {};
  if (!fs::is_directory(own, none)) return {own};
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(own, none))
    if (is_font_file(entry.path())) out.push_back(entry.path().string());
  std::ranges::sort(out);
  if (out.empty()) refuse_font("The folder " + own + " of [pdf] font has no font in it.", "Name a .ttf or .otf file.");
  return out;
}

// The family of the file that was added last; "" when it is no font.
std::string family_of_last(FcConfig* config) {
  const auto* fonts = FcConfigGetFonts(config, FcSetApplication);
  FcChar8* family = nullptr;
  if (!fonts || fonts->nfont == 0) return {};
  if (FcPatternGetString(fonts->fonts[fonts->nfont - 1], FC_FAMILY, 0, &family) != FcResultMatch) return {};
  return reinterpret_cast<const char*>(family);
}

std::string add_file(FcConfig* config, const std::string& file) {
  if (FcConfigAppFontAddFile(config, reinterpret_cast<const FcChar8*>(file.c_str())))
    if (auto family = family_of_last(config); !family.empty()) return family;
  refuse_font("The font " + file + " can't be read.", "Name a .ttf or .otf file that may be read.");
}

/// One list of fonts, opened. Lives as long as the module: the next document with the same letters takes it as it is.
struct Opened {
  Owned<FcConfig> config;
  Owned<PangoFontMap> map;
  std::string families;
};

void add_family(std::string& families, const std::string& family) {
  if (("," + families + ",").find("," + family + ",") != std::string::npos) return;
  families += (families.empty() ? "" : ",") + family;
}

Opened open(const std::vector<std::string>& files) {
  Opened out;
  out.config.reset(FcConfigCreate());
  for (const auto& file : files) add_family(out.families, add_file(out.config.get(), file));
  // Pango would load the machine's own configuration, and the user's, when no other is current.
  FcConfigSetCurrent(out.config.get());
  out.map.reset(pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT));
  if (!out.map) refuse(Refusal::Kind::defect, "defect", "Pango has no FreeType fonts.");
  pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(out.map.get()), 72);  // points
  pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(out.map.get()), out.config.get());
  return out;
}

}  // namespace

Fonts fonts_for(const std::vector<Named>& texts, const std::string& own) {
  constexpr std::size_t kMostKept = 32;
  static std::map<std::vector<std::string>, Opened> kept;
  auto files = own_files(own);
  for (const auto& face : faces_for(needs_of(texts)))
    for (auto& file : files_of(face)) files.push_back(std::move(file));
  auto at = kept.find(files);
  if (at == kept.end()) {
    if (kept.size() == kMostKept) kept.clear();
    at = kept.emplace(files, open(files)).first;
  }
  return {at->second.map.get(), at->second.families};
}

}  // namespace steward::pdf
