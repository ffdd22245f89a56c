#pragma once
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "ops/history.h"
#include "studio/identity/identity.h"

namespace steward::identity {

inline constexpr ops::HistorySpec kUserHistory{"user_status_history", "user_id"};

/// The record that `users list`, `show` and every write of users answer.
std::span<const ops::Column> user_columns();
ops::Listing list_users();
Json user_record(db::Tx& tx, const UserId& id);
/// One object a role held: role, granted_at, granted_by, granted_by_email.
Json grants_of(db::Tx& tx, const UserId& id);

/// What an update changes; what is not touched stays.
struct UserPatch {
  std::optional<std::string> email;
  ops::Patch<ops::Text<200>> display_name;
  ops::Patch<ops::LongText<4000>> bio;
  ops::Patch<ops::WebUrl> profile_picture_url;
};

void insert_user(db::Tx& tx, const UserId& id, const NewUser& user);
/// Errors: conflict "stale_version" when somebody was faster, "duplicate" for an address in use.
void update_user(db::Tx& tx, const User& user, const UserPatch& patch);
/// Moves the status from what was read. Errors: conflict "stale_version".
void move_user(db::Tx& tx, const User& user, UserStatus to);
void insert_role(db::Tx& tx, const UserId& id, ops::Role role, const std::optional<std::string>& granted_by);
void delete_role(db::Tx& tx, const UserId& id, ops::Role role);
/// Counts the change of roles as one of the user. Errors: conflict "stale_version".
void touch_user(db::Tx& tx, const User& user);

bool is_protected(db::Tx& tx, ops::Role role);
/// The ids of all who hold ADMIN or SUPER_ADMIN, whatever their status.
std::vector<std::string> administrators(db::Tx& tx);
/// How many ACTIVE users but this one hold the role.
std::int64_t other_holders(db::Tx& tx, ops::Role role, const std::optional<UserId>& but);

}  // namespace steward::identity
