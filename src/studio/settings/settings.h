#pragma once
#include "ops/context.h"

namespace steward::settings {

void register_operations(ops::Registry& registry);

}  // namespace steward::settings
