#pragma once
#include <string>
#include <string_view>

namespace steward::keys {

/// The key file under a passphrase: canonical JSON with the salt, the nonce and the ciphertext (Argon2id with
/// libsodium's "moderate" limits, then XSalsa20-Poly1305).
std::string protect(std::string_view key_file, std::string_view passphrase);

/// Errors: usage "invalid_json" for what protect() did not write; precondition "wrong_key" for another passphrase or an
/// altered copy.
std::string reveal(std::string_view copy, std::string_view passphrase);

}  // namespace steward::keys
