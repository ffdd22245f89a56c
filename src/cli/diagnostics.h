#pragma once
#include <string_view>

namespace steward::cli {

/// Writes to standard error, at once. That it is closed or full is nobody's failure: the exit code says what there is
/// to say.
void diagnose(std::string_view text);

}  // namespace steward::cli
