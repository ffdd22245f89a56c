#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/json.h"

namespace steward {

/// Where bytes come from: fills the front of the buffer and answers how many there are; 0 at the end.
using ByteSource = std::function<std::size_t(std::span<char> buffer)>;

/// A source that hands out these bytes, `at_once` at a time. They must outlive it.
ByteSource bytes_of(std::string_view bytes, std::size_t at_once = 64 * 1024);

/// The longest line that is read; a longer one is a bad line, and is skipped without being kept.
inline constexpr std::size_t kLongestLine = 1024 * 1024;

/// What takes the lines of a stream of JSON lines or CSV. Lines are counted from 1 as an editor counts them, blank ones
/// too.
class JsonLineHandler {
 public:
  virtual ~JsonLineHandler() = default;
  /// What the columns of CSV are called, and what parts them; before the first record.
  virtual void columns(const std::vector<std::string>& names, char delimiter) {
    static_cast<void>(names);
    static_cast<void>(delimiter);
  }
  virtual void record(std::int64_t line, Json value) = 0;
  /// A line that is no JSON ("invalid_json"), no UTF-8, or too long ("line_too_long"). Reading goes on behind it.
  /// `original` is the line as it stands there; of one that is too long nothing was kept.
  virtual void bad_line(std::int64_t line, const Error& error, std::string_view original) = 0;
};

/// Reads JSON lines (one JSON value a line; jsonlines.org), one line at a time: memory does not grow with the stream.
/// A byte order mark at the very beginning is skipped, lines end in LF or CRLF (the last one needs neither), and lines
/// of nothing but blanks and tabs are skipped. Errors: what the source or the handler throws.
void read_json_lines(const ByteSource& source, JsonLineHandler& handler);

}  // namespace steward
