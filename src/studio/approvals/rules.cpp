#include "studio/approvals/rules.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/moment.h"

namespace steward::approvals {

void require_waiting(Status status, Status to, Instant expires_at, Instant now, std::string_view label) {
  kLifecycle.require(status, to, label);
  if (expires_at > now) return;
  throw Error{ErrorKind::conflict, "expired", fmt::format("{} expired at {}.", label, moment_text(expires_at)),
              "Ask again: the same call files a new request."};
}

bool same_person(const Party& a, const Party& b) {
  return a.actor == b.actor || (a.user_id && b.user_id && *a.user_id == *b.user_id);
}

void require_other_person(const Party& proposer, const Party& reviewer) {
  if (!same_person(proposer, reviewer)) return;
  throw Error{ErrorKind::permission, "same_person", "Nobody approves their own request: a second person must.",
              "Ask somebody else who may do it."};
}

}  // namespace steward::approvals
