#pragma once
#include <cstddef>
#include <cstdint>

#include "core/error.h"
#include "core/json.h"

namespace steward::ops {

/// The lines of a file that are refused: all are counted, the first hundred named.
class BadLines {
 public:
  void add(std::int64_t line, const Error& error);
  std::size_t count() const { return count_; }
  /// {"count", "lines": [{"line", "field", "code", "message": "Line 3, amount: …"}]}, for an error's details.
  Json details() const { return Json{{"count", count_}, {"lines", named_}}; }

 private:
  std::size_t count_ = 0;
  Json named_ = Json::array();
};

}  // namespace steward::ops
