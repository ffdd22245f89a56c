#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace steward::cli {

enum class Output { table, json, ndjson, csv };

/// A flag that works before or after any verb (docs/contract.md, 1).
struct GlobalFlag {
  std::string_view name;      ///< "idempotency-key"
  char letter;                ///< 'o', or 0
  std::string_view value;     ///< "K" when it takes one, empty for a switch
  std::string_view variable;  ///< "STEWARD_OUTPUT", or empty
  std::string_view help;
};
std::span<const GlobalFlag> global_flags();
/// The flag that `word` ("--json", "-o", "--db=x") names; nullptr for another word.
const GlobalFlag* global_flag(std::string_view word);

/// The global flags as given; what is not given stays empty and is filled from variables and file (config.h).
struct Globals {
  std::optional<std::string> db, env, config, output, token_file, idempotency_key, workspace;
  // Lists only:
  std::optional<std::string> limit, after, sort, columns, from;
  bool json = false, dry_run = false, yes = false, quiet = false, verbose = false, no_color = false, help = false,
       version = false;
  bool all = false, total = false;
};

}  // namespace steward::cli
