#pragma once
#include <span>
#include <string_view>

#include "studio/identity/identity.h"

namespace steward::identity {

/// Studio-model ID-1, ID-7: SUPER_ADMIN is granted by who holds it. Errors: permission "forbidden".
void require_may_grant(ops::Context& context, ops::Role role);

/// Studio-model ID-12: nobody takes themselves out, and the last ACTIVE holder of SUPER_ADMIN or ADMIN stays. `leaving`
/// are the roles the user would stop exercising, `how` the participle for the sentence ("disabled").
/// Errors: permission "forbidden" for oneself; conflict "last_administrator".
void require_may_leave(ops::Context& context, const User& user, std::span<const ops::Role> leaving,
                       std::string_view how);

/// Handing out roles is an agent's to propose; protected ones take two people (studio-model ID-1).
ops::Gravity gravity_of(ops::Context& context, std::span<const ops::Role> roles);

Json names_of_roles(std::span<const ops::Role> roles);

/// users grant, users revoke.
void register_role_operations(ops::Registry& registry);

}  // namespace steward::identity
