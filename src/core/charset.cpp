#include "core/charset.h"

#include <fmt/format.h>
#include <iconv.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace steward {
namespace {

constexpr std::size_t kChunk = 16 * 1024;
constexpr char kNoLetter = '\xFF';

/// One conversion on its way.
class Decoder {
 public:
  Decoder(ByteSource source, std::optional<Charset> charset) : source_(std::move(source)), charset_(charset) {}
  ~Decoder() {
    if (conversion_ != kNone) ::iconv_close(conversion_);
  }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  std::size_t read(std::span<char> buffer) {
    if (!begun_) begin();
    while (at_ == ready_.size() && !ended_) fill();
    const auto n = std::min(buffer.size(), ready_.size() - at_);
    std::copy_n(ready_.data() + at_, n, buffer.data());
    at_ += n;
    return n;
  }

 private:
  static inline const iconv_t kNone = reinterpret_cast<iconv_t>(-1);

  void begin() {
    begun_ = true;
    look();
    if (!charset_ || *charset_ == Charset::utf_8) return;
    conversion_ = ::iconv_open("UTF-8", std::string(to_text(*charset_)).c_str());
    if (conversion_ == kNone)
      refuse_usage("invalid_choice", fmt::format("This system can't read {}.", to_text(*charset_)), "encoding",
                   "Convert the file to UTF-8 with another program.");
  }

  void look() {
    while (raw_.size() < kByteOrderMark.size() && take_in()) {
    }
    if (raw_.starts_with(kByteOrderMark)) charset_ = Charset::utf_8;
    if (!charset_ && (raw_.starts_with("\xFF\xFE") || raw_.starts_with("\xFE\xFF"))) charset_ = Charset::utf_16;
  }

  // Adds to what is not converted yet; false at the source's end.
  bool take_in() {
    const auto before = raw_.size();
    raw_.resize(before + kChunk);
    const auto got = source_({raw_.data() + before, kChunk});
    raw_.resize(before + got);
    return got > 0;
  }

  void fill() {
    ready_.clear();
    at_ = 0;
    const bool more = take_in();
    if (conversion_ == kNone) {
      ready_.swap(raw_);
      ended_ = !more;
      return;
    }
    convert(!more);
    ended_ = !more;
  }

  // All but a letter that is cut at the end; at the very end that is none either.
  void convert(bool last) {
    auto* in = raw_.data();
    auto left = raw_.size();
    while (left > 0) {
      const bool done = convert_run(in, left);
      if (done && left == 0) break;
      if (done && !last) break;
      in += unit(left);
      left -= unit(left);
      ready_ += kNoLetter;
    }
    raw_.erase(0, raw_.size() - left);
  }

  // False where it met what is no letter; true at the end, of which a cut letter may be left.
  bool convert_run(char*& in, std::size_t& left) {
    std::array<char, kChunk> out;
    for (;;) {
      auto* to = out.data();
      auto room = out.size();
      const auto code = ::iconv(conversion_, &in, &left, &to, &room);
      const int error = code == static_cast<std::size_t>(-1) ? errno : 0;
      ready_.append(out.data(), out.size() - room);
      if (error == E2BIG) continue;
      return error != EILSEQ;
    }
  }

  std::size_t unit(std::size_t left) const { return charset_ == Charset::utf_16 ? std::min<std::size_t>(2, left) : 1; }

  ByteSource source_;
  std::optional<Charset> charset_;
  iconv_t conversion_ = kNone;
  std::string raw_, ready_;
  std::size_t at_ = 0;
  bool begun_ = false, ended_ = false;
};

}  // namespace

std::string with_line_feeds(std::string text) {
  for (auto at = text.find("\r\n"); at != std::string::npos; at = text.find("\r\n", at)) text.erase(at, 1);
  return text;
}

ByteSource as_utf8(ByteSource source, std::optional<Charset> charset) {
  const auto decoder = std::make_shared<Decoder>(std::move(source), charset);
  return [decoder](std::span<char> buffer) { return decoder->read(buffer); };
}

}  // namespace steward
