#include "core/utf8.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace steward {
namespace {

utf8proc_ssize_t iterate(std::string_view text, utf8proc_int32_t& point) {
  return utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                          static_cast<utf8proc_ssize_t>(text.size()), &point);
}

}  // namespace

Utf8Character utf8_at(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return {first, 1};
  utf8proc_int32_t point;
  const auto length = iterate(text, point);
  if (length <= 0) return {U'\uFFFD', 1};
  return {static_cast<char32_t>(point), static_cast<std::size_t>(length)};
}

std::size_t utf8_length(std::string_view text) {
  utf8proc_int32_t point;
  return static_cast<std::size_t>(std::max<utf8proc_ssize_t>(iterate(text, point), 0));
}

bool is_ascii(std::string_view text) {
  constexpr std::uint64_t kHighs = 0x8080808080808080;
  std::size_t n = 0;
  for (std::uint64_t word; n + sizeof word <= text.size(); n += sizeof word) {
    std::memcpy(&word, text.data() + n, sizeof word);
    if (word & kHighs) return false;
  }
  return std::all_of(text.begin() + n, text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::size_t width_of(char32_t point) {
  return point < 0x80 ? 1 : static_cast<std::size_t>(std::max(utf8proc_charwidth(static_cast<int>(point)), 0));
}

}  // namespace steward
