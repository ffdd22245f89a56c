#pragma once
#include <array>
#include <concepts>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/error.h"
#include "core/text.h"

namespace steward {

/// An enumeration that is stored and typed by name is described once, beside its declaration:
///
///     enum class Status { draft, sent };
///     constexpr std::array<std::string_view, 2> kStatusNames{"DRAFT", "SENT"};
///     constexpr EnumNames names_of(Status) { return {"status", kStatusNames}; }
///
/// in the order of its values, which start at 0. Everything else (parsing in any case, the list
/// in the help, the JSON schema) is derived from that.
struct EnumNames {
  std::string_view noun;                       ///< for the sentence: "Unknown status …"
  std::span<const std::string_view> spelling;  ///< as stored
};

template <class E>
concept NamedEnum = std::is_enum_v<E> && requires(E e) {
  { names_of(e) } -> std::same_as<EnumNames>;
};

/// As stored.
template <NamedEnum E>
std::string_view to_text(E value) {
  return names_of(value).spelling[static_cast<std::size_t>(value)];
}

/// The index of `text` (any case; '-' is read as '_') in `names`.
/// Errors: Error{usage, "invalid_choice"} that lists what is allowed.
std::size_t choose(EnumNames names, std::string_view text);

template <NamedEnum E>
E parse_enum(std::string_view text) {
  return static_cast<E>(choose(names_of(E{}), text));
}

}  // namespace steward
