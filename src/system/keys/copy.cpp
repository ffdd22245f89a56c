#include "system/keys/copy.h"

#include <sodium.h>

#include "core/error.h"
#include "core/json.h"
#include "ops/encoding.h"

namespace steward::keys {
namespace {

constexpr std::string_view kFormat = "steward-key-copy-1";

const unsigned char* u(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* u(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string derived(std::string_view passphrase, std::string_view salt) {
  std::string key(crypto_secretbox_KEYBYTES, '\0');
  if (crypto_pwhash(u(key), key.size(), passphrase.data(), passphrase.size(), u(salt), crypto_pwhash_OPSLIMIT_MODERATE,
                    crypto_pwhash_MEMLIMIT_MODERATE, crypto_pwhash_ALG_ARGON2ID13) != 0)
    throw Error{ErrorKind::temporary, "out_of_memory",
                "The machine has no memory left to derive a key from the passphrase."};
  return key;
}

std::string random_bytes(std::size_t size) {
  std::string out(size, '\0');
  randombytes_buf(out.data(), out.size());
  return out;
}

std::string part(const Json& copy, std::string_view name, std::size_t least) {
  const auto* value = copy.find(name);
  auto bytes = value && value->is_text() ? ops::from_base64url(value->text()) : std::string();
  if (bytes.size() < least) refuse_usage("invalid_json", "The file is no copy of a steward key file.", "from");
  return bytes;
}

}  // namespace

std::string protect(std::string_view key_file, std::string_view passphrase) {
  const auto salt = random_bytes(crypto_pwhash_SALTBYTES), nonce = random_bytes(crypto_secretbox_NONCEBYTES);
  const auto key = derived(passphrase, salt);
  std::string sealed(key_file.size() + crypto_secretbox_MACBYTES, '\0');
  crypto_secretbox_easy(u(sealed), u(key_file), key_file.size(), u(std::string_view(nonce)), u(std::string_view(key)));
  return to_canonical(Json{{"format", kFormat},
                           {"salt", ops::to_base64url(salt)},
                           {"nonce", ops::to_base64url(nonce)},
                           {"sealed", ops::to_base64url(sealed)}}) +
         "\n";
}

std::string reveal(std::string_view copy, std::string_view passphrase) {
  const auto json = parse_json(copy);
  const auto* format = json.is_object() ? json.find("format") : nullptr;
  if (!format || !format->is_text() || format->text() != kFormat)
    refuse_usage("invalid_json", "The file is no copy of a steward key file.", "from");
  const auto salt = part(json, "salt", crypto_pwhash_SALTBYTES),
             nonce = part(json, "nonce", crypto_secretbox_NONCEBYTES);
  const auto sealed = part(json, "sealed", crypto_secretbox_MACBYTES);
  const auto key = derived(passphrase, salt);
  std::string plain(sealed.size() - crypto_secretbox_MACBYTES, '\0');
  if (crypto_secretbox_open_easy(u(plain), u(std::string_view(sealed)), sealed.size(), u(std::string_view(nonce)),
                                 u(std::string_view(key))) != 0)
    throw Error{ErrorKind::precondition, "wrong_key",
                "The passphrase is not the one this copy was made with, or the copy was altered.",
                "Try the passphrase again."};
  return plain;
}

}  // namespace steward::keys
