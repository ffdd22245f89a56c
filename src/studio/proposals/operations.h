#pragma once
#include <string_view>

#include "ops/context.h"
#include "studio/proposals/proposals.h"

namespace steward::proposals {

/// What every write of one proposal answers: the record as it is now.
ops::Change changed(ops::Context& context, const Proposal& proposal, std::string sentence);
/// Nothing to do: it is so already.
ops::Change unchanged(ops::Context& context, const Proposal& proposal, std::string_view why);

/// send, accept, decline, expire, expire-due, confirm-number.
void register_moves(ops::Registry& registry);

}  // namespace steward::proposals
