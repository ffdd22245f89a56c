#include "core/text.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "core/error.h"
#include "core/phrase.h"
#include "core/utf8.h"

namespace steward {
namespace {

/// Unicode's White_Space property.
bool is_blank(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); }
bool is_line_separator(char32_t c) { return c == 0x2028 || c == 0x2029; }
/// Characters that make text look other than it is: overrides of the writing direction, and the byte order mark.
bool is_deceptive(char32_t c) { return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF; }

/// Removes white space, of Unicode too, from both ends of valid UTF-8.
std::string_view trim_unicode(std::string_view text) {
  while (!text.empty()) {
    const auto first = utf8_at(text);
    if (!is_blank(first.point)) break;
    text.remove_prefix(first.length);
  }
  while (!text.empty()) {
    auto start = text.size() - 1;
    while (start > 0 && is_utf8_tail(text[start])) --start;
    if (!is_blank(utf8_at(text.substr(start)).point)) break;
    text = text.substr(0, start);
  }
  return text;
}

/// Valid UTF-8 in Unicode's composed form (NFC).
std::string composed(std::string_view text) {
  if (is_ascii(text)) return std::string(text);
  utf8proc_uint8_t* result = nullptr;
  const auto size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                   &result, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, void (*)(void*)> owner(result, std::free);
  if (size < 0) throw Error{ErrorKind::defect, "defect", fmt::format("NFC failed: {}.", utf8proc_errmsg(size))};
  return {reinterpret_cast<const char*>(result), static_cast<std::size_t>(size)};
}

[[noreturn]] void refuse_text(std::string_view code, std::string_view field, std::string_view why) {
  const auto subject = field.empty() ? std::string("text") : fmt::format("text of {}", field);
  refuse_usage(code, fmt::format("The {} {}.", subject, why), field);
}

void require_clean(std::string_view text, std::string_view field, bool multiline) {
  for (std::size_t i = 0; i < text.size();) {
    const auto [c, length] = utf8_at(text.substr(i));
    const bool kept = multiline && (c == '\n' || c == '\t' || is_line_separator(c));
    if (!kept && (is_control(c) || is_line_separator(c) || is_deceptive(c)))
      refuse_text("invalid_text", field, fmt::format("has a control character (U+{:04X})", std::uint32_t{c}));
    i += length;
  }
}

/// Whether a character leaves a mark of its own: no blank, nothing of zero width, nothing that only shapes others.
bool is_visible(char32_t c) {
  constexpr char32_t kBlankBraille = 0x2800;
  const auto* of = utf8proc_get_property(static_cast<int>(c));
  switch (of->category) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return false;
    default:
      return !of->ignorable && c != kBlankBraille;
  }
}

bool has_visible(std::string_view text) {
  while (!text.empty()) {
    const auto [c, length] = utf8_at(text);
    if (is_visible(c)) return true;
    text.remove_prefix(length);
  }
  return false;
}

/// Lower case of valid UTF-8, one code point for one.
std::string lower_case(std::string_view text) {
  if (is_ascii(text)) return to_lower(text);
  std::string out;
  while (!text.empty()) {
    const auto [c, length] = utf8_at(text);
    utf8proc_uint8_t bytes[4];
    out.append(reinterpret_cast<char*>(bytes), utf8proc_encode_char(utf8proc_tolower(static_cast<int>(c)), bytes));
    text.remove_prefix(length);
  }
  return out;
}

bool is_letter_or_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Letters, digits and marks outside ASCII (RFC 6531); ASCII is decided by the caller.
bool is_foreign_letter(char32_t c) {
  if (c < 0x80) return false;
  const auto category = utf8proc_category(static_cast<int>(c));
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
}

/// True when `word` is not empty and every ASCII character is a letter, a digit or one of `others`, every other
/// character a letter, digit or mark.
bool consists_of(std::string_view word, std::string_view others) {
  for (auto rest = word; !rest.empty();) {
    const auto [c, length] = utf8_at(rest);
    const bool known =
        c < 0x80 ? is_letter_or_digit(rest[0]) || others.find(rest[0]) != others.npos : is_foreign_letter(c);
    if (!known) return false;
    rest.remove_prefix(length);
  }
  return !word.empty();
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_host_label(std::string_view label) {
  return label.size() <= 63 && consists_of(label, "-") && !label.starts_with('-') && !label.ends_with('-');
}

/// A name with at least one dot whose last label is no number ("10.0.0.1" is none).
bool is_mail_host(std::string_view host) {
  const auto labels = split(host, '.');
  return labels.size() >= 2 && std::all_of(labels.begin(), labels.end(), is_host_label) && !is_number(labels.back());
}

bool is_dot_atom(std::string_view local) {
  const auto atoms = split(local, '.');
  return std::all_of(atoms.begin(), atoms.end(), [](auto atom) { return consists_of(atom, "!#$%&'*+-/=?^_`{|}~"); });
}

bool is_email(std::string_view text) {
  constexpr std::size_t kLongestLocal = 64, kLongestHost = 255, kLongest = 254;
  const auto parts = split(text, '@');
  return parts.size() == 2 && text.size() <= kLongest && parts[0].size() <= kLongestLocal &&
         parts[1].size() <= kLongestHost && is_dot_atom(parts[0]) && is_mail_host(parts[1]);
}

bool is_port(std::string_view text) {
  return is_number(text) && text.size() <= 5 && std::atoi(std::string(text).c_str()) <= 65'535;
}

/// Takes the host off the front of "host:port"; in brackets it is an IPv6 address.
std::string_view take_host(std::string_view& authority) {
  const bool bracketed = authority.starts_with('[');
  const auto end = bracketed ? authority.find(']') : authority.find(':');
  const auto size = end == authority.npos ? authority.size() : end + (bracketed ? 1 : 0);
  const auto host = authority.substr(0, size);
  authority.remove_prefix(size);
  return host;
}

bool is_url_host(std::string_view host) {
  if (!host.starts_with('[')) return consists_of(host, "-._");
  if (host.size() < 4 || !host.ends_with(']')) return false;
  const auto address = host.substr(1, host.size() - 2);
  return address.find(':') != address.npos && address.find_first_not_of("0123456789abcdefABCDEF:.") == address.npos;
}

/// The part between "//" and the path: an optional "user@", a host, an optional ":port".
bool is_authority(std::string_view authority) {
  if (const auto at = authority.rfind('@'); at != authority.npos) authority.remove_prefix(at + 1);
  const auto host = take_host(authority);
  if (!is_url_host(host)) return false;
  return authority.empty() || (authority.starts_with(':') && is_port(authority.substr(1)));
}

bool has_url_characters(std::string_view text) {
  constexpr std::string_view kNever = "\"<>\\^`{|}";  // RFC 3986 has them nowhere in a URL
  while (!text.empty()) {
    const auto [c, length] = utf8_at(text);
    if (is_control(c) || is_blank(c) || is_deceptive(c) || (c < 0x80 && kNever.find(text[0]) != kNever.npos))
      return false;
    text.remove_prefix(length);
  }
  return true;
}

bool is_url(std::string_view text) {
  constexpr std::size_t kLongest = 2000;
  if (text.size() > kLongest || !is_utf8(text) || !has_url_characters(text)) return false;
  const auto colon = text.find("://");
  if (colon == text.npos) return false;
  const auto scheme = to_lower(text.substr(0, colon));
  text.remove_prefix(colon + 3);
  return (scheme == "http" || scheme == "https") && is_authority(text.substr(0, text.find_first_of("/?#")));
}

bool is_slug(std::string_view text) {
  constexpr std::size_t kLongest = 100;
  const auto words = split(text, '-');
  return text.size() <= kLongest && std::all_of(words.begin(), words.end(), [](std::string_view word) {
           return consists_of(word, "") && is_ascii(word) && to_lower(word) == word;
         });
}

std::string map_ascii(std::string_view text, char first, char last) {
  std::string out(text);
  for (char& c : out)
    if (c >= first && c <= last) c ^= 0x20;
  return out;
}

/// How many letters must be added, dropped, replaced or swapped with their neighbour to turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> older(b.size() + 1), old(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    older.swap(old);
    old.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({old[j] + 1, row[j - 1] + 1, old[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], older[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::string clean_text(std::string_view raw, std::string_view field, std::size_t max_characters, bool multiline) {
  if (!is_utf8(raw)) refuse_text("invalid_text", field, "is not valid UTF-8");
  auto text = composed(trim_unicode(raw));
  require_clean(text, field, multiline);
  if (text.empty()) refuse_text("text_empty", field, "is empty");
  if (!has_visible(text)) refuse_text("text_empty", field, "has no visible character");
  if (const auto n = code_points(text); n > max_characters)
    refuse_text("text_too_long", field, fmt::format("has {} characters; at most {} fit", n, max_characters));
  return text;
}

std::string parse_email(std::string_view raw) {
  if (is_utf8(raw)) {
    auto email = composed(lower_case(trim_unicode(raw)));
    if (is_email(email)) return email;
  }
  refuse_usage("invalid_email", fmt::format("Not an e-mail address: {}.", in_quotes(raw)), {},
               "Write it like ada@example.com.");
}

std::string parse_slug(std::string_view raw) {
  if (is_slug(raw)) return std::string(raw);
  refuse_usage("invalid_slug", fmt::format("Not a slug: {}.", in_quotes(raw)), {},
               "Write at most 100 characters: words of a-z and 0-9, joined by a single hyphen.");
}

std::string parse_url(std::string_view raw) {
  if (is_url(raw)) return std::string(raw);
  refuse_usage("invalid_url", fmt::format("Not a web address: {}.", in_quotes(raw)), {},
               "Write it like https://example.com/page, at most 2000 bytes.");
}

bool is_utf8(std::string_view text) {
  while (!is_ascii(text)) {
    const auto first =
        std::find_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    text.remove_prefix(first - text.begin());
    const auto length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::size_t code_points(std::string_view utf8) {
  return utf8.size() - std::count_if(utf8.begin(), utf8.end(), is_utf8_tail);
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto [c, length] = utf8_at(text);
    if (is_control(c) || is_line_separator(c) || is_deceptive(c))
      out += ' ';
    else if (c == U'\uFFFD')
      out += "\uFFFD";
    else
      out += text.substr(0, length);
    text.remove_prefix(length);
  }
  return out;
}

std::size_t display_width(std::string_view utf8) {
  if (is_ascii(utf8)) return utf8.size();
  std::size_t width = 0;
  while (!utf8.empty()) {
    const auto [c, length] = utf8_at(utf8);
    width += width_of(c);
    utf8.remove_prefix(length);
  }
  return width;
}

std::string cut_to_width(std::string_view utf8, std::size_t columns) {
  if (display_width(utf8) <= columns) return std::string(utf8);
  if (columns == 0) return {};
  std::size_t width = 0, kept = 0;
  while (kept < utf8.size()) {
    const auto [c, length] = utf8_at(utf8.substr(kept));
    if (width + width_of(c) > columns - 1) break;
    width += width_of(c);
    kept += length;
  }
  return std::string(utf8.substr(0, kept)) + "…";
}

std::string to_lower(std::string_view ascii) { return map_ascii(ascii, 'A', 'Z'); }
std::string to_upper(std::string_view ascii) { return map_ascii(ascii, 'a', 'z'); }

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\v\f";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  for (auto at = text.find(separator); at != text.npos; at = text.find(separator)) {
    out.push_back(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  out.push_back(text);
  return out;
}

std::string shell_word(std::string_view text) {
  constexpr std::string_view kPlain = "-_./:=@%+,";
  const auto plain = [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kPlain.find(c) != std::string_view::npos;
  };
  if (!text.empty() && std::ranges::all_of(text, plain)) return std::string(text);
  std::string out = "'";
  for (const char c : text)
    if (c == '\'')
      out += R"('\'')";
    else
      out += c;
  return out += '\'';
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const auto& part : parts) {
    if (&part != &parts.front()) out += separator;
    out += part;
  }
  return out;
}

std::vector<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates) {
  constexpr std::size_t kMost = 3;
  std::vector<std::pair<std::size_t, const std::string*>> close;
  for (const auto& candidate : candidates) {
    const auto limit = candidate.size() / 3;
    if (word.size() > candidate.size() + limit) continue;
    const auto distance = edit_distance(to_lower(word), to_lower(candidate));
    if (distance <= limit) close.emplace_back(distance, &candidate);
  }
  std::stable_sort(close.begin(), close.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  if (close.size() > kMost) close.resize(kMost);
  std::vector<std::string> out;
  out.reserve(close.size());
  for (const auto& [distance, candidate] : close) out.push_back(*candidate);
  return out;
}

std::string count_of(std::size_t n, std::string_view noun, std::string_view plural) {
  if (n == 1) return fmt::format("1 {}", noun);
  return plural.empty() ? fmt::format("{} {}s", n, noun) : fmt::format("{} {}", n, plural);
}

}  // namespace steward
