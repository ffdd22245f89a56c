#include "studio/identity/role_operations.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "ops/declare.h"
#include "studio/identity/rows.h"

namespace steward::identity {
namespace {

struct RoleArgs {
  UserRef user;
  ops::Role role;
};

bool is_oneself(const ops::Context& context, const User& user) { return context.actor.user_id == user.id.text; }

ops::Change change_of(ops::Context& context, const User& before, std::string sentence, ops::Role role) {
  const auto after = find_user(context.tx, before.id);
  ops::Change change;
  change.target_type = "user";
  change.target_id = before.id.text;
  change.sentence = std::move(sentence);
  change.data = user_record(context.tx, before.id);
  change.metadata = Json{{"role", to_text(role)},
                         {"before", Json{{"roles", names_of_roles(before.roles)}}},
                         {"after", Json{{"roles", names_of_roles(after.roles)}}}};
  change.gravity = gravity_of(context, std::span(&role, 1));
  return change;
}

ops::Change grant(ops::Context& context, const RoleArgs& args) {
  require_may_grant(context, args.role);
  const auto user = find_user(context.tx, ops::resolve(context.tx, args.user));
  if (has_role(user, args.role))
    return ops::Change::none("user", user.id.text, fmt::format("{} holds {} already.", user.email, to_text(args.role)),
                             user_record(context.tx, user.id));
  if (is_protected(context.tx, args.role) && is_oneself(context, user))
    throw Error{ErrorKind::permission, "forbidden", fmt::format("Nobody makes themselves {}.", to_text(args.role)),
                "Ask somebody else who may."};
  insert_role(context.tx, user.id, args.role, context.actor.user_id);
  touch_user(context.tx, user);
  return change_of(context, user, fmt::format("Granted {} to {}.", to_text(args.role), user.email), args.role);
}

ops::Change revoke(ops::Context& context, const RoleArgs& args) {
  require_may_grant(context, args.role);
  const auto user = find_user(context.tx, ops::resolve(context.tx, args.user));
  if (!has_role(user, args.role))
    return ops::Change::none("user", user.id.text, fmt::format("{} does not hold {}.", user.email, to_text(args.role)),
                             user_record(context.tx, user.id));
  if (is_protected(context.tx, args.role)) require_may_leave(context, user, std::span(&args.role, 1), "without it");
  delete_role(context.tx, user.id, args.role);
  touch_user(context.tx, user);
  return change_of(context, user, fmt::format("Took {} from {}.", to_text(args.role), user.email), args.role);
}

}  // namespace

void require_may_grant(ops::Context& context, ops::Role role) {
  if (role != ops::Role::super_admin || context.actor.has_role(role) || !context.actor.is_person()) return;
  throw Error{ErrorKind::permission, "forbidden", "Only a SUPER_ADMIN makes or unmakes a SUPER_ADMIN.",
              "Ask somebody who holds that role."};
}

void require_may_leave(ops::Context& context, const User& user, std::span<const ops::Role> leaving,
                       std::string_view how) {
  if (is_oneself(context, user))
    throw Error{ErrorKind::permission, "forbidden", fmt::format("Nobody leaves themselves {}.", how),
                "Ask another administrator."};
  if (user.status != UserStatus::active) return;
  for (const auto role : leaving) {
    if (!is_protected(context.tx, role) || other_holders(context.tx, role, user.id) > 0) continue;
    throw Error{ErrorKind::conflict, "last_administrator",
                fmt::format("{} is the last active {}.", user.email, to_text(role)),
                fmt::format("Grant {} to somebody else first.", to_text(role))};
  }
}

ops::Gravity gravity_of(ops::Context& context, std::span<const ops::Role> roles) {
  if (std::ranges::any_of(roles, [&](ops::Role role) { return is_protected(context.tx, role); }))
    return ops::Gravity::second_person;
  return roles.empty() ? ops::Gravity::declared : ops::Gravity::agents_propose;
}

Json names_of_roles(std::span<const ops::Role> roles) {
  Json out = Json::array();
  for (const auto role : roles) out.push(to_text(role));
  return out;
}

void register_role_operations(ops::Registry& registry) {
  registry.add(
      ops::declare<RoleArgs>("users.grant", "Give a person a role")
          .positional("user", &RoleArgs::user, "E-mail address, id, or unique tail of an id")
          .option("role", &RoleArgs::role, "What they may do from now on")
          .details("SUPER_ADMIN and ADMIN are protected: another person approves while controls.two_person is on.")
          .needs("users:write")
          .risk(ops::Risk::high)
          .may_escalate()
          .example("steward users grant ana@example.com --role maestro --yes")
          .returns(user_columns())
          .writes(grant));
  registry.add(ops::declare<RoleArgs>("users.revoke", "Take a role from a person")
                   .positional("user", &RoleArgs::user, "E-mail address, id, or unique tail of an id")
                   .option("role", &RoleArgs::role, "What they may not do any more")
                   .details("SUPER_ADMIN and ADMIN are protected: another person approves while controls.two_person is "
                            "on, and the last one stays.")
                   .needs("users:write")
                   .risk(ops::Risk::high)
                   .may_escalate()
                   .example("steward users revoke ana@example.com --role maestro --yes")
                   .returns(user_columns())
                   .writes(revoke));
}

}  // namespace steward::identity
