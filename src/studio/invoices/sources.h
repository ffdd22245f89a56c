#pragma once
#include <optional>
#include <vector>

#include "studio/deals/deals.h"
#include "studio/invoices/invoices.h"
#include "studio/lines/lines.h"
#include "studio/proposals/proposals.h"

namespace steward::invoices {

/// What an invoice is raised from (CM-6).
struct Sources {
  std::optional<proposals::Proposal> proposal;
  std::optional<deals::Deal> deal;
};

/// Errors: conflict "proposal_not_accepted", naming "proposal".
void require_accepted(const proposals::Proposal& proposal);
/// Errors: conflict "link_mismatch" for a proposal and a deal of different inquiries.
void require_same_intake(const Sources& from);

/// How far each of them lets an invoice go; `but` is the invoice that is being worked out.
std::vector<Bound> bounds_of(db::Tx& tx, const Sources& from, const InvoiceId& but);
Sources sources_of(db::Tx& tx, const Invoice& invoice);

/// What an invoice asks for: what the operator says, or else all that its sources leave. Of a proposal it takes over
/// lines and taxes, in proportion when it is only a part. Errors: those of lines::worked_out, of require_within and of
/// remaining_within; usage "missing_argument" for a currency that nothing names.
struct Asking {
  Currency currency;
  lines::Breakdown breakdown;
  Money gross() const { return {breakdown.gross(), currency}; }
};
Asking asking_of(ops::Context& context, const lines::Asked& asked, const Sources& from,
                 const std::vector<Bound>& bounds);

}  // namespace steward::invoices
