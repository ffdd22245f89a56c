#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace steward::ops {

/// Where a sensitive value stands; bound into its ciphertext, so that it can't be moved to another row unnoticed.
struct Place {
  std::string_view table, column, row;
};

/// Encrypts sensitive fields under the key file (XChaCha20-Poly1305, libsodium). The file is read on first use, so
/// everything that touches no sensitive field works without it.
///
/// File: mode 0600, lines `steward-key-1 KEYID HEX` (encryption) and `steward-sign-1 KEYID HEX` (the seed of an Ed25519
/// key, for audit checkpoints), newest first; the first of its kind encrypts or signs, all decrypt (keys rotate).
class Vault {
 public:
  /// The ids of the keys that what is stored already was sealed with.
  using KeysInUse = std::function<std::vector<std::string>()>;

  /// `in_use` is asked before the first seal(): with another database's key file, or with one from before the last
  /// rotation, nothing is written that the right one could not read.
  explicit Vault(std::string key_file, KeysInUse in_use = {})
      : key_file_(std::move(key_file)), in_use_(std::move(in_use)) {}

  /// Makes the file with one fresh key of each kind; false when there is one already. Errors: precondition "key_file".
  static bool create(const std::string& key_file);
  /// Puts a fresh key of each kind in front (atomically: temporary file, fsync, rename).
  static void add_key(const std::string& key_file);

  /// "v1:KEYID:base64url(nonce, ciphertext)". Errors: precondition "key_missing", "key_file", "wrong_key" for a file
  /// that lacks a key in use.
  std::string seal(std::string_view plain, const Place& place);
  /// Errors: as seal(), and precondition "wrong_key" when the key that sealed it is not in the file, or the text was
  /// altered or moved.
  std::string open(std::string_view sealed, const Place& place);
  /// The Ed25519 signature of `message`, 128 hex digits. Errors: as seal().
  std::string sign(std::string_view message);
  /// The public half of the key that signs now, 64 hex digits. Errors: as seal().
  std::string public_key();
  /// Whether a signature holds, both in hex; needs no key file.
  static bool verify(std::string_view message, std::string_view signature, std::string_view public_key);

  const std::string& key_file() const { return key_file_; }
  bool available() const;
  /// Whether the file has an encrypting key of that id. Errors: as seal().
  bool holds(std::string_view key_id);
  /// The id of the key that encrypts now (8 hex digits).
  std::string key_id();

 private:
  struct Key;
  const std::string& text();
  void require_keys_in_use();

  std::string key_file_;
  KeysInUse in_use_;                 ///< until it was asked
  std::optional<std::string> text_;  ///< the file, once read
};

}  // namespace steward::ops
