#include "studio/identity/rows.h"

#include <fmt/format.h>
#include <algorithm>

#include <algorithm>

#include "core/error.h"

namespace steward::identity {
namespace {

constexpr auto kFind = "SELECT id, email, status, display_name, version FROM users WHERE id = $1";
constexpr auto kFindByEmail = "SELECT id FROM users WHERE email = $1";
constexpr auto kRolesOf = "SELECT r.name FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = $1";
constexpr auto kInsert = R"sql(
  INSERT INTO users (id, email, status, display_name, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)
)sql";
constexpr auto kUpdate = R"sql(
  UPDATE users SET email = coalesce($3, email),
         display_name = CASE WHEN $4 = 1 THEN $5 ELSE display_name END,
         bio = CASE WHEN $6 = 1 THEN $7 ELSE bio END,
         profile_picture_url = CASE WHEN $8 = 1 THEN $9 ELSE profile_picture_url END,
         version = version + 1, updated_at = $10
   WHERE id = $1 AND version = $2
)sql";
constexpr auto kMove = R"sql(
  UPDATE users SET status = $3, version = version + 1, updated_at = $4 WHERE id = $1 AND status = $2
)sql";
constexpr auto kTouch = "UPDATE users SET version = version + 1, updated_at = $3 WHERE id = $1 AND version = $2";
constexpr auto kInsertRole = R"sql(
  INSERT INTO user_roles (user_id, role_id, granted_at, granted_by) SELECT $1, id, $3, $4 FROM roles WHERE name = $2
)sql";
constexpr auto kDeleteRole =
    "DELETE FROM user_roles WHERE user_id = $1 AND role_id IN (SELECT id FROM roles WHERE name = $2)";
constexpr auto kIsProtected = "SELECT 1 FROM roles WHERE name = $1 AND protected = $2";
constexpr auto kOtherHolders = R"sql(
  SELECT count(*) FROM users u JOIN user_roles ur ON ur.user_id = u.id JOIN roles r ON r.id = ur.role_id
   WHERE r.name = $1 AND u.status = 'ACTIVE' AND u.id IS DISTINCT FROM $2
)sql";
constexpr auto kAdministrators = R"sql(
  SELECT DISTINCT ur.user_id FROM user_roles ur JOIN roles r ON r.id = ur.role_id
   WHERE r.name = 'ADMIN' OR r.name = 'SUPER_ADMIN'
)sql";
constexpr auto kSeedRole = R"sql(
  INSERT INTO roles (id, name, protected) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING
)sql";

constexpr ops::Column kGrantColumns[] = {
    {"role", "r.name"},
    {"granted_at", "ur.granted_at", ops::Kind::instant},
    {"granted_by", "ur.granted_by"},
    {"granted_by_email", "g.email"},
};

/// The roles as a JSON array of text, in the order of the enumeration, by SQL that both engines read.
std::string roles_expression() {
  std::string parts;
  for (const auto role : ops::kRoleNames)
    parts += fmt::format(
        R"({}CASE WHEN EXISTS (SELECT 1 FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = u.id AND r.name = '{}') THEN ',"{}"' ELSE '' END)",
        parts.empty() ? "" : " || ", role, role);
  return "'[' || substr(" + parts + ", 2) || ']'";
}

[[noreturn]] void stale(const User& user) {
  throw Error{ErrorKind::conflict, "stale_version", fmt::format("Somebody changed the user {} first.", user.email),
              "Read it again, then retry."};
}

void put_roles(db::Tx& tx, User& user) {
  user.roles = tx.all(kRolesOf, {user.id}, [](const db::Row& row) { return row.choice<ops::Role>(0); });
  std::ranges::sort(user.roles);
}

}  // namespace

std::span<const ops::Column> user_columns() {
  static const std::string roles = roles_expression();
  static const ops::Column columns[] = {
      {"id", "u.id"},
      {"email", "u.email"},
      {"display_name", "u.display_name"},
      {"status", "u.status"},
      {"roles", roles, ops::Kind::json},
      {"bio", "u.bio", ops::Kind::text, ops::Shown::record},
      {"profile_picture_url", "u.profile_picture_url", ops::Kind::text, ops::Shown::record},
      {"version", "u.version", ops::Kind::integer, ops::Shown::record},
      {"created_at", "u.created_at", ops::Kind::instant},
      {"updated_at", "u.updated_at", ops::Kind::instant, ops::Shown::record},
  };
  return columns;
}

ops::Listing list_users() { return ops::Listing(user_columns(), "users u").key("u.id"); }

Json user_record(db::Tx& tx, const UserId& id) { return list_users().where("u.id = {}", {id}).record(tx); }

Json grants_of(db::Tx& tx, const UserId& id) {
  ops::Listing grants(kGrantColumns,
                      "user_roles ur JOIN roles r ON r.id = ur.role_id LEFT JOIN users g ON g.id = ur.granted_by");
  return grants.where("ur.user_id = {}", {id}).key("r.name", false).records(tx);
}

User find_user(db::Tx& tx, const UserId& id) {
  auto user = tx.first(kFind, {id}, [](const db::Row& row) {
    return User{{row.str(0)}, row.str(1), row.choice<UserStatus>(2), row.maybe_text(3), {}, row.integer(4)};
  });
  if (!user) throw Error{ErrorKind::not_found, "not_found", fmt::format("There is no user {}.", id.text)};
  put_roles(tx, *user);
  return std::move(*user);
}

std::optional<User> find_user_by_email(db::Tx& tx, std::string_view email) {
  const auto id = tx.text(kFindByEmail, {to_lower(email)});
  if (!id) return std::nullopt;
  return find_user(tx, {*id});
}

void insert_user(db::Tx& tx, const UserId& id, const NewUser& user) {
  if (find_user_by_email(tx, user.email))
    throw Error{ErrorKind::conflict, "duplicate", fmt::format("There is a user {} already.", user.email),
                fmt::format("steward users show {}", user.email)}
        .at("email");
  tx.exec(kInsert, {id, user.email, user.status, user.display_name, tx.now()});
}

void update_user(db::Tx& tx, const User& user, const UserPatch& patch) {
  if (const auto other = patch.email ? find_user_by_email(tx, *patch.email) : std::nullopt;
      other && other->id != user.id)
    throw Error{ErrorKind::conflict, "duplicate", fmt::format("There is a user {} already.", *patch.email)}.at("email");
  const auto text = [](const auto& change) { return change.value ? db::Value(change.value->value) : db::Value(); };
  const auto touched = [](const auto& change) { return db::Value(change.touched() ? 1 : 0); };
  if (tx.exec(kUpdate, {user.id, user.version, patch.email, touched(patch.display_name), text(patch.display_name),
                        touched(patch.bio), text(patch.bio), touched(patch.profile_picture_url),
                        text(patch.profile_picture_url), tx.now()}) == 0)
    stale(user);
}

void move_user(db::Tx& tx, const User& user, UserStatus to) {
  if (tx.exec(kMove, {user.id, user.status, to, tx.now()}) == 0) stale(user);
}

void insert_role(db::Tx& tx, const UserId& id, ops::Role role, const std::optional<std::string>& granted_by) {
  if (tx.exec(kInsertRole, {id, role, tx.now(), granted_by}) == 0)
    throw Error{ErrorKind::precondition, "not_seeded",
                fmt::format("The role {} is not in this database.", to_text(role)), "Run steward db seed."};
}

void delete_role(db::Tx& tx, const UserId& id, ops::Role role) { tx.exec(kDeleteRole, {id, role}); }

void touch_user(db::Tx& tx, const User& user) {
  if (tx.exec(kTouch, {user.id, user.version, tx.now()}) == 0) stale(user);
}

bool is_protected(db::Tx& tx, ops::Role role) { return tx.exists(kIsProtected, {role, true}); }

std::vector<std::string> administrators(db::Tx& tx) {
  return tx.all(kAdministrators, {}, [](const db::Row& row) { return row.str(0); });
}

std::int64_t other_holders(db::Tx& tx, ops::Role role, const std::optional<UserId>& but) {
  return tx.integer(kOtherHolders, {role, but});
}

void seed_roles(db::Tx& tx) {
  for (const auto name : ops::kRoleNames) {
    const bool guarded = name == "SUPER_ADMIN" || name == "ADMIN";
    tx.exec(kSeedRole, {new_uuid(tx.now().ms), name, guarded});
  }
}

}  // namespace steward::identity
