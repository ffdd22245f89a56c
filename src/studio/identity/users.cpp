#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "ops/declare.h"
#include "studio/approvals/approvals.h"
#include "studio/identity/role_operations.h"
#include "studio/identity/rows.h"

namespace steward::identity {
namespace {

struct ListArgs {
  std::optional<ops::Role> role;
  std::optional<UserStatus> status;
  std::optional<ops::InstantOrSpan> since, until;
  std::optional<ops::Text<200>> search;
};

ops::Listing list(ops::Context& context, const ListArgs& args) {
  auto listing = list_users();
  listing.where_if("u.status = {}", args.status);
  listing.where_if("u.id IN (SELECT ur.user_id FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE r.name = {})",
                   args.role);
  if (args.since) listing.where("u.created_at >= {}", {context.resolve(*args.since)});
  if (args.until) listing.where("u.created_at < {}", {context.resolve(*args.until)});
  if (args.search) listing.search(args.search->value, {"u.email", "u.display_name"});
  return listing;
}

struct UserArgs {
  UserRef user;
};

Json show(ops::Context& context, const UserArgs& args) {
  const auto id = ops::resolve(context.tx, args.user);
  auto record = user_record(context.tx, id);
  record.set("grants", grants_of(context.tx, id));
  record.set("history", ops::history_of(context.tx, kUserHistory, id.text));
  return record;
}

ops::Change change_of(ops::Context& context, const UserId& id, std::string sentence, Json metadata) {
  ops::Change change;
  change.target_type = "user";
  change.target_id = id.text;
  change.sentence = std::move(sentence);
  change.data = user_record(context.tx, id);
  change.metadata = std::move(metadata);
  return change;
}

struct CreateArgs {
  ops::Email email;
  std::optional<ops::Text<200>> name;
  std::optional<UserStatus> status;
  std::vector<ops::Role> role;
};

ops::Change create(ops::Context& context, const CreateArgs& args) {
  NewUser user;
  user.email = args.email.value;
  if (args.name) user.display_name = args.name->value;
  user.status = args.status.value_or(UserStatus::active);
  user.roles = args.role;
  std::ranges::sort(user.roles);
  user.roles.erase(std::unique(user.roles.begin(), user.roles.end()), user.roles.end());
  for (const auto role : user.roles) require_may_grant(context, role);
  const auto made = create_user(context, user);
  auto change =
      change_of(context, made.id, fmt::format("Added {}, {}.", made.email, to_text(made.status)),
                Json{{"after", Json{{"status", to_text(made.status)}, {"roles", names_of_roles(made.roles)}}}});
  change.gravity = gravity_of(context, made.roles);
  return change;
}

struct UpdateArgs {
  UserRef user;
  std::optional<ops::Email> email;
  ops::Patch<ops::Text<200>> name;
  ops::Patch<ops::LongText<4000>> bio;
  ops::Patch<ops::WebUrl> profile_picture_url;
  std::optional<ops::Whole<1, 1'000'000'000>> if_version;
};

void check_update(const UpdateArgs& args) {
  if (args.email || args.name.touched() || args.bio.touched() || args.profile_picture_url.touched()) return;
  refuse_usage("missing_argument", "users update has nothing to change.", {},
               "Name a field, such as --name, or empty one with --clear.");
}

// Names only: what people are called and where they live is not for the audit.
Json fields_of(const UpdateArgs& args) {
  Json fields = Json::array();
  if (args.email) fields.push("email");
  if (args.name.touched()) fields.push("display_name");
  if (args.bio.touched()) fields.push("bio");
  if (args.profile_picture_url.touched()) fields.push("profile_picture_url");
  return fields;
}

ops::Change update(ops::Context& context, const UpdateArgs& args) {
  const auto user = find_user(context.tx, ops::resolve(context.tx, args.user));
  if (args.if_version && args.if_version->value != user.version)
    throw Error{ErrorKind::conflict, "stale_version",
                fmt::format("The user {} is at version {}, not {}.", user.email, user.version, args.if_version->value),
                "Read it again, then retry."};
  const auto before = user_record(context.tx, user.id);
  UserPatch patch{{}, args.name, args.bio, args.profile_picture_url};
  if (args.email) patch.email = args.email->value;
  update_user(context.tx, user, patch);
  auto change = change_of(context, user.id, fmt::format("Changed {}.", args.email ? args.email->value : user.email),
                          Json{{"fields", fields_of(args)}});
  // The address is what a person is known by everywhere: changing it is an administrator's own act.
  if (args.email) change.gravity = ops::Gravity::agents_propose;
  return change;
}

struct MoveArgs {
  UserRef user;
  std::optional<ops::LongText<2000>> reason;
};

ops::Change move(ops::Context& context, const MoveArgs& args, UserStatus to, std::string_view done) {
  const auto user = find_user(context.tx, ops::resolve(context.tx, args.user));
  if (user.status == to)
    return ops::Change::none("user", user.id.text, fmt::format("{} is {} already.", user.email, to_text(to)),
                             user_record(context.tx, user.id));
  kUserLifecycle.require(user.status, to, fmt::format("The user {}", user.email));
  if (to == UserStatus::disabled) require_may_leave(context, user, user.roles, "disabled");
  move_user(context.tx, user, to);
  ops::record_history(context, kUserHistory, user.id.text, to_text(user.status), to_text(to),
                      args.reason ? std::optional(args.reason->value) : std::nullopt);
  return change_of(context, user.id, fmt::format("{} {}.", done, user.email),
                   Json{{"before", Json{{"status", to_text(user.status)}}}, {"after", Json{{"status", to_text(to)}}}});
}

ops::Change enable(ops::Context& context, const MoveArgs& args) {
  return move(context, args, UserStatus::active, "Enabled");
}

ops::Change disable(ops::Context& context, const MoveArgs& args) {
  auto change = move(context, args, UserStatus::disabled, "Disabled");
  if (change.changed)
    change.metadata.set("cancelled_requests", approvals::cancel_of_user(context.tx, change.target_id));
  return change;
}

void register_user_reads(ops::Registry& registry) {
  registry.add(ops::declare<ListArgs>("users.list", "List people and their roles")
                   .option("role", &ListArgs::role, "Only who holds it")
                   .option("status", &ListArgs::status, "Only these")
                   .option("since", &ListArgs::since, "Added at or after this instant")
                   .option("until", &ListArgs::until, "Added before this instant")
                   .option("search", &ListArgs::search, "Text in the address or the name")
                   .needs("users:read")
                   .also({ops::Role::maestro, ops::Role::staff})
                   .example("steward users list --role maestro")
                   .lists(list, user_columns()));
  registry.add(ops::declare<UserArgs>("users.show", "Show a person, their roles and history")
                   .positional("user", &UserArgs::user, "E-mail address, id, or unique tail of an id")
                   .needs("users:read")
                   .also({ops::Role::maestro, ops::Role::staff})
                   .example("steward users show ana@example.com")
                   .returns(user_columns())
                   .shows(show));
}

void register_user_moves(ops::Registry& registry) {
  registry.add(ops::declare<MoveArgs>("users.enable", "Let a person act")
                   .subject("user", &MoveArgs::user, "E-mail address, id, or unique tail of an id")
                   .option("reason", &MoveArgs::reason, "Kept in the history")
                   .needs("users:write")
                   .risk(ops::Risk::high)
                   .example("steward users enable ana@example.com --yes")
                   .returns(user_columns())
                   .writes(enable));
  registry.add(ops::declare<MoveArgs>("users.disable", "Stop a person from acting; their tokens open nothing")
                   .subject("user", &MoveArgs::user, "E-mail address, id, or unique tail of an id")
                   .option("reason", &MoveArgs::reason, "Kept in the history")
                   .needs("users:write")
                   .risk(ops::Risk::high)
                   .example("steward users disable ana@example.com --reason \"Left the studio\" --yes")
                   .returns(user_columns())
                   .writes(disable));
}

}  // namespace

void register_users(ops::Registry& registry) {
  registry.add(kUserLifecycle);
  register_user_reads(registry);
  registry.add(
      ops::declare<CreateArgs>("users.create", "Add a person")
          .option("email", &CreateArgs::email, "The address they are known by")
          .option("name", &CreateArgs::name, "What they are called")
          .option("status", &CreateArgs::status, "ACTIVE unless said")
          .option("role", &CreateArgs::role, "What they may do; repeat for more. SUPER_ADMIN and ADMIN take two people")
          .needs("users:write")
          .may_escalate()
          .example("steward users create --email ana@example.com --name \"Ana Lima\" --role associate")
          .returns(user_columns())
          .writes(create));
  registry.add(ops::declare<UpdateArgs>("users.update", "Change what is known of a person")
                   .positional("user", &UpdateArgs::user, "E-mail address, id, or unique tail of an id")
                   .option("email", &UpdateArgs::email, "A new address")
                   .option("name", &UpdateArgs::name, "What they are called")
                   .option("bio", &UpdateArgs::bio, "A few lines about them")
                   .option("profile-picture-url", &UpdateArgs::profile_picture_url, "Where their picture is")
                   .option("if-version", &UpdateArgs::if_version, "Refuse unless the record is at this version")
                   .check(check_update)
                   .needs("users:write")
                   .may_escalate()
                   .example("steward users update ana@example.com --name \"Ana Lima\"")
                   .returns(user_columns())
                   .writes(update));
  register_user_moves(registry);
  register_role_operations(registry);
}

}  // namespace steward::identity
