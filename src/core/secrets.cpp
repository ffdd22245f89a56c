#include "core/secrets.h"

#include <algorithm>

namespace steward {
namespace {

bool is_prefix(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

// base64url
constexpr std::string_view kSecretCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Where the secret of a token that starts at `at` begins; npos when none starts there.
std::size_t secret_of(std::string_view text, std::size_t at) {
  const auto prefix = at + kTokenMark.size(), end = prefix + kTokenPrefixLength;
  const bool token = end < text.size() && text[end] == '_' && is_prefix(text.substr(prefix, kTokenPrefixLength));
  return token ? end + 1 : std::string_view::npos;
}

}  // namespace

std::string without_token_secrets(std::string_view text) {
  std::string out;
  for (auto at = text.find(kTokenMark); at != std::string_view::npos; at = text.find(kTokenMark)) {
    const auto secret = secret_of(text, at);
    const auto kept = secret == std::string_view::npos ? at + kTokenMark.size() : secret;
    out += text.substr(0, kept);
    text.remove_prefix(kept);
    if (secret == std::string_view::npos || text.empty()) continue;
    const auto end = std::min(text.find_first_not_of(kSecretCharacters), text.size());
    if (end > 0) out += "…";
    text.remove_prefix(end);
  }
  return out.append(text);
}

}  // namespace steward
