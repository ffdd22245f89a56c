#pragma once
#include "ops/registry.h"

/// The first command: a folder, a database, its schema and seeds, a key file, and somebody who may.
namespace steward::init {

void register_operations(ops::Registry& registry);

}  // namespace steward::init
