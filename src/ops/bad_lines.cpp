#include "ops/bad_lines.h"

#include <fmt/format.h>

namespace steward::ops {

constexpr std::size_t kNamed = 100;

void BadLines::add(std::int64_t line, const Error& error) {
  if (++count_ > kNamed) return;
  const auto& field = error.field();
  named_.push(Json{{"line", line},
                   {"field", field.empty() ? Json() : Json(field)},
                   {"code", error.code()},
                   {"message", fmt::format("Line {}{}{}: {}", line, field.empty() ? "" : ", ", field, error.what())}});
}

}  // namespace steward::ops
