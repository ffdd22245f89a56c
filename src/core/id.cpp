#include "core/id.h"

#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>

#include "core/error.h"
#include "core/instant.h"

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

/// The season's own source of ids; empty in every other use.
struct Repeatable {
  std::string seed;
  std::uint64_t drawn = 0;
};
Repeatable& repeatable() {
  static Repeatable source;
  return source;
}

void fill_repeatable(unsigned char* out, std::size_t size) {
  auto& source = repeatable();
  const auto text = source.seed + '#' + std::to_string(source.drawn++);
  crypto_generichash(out, size, reinterpret_cast<const unsigned char*>(text.data()), text.size(), nullptr, 0);
}

/// Random bytes drawn ahead: an import makes ids by the hundred thousand, and each drawing asks the kernel. What it is
/// asked for is a seed, which libsodium's generator stretches.
struct Pool {
  std::array<unsigned char, 4096> bytes;
  std::size_t filled = 0, used = 0;

  void fill() {
    constexpr std::size_t kFirst = 256;  // most processes need a handful of ids
    std::array<unsigned char, randombytes_SEEDBYTES> seed;
    randombytes_buf(seed.data(), seed.size());
    filled = filled == 0 ? kFirst : bytes.size();
    used = 0;
    randombytes_buf_deterministic(bytes.data(), filled, seed.data());
  }
};

Pool& pool() {
  thread_local Pool pool;
  return pool;
}

/// A child that was forked off fills a pool of its own: two with one pool would make the same ids.
void take_random(unsigned char* out, std::size_t size) {
  static const int forgets = ::pthread_atfork(nullptr, nullptr, [] { pool().filled = pool().used = 0; });
  if (forgets != 0) throw Error{ErrorKind::defect, "defect", "The random number generator does not start."};
  auto& own = pool();
  if (size > own.filled - own.used) own.fill();
  std::copy_n(own.bytes.begin() + static_cast<std::ptrdiff_t>(own.used), size, out);
  own.used += size;
}

void fill_random(unsigned char* out, std::size_t size) {
  static const bool ready = sodium_init() >= 0;
  if (!ready) throw Error{ErrorKind::defect, "defect", "The random number generator does not start."};
  if (!repeatable().seed.empty()) {
    std::array<unsigned char, crypto_generichash_BYTES_MIN> drawn;
    fill_repeatable(drawn.data(), drawn.size());
    std::copy_n(drawn.begin(), std::min(size, drawn.size()), out);
    return;
  }
  take_random(out, size);
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

constexpr std::int64_t kLatest = (std::int64_t{1} << 48) - 1;

/// Version and variant are put in; `ms` and `rand_a` (12 bits) are what RFC 9562, 5.7 calls so, `bytes[8]` on is
/// rand_b.
std::string finished(std::array<unsigned char, 16>& bytes, std::int64_t ms, unsigned rand_a) {
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<unsigned char>(ms >> (40 - 8 * i));
  bytes[6] = static_cast<unsigned char>(0x70 | rand_a >> 8);
  bytes[7] = static_cast<unsigned char>(rand_a);
  bytes[8] = static_cast<unsigned char>(0x80 | (bytes[8] & 0x3F));
  return uuid_text(bytes);
}

/// 38 bits that grow within one process, and from one process to the next: the machine's milliseconds, then a count,
/// which runs into the next millisecond when it is used up.
std::uint64_t real_order() {
  static std::atomic<std::uint64_t> last{0};
  const auto now = static_cast<std::uint64_t>(system_now().ms) << 12;
  auto before = last.load();
  std::uint64_t next;
  do next = std::max(now, before + 1);
  while (!last.compare_exchange_weak(before, next));
  return next & 0x3F'FFFF'FFFF;
}

}  // namespace

std::string new_uuid(std::int64_t unix_ms) {
  const auto [ms, counter] = next_tick(std::clamp<std::int64_t>(unix_ms, 0, kLatest));
  std::array<unsigned char, 16> bytes;
  fill_random(&bytes[8], 8);
  return finished(bytes, ms, counter);
}

std::string new_uuid_of_fixed_clock(std::int64_t unix_ms) {
  if (!repeatable().seed.empty()) return new_uuid(unix_ms);
  const auto order = real_order();
  std::array<unsigned char, 16> bytes;
  fill_random(&bytes[8], 8);
  for (int i = 0; i < 3; ++i) bytes[8 + i] = static_cast<unsigned char>(order >> (20 - 8 * i));
  bytes[11] = static_cast<unsigned char>((order << 4 & 0xF0) | (bytes[11] & 0x0F));
  return finished(bytes, std::clamp<std::int64_t>(unix_ms, 0, kLatest), static_cast<unsigned>(order >> 26));
}

void use_repeatable_ids(std::string_view seed) { repeatable() = {std::string(seed), 0}; }

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

std::string_view short_id(std::string_view id) { return id.size() > 8 ? id.substr(id.size() - 8) : id; }

}  // namespace steward
