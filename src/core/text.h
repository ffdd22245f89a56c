#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace steward {

/// Text as steward keeps it: valid UTF-8, NFC (utf8proc), white space at both ends removed, no
/// control characters (a line feed and tab are kept when `multiline`), at most `max_characters`
/// code points.
/// Errors: Error{usage, "invalid_text"} naming `field` for bytes that are no UTF-8 or a control
///         character; Error{usage, "text_too_long"} past the limit; Error{usage, "text_empty"} when
///         nothing is left.
std::string clean_text(std::string_view raw, std::string_view field, std::size_t max_characters, bool multiline);

/// Trimmed and lower-cased (ASCII; other letters by Unicode simple folding), checked by RFC 5321 length
/// (64 before the @, 255 behind it, 254 in all) and shape: one @, dot-atom before it, host name with a dot
/// behind it. Errors: Error{usage, "invalid_email"}.
std::string parse_email(std::string_view raw);

/// `[a-z0-9]` words joined by single `-`, at most 100. Errors: Error{usage, "invalid_slug"}.
std::string parse_slug(std::string_view raw);

/// Absolute http or https URL with a host, no control characters or blanks, at most 2000.
/// Errors: Error{usage, "invalid_url"}.
std::string parse_url(std::string_view raw);

bool is_utf8(std::string_view text);
std::size_t code_points(std::string_view utf8);
/// Text as it can be shown at a terminal without moving its cursor: control characters and those that turn the
/// writing direction become blanks, bytes that are no UTF-8 become U+FFFD.
std::string printable(std::string_view text);
/// Columns on a terminal (East Asian wide = 2, combining = 0).
std::size_t display_width(std::string_view utf8);
/// At most `columns` wide; what is cut ends in "…".
std::string cut_to_width(std::string_view utf8, std::size_t columns);

std::string to_lower(std::string_view ascii);
std::string to_upper(std::string_view ascii);
std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
/// As one word for a POSIX shell: quoted where it has to be.
std::string shell_word(std::string_view text);

/// The candidates nearest to a mistyped word, best first: at most three, each within a third of its
/// length (Damerau-Levenshtein). For "did you mean".
std::vector<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

/// "1 invoice", "3 invoices": the plural is the noun + "s" unless given.
std::string count_of(std::size_t n, std::string_view noun, std::string_view plural = {});

}  // namespace steward
