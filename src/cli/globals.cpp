#include "cli/globals.h"

namespace steward::cli {
namespace {

constexpr GlobalFlag kFlags[] = {
    {"db", 0, "URL", "STEWARD_DB", "The database: a SQLite path or postgresql://…"},
    {"env", 0, "ENV", "STEWARD_ENV", "local, staging or prod; must be what the database records"},
    {"config", 0, "FILE", "STEWARD_CONFIG", "Configuration file (TOML)"},
    {"output", 'o', "FORMAT", "STEWARD_OUTPUT", "table, json, ndjson or csv"},
    {"json", 0, "", "", "Short for -o json"},
    {"token-file", 0, "FILE", "STEWARD_TOKEN_FILE",
     "File that holds the token; - reads standard input (or the token itself in STEWARD_TOKEN)"},
    {"idempotency-key", 0, "K", "", "A repeat under the same key returns the first answer"},
    {"dry-run", 0, "", "", "Do everything, report what would change, keep nothing"},
    {"yes", 'y', "", "", "Answer the confirmation of a risky command"},
    {"quiet", 'q', "", "", "Print nothing on success but what was asked for"},
    {"verbose", 'v', "", "", "Log to standard error; never a secret"},
    {"no-color", 0, "", "NO_COLOR", "No colours"},
    {"workspace", 0, "SLUG", "STEWARD_WORKSPACE", "The tenant, for sentinel commands"},
    {"help", 'h', "", "", "Help for this command"},
};

}  // namespace

std::span<const GlobalFlag> global_flags() { return kFlags; }

const GlobalFlag* global_flag(std::string_view word) {
  if (word.size() >= 2 && word[0] == '-' && word[1] != '-') {
    for (const auto& flag : kFlags)
      if (flag.letter == word[1]) return &flag;
    return nullptr;
  }
  if (!word.starts_with("--")) return nullptr;
  word.remove_prefix(2);
  word = word.substr(0, word.find('='));
  for (const auto& flag : kFlags)
    if (flag.name == word) return &flag;
  return nullptr;
}

}  // namespace steward::cli
