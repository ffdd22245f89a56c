#pragma once
#include <string_view>

#include "ops/registry.h"
#include "ops/run.h"

namespace steward::database {

// One file a verb; register_operations puts them in the order of the help.
void register_migrate(ops::Registry& registry);
void register_backup(ops::Registry& registry);
void register_restore(ops::Registry& registry);
void register_copy(ops::Registry& registry);
void register_seed(ops::Registry& registry);

/// What the audit rows of this room are about.
inline constexpr std::string_view kTarget = "database";

}  // namespace steward::database
