#pragma once
#include <fmt/format.h>

#include <string>
#include <string_view>

#include "core/error.h"
#include "core/phrase.h"
#include "ops/argument.h"

namespace steward::ledger {

/// A month of the calendar, "2026-11".
struct Month {
  std::string value;
};

}  // namespace steward::ledger

template <>
struct steward::ops::ArgumentType<steward::ledger::Month> {
  static TypeInfo info() { return {"MONTH", "YYYY-MM"}; }
  static ledger::Month parse(std::string_view text, std::string_view) {
    try {
      return {month_text(parse_date(std::string(text) + "-01"))};
    } catch (const Error&) {
      refuse_usage("invalid_date", fmt::format("Not a month: {}.", in_quotes(text)), {}, "Write it like 2026-11.");
    }
  }
};
