#pragma once
#include <string>
#include <vector>

#include "ops/registry.h"

namespace steward::cli {

/// Runs one command line (without the program's name) and returns the exit code of docs/contract.md, 4. Errors are
/// caught here, once.
int run(ops::Registry& registry, const std::vector<std::string>& words);

}  // namespace steward::cli
