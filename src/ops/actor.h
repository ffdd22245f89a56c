#pragma once
#include <optional>
#include <string>
#include <vector>

#include "ops/operation.h"

namespace steward::ops {

enum class ActorType { user, op, agent, service, anonymous };
inline constexpr std::array<std::string_view, 5> kActorTypeNames{"USER", "OPERATOR", "AGENT", "SERVICE", "ANONYMOUS"};
constexpr EnumNames names_of(ActorType) { return {"actor type", kActorTypeNames}; }

/// Who acts, once authenticated.
struct Actor {
  ActorType type = ActorType::anonymous;
  std::string id;                      ///< a user's id, "operator:LOGIN", or the token's id for an agent or job
  std::optional<std::string> user_id;  ///< for columns that refer to users
  std::optional<std::string> token_id;
  std::string email;  ///< for output; empty when there is none
  std::vector<Role> roles;
  std::vector<std::string> scopes;
  std::optional<std::string> workspace;
  bool every_role = false;

  /// A person confirms and approves; an agent proposes; a job runs what is scheduled.
  bool is_person() const { return type == ActorType::user || type == ActorType::op; }
  bool has_role(Role role) const;
  /// "events:write" is covered by itself, "events:*", "*:write" and "*".
  bool has_scope(std::string_view scope) const;
};

}  // namespace steward::ops
