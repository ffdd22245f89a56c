#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "ops/registry.h"

namespace steward::cli {

enum class Shell { bash, zsh, fish };
inline constexpr std::array<std::string_view, 3> kShellNames{"BASH", "ZSH", "FISH"};
constexpr EnumNames names_of(Shell) { return {"shell", kShellNames}; }

/// The script a shell sources. It asks `steward __complete` at each Tab, so it never grows old.
std::string completion_script(Shell shell);

/// What may stand where the last of `words` stands, as "value<TAB>what it is" lines. Live values (slugs, numbers, ids)
/// come from the database when the caller may read it; anything that goes wrong there just completes nothing.
std::string complete(ops::Registry& registry, const std::vector<std::string>& words);

}  // namespace steward::cli
