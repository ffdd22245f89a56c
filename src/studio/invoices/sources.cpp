#include "studio/invoices/sources.h"

#include <fmt/format.h>

#include "core/error.h"
#include "studio/invoices/rows.h"
#include "studio/offers/offers.h"

namespace steward::invoices {
namespace {

// How a proposal in that status comes to be accepted, if it still can.
std::string way_to_accepted(const proposals::Proposal& proposal) {
  if (proposals::kLifecycle.allows(proposal.status, proposals::Status::accepted))
    return fmt::format("steward proposals accept {}", proposal.handle());
  if (proposal.status == proposals::Status::draft) return fmt::format("steward proposals send {}", proposal.handle());
  return "That is final: make a new proposal, or an invoice without one.";
}

// What the one line of an amount says.
std::string described(db::Tx& tx, const Sources& from) {
  if (from.proposal) return from.proposal->title;
  return from.deal ? offers::find_offer(tx, from.deal->offer_slug).title : "As agreed";
}

// All of a proposal is its own lines, unless somebody said otherwise; a part has a line a tax.
lines::Breakdown part_of(db::Tx& tx, const proposals::Proposal& proposal, const Money& gross,
                         const lines::Asked& asked) {
  auto whole = lines::load(tx, lines::kProposals, proposal.id.text);
  if (asked.description) return lines::portion(asked.description->value, whole.groups, gross.minor);
  if (gross.minor == whole.gross()) return whole;
  return lines::portion(fmt::format("Part of {}: {}", proposal.handle(), proposal.title), whole.groups, gross.minor);
}

// All of it, tax included.
lines::Breakdown of_all(ops::Context& context, const lines::Asked& asked, const Sources& from, const Money& gross) {
  if (from.proposal && !asked.tax) return part_of(context.tx, *from.proposal, gross, asked);
  const auto says = asked.description ? asked.description->value : described(context.tx, from);
  return lines::of_gross(says, gross.minor, lines::asked_tax(context, asked));
}

}  // namespace

void require_accepted(const proposals::Proposal& proposal) {
  if (proposal.status == proposals::Status::accepted) return;
  throw Error{
      ErrorKind::conflict, "proposal_not_accepted",
      fmt::format("{} is {}: only an accepted proposal is invoiced.", proposal.label(), to_text(proposal.status)),
      way_to_accepted(proposal)}
      .at("proposal");
}

void require_same_intake(const Sources& from) {
  if (!from.proposal || !from.deal) return;
  const auto& intake = from.proposal->intake_request_id;
  if (!intake || *intake == from.deal->intake_id) return;
  refuse_conflict("link_mismatch",
                  fmt::format("{} and deal {} come from different inquiries.", from.proposal->label(),
                              short_id(from.deal->id.text)),
                  "Name one of them.");
}

std::vector<Bound> bounds_of(db::Tx& tx, const Sources& from, const InvoiceId& but) {
  std::vector<Bound> out;
  if (const auto& p = from.proposal)
    out.push_back(
        {p->label(), p->client_email, p->amount, {invoiced_of_proposal(tx, p->id.text, but), p->amount.currency}});
  // Whom the proposal was put to pays; the inquiry behind the deal may have come from a colleague.
  if (from.deal) deals::require_takes_money(*from.deal);
  if (const auto& d = from.deal)
    out.push_back({fmt::format("Deal {}", short_id(d->id.text)),
                   from.proposal ? from.proposal->client_email : d->client_email,
                   d->agreed_price,
                   {invoiced_of_deal(tx, d->id.text, but), d->agreed_price.currency}});
  return out;
}

Sources sources_of(db::Tx& tx, const Invoice& invoice) {
  Sources out;
  if (invoice.proposal_id) out.proposal = proposals::find_proposal(tx, proposals::ProposalId{*invoice.proposal_id});
  if (invoice.deal_id) out.deal = deals::find_deal(tx, deals::DealId{*invoice.deal_id});
  return out;
}

Asking asking_of(ops::Context& context, const lines::Asked& asked, const Sources& from,
                 const std::vector<Bound>& bounds) {
  if (!asked.names_amount()) {
    const auto rest = remaining_within(bounds);
    const Money gross{rest.minor, asked.currency.value_or(rest.currency)};
    for (const auto& bound : bounds) require_within(bound, bound.client_email, gross);
    return {gross.currency, of_all(context, asked, from, gross)};
  }
  if (!asked.currency && bounds.empty())
    refuse_usage("missing_argument", "--currency is missing.", "currency", "Name the currency of the amount.");
  const auto currency = asked.currency ? *asked.currency : bounds.front().agreed.currency;
  if (asked.lines || asked.tax || !from.proposal)
    return {currency, lines::worked_out(context, asked, currency, described(context.tx, from))};
  const auto gross = parse_money(asked.amount->text, currency);
  for (const auto& bound : bounds) require_within(bound, bound.client_email, gross);
  return {currency, part_of(context.tx, *from.proposal, gross, asked)};
}

}  // namespace steward::invoices
