#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace steward {

/// What somebody typed, for use inside a sentence: in quotes, on one line, at most 60 columns.
std::string in_quotes(std::string_view typed);

/// "A", "A or B", "A, B or C".
std::string either(const std::vector<std::string_view>& words);

}  // namespace steward
