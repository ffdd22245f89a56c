#pragma once
#include <optional>
#include <string>

#include "core/instant.h"

namespace steward::closing {

/// Only days that are over are closed: what is dated now never needs to ask. Errors: usage "in_the_future".
void require_over(Date until, Date today);

/// A closing goes further than the one before it. Errors: conflict "books_closed".
void require_later(Date until, const std::optional<Date>& last);

/// What is dated `date` would change what closing `closing_id` settled. Errors: always conflict "books_closed".
[[noreturn]] void refuse_closed(Date date, Date until, const std::string& closing_id, std::string_view field);

}  // namespace steward::closing
