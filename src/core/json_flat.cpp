#include "core/json_flat.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>

#include "core/utf8.h"

namespace steward {
namespace {

/// Bytes that stand for themselves inside a JSON string: ASCII but for controls, '"' and '\'.
constexpr auto kPlain = [] {
  std::array<bool, 256> plain{};
  for (int c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

/// True when all eight bytes are plain: tests them at once, with the usual "has a zero byte" trick.
bool eight_plain(const char* at) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHighs = 0x8080808080808080;
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  const auto zero_in = [&](std::uint64_t x) { return (x - kOnes) & ~x; };
  const std::uint64_t odd = word | (word - kOnes * 0x20) | zero_in(word ^ kOnes * '"') | zero_in(word ^ kOnes * '\\');
  return (odd & kHighs) == 0;
}

constexpr std::size_t kMostMembers = 16;
constexpr std::size_t kMostDigits = 18;  // any such number fits

class FlatReader {
 public:
  explicit FlatReader(std::string_view text) : rest_(text) {}

  std::optional<Json> read() {
    if (!take('{')) return std::nullopt;
    Json::Object members;
    members.reserve(8);
    if (!take('}')) do {
        std::string_view name;
        if (members.size() == kMostMembers || !take_text(name) || is_known(members, name) || !take(':'))
          return std::nullopt;
        auto& member = members.emplace_back(std::string(name), Json());
        if (!take_value(member.second)) return std::nullopt;
      } while (take(','));
    if (!members.empty() && !take('}')) return std::nullopt;
    skip_blanks();
    if (!rest_.empty()) return std::nullopt;
    return Json(std::move(members));
  }

 private:
  static bool is_known(const Json::Object& members, std::string_view name) {
    for (const auto& member : members)
      if (member.first == name) return true;
    return false;
  }

  void skip_blanks() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t' || rest_[0] == '\n' || rest_[0] == '\r'))
      rest_.remove_prefix(1);
  }
  bool take(char c) {
    skip_blanks();
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take_word(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  // A string without escapes, in valid UTF-8.
  bool take_text(std::string_view& out) {
    if (!take('"')) return false;
    std::size_t n = 0;
    for (;;) {
      n += plain_run(rest_.substr(n));
      if (n == rest_.size()) return false;
      if (rest_[n] == '"') break;
      const auto length = static_cast<unsigned char>(rest_[n]) < 0x80 ? 0 : utf8_length(rest_.substr(n));
      if (length == 0) return false;
      n += length;
    }
    out = rest_.substr(0, n);
    rest_.remove_prefix(n + 1);
    return true;
  }

  bool take_number(Json& out) {
    std::size_t n = rest_.starts_with('-') ? 1 : 0;
    const auto first = n;
    while (n < rest_.size() && rest_[n] >= '0' && rest_[n] <= '9') ++n;
    const auto digits = n - first;
    if (digits == 0 || digits > kMostDigits || (rest_[first] == '0' && (digits > 1 || first == 1))) return false;
    if (n < rest_.size() && (rest_[n] == '.' || rest_[n] == 'e' || rest_[n] == 'E')) return false;
    std::int64_t value = 0;
    std::from_chars(rest_.data(), rest_.data() + n, value);
    rest_.remove_prefix(n);
    out = Json(value);
    return true;
  }

  bool take_value(Json& out) {
    skip_blanks();
    std::string_view text;
    if (rest_.starts_with('"')) {
      if (!take_text(text)) return false;
      out = Json(text);
      return true;
    }
    if (take_word("null")) return true;
    if (take_word("true")) return out = Json(true), true;
    if (take_word("false")) return out = Json(false), true;
    return take_number(out);
  }

  std::string_view rest_;
};

}  // namespace

std::size_t plain_run(std::string_view text) {
  std::size_t n = 0;
  while (n + 8 <= text.size() && eight_plain(text.data() + n)) n += 8;
  while (n < text.size() && kPlain[static_cast<unsigned char>(text[n])]) ++n;
  return n;
}

std::optional<Json> read_flat_object(std::string_view text) { return FlatReader(text).read(); }

}  // namespace steward
