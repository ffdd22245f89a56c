#include "core/id.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <mutex>

#include "core/error.h"

namespace steward {
namespace {

/// The first 60 bits of an id that count: the millisecond and the number within it.
struct Tick {
  std::int64_t ms;
  unsigned counter;  // 12 bits
};

/// The tick after the last one for the same millisecond. When the 4096 numbers of a millisecond are used up
/// the next millisecond is borrowed, as RFC 9562, 6.2 has it.
Tick next_tick(std::int64_t asked_ms) {
  static std::mutex mutex;
  static std::int64_t last_asked = -1;
  static Tick last{-1, 0};
  const std::scoped_lock lock(mutex);
  const bool continues = asked_ms >= last_asked && asked_ms <= last.ms;
  if (!continues)
    last = {asked_ms, 0};
  else if (last.counter < 0xFFF)
    ++last.counter;
  else
    last = {last.ms + 1, 0};
  last_asked = asked_ms;
  return last;
}

void fill_random(unsigned char* out, std::size_t size) {
  static const bool ready = sodium_init() >= 0;
  if (!ready) throw Error{ErrorKind::defect, "defect", "The random number generator does not start."};
  randombytes_buf(out, size);
}

std::string uuid_text(const std::array<unsigned char, 16>& bytes) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += kHex[bytes[i] >> 4];
    out += kHex[bytes[i] & 0xF];
  }
  return out;
}

}  // namespace

std::string new_uuid(std::int64_t unix_ms) {
  constexpr std::int64_t kLatest = (std::int64_t{1} << 48) - 1;
  const auto [ms, counter] = next_tick(std::clamp<std::int64_t>(unix_ms, 0, kLatest));
  std::array<unsigned char, 16> bytes;
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<unsigned char>(ms >> (40 - 8 * i));
  bytes[6] = static_cast<unsigned char>(0x70 | counter >> 8);
  bytes[7] = static_cast<unsigned char>(counter);
  fill_random(&bytes[8], 8);
  bytes[8] = static_cast<unsigned char>(0x80 | (bytes[8] & 0x3F));
  return uuid_text(bytes);
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (hyphen ? c != '-' : !hex) return false;
  }
  return true;
}

}  // namespace steward
