#pragma once
#include <span>
#include <string_view>

#include "core/error.h"

namespace steward {

/// One code of the closed set that scripts may rely on. `steward explain CODE` prints it, docs/errors.md lists it, and
/// a test fails for a code that src/ throws and this table lacks.
struct ErrorCode {
  std::string_view code;
  ErrorKind kind;            ///< the exit code; some codes occur under a second kind, named in `meaning`
  std::string_view meaning;  ///< what happened, in a sentence
  std::string_view advice;   ///< what to do
};

/// Sorted by code.
std::span<const ErrorCode> error_codes();
/// nullptr for a code that does not exist.
const ErrorCode* find_error_code(std::string_view code);

}  // namespace steward
