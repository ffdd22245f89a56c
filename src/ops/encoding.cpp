#include "ops/encoding.h"

#include <sodium.h>

#include "core/error.h"

namespace steward::ops {
namespace {
const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
}  // namespace

std::string to_base64url(std::string_view bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string out(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes_of(bytes), bytes.size(), kVariant);
  out.pop_back();
  return out;
}

std::string from_base64url(std::string_view text) {
  std::string out(text.size(), '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(), text.size(), nullptr,
                        &size, &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
      end != text.data() + text.size())
    refuse_usage("invalid_base64", "The text is not base64.");
  out.resize(size);
  return out;
}

std::string to_hex(std::string_view bytes) {
  std::string out(2 * bytes.size() + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), bytes_of(bytes), bytes.size());
  out.pop_back();
  return out;
}

std::string from_hex(std::string_view text) {
  std::string out(text.size() / 2, '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  if (sodium_hex2bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(), text.size(), nullptr, &size,
                     &end) != 0 ||
      end != text.data() + text.size())
    refuse_usage("invalid_hex", "The text is not hexadecimal.");
  out.resize(size);
  return out;
}

std::string blake2b_hex(std::string_view bytes) {
  unsigned char hash[crypto_generichash_BYTES];
  crypto_generichash(hash, sizeof hash, bytes_of(bytes), bytes.size(), nullptr, 0);
  return to_hex({reinterpret_cast<const char*>(hash), sizeof hash});
}

struct Blake2b::State {
  crypto_generichash_state hash;
};

Blake2b::Blake2b() : state_(std::make_unique<State>()) {
  crypto_generichash_init(&state_->hash, nullptr, 0, crypto_generichash_BYTES);
}
Blake2b::~Blake2b() = default;

void Blake2b::update(std::string_view bytes) {
  crypto_generichash_update(&state_->hash, bytes_of(bytes), bytes.size());
}

std::string Blake2b::hex() {
  unsigned char hash[crypto_generichash_BYTES];
  crypto_generichash_final(&state_->hash, hash, sizeof hash);
  return to_hex({reinterpret_cast<const char*>(hash), sizeof hash});
}

}  // namespace steward::ops
