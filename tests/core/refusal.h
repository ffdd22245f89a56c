#pragma once
#include <optional>
#include <string>

#include "core/error.h"

namespace steward::test {

/// The error that `action` throws, if it does.
template <class Action>
std::optional<Error> refusal(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

/// The code of that error; "" when there is none.
template <class Action>
std::string refusal_code(Action&& action) {
  const auto error = refusal(action);
  return error ? error->code() : "";
}

}  // namespace steward::test
