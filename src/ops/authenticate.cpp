#include "ops/authenticate.h"

#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "core/error.h"
#include "core/secrets.h"
#include "ops/audit.h"
#include "ops/encoding.h"
#include "ops/settings.h"

namespace steward::ops {
namespace {

constexpr auto kMark = kTokenMark;
constexpr auto kPrefixLength = kTokenPrefixLength, kSecretLength = kTokenSecretLength;
constexpr int kRecordedRefusalsAMinute = 10;
constexpr std::int64_t kMinute = 60'000;

constexpr auto kFindToken = R"sql(
  SELECT t.id, t.secret_hash, t.kind, t.user_id, t.scopes, t.workspace, t.expires_at, t.revoked_at, u.status, u.email
    FROM service_tokens t LEFT JOIN users u ON u.id = t.user_id WHERE t.prefix = $1
)sql";
constexpr auto kRolesOf = "SELECT r.name FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = $1";
constexpr auto kTouch =
    "UPDATE service_tokens SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $3)";
constexpr auto kCeiling =
    "SELECT max_amount_cents, max_amount_currency, max_amount_per FROM service_tokens WHERE id = $1 AND "
    "max_amount_cents IS NOT NULL";
constexpr auto kMoved = "SELECT metadata FROM audit_log WHERE actor_id = $1 AND token_id = $2 AND created_at >= $3";
constexpr auto kCountRefusal = R"sql(
  INSERT INTO auth_failures (bucket, count, window_start) VALUES ('all', 1, $1)
  ON CONFLICT (bucket) DO UPDATE SET
    count = CASE WHEN auth_failures.window_start > $2 THEN auth_failures.count + 1 ELSE 1 END,
    window_start = CASE WHEN auth_failures.window_start > $2 THEN auth_failures.window_start ELSE excluded.window_start END
)sql";

[[noreturn]] void refuse() {
  throw Error{ErrorKind::permission, "not_authenticated", "The token is missing or not valid.",
              "Pass a token with --token-file or STEWARD_TOKEN; steward tokens create makes one."};
}

std::string random_base64url(std::size_t bytes) {
  std::string raw(bytes, '\0');
  randombytes_buf(raw.data(), raw.size());
  return to_base64url(raw);
}

// 12 letters and digits: a prefix is read aloud and pasted, so no - and _.
std::string random_prefix() {
  constexpr std::string_view kAlphabet = "abcdefghijkmnpqrstuvwxyz23456789";
  std::string out;
  for (std::size_t i = 0; i < kPrefixLength; ++i)
    out += kAlphabet[randombytes_uniform(static_cast<std::uint32_t>(kAlphabet.size()))];
  return out;
}

struct TokenParts {
  std::string_view prefix, secret;
};

TokenParts parts_of(std::string_view token) {
  token = trim(token);
  if (token.size() != kMark.size() + kPrefixLength + 1 + kSecretLength || !token.starts_with(kMark) ||
      token[kMark.size() + kPrefixLength] != '_')
    refuse();
  return {token.substr(kMark.size(), kPrefixLength), token.substr(kMark.size() + kPrefixLength + 1)};
}

bool same_secret(const std::string& a, const std::string& b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::vector<std::string> scopes_of(std::string_view json) {
  std::vector<std::string> out;
  const auto list = parse_json(json);
  for (const auto& scope : list.items()) out.push_back(scope.text());
  return out;
}

Actor actor_of(const db::Row& row) {
  Actor actor;
  const auto kind = row.text(2);
  actor.token_id = row.str(0);
  actor.type = kind == "PERSON" ? ActorType::user : kind == "AGENT" ? ActorType::agent : ActorType::service;
  actor.user_id = row.maybe_text(3);
  actor.id = actor.type == ActorType::user ? *actor.user_id : *actor.token_id;
  if (actor.type != ActorType::user) actor.user_id.reset();
  actor.email = row.str(9);
  actor.scopes = scopes_of(row.text(4));
  actor.workspace = row.maybe_text(5);
  return actor;
}

Actor by_token(db::Tx& tx, std::string_view token) {
  const auto parts = parts_of(token);
  const auto hash = blake2b_hex(parts.secret);
  auto actor = tx.first(kFindToken, {parts.prefix}, [&](const db::Row& row) -> std::optional<Actor> {
    const bool good = same_secret(row.str(1), hash) && row.is_null(7) && row.instant(6) > tx.now() &&
                      (row.text(2) != "PERSON" || row.text(8) == "ACTIVE");
    if (!good) return std::nullopt;
    return actor_of(row);
  });
  if (!actor || !*actor) refuse();
  if ((*actor)->type == ActorType::user)
    (*actor)->roles = tx.all(kRolesOf, {(*actor)->id}, [](const db::Row& row) { return row.choice<Role>(0); });
  return std::move(**actor);
}

Instant period_start(std::string_view per, Instant now, const Zone& zone) {
  const auto today = date_in(zone, now);
  if (per == "MONTH") return start_of({today.ymd.year() / today.ymd.month() / 1}, zone);
  if (per == "WEEK") {
    const std::chrono::weekday day{std::chrono::sys_days{today.ymd}};
    return start_of(today + std::chrono::days{-static_cast<int>(day.iso_encoding()) + 1}, zone);
  }
  return start_of(today, zone);
}

std::int64_t moved_in(const Json& metadata, std::string_view currency) {
  const auto* moved = metadata.find("moved");
  if (!moved || moved->at("currency").text() != currency) return 0;
  return moved->at("amount_cents").integer();
}

}  // namespace

bool Actor::has_role(Role role) const { return every_role || std::ranges::count(roles, role) > 0; }

bool Actor::has_scope(std::string_view scope) const {
  const auto colon = scope.find(':');
  const auto group = scope.substr(0, colon), verb = scope.substr(colon + 1);
  return std::ranges::any_of(scopes, [&](const std::string& held) {
    return held == "*" || held == scope || held == fmt::format("{}:*", group) || held == fmt::format("*:{}", verb);
  });
}

FreshToken make_token() {
  FreshToken out;
  out.prefix = random_prefix();
  const auto secret = random_base64url(32);
  out.secret_hash = blake2b_hex(secret);
  out.text = fmt::format("{}{}_{}", kMark, out.prefix, secret);
  return out;
}

Actor authenticate(db::Tx& tx, const House& house, std::string_view environment,
                   const std::optional<std::string>& token, bool needed) {
  if (token) return by_token(tx, *token);
  const bool local = environment == "local" || (setting_on(tx, "controls.solo") && tx.connection().owned_by_caller());
  if (local) return shell_actor(house);
  if (needed) refuse();
  return {};
}

Actor shell_actor(const House& house) {
  Actor actor;
  actor.type = ActorType::op;
  actor.id = fmt::format("operator:{}", house.login);
  actor.scopes = {"*"};
  actor.every_role = true;
  return actor;
}

void authorise(const Actor& actor, const Operation& operation) {
  if (operation.scope.empty() || actor.type == ActorType::anonymous) return;
  if (!actor.has_scope(operation.scope))
    throw Error{ErrorKind::permission, "forbidden",
                fmt::format("This token may not {}: it lacks the scope {}.", operation.words(), operation.scope),
                "Ask for a token with that scope."}
        .with(Json{{"scope", operation.scope}});
  if (actor.workspace)
    throw Error{
        ErrorKind::permission, "forbidden",
        fmt::format("This token may not {}: it reaches the workspace {} only.", operation.words(), *actor.workspace),
        "Ask for a token that is bound to no workspace."};
  if (actor.type != ActorType::user || operation.open) return;
  const bool allowed = actor.has_role(Role::admin) || actor.has_role(Role::super_admin) ||
                       std::ranges::any_of(operation.roles, [&](Role role) { return actor.has_role(role); });
  if (allowed) return;
  std::vector<std::string> wanted{"ADMIN", "SUPER_ADMIN"};
  for (const auto role : operation.roles) wanted.emplace_back(to_text(role));
  throw Error{ErrorKind::permission, "forbidden", fmt::format("{} is for {}.", operation.words(), join(wanted, ", ")),
              "Ask somebody who holds one of these roles."};
}

void touch_token(db::Tx& tx, const Actor& actor) {
  if (actor.token_id) tx.post(kTouch, {*actor.token_id, tx.now(), tx.now() - Duration{kMinute}});
}

void require_within_ceiling(db::Tx& tx, const Actor& actor, const Money& moves) {
  if (!actor.token_id) return;
  tx.each(kCeiling, {*actor.token_id}, [&](const db::Row& row) {
    const Money ceiling{row.integer(0), Currency::parse(row.text(1))};
    const auto per = row.str(2);
    const auto refuse_it = [&](const std::string& sentence) {
      throw Error{ErrorKind::permission, "ceiling_reached", sentence,
                  "A person can do it, or raise the token's ceiling."};
    };
    if (moves.currency != ceiling.currency)
      refuse_it(fmt::format("This token may move {} only, not {}.", ceiling.currency.code(), moves.currency.code()));
    std::int64_t moved = 0;
    if (per != "CALL")
      tx.each(kMoved, {actor.id, *actor.token_id, period_start(per, tx.now(), studio_zone(tx))},
              [&](const db::Row& done) {
                moved = add_minor(moved, moved_in(parse_json(done.text(0)), ceiling.currency.code()));
              });
    if (add_minor(moved, moves.minor) > ceiling.minor)
      refuse_it(fmt::format("This token may move {} a {}; {} would be over it.", to_text(ceiling), to_lower(per),
                            to_text(moves)));
  });
}

void record_refusal(db::Connection& connection, Instant now, std::string_view request_id, std::string_view what) {
  db::Tx tx(connection, db::Access::write, now);
  tx.exec(kCountRefusal, {now, now - Duration{kMinute}});
  if (tx.integer("SELECT count FROM auth_failures WHERE bucket = 'all'") <= kRecordedRefusalsAMinute)
    append_audit(tx, Actor{}, "auth.refused", "operation", what, request_id, Json::object());
  tx.commit();
}

}  // namespace steward::ops
