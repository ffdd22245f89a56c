#include "ops/vault.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "core/text.h"
#include "ops/encoding.h"
#include "ops/files.h"

namespace steward::ops {
namespace {

constexpr std::string_view kMagic = "steward-key-1";
constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;

std::string fresh_line() {
  std::string key(crypto_aead_xchacha20poly1305_ietf_KEYBYTES, '\0');
  randombytes_buf(key.data(), key.size());
  const auto line = fmt::format("{} {} {}\n", kMagic, blake2b_hex(key).substr(0, 8), to_hex(key));
  sodium_memzero(key.data(), key.size());
  return line;
}

struct Line {
  std::string_view id, hex;
};

[[noreturn]] void bad_file(const std::string& path, std::string_view why) {
  throw Error{ErrorKind::precondition, "key_file", fmt::format("The key file {} {}.", path, why),
              "Restore it from its copy (steward keys import)."};
}

Line read_line(std::string_view line, const std::string& path) {
  const auto parts = split(line, ' ');
  if (parts.size() != 3 || parts[0] != kMagic || parts[2].size() != 2 * crypto_aead_xchacha20poly1305_ietf_KEYBYTES)
    bad_file(path, "is not one of steward's");
  return {parts[1], parts[2]};
}

Line find_line(std::string_view text, std::string_view id, const std::string& path) {
  for (const auto raw : split(text, '\n')) {
    if (raw.empty()) continue;
    const auto line = read_line(raw, path);
    if (id.empty() || line.id == id) return line;
  }
  throw Error{ErrorKind::precondition, "wrong_key",
              fmt::format("The key file {} does not hold the key '{}' that this field was encrypted with.", path, id),
              "Name the right key file with STEWARD_KEY_FILE."};
}

std::string bound(const Place& place) { return fmt::format("{}|{}|{}", place.table, place.column, place.row); }

const unsigned char* u(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

bool Vault::create(const std::string& key_file) { return create_file(key_file, fresh_line()); }

void Vault::add_key(const std::string& key_file) { replace_file(key_file, fresh_line() + read_file(key_file)); }

bool Vault::available() const { return file_exists(key_file_); }

const std::string& Vault::text() {
  if (text_) return *text_;
  if (!available())
    throw Error{ErrorKind::precondition, "key_missing",
                fmt::format("The key file {} is missing, so encrypted fields can't be read or written.", key_file_),
                "Name it with STEWARD_KEY_FILE, or bring its copy back with steward keys import."};
  struct stat status {};
  if (::stat(key_file_.c_str(), &status) == 0 && (status.st_mode & 077) != 0)
    bad_file(key_file_, "can be read by others; its mode must be 0600");
  text_ = read_file(key_file_);
  if (trim(*text_).empty()) bad_file(key_file_, "is empty");
  return *text_;
}

std::string Vault::key_id() { return std::string(find_line(text(), {}, key_file_).id); }

std::string Vault::seal(std::string_view plain, const Place& place) {
  const auto line = find_line(text(), {}, key_file_);
  const auto key = from_hex(line.hex);
  std::string out(kNonce + plain.size() + kTag, '\0');
  randombytes_buf(out.data(), kNonce);
  const auto data = bound(place);
  crypto_aead_xchacha20poly1305_ietf_encrypt(reinterpret_cast<unsigned char*>(out.data()) + kNonce, nullptr, u(plain),
                                             plain.size(), u(data), data.size(), nullptr, u(out), u(key));
  return fmt::format("v1:{}:{}", line.id, to_base64url(out));
}

std::string Vault::open(std::string_view sealed, const Place& place) {
  const auto parts = split(sealed, ':');
  if (parts.size() != 3 || parts[0] != "v1")
    throw Error{ErrorKind::precondition, "wrong_key", fmt::format("The encrypted field {} is damaged.", bound(place))};
  const auto key = from_hex(find_line(text(), parts[1], key_file_).hex);
  const auto bytes = from_base64url(parts[2]);
  const auto data = bound(place);
  std::string plain(bytes.size() > kNonce + kTag ? bytes.size() - kNonce - kTag : 0, '\0');
  if (bytes.size() < kNonce + kTag ||
      crypto_aead_xchacha20poly1305_ietf_decrypt(reinterpret_cast<unsigned char*>(plain.data()), nullptr, nullptr,
                                                 u(bytes) + kNonce, bytes.size() - kNonce, u(data), data.size(),
                                                 u(bytes), u(key)) != 0)
    throw Error{
        ErrorKind::precondition, "wrong_key",
        fmt::format("The encrypted field {} can't be opened: another key, or the field was altered.", bound(place))};
  return plain;
}

}  // namespace steward::ops
