#pragma once
#include "ops/registry.h"

namespace steward::demo {

/// `steward demo`: a scratch database with a realistic season, made by the commands themselves.
void register_operations(ops::Registry& registry);

}  // namespace steward::demo
