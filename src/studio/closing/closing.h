#pragma once
#include <optional>
#include <string_view>

#include "core/instant.h"
#include "ops/context.h"
#include "ops/handle.h"
#include "ops/registry.h"

/// Up to which day the books are closed. It stands under the rooms whose records have a date in the books: what is
/// dated in a closed period is neither added nor undone.
namespace steward::closing {

struct ClosingTag {
  static constexpr ops::HandleSpec spec{.noun = "closing", .table = "book_closings", .label = "until_date"};
};
using ClosingId = Id<ClosingTag>;
using ClosingRef = ops::Ref<ClosingTag>;  ///< its last day, its id, or a unique tail of that

/// Whether a day may still get entries. One statement. Errors: conflict "books_closed", naming the closing; details
/// have closing_id and until_date.
void require_open(db::Tx& tx, Date date, std::string_view field = {});
/// The same for the day of an instant in studio.timezone, which is read only where it matters.
void require_open(ops::Context& context, Instant at, std::string_view field = {});

/// The last day that is; nullopt while none is.
std::optional<Date> closed_until(db::Tx& tx);

/// `books close|list|show`.
void register_operations(ops::Registry& registry);

}  // namespace steward::closing
