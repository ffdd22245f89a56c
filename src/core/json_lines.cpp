#include "core/json_lines.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include <fmt/format.h>

#include "core/charset.h"

namespace steward {
namespace {

constexpr std::size_t kChunk = 64 * 1024;

// Puts lines together from chunks. Of a line that is too long only its number is kept.
class Lines {
 public:
  explicit Lines(JsonLineHandler& handler) : handler_(handler) {}

  void take(std::string_view chunk) {
    while (!chunk.empty()) {
      const auto end = chunk.find('\n');
      keep(chunk.substr(0, end));
      if (end == std::string_view::npos) return;
      finish();
      chunk.remove_prefix(end + 1);
    }
  }
  void end() {
    if (!line_.empty() || too_long_) finish();
  }

 private:
  void keep(std::string_view piece) {
    // One more than is read, for a carriage return.
    if (too_long_ || line_.size() + piece.size() > kLongestLine + 1) {
      too_long_ = true;
      line_.clear();
      return;
    }
    line_.append(piece);
  }

  void finish() {
    ++number_;
    std::string_view text = line_;
    if (number_ == 1 && text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (too_long_ || text.size() > kLongestLine)
      handler_.bad_line(
          number_, {ErrorKind::usage, "line_too_long", fmt::format("The line is longer than {} bytes.", kLongestLine)},
          {});
    else if (text.find_first_not_of(" \t") != std::string_view::npos)
      parse(text);
    line_.clear();
    too_long_ = false;
  }

  void parse(std::string_view text) {
    Json value;
    try {
      value = parse_json(text);
    } catch (const Error& error) {
      return handler_.bad_line(number_, error, text);
    }
    handler_.record(number_, std::move(value));
  }

  JsonLineHandler& handler_;
  std::string line_;
  std::int64_t number_ = 0;
  bool too_long_ = false;
};

}  // namespace

ByteSource bytes_of(std::string_view bytes, std::size_t at_once) {
  return [bytes, at_once](std::span<char> buffer) mutable {
    const auto n = std::min({bytes.size(), buffer.size(), at_once});
    std::copy_n(bytes.data(), n, buffer.data());
    bytes.remove_prefix(n);
    return n;
  };
}

void read_json_lines(const ByteSource& source, JsonLineHandler& handler) {
  Lines lines(handler);
  const auto buffer = std::make_unique<std::array<char, kChunk>>();
  while (const auto n = source(*buffer)) lines.take({buffer->data(), n});
  lines.end();
}

}  // namespace steward
