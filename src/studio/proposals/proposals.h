#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/id.h"
#include "core/money.h"
#include "db/tx.h"
#include "ops/handle.h"
#include "ops/registry.h"
#include "studio/proposals/rules.h"

/// What the studio offers one client for one price, and what the client answered.
namespace steward::proposals {

struct ProposalTag {
  static constexpr ops::HandleSpec spec{"proposal", "proposals", "number", ops::HandleSpec::Spelling::upper, "title"};
};
using ProposalId = Id<ProposalTag>;
using ProposalRef = ops::Ref<ProposalTag>;  ///< a number, an id, or a unique tail of an id

struct Proposal {
  ProposalId id;
  std::optional<std::string> number;  ///< "PRO-2026-0001"; given when sent
  std::string client_email, title;
  Money amount;
  Status status;
  std::optional<std::string> intake_request_id, offer_slug;
  std::optional<Instant> expires_at;
  std::int64_t version = 1;
  std::int64_t tax_cents = 0;  ///< within the amount, which is gross
  std::int64_t revision = 1;
  std::optional<std::string> replaces_id = {};  ///< the one that this is the next revision of

  /// The number, or for a draft the tail of its id.
  std::string handle() const { return number ? *number : std::string(short_id(id.text)); }
  /// "Proposal PRO-2026-0001", "Draft proposal 3fa09b12".
  std::string label() const { return (number ? "Proposal " : "Draft proposal ") + handle(); }
};

/// Errors: not_found "not_found".
Proposal find_proposal(db::Tx& tx, const ProposalId& id);
/// Errors: those of ops::resolve, under the argument's name.
Proposal find_proposal(db::Tx& tx, const ProposalRef& ref, std::string_view field = "proposal");

void register_operations(ops::Registry& registry);

}  // namespace steward::proposals
