#pragma once
#include <string>
#include <string_view>

#include "ops/change.h"

namespace steward::ops {

/// Puts what a command wrote where its --to says, as replace_file does. On standard output it is all that the command
/// says: it takes the place of the answer. `keep` is false in a dry run, which writes no file.
void deliver(Change& change, const std::string& to, std::string_view content, bool keep);

}  // namespace steward::ops
