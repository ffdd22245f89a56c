#include "core/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/text.h"

namespace steward {
namespace {

constexpr std::size_t kChunk = 64 * 1024;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kDelimiters = ",;\t";

/// Puts cells and rows together, a byte at a time; of a row that is too long only its place is kept.
class Rows {
 public:
  Rows(JsonLineHandler& handler, char delimiter) : handler_(handler), delimiter_(delimiter) {}

  void take(std::string_view chunk) {
    for (const char c : chunk) {
      if (++size_ > kLongestLine) forget();
      step(c);
      if (c == '\n') ++line_;
    }
  }
  void end() {
    if (inside_) spoil("a quote that is opened is never closed");
    if (size_ > 0) finish_row();
  }

 private:
  void step(char c) {
    if (inside_) {
      if (c == '"')
        inside_ = false;
      else
        keep(c);
    } else if (c == '\n') {
      finish_row();
    } else if (c == delimiter_) {
      finish_cell();
    } else if (c == '"') {
      quote();
    } else if (c != '\r') {
      if (quoted_) spoil("text follows a closing quote");
      keep(c);
    }
  }

  // One that opens a cell, or the second of a pair that stands for one.
  void quote() {
    if (!quoted_ && !cell_.empty()) return spoil("a quote stands inside a cell that does not begin with one");
    if (quoted_) keep('"');
    inside_ = quoted_ = true;
  }

  void keep(char c) {
    if (!too_long_) cell_ += c;
  }
  void forget() {
    too_long_ = true;
    blank_ = false;
    cell_.clear();
    cells_.clear();
  }
  void spoil(std::string_view why) {
    if (!spoiled_) spoiled_ = std::string(why);
  }

  void finish_cell() {
    blank_ = blank_ && cell_.empty() && !quoted_;
    if (!too_long_) cells_.push_back(std::move(cell_));
    cell_.clear();
    quoted_ = false;
  }

  void finish_row() {
    const bool one_cell = cells_.empty();
    finish_cell();
    if (!(one_cell && blank_)) hand_over();
    cells_.clear();
    spoiled_.reset();
    inside_ = too_long_ = false;
    blank_ = true;
    size_ = 0;
    start_ = line_ + 1;
  }

  void hand_over() {
    if (too_long_)
      return handler_.bad_line(
          start_, {ErrorKind::usage, "line_too_long", fmt::format("The row is longer than {} bytes.", kLongestLine)});
    if (header_.empty() && !spoiled_) return take_header();
    if (!spoiled_ && cells_.size() != header_.size())
      spoil(fmt::format("it has {}, the header {}", count_of(cells_.size(), "cell"), header_.size()));
    if (spoiled_)
      return handler_.bad_line(start_,
                               {ErrorKind::usage, "invalid_csv", fmt::format("The row can't be read: {}.", *spoiled_)});
    Json record = Json::object();
    for (std::size_t i = 0; i < cells_.size(); ++i)
      if (!cells_[i].empty()) record.set(header_[i], std::move(cells_[i]));
    handler_.record(start_, std::move(record));
  }

  void take_header() {
    std::set<std::string> seen;
    for (const auto& cell : cells_) {
      const auto name = std::string(trim(cell));
      if (name.empty()) refuse_usage("invalid_csv", "The header has a column without a name.");
      if (!seen.insert(name).second)
        refuse_usage("invalid_csv", fmt::format("The header names the column '{}' twice.", name));
      header_.push_back(name);
    }
  }

  JsonLineHandler& handler_;
  char delimiter_;
  std::vector<std::string> header_, cells_;
  std::string cell_;
  std::optional<std::string> spoiled_;  ///< why the row can't be read
  bool inside_ = false;                 ///< between two quotes
  bool quoted_ = false;                 ///< the cell began with a quote
  bool too_long_ = false, blank_ = true;
  std::size_t size_ = 0;
  std::int64_t line_ = 1, start_ = 1;
};

/// The source again, from its beginning, with what was looked at already in front.
ByteSource behind(std::string front, const ByteSource& source) {
  return [front = std::move(front), at = std::size_t{0}, &source](std::span<char> buffer) mutable {
    if (at == front.size()) return source(buffer);
    const auto n = std::min(buffer.size(), front.size() - at);
    std::copy_n(front.data() + at, n, buffer.data());
    at += n;
    return n;
  };
}

/// What the source begins with, up to its first line's end if that lies within a chunk.
std::string beginning_of(const ByteSource& source) {
  std::string out;
  std::array<char, 4096> buffer;
  while (out.size() < kChunk && out.find('\n') == std::string::npos) {
    const auto n = source(buffer);
    if (n == 0) break;
    out.append(buffer.data(), n);
  }
  return out;
}

std::string_view first_line(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text.substr(0, text.find('\n'));
}

char delimiter_of(std::string_view header) {
  const auto at = header.find_first_of(kDelimiters);
  return at == std::string_view::npos ? kDelimiters.front() : header[at];
}

}  // namespace

void read_csv(const ByteSource& source, JsonLineHandler& handler) {
  auto front = beginning_of(source);
  Rows rows(handler, delimiter_of(first_line(front)));
  if (front.starts_with(kByteOrderMark)) front.erase(0, kByteOrderMark.size());
  rows.take(front);
  const auto buffer = std::make_unique<std::array<char, kChunk>>();
  while (const auto n = source(*buffer)) rows.take({buffer->data(), n});
  rows.end();
}

void read_records(const ByteSource& source, JsonLineHandler& handler) {
  auto front = beginning_of(source);
  const auto line = trim(first_line(front));
  const bool is_csv =
      !line.starts_with('{') && !line.starts_with('[') && line.find_first_of(kDelimiters) != std::string_view::npos;
  const auto whole = behind(std::move(front), source);
  is_csv ? read_csv(whole, handler) : read_json_lines(whole, handler);
}

}  // namespace steward
