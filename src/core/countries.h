#pragma once
#include <string>
#include <string_view>

namespace steward {

/// A country by its two letters (ISO 3166-1 alpha-2), in upper case, however it was typed.
/// Errors: Error{usage, "invalid_choice"}.
std::string parse_country(std::string_view typed);

}  // namespace steward
