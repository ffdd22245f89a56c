#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "cli/globals.h"
#include "core/instant.h"
#include "core/json.h"

namespace steward::cli {

/// One effective value and where it came from: "flag", "variable STEWARD_DB", "file PATH", "default".
struct Effective {
  std::string key, value, origin;
};

/// Everything an invocation was told, resolved once: flag, variable, configuration file, default.
struct Config {
  std::string db;
  std::optional<std::string> env;
  Output output = Output::table;
  std::optional<std::string> token;  ///< read from STEWARD_TOKEN or the token file; never shown
  std::string key_file;
  std::string data_folder;  ///< $XDG_DATA_HOME/steward
  std::chrono::milliseconds busy_timeout{30'000};
  std::optional<Instant> now;  ///< STEWARD_NOW
  std::string workspace;
  std::string document_logo, document_font;  ///< [pdf] logo, font
  std::vector<Effective> effective;
};

/// Errors: usage "invalid_config" naming key and source; precondition "file_unreadable".
Config resolve(const Globals& globals);

/// As `config show` and `doctor` print it.
Json json_of(const Config& config);

Output parse_output(std::string_view text);

}  // namespace steward::cli
