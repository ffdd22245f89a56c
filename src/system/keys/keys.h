#pragma once
#include "ops/registry.h"

/// The key file: which key encrypts, a protected copy of it elsewhere, and a new one.
namespace steward::keys {

void register_operations(ops::Registry& registry);

}  // namespace steward::keys
