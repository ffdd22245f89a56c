#pragma once
#include <string>
#include <string_view>

#include "studio/invoices/invoices.h"

namespace steward::invoices {

/// What every write of one invoice answers: the record as it is now.
ops::Change changed(ops::Context& context, const Invoice& invoice, std::string sentence);
/// Nothing to do: it is so already.
ops::Change unchanged(ops::Context& context, const Invoice& invoice, std::string_view why);

/// create, update, duplicate.
void register_drafts(ops::Registry& registry);
/// issue, void, confirm-number.
void register_moves(ops::Registry& registry);

}  // namespace steward::invoices
