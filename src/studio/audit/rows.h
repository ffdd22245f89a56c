#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ops/audit.h"
#include "ops/listing.h"

namespace steward::audit {

std::span<const ops::Column> columns();
/// Newest first.
ops::Listing list_rows(std::string_view chain);
/// Every chain that has rows or a head, the studio's first.
std::vector<std::string> chains(db::Tx& tx);

struct Head {
  std::int64_t seq = 0;
  std::string hash;
};
/// The chain's last row; the genesis when there is none.
Head head_of(db::Tx& tx, std::string_view chain);
/// The hash of one row; nullopt when there is none.
std::optional<std::string> hash_at(db::Tx& tx, std::string_view chain, std::int64_t seq);
std::string instance_id(db::Tx& tx);

/// Each row of a chain from its first on, as one line of JSON: the canonical row with prev_hash and hash behind it.
void each_line(db::Tx& tx, std::string_view chain, const std::function<void(std::string_view line)>& callback);

bool knows_key(db::Tx& tx, std::string_view public_key);
/// Keeps a public key; those before it are retired, never forgotten.
void record_key(db::Tx& tx, std::string_view public_key);

}  // namespace steward::audit
