#pragma once
#include <optional>
#include <span>
#include <vector>

#include "ops/context.h"
#include "ops/history.h"
#include "studio/lines/lines.h"
#include "studio/proposals/proposals.h"

namespace steward::proposals {

inline constexpr ops::HistorySpec kHistory{"proposal_status_history", "proposal_id"};

extern const std::span<const ops::Column> kProposalColumns;
/// Every proposal, one row each, newest first.
ops::Listing proposal_listing();
Json proposal_record(db::Tx& tx, const ProposalId& id);

/// Adds it as it stands, with its lines and the first row of its history.
void insert_proposal(ops::Context& context, const Proposal& proposal, const lines::Breakdown& breakdown);

// Each refuses when the proposal is no longer as it was read: conflict "stale_version".

/// Stores title, client, amount, tax and expiry of a proposal that was read with `version`.
void store_proposal(db::Tx& tx, const Proposal& proposal);
/// DRAFT to SENT, with its number and expiry.
void mark_sent(ops::Context& context, const Proposal& proposal, std::string_view number, Instant expires_at);
/// What shows that a client accepted.
struct Acceptance {
  std::optional<std::string> by, evidence, evidence_hash;
};
void mark_accepted(ops::Context& context, const Proposal& proposal, const Acceptance& how,
                   const std::optional<std::string>& note);
/// To DECLINED or EXPIRED.
void mark_decided(ops::Context& context, const Proposal& proposal, Status to, const std::optional<std::string>& note);

/// Every SENT proposal that is past its expiry, oldest first.
std::vector<Proposal> due_to_expire(db::Tx& tx, Instant now);

}  // namespace steward::proposals
