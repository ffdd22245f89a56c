#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace steward::ops {

/// Base64 with the URL alphabet and without padding (RFC 4648, 5), by libsodium.
std::string to_base64url(std::string_view bytes);
/// Errors: Error{usage, "invalid_base64"}.
std::string from_base64url(std::string_view text);
/// Lower-case hex of bytes.
std::string to_hex(std::string_view bytes);
/// Errors: Error{usage, "invalid_hex"}.
std::string from_hex(std::string_view text);
/// BLAKE2b-256 (unkeyed), as 64 hex digits.
std::string blake2b_hex(std::string_view bytes);

/// The same of bytes that come in pieces.
class Blake2b {
 public:
  Blake2b();
  ~Blake2b();
  void update(std::string_view bytes);
  /// Ends it: nothing can be added afterwards.
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace steward::ops
