#pragma once
#include <string_view>

#include "ops/context.h"

namespace steward::approvals {

/// Takes back what a token has waiting, because it was revoked; answers how many there were.
std::int64_t cancel_of_token(db::Tx& tx, std::string_view token_id);
/// The same for a person who may not act any more.
std::int64_t cancel_of_user(db::Tx& tx, std::string_view user_id);

void register_operations(ops::Registry& registry);

}  // namespace steward::approvals
