#pragma once
#include "ops/registry.h"

namespace steward::about {

// Small commands about steward itself; none needs a database.

void register_version(ops::Registry& registry);
void register_explain(ops::Registry& registry);
void register_config(ops::Registry& registry);

}  // namespace steward::about
