// Which tests run on PostgreSQL too (tests/CMakeLists.txt): all that make a sandbox but those about SQLite's file, and
// none that would only be the same test twice.

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace {

namespace fs = std::filesystem;

const fs::path kTests = fs::path(STEWARD_SOURCE_DIR) / "tests";

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return std::move(text).str();
}

std::vector<std::string> found(const std::string& text, const std::regex& what) {
  std::vector<std::string> out;
  for (std::sregex_iterator at(text.begin(), text.end(), what), end; at != end; ++at) out.push_back((*at)[1]);
  return out;
}

// Whether it is included, by whatever way round.
bool includes_sandbox(const fs::path& file, std::set<std::string>& seen) {
  static const std::regex kInclude("#include \"([^\"]+)\"");
  for (const auto& wanted : found(text_of(file), kInclude)) {
    if (wanted == "support/sandbox.h") return true;
    if (fs::exists(kTests / wanted) && seen.insert(wanted).second && includes_sandbox(kTests / wanted, seen))
      return true;
  }
  return false;
}

bool has_one(const std::string& tags, std::initializer_list<const char*> wanted) {
  return std::ranges::any_of(wanted, [&](const char* tag) { return tags.find(tag) != std::string::npos; });
}

bool opens_no_database(const std::string& tags) { return has_one(tags, {"[core]", "[rules]", "[architecture]"}); }
bool about_postgres(const std::string& tags) { return has_one(tags, {"[postgres]", "[twins]"}); }

}  // namespace

TEST_CASE("what opens no database is tagged [core], [rules] or [architecture], and nothing else is", "[architecture]") {
  static const std::regex kTags(R"re(TEST_CASE\([^;{]*"((?:\[[a-z_]+\])+)"\))re");
  int cases = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kTests)) {
    if (!entry.path().string().ends_with("_test.cpp")) continue;
    CAPTURE(entry.path());
    std::set<std::string> seen;
    const bool makes_sandboxes = includes_sandbox(entry.path(), seen);
    for (const auto& tags : found(text_of(entry.path()), kTags)) {
      CAPTURE(tags);
      ++cases;
      if (!about_postgres(tags)) CHECK(opens_no_database(tags) == !makes_sandboxes);
    }
  }
  CHECK(cases > 600);
}
