#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "core/enums.h"
#include "core/json_lines.h"

namespace steward {

/// How a file spells letters as bytes: what banks and spreadsheets write.
enum class Charset {
  utf_8,
  utf_16,
  ascii,
  iso_8859_1,
  iso_8859_2,
  iso_8859_15,
  windows_1250,
  windows_1251,
  windows_1252,
  windows_1253,
  macintosh,
  shift_jis,
  gb18030,
  big5,
  euc_kr
};
inline constexpr std::array<std::string_view, 15> kCharsetNames{
    "UTF-8",       "UTF-16",       "ASCII",        "ISO-8859-1",   "ISO-8859-2",
    "ISO-8859-15", "WINDOWS-1250", "WINDOWS-1251", "WINDOWS-1252", "WINDOWS-1253",
    "MACINTOSH",   "SHIFT_JIS",    "GB18030",      "BIG5",         "EUC-KR"};
constexpr EnumNames names_of(Charset) { return {"encoding", kCharsetNames}; }

/// UTF-8's, at the beginning of a file.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// A file of Windows breaks the lines within a cell as it breaks its own.
std::string with_line_feeds(std::string text);

/// The same text in UTF-8, a piece at a time (iconv(3)). Where none is said the bytes stay as they are, but for those
/// that begin with UTF-16's byte order mark; what begins with UTF-8's is UTF-8, whatever is said. A byte that stands
/// for no letter becomes 0xFF, which is no UTF-8, so that whoever reads the lines names the one it is in. Errors: usage
/// "invalid_choice" where this system can't read it; what the source throws.
ByteSource as_utf8(ByteSource source, std::optional<Charset> charset);

}  // namespace steward
