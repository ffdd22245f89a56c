// Holds the arrows of docs/architecture.md against every line of src/: who may include whom, and who may print.

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "core/text.h"

namespace {

namespace fs = std::filesystem;

struct File {
  std::string path;  ///< below src/: "studio/invoices/rows.cpp"
  std::string text;
};

struct Finding {
  std::string where;  ///< "src/studio/invoices/rows.cpp:7"
  std::string what;
};

std::string first_part(const std::string& path) { return path.substr(0, path.find('/')); }

// Layers, lowest first; a file may include what is in its own layer or below (rooms and rules have rules of their own).
constexpr std::string_view kLayers[] = {"core", "db", "ops", "adapters", "rooms", "surfaces", "main"};

std::string_view layer_of(const std::string& path) {
  const auto top = first_part(path);
  if (top == "studio" || top == "system" || top == "sentinel") return "rooms";
  if (top == "cli" || top == "mcp" || top == "web") return "surfaces";
  if (top == "core" || top == "db" || top == "ops" || top == "adapters") return *std::ranges::find(kLayers, top);
  return "main";  // main.cpp, rooms.cpp, rooms.h
}

long height_of(std::string_view layer) { return std::ranges::find(kLayers, layer) - std::begin(kLayers); }

// "studio/invoices/rows.cpp" -> "studio/invoices"; "system/init.cpp" -> "system".
std::string room_of(const std::string& path) {
  const auto first = path.find('/');
  const auto second = path.find('/', first + 1);
  return path.substr(0, second == std::string::npos ? first : second);
}

std::string front_door_of(const std::string& room) { return room + "/" + room.substr(room.rfind('/') + 1) + ".h"; }

bool is_rules(const std::string& path) {
  const auto stem = fs::path(path).stem().string();
  return layer_of(path) == "rooms" && (stem == "rules" || stem.ends_with("_rules"));
}

// What only these may name, whatever layer they are in.
struct Fence {
  std::string_view needle;
  bool (*may)(const std::string& path);
  std::string_view why;
};

bool in_sqlite(const std::string& path) { return path.starts_with("db/sqlite/"); }
bool in_pdf_module(const std::string& path) { return path.starts_with("adapters/pdf/module/"); }

constexpr Fence kIncludeFences[] = {
    {"sqlite3.h", in_sqlite, "only db/sqlite knows SQLite"},
    {"SQLiteCpp/", in_sqlite, "only db/sqlite knows SQLiteCpp"},
    {"pqxx/", [](const std::string& path) { return path.starts_with("db/postgres/"); },
     "only db/postgres knows libpqxx"},
    {"CLI/", [](const std::string& path) { return path == "cli/parse.cpp" || path == "cli/config.cpp"; },
     "CLI11 costs seconds to compile: only cli/parse.cpp and cli/config.cpp include it"},
    {"pango/", in_pdf_module, "only the module that draws documents knows Pango"},
    {"cairo", in_pdf_module, "only the module that draws documents knows Cairo"},
    {"fontconfig/", in_pdf_module, "only the module that draws documents knows fonts"},
    {"glib", in_pdf_module, "only the module that draws documents knows GLib"},
    {"adapters/pdf/module/", in_pdf_module, "the module is loaded, not linked: its door is adapters/pdf/module.h"},
    {"nlohmann/", [](const std::string& path) { return path.starts_with("core/json"); }, "JSON is core/json.h"},
    {"iostream", [](const std::string&) { return false; }, "it costs every start its constructors"},
    {"db/sqlite/", [](const std::string& path) { return path.starts_with("db/"); }, "the engine is hidden behind db/"},
    {"db/postgres/", [](const std::string& path) { return path.starts_with("db/"); },
     "the engine is hidden behind db/"},
};

constexpr std::string_view kPrinting[] = {"std::cout", "std::cerr", "fmt::print(", "std::printf(",
                                          " printf(",  "fprintf(",  "std::puts(",  "fputs("};

bool may_print(const std::string& path) {
  const auto layer = layer_of(path);
  return layer == "surfaces" || layer == "main";
}

// The file in quotes or angles behind #include; "" for any other line.
std::string included_by(std::string_view line) {
  line = steward::trim(line);
  if (!line.starts_with("#include")) return "";
  const auto from = line.find_first_of("\"<");
  const auto to = line.find_last_of("\">");
  return from < to ? std::string(line.substr(from + 1, to - from - 1)) : "";
}

// Why `path` may not include `wanted`, a file of ours; "" when it may.
std::string objection(const std::string& path, const std::string& wanted) {
  const auto from = layer_of(path), to = layer_of(wanted);
  if (is_rules(path) && to != "core" && !(room_of(path) == room_of(wanted) && is_rules(wanted)))
    return "rules include core only, and rules of their own room";
  if (height_of(to) > height_of(from)) return std::string(from) + " may not include " + std::string(to);
  if (from == "adapters" && to == "db") return "adapters know no database";
  if (in_pdf_module(path) && to != "adapters") return "the module that draws documents is loaded by itself";
  if (from == "surfaces" && to == "rooms") return "a surface knows operations, not rooms";
  if (to == "rooms" && from == "main" && wanted != front_door_of(room_of(wanted)))
    return "only a room's front door, " + front_door_of(room_of(wanted));
  if (to == "rooms" && from == "rooms" && room_of(path) != room_of(wanted) && wanted != front_door_of(room_of(wanted)))
    return "only the other room's front door, " + front_door_of(room_of(wanted));
  return "";
}

void check_line(const File& file, std::string_view line, int number, std::vector<Finding>& found) {
  const auto where = "src/" + file.path + ":" + std::to_string(number);
  if (const auto wanted = included_by(line); !wanted.empty()) {
    for (const auto& fence : kIncludeFences)
      if (wanted.starts_with(fence.needle) && !fence.may(file.path))
        found.push_back({where, "includes " + wanted + ": " + std::string(fence.why)});
    if (line.find('"') == std::string_view::npos) return;
    if (const auto why = objection(file.path, wanted); !why.empty())
      found.push_back({where, "includes " + wanted + ": " + why});
    return;
  }
  if (may_print(file.path) || steward::trim(line).starts_with("//")) return;
  for (const auto word : kPrinting)
    if (line.find(word) != std::string_view::npos)
      found.push_back({where, "prints (" + std::string(word) + "): only a surface does"});
}

// Rooms that include each other, whichever way round: "studio/a -> studio/b -> studio/a".
void find_circles(const std::vector<File>& files, std::vector<Finding>& found) {
  std::map<std::string, std::map<std::string, std::string>> arrows;  // room -> room -> the file that says so
  for (const auto& file : files)
    for (const auto line : steward::split(file.text, '\n'))
      if (const auto wanted = included_by(line);
          !wanted.empty() && layer_of(file.path) == "rooms" && layer_of(wanted) == "rooms")
        if (line.find('"') != std::string_view::npos && room_of(file.path) != room_of(wanted))
          arrows[room_of(file.path)][room_of(wanted)] = file.path;
  std::set<std::string> done;
  std::vector<std::string> way;
  const std::function<void(const std::string&)> walk = [&](const std::string& room) {
    if (const auto at = std::ranges::find(way, room); at != way.end()) {
      std::string circle;
      for (auto step = at; step != way.end(); ++step) circle += *step + " -> ";
      found.push_back({"src/" + arrows[way.back()][room], "closes a circle: " + circle + room});
      return;
    }
    if (!done.insert(room).second) return;
    way.push_back(room);
    for (const auto& [next, file] : arrows[room]) walk(next);
    way.pop_back();
  };
  for (const auto& [room, to] : std::map(arrows)) walk(room);
}

std::vector<Finding> findings_in(const std::vector<File>& files) {
  std::vector<Finding> found;
  for (const auto& file : files) {
    int number = 0;
    for (const auto line : steward::split(file.text, '\n')) check_line(file, line, ++number, found);
  }
  find_circles(files, found);
  return found;
}

std::vector<File> sources() {
  std::vector<File> out;
  const fs::path root = fs::path(STEWARD_SOURCE_DIR) / "src";
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const auto extension = entry.path().extension();
    if (extension != ".h" && extension != ".cpp") continue;
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    out.push_back({fs::relative(entry.path(), root).string(), std::move(text).str()});
  }
  std::ranges::sort(out, {}, &File::path);
  return out;
}

std::string listed(const std::vector<Finding>& found) {
  std::string out;
  for (const auto& finding : found) out += finding.where + " " + finding.what + "\n";
  return out;
}

std::string verdict_on(const std::string& path, const std::string& text) { return listed(findings_in({{path, text}})); }

}  // namespace

TEST_CASE("includes point downwards, rooms meet at their front doors, and only surfaces print", "[architecture]") {
  const auto files = sources();
  REQUIRE(files.size() > 50);
  const auto found = findings_in(files);
  INFO(listed(found));
  CHECK(found.empty());
}

TEST_CASE("an arrow that points up or sideways is named with file and line", "[architecture]") {
  CHECK(verdict_on("ops/run.cpp", "#pragma once\n#include \"cli/run.h\"\n") ==
        "src/ops/run.cpp:2 includes cli/run.h: ops may not include surfaces\n");
  CHECK_THAT(verdict_on("core/id.h", "#include \"db/tx.h\"\n"), Catch::Contains("core may not include db"));
  CHECK_THAT(verdict_on("studio/invoices/rules.cpp", "#include \"db/tx.h\"\n"),
             Catch::Contains("rules include core only"));
  CHECK_THAT(verdict_on("studio/deals/deals_rules.h", "#include \"studio/rates/rates.h\"\n"),
             Catch::Contains("rules include core only"));
  CHECK_THAT(verdict_on("studio/invoices/rows.cpp", "#include \"studio/deals/rows.h\"\n"),
             Catch::Contains("front door, studio/deals/deals.h"));
  CHECK_THAT(verdict_on("rooms.cpp", "#include \"studio/deals/rules.h\"\n"), Catch::Contains("front door"));
  CHECK_THAT(verdict_on("cli/run.cpp", "#include \"studio/deals/deals.h\"\n"), Catch::Contains("not rooms"));
  CHECK_THAT(verdict_on("adapters/mail/mail.cpp", "#include \"db/tx.h\"\n"), Catch::Contains("no database"));
}

TEST_CASE("an engine, a parser library or a print outside its place is found", "[architecture]") {
  CHECK_THAT(verdict_on("studio/invoices/rows.cpp", "#include <sqlite3.h>\n"), Catch::Contains("only db/sqlite"));
  CHECK_THAT(verdict_on("ops/listing.cpp", "#include \"db/sqlite/engine.h\"\n"), Catch::Contains("hidden behind db/"));
  CHECK_THAT(verdict_on("ops/run.cpp", "#include <nlohmann/json.hpp>\n"), Catch::Contains("core/json.h"));
  CHECK_THAT(verdict_on("cli/run.cpp", "#include <CLI/CLI.hpp>\n"), Catch::Contains("cli/parse.cpp"));
  CHECK_THAT(verdict_on("cli/run.cpp", "#include <iostream>\n"), Catch::Contains("constructors"));
  CHECK_THAT(verdict_on("adapters/pdf/pdf.cpp", "#include <cairo-pdf.h>\n"), Catch::Contains("knows Cairo"));
  CHECK_THAT(verdict_on("adapters/pdf/pdf.cpp", "#include \"adapters/pdf/module/look.h\"\n"),
             Catch::Contains("loaded, not linked"));
  CHECK_THAT(verdict_on("adapters/pdf/module/look.cpp", "#include \"core/error.h\"\n"), Catch::Contains("by itself"));
  CHECK(verdict_on("adapters/pdf/module/look.cpp", "#include <pango/pangocairo.h>\n").empty());
  CHECK_THAT(verdict_on("studio/deals/operations.cpp", "  fmt::print(\"x\");\n"), Catch::Contains("only a surface"));
  CHECK(verdict_on("cli/run.cpp", "  fmt::print(\"x\");\n").empty());
}

TEST_CASE("rooms that include each other in a circle are found, however long it is", "[architecture]") {
  const std::vector<File> circle{{"studio/a/rows.cpp", "#include \"studio/b/b.h\"\n"},
                                 {"studio/b/b.h", "#include \"studio/c/c.h\"\n"},
                                 {"studio/c/rows.cpp", "#include \"studio/a/a.h\"\n"}};
  CHECK_THAT(listed(findings_in(circle)), Catch::Contains("studio/a -> studio/b -> studio/c -> studio/a"));
  CHECK(findings_in({circle[0], circle[1]}).empty());
}
