#pragma once
#include <optional>
#include <string>

#include "ops/context.h"

namespace steward::ops {

/// Characters of an idempotency key, at most.
inline constexpr std::size_t kLongestKey = 255;

/// Errors: usage "text_empty", "text_too_long", "invalid_text".
void check_key(std::string_view key);

/// A write's input as one hash: the operation and its arguments (files count by their content). Presentation does not
/// count.
std::string request_hash(const Operation& operation, const RawArgs& raw);

/// The first answer under this actor's key; nullopt when the key is new (or older than 30 days).
/// Errors: conflict "idempotency_conflict" when the key was used for another input.
std::optional<Json> recall(db::Tx& tx, const Actor& actor, const std::string& key, std::string_view hash);

/// Keeps the answer of a success for 30 days.
void remember(db::Tx& tx, const Actor& actor, const Operation& operation, const std::string& key, std::string_view hash,
              const Json& answer, std::string_view request_id);

}  // namespace steward::ops
