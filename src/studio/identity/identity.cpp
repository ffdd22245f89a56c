#include "studio/identity/identity.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/phrase.h"
#include "studio/identity/rows.h"
#include "studio/identity/token_rows.h"

namespace steward::identity {

bool has_role(const User& user, ops::Role role) { return std::ranges::count(user.roles, role) > 0; }

User require_active(db::Tx& tx, const UserRef& ref, std::span<const ops::Role> any_of, std::string_view field) {
  auto user = find_user(tx, ops::resolve(tx, ref, field));
  if (user.status != UserStatus::active)
    throw Error{ErrorKind::conflict, "user_not_active",
                fmt::format("{} is {} and can't be the {}.", user.email, to_text(user.status), field),
                fmt::format("steward users enable {}", user.email)}
        .at(field);
  if (any_of.empty() || std::ranges::any_of(any_of, [&](ops::Role role) { return has_role(user, role); })) return user;
  std::vector<std::string_view> names;
  for (const auto role : any_of) names.push_back(to_text(role));
  throw Error{ErrorKind::conflict, "role_missing",
              fmt::format("{} can't be the {}: the role {} is missing.", user.email, field, either(names)),
              fmt::format("steward users grant {} --role {}", user.email, names.front())}
      .at(field);
}

User create_user(ops::Context& context, const NewUser& user) {
  const UserId id{context.new_id()};
  insert_user(context.tx, id, user);
  for (const auto role : user.roles) insert_role(context.tx, id, role, context.actor.user_id);
  ops::record_history(context, kUserHistory, id.text, {}, to_text(user.status));
  return find_user(context.tx, id);
}

bool has_other_administrator(db::Tx& tx, const std::optional<std::string>& user_id) {
  return std::ranges::any_of(administrators(tx), [&](const std::string& id) { return id != user_id; });
}

bool has_administrator(db::Tx& tx) {
  return other_holders(tx, ops::Role::super_admin, {}) + other_holders(tx, ops::Role::admin, {}) > 0;
}

bool administrator_has_token(db::Tx& tx) {
  return std::ranges::any_of(scopes_of_administrators(tx), [](std::vector<std::string>& scopes) {
    ops::Actor holder;
    holder.scopes = std::move(scopes);
    return holder.has_scope("tokens:write");
  });
}

// Nobody becomes an administrator by this who was somebody else before.
static User administrator_at(ops::Context& context, std::string_view email) {
  const auto user = find_user_by_email(context.tx, email);
  if (!user)
    return create_user(context,
                       {std::string(email), {}, UserStatus::active, {ops::Role::admin, ops::Role::super_admin}});
  const bool administers = has_role(*user, ops::Role::admin) || has_role(*user, ops::Role::super_admin);
  if (administers && user->status == UserStatus::active) return *user;
  throw Error{ErrorKind::conflict, "role_missing", fmt::format("{} is a user, but no active administrator.", email),
              "Name an administrator, or an address that nobody has yet."}
      .at("admin-email");
}

ops::FreshToken bootstrap_admin(ops::Context& context, std::string_view email) {
  const auto user = administrator_at(context, email);
  auto token = ops::make_token();
  NewToken stored;
  stored.name = "bootstrap";
  stored.kind = TokenKind::person;
  stored.user = user.id;
  stored.scopes = {"*"};
  stored.expires_at = context.now() + kDefaultTokenLife;
  insert_token(context, stored, token);
  return token;
}

}  // namespace steward::identity
