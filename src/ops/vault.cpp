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

constexpr std::string_view kEncryption = "steward-key-1", kSigning = "steward-sign-1";
constexpr std::size_t kKeyBytes = 32;
static_assert(kKeyBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES && kKeyBytes == crypto_sign_SEEDBYTES);
constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;

std::string fresh_line(std::string_view kind) {
  std::string key(kKeyBytes, '\0');
  randombytes_buf(key.data(), key.size());
  const auto line = fmt::format("{} {} {}\n", kind, blake2b_hex(key).substr(0, 8), to_hex(key));
  sodium_memzero(key.data(), key.size());
  return line;
}

std::string fresh_lines() { return fresh_line(kEncryption) + fresh_line(kSigning); }

struct Line {
  std::string_view kind, id, hex;
};

[[noreturn]] void bad_file(const std::string& path, std::string_view why) {
  throw Error{ErrorKind::precondition, "key_file", fmt::format("The key file {} {}.", path, why),
              "Restore it from its copy (steward keys import)."};
}

Line read_line(std::string_view line, const std::string& path) {
  const auto parts = split(line, ' ');
  if (parts.size() != 3 || (parts[0] != kEncryption && parts[0] != kSigning) || parts[2].size() != 2 * kKeyBytes)
    bad_file(path, "is not one of steward's");
  return {parts[0], parts[1], parts[2]};
}

// The newest of a kind, or the one with this id.
std::optional<Line> find_line(std::string_view text, std::string_view kind, std::string_view id,
                              const std::string& path) {
  for (const auto raw : split(text, '\n')) {
    if (raw.empty()) continue;
    const auto line = read_line(raw, path);
    if (line.kind == kind && (id.empty() || line.id == id)) return line;
  }
  return std::nullopt;
}

Line newest(std::string_view text, std::string_view kind, const std::string& path) {
  if (const auto line = find_line(text, kind, {}, path)) return *line;
  bad_file(path, kind == kSigning ? "holds no key that signs" : "holds no key that encrypts");
}

// An Ed25519 pair; the secret half is wiped when it goes.
struct SigningKey {
  unsigned char secret[crypto_sign_SECRETKEYBYTES], open[crypto_sign_PUBLICKEYBYTES];
  explicit SigningKey(std::string_view seed_hex) {
    auto seed = from_hex(seed_hex);
    crypto_sign_seed_keypair(open, secret, reinterpret_cast<const unsigned char*>(seed.data()));
    sodium_memzero(seed.data(), seed.size());
  }
  ~SigningKey() { sodium_memzero(secret, sizeof secret); }
  SigningKey(const SigningKey&) = delete;
  SigningKey& operator=(const SigningKey&) = delete;
};

std::string hex_of(const unsigned char* bytes, std::size_t size) {
  return to_hex({reinterpret_cast<const char*>(bytes), size});
}

std::string bound(const Place& place) { return fmt::format("{}|{}|{}", place.table, place.column, place.row); }

const unsigned char* u(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

bool Vault::create(const std::string& key_file) { return create_file(key_file, fresh_lines()); }

void Vault::add_key(const std::string& key_file) { replace_file(key_file, fresh_lines() + read_file(key_file)); }

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

std::string Vault::key_id() { return std::string(newest(text(), kEncryption, key_file_).id); }

bool Vault::holds(std::string_view key_id) { return find_line(text(), kEncryption, key_id, key_file_).has_value(); }

void Vault::require_keys_in_use() {
  if (!in_use_) return;
  for (const auto& id : in_use_())
    if (!holds(id))
      throw Error{
          ErrorKind::precondition, "wrong_key",
          fmt::format("The key file {} does not hold the key '{}' that this database's encrypted fields were "
                      "encrypted with, so nothing more is.",
                      key_file_, id),
          "Name the right key file with STEWARD_KEY_FILE; if that key is lost for good, run steward keys renew."};
  in_use_ = nullptr;
}

std::string Vault::seal(std::string_view plain, const Place& place) {
  require_keys_in_use();
  const auto line = newest(text(), kEncryption, key_file_);
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
  const auto line = find_line(text(), kEncryption, parts[1], key_file_);
  if (!line)
    throw Error{ErrorKind::precondition, "wrong_key",
                fmt::format("The key file {} does not hold the key '{}' that {}.{} of {} was encrypted with.",
                            key_file_, parts[1], place.table, place.column, place.row),
                "Name the right key file with STEWARD_KEY_FILE."};
  const auto key = from_hex(line->hex);
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

std::string Vault::sign(std::string_view message) {
  const SigningKey key(newest(text(), kSigning, key_file_).hex);
  unsigned char signature[crypto_sign_BYTES];
  crypto_sign_detached(signature, nullptr, u(message), message.size(), key.secret);
  return hex_of(signature, sizeof signature);
}

std::string Vault::public_key() {
  const SigningKey key(newest(text(), kSigning, key_file_).hex);
  return hex_of(key.open, sizeof key.open);
}

bool Vault::verify(std::string_view message, std::string_view signature, std::string_view public_key) {
  if (signature.size() != 2 * crypto_sign_BYTES || public_key.size() != 2 * crypto_sign_PUBLICKEYBYTES) return false;
  const auto bytes = from_hex(signature), key = from_hex(public_key);
  return crypto_sign_verify_detached(u(bytes), u(message), message.size(), u(key)) == 0;
}

}  // namespace steward::ops
