#pragma once
#include <string>
#include <utility>
#include <vector>

#include "support/process.h"

namespace steward::test {

/// The same command, traced with these flags. LeakSanitizer can't work under a tracer, so a sanitizer's build looks for
/// no leaks then.
inline Command under_strace(Command command, std::vector<std::string> flags) {
  flags.insert(flags.begin(), {"-f", "-qq"});
  flags.push_back(std::move(command.program));
  flags.insert(flags.end(), command.words.begin(), command.words.end());
  command.program = "strace";
  command.words = std::move(flags);
  if (const auto asan = command.environment.find("ASAN_OPTIONS"); asan != command.environment.end())
    asan->second += ":detect_leaks=0";
  return command;
}

}  // namespace steward::test
