#pragma once
#include "ops/registry.h"

/// `steward doctor`: how this installation stands; looks only, changes nothing.
namespace steward::doctor {

void register_operations(ops::Registry& registry);

}  // namespace steward::doctor
