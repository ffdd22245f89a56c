#pragma once
#include <limits>

#include "ops/argument.h"
#include "ops/registry.h"

namespace steward::offers {

using Version = ops::Whole<1, std::numeric_limits<std::int64_t>::max()>;

/// create, update, activate, deactivate, reprice.
void register_writes(ops::Registry& registry);
/// import.
void register_import(ops::Registry& registry);

}  // namespace steward::offers
