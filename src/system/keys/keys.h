#pragma once
#include <cstddef>

#include "ops/context.h"
#include "ops/registry.h"

/// The key file: which key encrypts, a protected copy of it elsewhere, and a new one.
namespace steward::keys {

/// Decrypts every sensitive field and keeps nothing of it; how many there are. Errors: as Vault::open().
std::size_t try_fields(ops::Context& context);

void register_operations(ops::Registry& registry);

}  // namespace steward::keys
