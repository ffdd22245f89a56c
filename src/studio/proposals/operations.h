#pragma once
#include <string_view>

#include "adapters/pdf/document.h"
#include "ops/context.h"
#include "studio/proposals/proposals.h"

namespace steward::proposals {

/// What every write of one proposal answers: the record as it is now.
ops::Change changed(ops::Context& context, const Proposal& proposal, std::string sentence);
/// Nothing to do: it is so already.
ops::Change unchanged(ops::Context& context, const Proposal& proposal, std::string_view why);

/// The proposal as it is printed: all that is known of it, in the words the client reads.
pdf::Document document_of(ops::Context& context, const Proposal& proposal);

/// send, accept, decline, expire, expire-due, confirm-number.
void register_moves(ops::Registry& registry);
/// render.
void register_document(ops::Registry& registry);

}  // namespace steward::proposals
