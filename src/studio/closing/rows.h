#pragma once
#include <optional>
#include <string>

#include "ops/context.h"
#include "studio/closing/closing.h"

namespace steward::closing {

struct Closing {
  ClosingId id;
  Date until;
};

extern const std::span<const ops::Column> kClosingColumns;

/// Every closing, one row each.
ops::Listing closing_listing();
Json closing_record(db::Tx& tx, const ClosingId& id);

/// The latest; nullopt while nothing is closed.
std::optional<Closing> last_closing(db::Tx& tx);
/// The first that settled that day.
std::optional<Closing> closing_of(db::Tx& tx, Date date);
/// The one whose last day it is.
std::optional<Closing> closing_until(db::Tx& tx, Date until);

/// Lines of a bank's statement of that day or before that nobody has matched or set aside.
std::int64_t waiting_bank_lines(db::Tx& tx, Date until);

void insert_closing(ops::Context& context, const Closing& closing);

}  // namespace steward::closing
