#pragma once
#include <string>
#include <string_view>

namespace steward {

/// A token reads "stw_<12 public characters>_<43 secret characters>" (docs/contract.md, 7).
inline constexpr std::string_view kTokenMark = "stw_";
inline constexpr std::size_t kTokenPrefixLength = 12, kTokenSecretLength = 43;

/// The text with the secret part of every token in it replaced by "…": what remains still names the token.
std::string without_token_secrets(std::string_view text);

}  // namespace steward
