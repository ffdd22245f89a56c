#pragma once
#include <optional>
#include <string>

#include "ops/context.h"

namespace steward::ops {

/// The file whose place a command would take with what it writes (`--to`, `--rejects`). A folder takes files in, and a
/// stream loses nothing.
std::optional<std::string> file_to_replace(const Request& request);

/// A copy, an export, a document: each is put in place of what is there, so that can't be the books or their key.
/// Errors: usage "invalid_target".
void require_other_target(const House& house, const Request& request);

}  // namespace steward::ops
