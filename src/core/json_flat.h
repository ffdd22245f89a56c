#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

#include "core/json.h"

namespace steward {

/// How many bytes at the front stand for themselves inside a JSON string: ASCII but for controls, '"' and '\'.
std::size_t plain_run(std::string_view text);

/// What nearly every line of an import is: one object of texts without escapes, whole numbers, truths and nulls, few
/// members, none twice. Nullopt for anything else, also for what is wrong; then the library reads it, and says what is.
std::optional<Json> read_flat_object(std::string_view text);

/// What parse_json() does with all other texts, by the library. For the tests: the two never differ.
Json parse_any_json(std::string_view text);

}  // namespace steward
