#include "studio/proposals/rules.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/moment.h"

namespace steward::proposals {

bool is_over(const std::optional<Instant>& expires_at, Instant now) { return expires_at && *expires_at <= now; }

void require_standing(const std::optional<Instant>& expires_at, Instant now, std::string_view label) {
  if (!is_over(expires_at, now)) return;
  throw Error{ErrorKind::conflict, "proposal_expired",
              fmt::format("{} expired at {}.", label, moment_text(*expires_at)),
              "Give it a later expiry with steward proposals update --expires, or make a new one."}
      .with(Json{{"expires_at", to_text(*expires_at)}});
}

void require_draft(Status status, std::string_view label) {
  if (status == Status::draft) return;
  if (status == Status::sent)
    throw Error{ErrorKind::conflict, "immutable",
                fmt::format("{} is SENT: only its expiry can still be changed, to a later one.", label),
                "Pass --expires alone; for all else decline this one and make a new proposal."};
  throw Error{ErrorKind::conflict, "immutable",
              fmt::format("{} is {}: only a draft can be changed.", label, to_text(status)),
              "Make a new proposal, and decline this one if it is still open."};
}

void require_ahead(Instant expires_at, Instant now) {
  if (expires_at > now) return;
  refuse_usage("in_the_past", fmt::format("{} is past: a proposal must expire in the future.", moment_text(expires_at)),
               "expires", "Name a date to come, or a span such as +14d.");
}

void require_revisable(Status status, std::string_view label) {
  if (status == Status::draft)
    refuse_conflict("not_revisable", fmt::format("{} was not sent yet.", label),
                    "Change it: steward proposals update.");
  if (status == Status::accepted)
    refuse_conflict("not_revisable", fmt::format("{} is ACCEPTED: it is agreed as it is.", label),
                    "Make a new proposal for what is different.");
}

}  // namespace steward::proposals
