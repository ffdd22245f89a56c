#pragma once
#include <optional>
#include <string_view>

namespace steward {

/// The ISO 4217 minor-unit exponent of an upper-case code, or nullopt when it is not on the list.
std::optional<int> currency_exponent(std::string_view code);

}  // namespace steward
