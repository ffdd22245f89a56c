#pragma once
#include "ops/registry.h"

namespace steward::agenda {

/// `steward` and `steward status`: what waits for a decision, each with the command to run (docs/contract.md, 9).
void register_operations(ops::Registry& registry);

}  // namespace steward::agenda
