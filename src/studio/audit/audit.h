#pragma once
#include "ops/context.h"

namespace steward::audit {

void register_operations(ops::Registry& registry);

}  // namespace steward::audit
