#pragma once
#include "ops/registry.h"

/// What an accountant takes away: the ledger and the books as journals for his own programs. It stands above every room
/// whose records it reads.
namespace steward::books {

/// `books export`, and what the closing room has: close, list, show.
void register_operations(ops::Registry& registry);
/// `ledger export`: it stands here, beside the books, because both write the same journals.
void register_ledger_export(ops::Registry& registry);

}  // namespace steward::books
