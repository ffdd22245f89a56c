#include "core/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/charset.h"
#include "core/text.h"

namespace steward {
namespace {

// A spreadsheet would run a cell that begins like a formula (docs/contract.md, 3); in a Japanese one the full-width
// forms do too. Source: OWASP, CSV Injection.
bool looks_like_formula(std::string_view text) {
  if (text.empty()) return false;
  const char first = text[0];
  if (first == '=' || first == '+' || first == '-' || first == '@' || first == '\t' || first == '\r' || first == '\n')
    return true;
  return text.starts_with("＝") || text.starts_with("＋") || text.starts_with("－") || text.starts_with("＠");
}

bool needs_quotes(char c) { return c == ',' || c == '"' || c == '\r' || c == '\n'; }

constexpr std::size_t kChunk = 64 * 1024;
constexpr std::string_view kDelimiters = ",;\t";

/// Puts cells and rows together from pieces; of a row that is too long only its place is kept.
class Rows {
 public:
  Rows(JsonLineHandler& handler, char delimiter) : handler_(handler), delimiter_(delimiter) {}

  void take(std::string_view chunk) {
    while (!chunk.empty()) {
      const auto piece = chunk.substr(0, std::max<std::size_t>(1, plain_run(chunk)));
      grow(piece);
      if (is_plain(piece.front()))
        keep_plain(piece);
      else
        step(piece.front());
      chunk.remove_prefix(piece.size());
    }
  }
  void end() {
    if (inside_) spoil("a quote that is opened is never closed");
    if (size_ > 0) finish_row();
  }

 private:
  bool is_plain(char c) const {
    return inside_ ? c != '"' && c != '\n' : c != delimiter_ && c != '"' && c != '\n' && c != '\r';
  }
  std::size_t plain_run(std::string_view text) const {
    std::size_t n = 0;
    while (n < text.size() && is_plain(text[n])) ++n;
    return n;
  }

  void grow(std::string_view piece) {
    size_ += piece.size();
    if (size_ > kLongestLine)
      forget();
    else
      original_ += piece;
  }
  void forget() {
    too_long_ = true;
    blank_ = false;
    original_.clear();
    cell_.clear();
    cells_.clear();
  }

  void keep_plain(std::string_view piece) {
    if (!inside_) leave_return();
    if (!inside_ && quoted_) spoil("text follows a closing quote");
    keep(piece);
  }
  // What is not plain where it stands.
  void step(char c) {
    if (c == '\n') return inside_ ? break_cell() : finish_row();
    leave_return();
    if (c == '"')
      quote();
    else if (c == '\r')
      returned_ = true;
    else
      finish_cell();
  }

  void break_cell() {
    keep("\n");
    ++line_;
  }
  // A carriage return is the first half of a row's end, and nothing else without quotes.
  void leave_return() {
    if (returned_) spoil("a carriage return stands in it without a line feed");
    returned_ = false;
  }

  // One that opens or closes a cell, or the second of a pair that stands for one.
  void quote() {
    if (inside_) {
      inside_ = false;
      return;
    }
    if (!quoted_ && !cell_.empty()) return spoil("a quote stands inside a cell that does not begin with one");
    if (quoted_) keep("\"");
    inside_ = quoted_ = true;
  }

  void keep(std::string_view piece) {
    if (!too_long_) cell_ += piece;
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
    original_.clear();
    spoiled_.reset();
    inside_ = too_long_ = returned_ = false;
    blank_ = true;
    size_ = 0;
    start_ = ++line_;
  }

  void hand_over() {
    if (too_long_) return bad("line_too_long", fmt::format("The row is longer than {} bytes.", kLongestLine));
    if (header_.empty() && !spoiled_) return take_header();
    if (!spoiled_ && cells_.size() != header_.size())
      spoil(fmt::format("it has {}, the header {}", count_of(cells_.size(), "cell"), header_.size()));
    if (spoiled_) return bad("invalid_csv", fmt::format("The row can't be read: {}.", *spoiled_));
    Json::Object record;
    for (std::size_t i = 0; i < cells_.size(); ++i)
      if (!cells_[i].empty()) record.emplace_back(header_[i], std::move(cells_[i]));
    handler_.record(start_, Json(std::move(record)));
  }

  void bad(const char* code, const std::string& why) {
    auto original = std::string_view(original_);
    if (original.ends_with('\n')) original.remove_suffix(1);
    if (original.ends_with('\r')) original.remove_suffix(1);
    handler_.bad_line(start_, {ErrorKind::usage, code, why}, original);
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
    handler_.columns(header_, delimiter_);
  }

  JsonLineHandler& handler_;
  char delimiter_;
  std::vector<std::string> header_, cells_;
  std::string cell_, original_;
  std::optional<std::string> spoiled_;  ///< why the row can't be read
  bool inside_ = false;                 ///< between two quotes
  bool quoted_ = false;                 ///< the cell began with a quote
  bool returned_ = false;               ///< behind a carriage return
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

void append_guarded_cell(std::string& out, std::string_view text, bool number) {
  const bool guard = !number && looks_like_formula(text);
  if (!guard && std::ranges::none_of(text, needs_quotes)) {
    out += text;
    return;
  }
  out += '"';
  if (guard) out += '\'';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void read_csv(const ByteSource& source, JsonLineHandler& handler, std::optional<char> delimiter) {
  auto front = beginning_of(source);
  Rows rows(handler, delimiter ? *delimiter : delimiter_of(first_line(front)));
  if (front.starts_with(kByteOrderMark)) front.erase(0, kByteOrderMark.size());
  rows.take(front);
  const auto buffer = std::make_unique<std::array<char, kChunk>>();
  while (const auto n = source(*buffer)) rows.take({buffer->data(), n});
  rows.end();
}

// The header of a single column: a word that is no value of JSON.
bool is_one_name(std::string_view line) {
  const auto in_a_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ' ' ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  const bool begins = !line.empty() && in_a_name(line.front()) && !(line.front() >= '0' && line.front() <= '9');
  return begins && std::ranges::all_of(line, in_a_name) && line != "true" && line != "false" && line != "null";
}

void read_records(const ByteSource& source, JsonLineHandler& handler, std::optional<char> delimiter) {
  auto front = beginning_of(source);
  const auto line = trim(first_line(front));
  const bool is_json = line.starts_with('{') || line.starts_with('[');
  const bool is_csv =
      delimiter || (!is_json && (line.find_first_of(kDelimiters) != std::string_view::npos || is_one_name(line)));
  const auto whole = behind(std::move(front), source);
  is_csv ? read_csv(whole, handler, delimiter) : read_json_lines(whole, handler);
}

void append_csv_cell(std::string& out, std::string_view cell, char delimiter) {
  if (cell.find_first_of("\"\r\n") == std::string_view::npos && cell.find(delimiter) == std::string_view::npos) {
    out += cell;
    return;
  }
  out += '"';
  for (const char c : cell) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace steward
