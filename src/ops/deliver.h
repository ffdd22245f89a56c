#pragma once
#include <string>
#include <string_view>

#include "ops/context.h"

namespace steward::ops {

/// Puts what a command wrote where its --to says, as replace_file does. On standard output it is all that the command
/// says: it takes the place of the answer. `keep` is false in a dry run, which writes no file.
void deliver(Change& change, const std::string& to, std::string_view content, bool keep);

/// The file that `to` stands for: itself, or where it is a folder the one of that name in it. Asks before that one is
/// replaced; of `to` itself the pipeline has asked. Errors: precondition "confirmation_needed"; usage "invalid_target"
/// for the database's own file, "unsupported_combination" when several subjects would go to one place.
std::string file_for(const Context& context, const std::string& to, const std::string& name);

}  // namespace steward::ops
