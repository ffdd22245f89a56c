#pragma once
#include <optional>
#include <string>
#include <vector>

#include "studio/identity/identity.h"

namespace steward::identity {

struct NewToken {
  std::string name;
  TokenKind kind = TokenKind::agent;
  std::optional<UserId> user = {};
  std::vector<std::string> scopes = {};
  std::optional<std::string> workspace = {};
  std::optional<Ceiling> ceiling = {};
  Instant expires_at = {};
};

struct Token {
  TokenId id;
  std::string name;
  TokenKind kind = TokenKind::agent;
  std::optional<UserId> user;
  std::vector<std::string> scopes;
  Instant expires_at;
  std::optional<Instant> revoked_at;
  std::string prefix;
};

/// The record of `tokens list`, `show` and every write of tokens: nothing of the secret is in it.
std::span<const ops::Column> token_columns();
ops::Listing list_tokens(Instant now);
/// Adds the status as list_tokens() shows it as a condition.
void filter_token_status(ops::Listing& listing, TokenStatus status);
Json token_record(db::Tx& tx, const TokenId& id);

/// Whether it may move or reach less than its scopes say: it has a ceiling or a workspace.
bool is_bounded(db::Tx& tx, std::string_view token_id);

/// What each token holds that lets an ACTIVE administrator in now: a person's, valid, without ceiling and workspace.
std::vector<std::vector<std::string>> scopes_of_administrators(db::Tx& tx);

Token find_token(db::Tx& tx, const TokenId& id);

TokenId insert_token(ops::Context& context, const NewToken& token, const ops::FreshToken& fresh);
/// Errors: conflict "stale_version" when it was revoked meanwhile.
void mark_revoked(ops::Context& context, const Token& token);
/// A new secret and prefix; the old ones are dead at once. Errors: as mark_revoked().
void replace_secret(ops::Context& context, const Token& token, const ops::FreshToken& fresh, Instant expires_at);

}  // namespace steward::identity
