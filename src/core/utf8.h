#pragma once
#include <cstddef>
#include <string_view>

namespace steward {

/// One character read from the front of a text.
struct Utf8Character {
  char32_t point;
  std::size_t length;  ///< bytes; at least 1
};

/// The character that a text (not empty) begins with. A byte that is no UTF-8 reads as U+FFFD of length 1.
Utf8Character utf8_at(std::string_view text);

/// The bytes of the character that a text (not empty) begins with, or 0 when they are no UTF-8.
std::size_t utf8_length(std::string_view text);

/// True for the second and later bytes of a character.
inline bool is_utf8_tail(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

/// True when every byte is below 0x80; looks at eight at a time.
bool is_ascii(std::string_view text);

/// Columns of that character on a terminal: 0, 1 or 2.
std::size_t width_of(char32_t point);

}  // namespace steward
