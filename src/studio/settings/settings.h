#pragma once
#include <string>
#include <string_view>

#include "ops/context.h"

namespace steward::settings {

/// A setting's value as it was set, also of a sensitive one; its default where nobody set it. For what prints it: who
/// may be shown it is the caller's to say. Errors: those of Vault::open.
std::string in_clear(ops::Context& context, std::string_view key);

void register_operations(ops::Registry& registry);

}  // namespace steward::settings
