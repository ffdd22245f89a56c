#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ops/authenticate.h"
#include "ops/context.h"
#include "studio/identity/rules.h"

namespace steward::identity {

struct UserTag {
  static constexpr ops::HandleSpec spec{"user", "users", "email", ops::HandleSpec::Spelling::lower, "display_name"};
};
using UserRef = ops::Ref<UserTag>;
using UserId = Id<UserTag>;

struct TokenTag {
  static constexpr ops::HandleSpec spec{"token", "service_tokens", "prefix", ops::HandleSpec::Spelling::lower, "name"};
};
using TokenRef = ops::Ref<TokenTag>;
using TokenId = Id<TokenTag>;

struct User {
  UserId id;
  std::string email;
  UserStatus status = UserStatus::active;
  std::optional<std::string> display_name;
  std::vector<ops::Role> roles;  ///< in the order of the enumeration
  std::int64_t version = 1;
};

bool has_role(const User& user, ops::Role role);

/// Errors: not_found "not_found".
User find_user(db::Tx& tx, const UserId& id);
/// By an address in any case; nullopt when nobody has it.
std::optional<User> find_user_by_email(db::Tx& tx, std::string_view email);

/// The user so named, who must be ACTIVE and hold one of `any_of` (no role is asked for when it is empty). `field` is
/// the argument, and what the person is to be ("provider", "maestro"). Errors: those of ops::resolve; conflict
/// "user_not_active", "role_missing".
User require_active(db::Tx& tx, const UserRef& ref, std::span<const ops::Role> any_of, std::string_view field);

/// What a new person starts with.
struct NewUser {
  std::string email;  ///< as parse_email gives it
  std::optional<std::string> display_name = {};
  UserStatus status = UserStatus::active;
  std::vector<ops::Role> roles = {};
};
/// Adds a person with roles and the first row of their history. Errors: conflict "duplicate" for an address in use.
User create_user(ops::Context& context, const NewUser& user);

/// Every role of the closed enumeration (studio-model ID-7, ID-8); SUPER_ADMIN and ADMIN are protected. Idempotent.
void seed_roles(db::Tx& tx);

/// By the name of the one token that is not revoked, by prefix (also when the whole token is given), id or tail of an
/// id, or else by the name of the token that was revoked last. Errors: those of ops::resolve; usage "ambiguous_handle"
/// when several tokens have the name.
TokenId resolve_token(db::Tx& tx, const TokenRef& ref);

/// Whether another user than this one holds ADMIN or SUPER_ADMIN, ACTIVE or not: who takes a protected role away needs
/// a second person, who disables its holder does not.
bool has_other_administrator(db::Tx& tx, const std::optional<std::string>& user_id);
/// Whether anybody ACTIVE may administer.
bool has_administrator(db::Tx& tx);
/// Whether an ACTIVE administrator has a token that works and may make further ones: a way in that needs no shell.
bool administrator_has_token(db::Tx& tx);
/// An administrator for a database whose administrators can't enter (studio-model ID-4): the ACTIVE user with that
/// address, made with ADMIN and SUPER_ADMIN when nobody has it, and a person's token with every scope for 90 days. The
/// token's text is in the answer once and nowhere else. Errors: conflict "role_missing" when the address is of somebody
/// who is no active administrator.
ops::FreshToken bootstrap_admin(ops::Context& context, std::string_view email);

void register_users(ops::Registry& registry);
void register_tokens(ops::Registry& registry);

}  // namespace steward::identity
