#pragma once
#include <string>
#include <string_view>

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
    return {month_text(parse_date(std::string(text) + "-01"))};
  }
};
