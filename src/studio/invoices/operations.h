#pragma once
#include <string>
#include <string_view>

#include "adapters/pdf/document.h"
#include "studio/invoices/invoices.h"

namespace steward::invoices {

/// What every write of one invoice answers: the record as it is now.
ops::Change changed(ops::Context& context, const Invoice& invoice, std::string sentence);
/// Nothing to do: it is so already.
ops::Change unchanged(ops::Context& context, const Invoice& invoice, std::string_view why);

/// The invoice as it is printed: all that is known of it, in the words the client reads.
pdf::Document document_of(ops::Context& context, const Invoice& invoice);

/// create, update, duplicate.
void register_drafts(ops::Registry& registry);
/// issue, void, confirm-number.
void register_moves(ops::Registry& registry);
/// check.
void register_checks(ops::Registry& registry);
/// render.
void register_document(ops::Registry& registry);

}  // namespace steward::invoices
