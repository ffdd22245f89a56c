#pragma once
#include "ops/registry.h"

namespace steward::cli {

/// `completion SHELL` and `man [--to DIR]`: commands about the commands themselves.
void register_completion(ops::Registry& registry);
void register_man(ops::Registry& registry);

}  // namespace steward::cli
