#pragma once
#include <string>
#include <vector>

#include "cli/globals.h"
#include "ops/registry.h"

namespace steward::cli {

/// What the words on the command line ask for. Past this there is no raw text but an operation's RawArgs.
struct Parsed {
  const ops::Operation* operation = nullptr;  ///< null: help, or bare `steward`
  std::string group;                          ///< of help that was asked for a group
  std::vector<std::string> verbs;             ///< words behind the group, for help on a subgroup
  ops::RawArgs raw;
  std::vector<std::string> subjects;  ///< of a transition
  Globals globals;
};

/// Errors: usage "unknown_command" (with "did you mean"), "unknown_flag", "missing_value", "repeated_argument",
/// "unexpected_word".
Parsed parse(ops::Registry& registry, const std::vector<std::string>& words);

}  // namespace steward::cli
