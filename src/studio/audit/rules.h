#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/json.h"

namespace steward::audit {

/// A chain's head at one moment, signed, and kept where whoever changes the database can't reach it: what lies before
/// it can't be rewritten unnoticed, not even by recomputing every hash.
struct Checkpoint {
  std::string chain;
  std::int64_t seq = 0;
  std::string hash;         ///< of that row, 64 hex digits
  std::string instance_id;  ///< of the database
  std::string created_at;   ///< RFC 3339
  std::string public_key;   ///< Ed25519, 64 hex digits
  std::string signature;    ///< over signed_text(), 128 hex digits
  bool operator==(const Checkpoint&) const = default;
};

/// What is signed: the canonical JSON of every member but the signature.
std::string signed_text(const Checkpoint& checkpoint);
/// The file: the canonical JSON of every member, and a line feed.
std::string file_text(const Checkpoint& checkpoint);
/// Nullopt for what is no checkpoint.
std::optional<Checkpoint> read_checkpoint(std::string_view text);

/// What --target means: "invoice" or "invoice:ID" or an id.
struct Target {
  std::string type, id;  ///< one may be empty: any
};
Target parse_target(std::string_view text);

}  // namespace steward::audit
