#include "studio/identity/token_rows.h"

#include <fmt/format.h>

#include "core/error.h"

namespace steward::identity {
namespace {

constexpr auto kFind =
    "SELECT id, name, kind, user_id, scopes, expires_at, revoked_at, prefix FROM service_tokens WHERE id = $1";
constexpr auto kFindByName =
    "SELECT id FROM service_tokens WHERE name = $1 AND revoked_at IS NULL ORDER BY id LIMIT 10";
constexpr auto kFindRevokedByName =
    "SELECT id FROM service_tokens WHERE name = $1 AND revoked_at IS NOT NULL ORDER BY revoked_at DESC, id DESC";
constexpr auto kIsBounded =
    "SELECT 1 FROM service_tokens WHERE id = $1 AND (max_amount_cents IS NOT NULL OR workspace IS NOT NULL)";
constexpr auto kScopesOfAdministrators = R"sql(
  SELECT t.scopes FROM service_tokens t JOIN users u ON u.id = t.user_id
   WHERE t.kind = 'PERSON' AND t.revoked_at IS NULL AND t.expires_at > $1 AND t.workspace IS NULL
     AND t.max_amount_cents IS NULL AND u.status = 'ACTIVE'
     AND EXISTS (SELECT 1 FROM user_roles ur JOIN roles r ON r.id = ur.role_id
                  WHERE ur.user_id = u.id AND (r.name = 'ADMIN' OR r.name = 'SUPER_ADMIN'))
)sql";
constexpr auto kInsert = R"sql(
  INSERT INTO service_tokens (id, prefix, secret_hash, name, kind, user_id, scopes, workspace, max_amount_cents,
                              max_amount_currency, max_amount_per, expires_at, created_by, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
)sql";
constexpr auto kRevoke =
    "UPDATE service_tokens SET revoked_at = $2, revoked_by = $3 WHERE id = $1 AND revoked_at IS NULL";
constexpr auto kReplaceSecret = R"sql(
  UPDATE service_tokens SET prefix = $3, secret_hash = $4, expires_at = $5
   WHERE id = $1 AND prefix = $2 AND revoked_at IS NULL
)sql";

constexpr std::string_view kStatus =
    "CASE WHEN t.revoked_at IS NOT NULL THEN 'REVOKED' WHEN t.expires_at <= {now} THEN 'EXPIRED' ELSE 'ACTIVE' END";

constexpr ops::Column kColumns[] = {
    {"id", "t.id"},
    {"name", "t.name"},
    {"prefix", "t.prefix", ops::Kind::text, ops::Shown::always, "The public part of the token: stw_PREFIX_…"},
    {"kind", "t.kind"},
    {"status", kStatus},
    {"user_id", "t.user_id", ops::Kind::text, ops::Shown::record},
    {"user_email", "u.email"},
    {"scopes", "t.scopes", ops::Kind::json},
    {"workspace", "t.workspace", ops::Kind::text, ops::Shown::record},
    {"max_amount_cents", "t.max_amount_cents", ops::Kind::money, ops::Shown::record, "The most it may move in a period",
     "max_amount_currency"},
    {"max_amount_currency", "t.max_amount_currency", ops::Kind::text, ops::Shown::record},
    {"max_amount_per", "t.max_amount_per", ops::Kind::text, ops::Shown::record},
    {"expires_at", "t.expires_at", ops::Kind::instant},
    {"created_by", "t.created_by", ops::Kind::text, ops::Shown::record},
    {"created_by_email", "c.email", ops::Kind::text, ops::Shown::record},
    {"created_at", "t.created_at", ops::Kind::instant, ops::Shown::record},
    {"last_used_at", "t.last_used_at", ops::Kind::instant},
    {"revoked_at", "t.revoked_at", ops::Kind::instant, ops::Shown::record},
    {"revoked_by", "t.revoked_by", ops::Kind::text, ops::Shown::record},
};
// created_by may be no user ("operator:root"), so it is compared as text.
constexpr auto kFrom = R"sql(service_tokens t LEFT JOIN users u ON u.id = t.user_id
  LEFT JOIN users c ON CAST(c.id AS text) = t.created_by)sql";

std::vector<std::string> texts_of(const Json& list) {
  std::vector<std::string> out;
  for (const auto& item : list.items()) out.push_back(item.text());
  return out;
}

[[noreturn]] void stale(const Token& token) {
  throw Error{ErrorKind::conflict, "stale_version", fmt::format("Somebody changed the token {} first.", token.name),
              "Read it again, then retry."};
}

std::string_view prefix_in(std::string_view text) {
  return text.starts_with("stw_") && text.size() >= 16 ? text.substr(4, 12) : text;
}

}  // namespace

std::span<const ops::Column> token_columns() { return kColumns; }

ops::Listing list_tokens(Instant now) { return ops::Listing(kColumns, kFrom).set("now", now).key("t.id"); }

void filter_token_status(ops::Listing& listing, TokenStatus status) {
  listing.where(fmt::format("({}) = {{}}", kStatus), {status});
}

Json token_record(db::Tx& tx, const TokenId& id) { return list_tokens(tx.now()).where("t.id = {}", {id}).record(tx); }

TokenId resolve_token(db::Tx& tx, const TokenRef& ref) {
  const auto named = tx.all(kFindByName, {ref.text}, [](const db::Row& row) { return row.str(0); });
  if (named.size() == 1) return {named.front()};
  if (named.size() > 1)
    throw Error{ErrorKind::usage, "ambiguous_handle",
                fmt::format("More than one token is called '{}': {}.", ref.text, join(named, ", ")),
                "Name it by its prefix or id."}
        .at("token")
        .with(Json{{"candidates", Json(Json::Array(named.begin(), named.end()))}});
  try {
    return {ops::resolve_handle(tx, TokenTag::spec, prefix_in(ref.text), "token")};
  } catch (const Error& error) {
    if (error.code() != "not_found") throw;
    if (auto revoked = tx.text(kFindRevokedByName, {ref.text})) return {std::move(*revoked)};
    throw;
  }
}

bool is_bounded(db::Tx& tx, std::string_view token_id) { return tx.exists(kIsBounded, {token_id}); }

std::vector<std::vector<std::string>> scopes_of_administrators(db::Tx& tx) {
  return tx.all(kScopesOfAdministrators, {tx.now()},
                [](const db::Row& row) { return texts_of(parse_json(row.text(0))); });
}

Token find_token(db::Tx& tx, const TokenId& id) {
  auto token = tx.first(kFind, {id}, [](const db::Row& row) {
    Token out{{row.str(0)},
              row.str(1),
              row.choice<TokenKind>(2),
              {},
              texts_of(parse_json(row.text(4))),
              row.instant(5),
              row.maybe_instant(6),
              row.str(7)};
    if (!row.is_null(3)) out.user = UserId{row.str(3)};
    return out;
  });
  if (!token) throw Error{ErrorKind::not_found, "not_found", fmt::format("There is no token {}.", id.text)};
  return std::move(*token);
}

TokenId insert_token(ops::Context& context, const NewToken& token, const ops::FreshToken& fresh) {
  TokenId id{context.new_id()};
  const auto scopes = to_canonical(Json(Json::Array(token.scopes.begin(), token.scopes.end())));
  const auto& ceiling = token.ceiling;
  context.tx.exec(kInsert,
                  {id, fresh.prefix, fresh.secret_hash, token.name, token.kind, token.user, scopes, token.workspace,
                   ceiling ? db::Value(ceiling->amount.minor) : db::Value(),
                   ceiling ? db::Value(ceiling->amount.currency.code()) : db::Value(),
                   ceiling ? db::Value(ceiling->per) : db::Value(), token.expires_at, context.actor.id, context.now()});
  return id;
}

void mark_revoked(ops::Context& context, const Token& token) {
  if (context.tx.exec(kRevoke, {token.id, context.now(), context.actor.id}) == 0) stale(token);
}

void replace_secret(ops::Context& context, const Token& token, const ops::FreshToken& fresh, Instant expires_at) {
  if (context.tx.exec(kReplaceSecret, {token.id, token.prefix, fresh.prefix, fresh.secret_hash, expires_at}) == 0)
    stale(token);
}

}  // namespace steward::identity
