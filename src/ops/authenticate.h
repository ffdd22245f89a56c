#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "ops/context.h"

namespace steward::ops {

/// A token as it is handed out, and what is stored of it.
struct FreshToken {
  std::string prefix;       ///< 12 characters, public
  std::string secret_hash;  ///< BLAKE2b-256 of the 43-character secret, hex
  std::string text;         ///< "stw_<prefix>_<secret>": shown once
};
FreshToken make_token();

/// Who calls: the token's person, agent or job; or, without one, the person at the shell where that is enough (`local`,
/// and the owner of the SQLite file after `init --solo`). Anonymous when a token is missing but `needed` is false.
/// Errors: permission "not_authenticated" — malformed, unknown, expired and revoked look the same.
Actor authenticate(db::Tx& tx, const House& house, std::string_view environment,
                   const std::optional<std::string>& token, bool needed);

/// The person at the shell, who may everything.
Actor shell_actor(const House& house);

/// Errors: permission "forbidden" naming the scope or role that is missing.
void authorise(const Actor& actor, const Operation& operation);

/// Marks the token as used, at most once a minute; only writes do.
void touch_token(db::Tx& tx, const Actor& actor);

/// Errors: permission "ceiling_reached" when `moves` would take the token past what it may move in its period.
void require_within_ceiling(db::Tx& tx, const Actor& actor, const Money& moves);

/// Counts a refused authentication, and audits it unless this minute has seen ten already. `what` is the operation.
void record_refusal(db::Connection& connection, Instant now, std::string_view request_id, std::string_view what);

}  // namespace steward::ops
