#include "studio/closing/rules.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/id.h"

namespace steward::closing {

void require_over(Date until, Date today) {
  if (until < today) return;
  refuse_usage("in_the_future", fmt::format("{} is not over: only days that are can be closed.", to_text(until)),
               "until", fmt::format("Today is {} in studio.timezone.", to_text(today)));
}

void require_later(Date until, const std::optional<Date>& last) {
  if (!last || *last < until) return;
  throw Error{ErrorKind::conflict, "books_closed",
              fmt::format("The books are closed until {} already; a closing is never taken back.", to_text(*last)),
              "Close them until a later day."}
      .at("until")
      .with(Json{{"until_date", to_text(*last)}});
}

void refuse_closed(Date date, Date until, const std::string& closing_id, std::string_view field) {
  Error error{ErrorKind::conflict, "books_closed",
              fmt::format("The books are closed until {} (closing {}): nothing dated {} is added or undone any more.",
                          to_text(until), short_id(closing_id), to_text(date)),
              "Date it later, or take it down as of today: invoices credit, payments refund, payments record."};
  if (!field.empty()) error.at(field);
  throw std::move(error).with(Json{{"closing_id", closing_id}, {"until_date", to_text(until)}});
}

}  // namespace steward::closing
