#pragma once
#include <optional>
#include <span>
#include <string>

#include "studio/approvals/approvals.h"
#include "studio/approvals/rules.h"

namespace steward::approvals {

struct ApprovalTag {
  static constexpr ops::HandleSpec spec{"approval", "action_proposals"};
};
using ApprovalRef = ops::Ref<ApprovalTag>;
using ApprovalId = Id<ApprovalTag>;

/// One call that waits, or waited, for a person.
struct Request {
  ApprovalId id;
  std::string operation;  ///< "users.disable"
  std::string payload;    ///< its arguments, canonical JSON
  std::string payload_hash;
  std::string state_hash;  ///< ops::state_hash() of its rehearsal
  Status status = Status::pending;
  Party proposer;
  std::optional<std::string> proposer_token;
  Instant expires_at;

  std::string label() const;  ///< for sentences: "The request users disable (3f9a1c)"
};

/// The record that `approvals list`, `show` and every decision answer. A request past its time shows as EXPIRED before
/// the sweep has stored it.
std::span<const ops::Column> columns();
ops::Listing list_requests(Instant now);
/// Adds the status as list_requests() shows it as a condition.
void filter_status(ops::Listing& listing, Status status);
Json record_of(db::Tx& tx, const ApprovalId& id);

Request find_request(db::Tx& tx, const ApprovalId& id);
/// Who made the token that filed a request; empty when no token did.
std::string token_maker(db::Tx& tx, const std::optional<std::string>& token_id);

struct Decision {
  Status to;
  std::optional<std::string> note;
  std::optional<std::string> result;  ///< canonical JSON
};
/// Errors: conflict "stale_version" when somebody else decided first.
void decide(ops::Context& context, const Request& request, const Decision& decision);
/// Stores EXPIRED on all that waited too long; answers how many.
std::int64_t expire_due(db::Tx& tx);

}  // namespace steward::approvals
