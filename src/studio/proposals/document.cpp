// A proposal as it is printed.

#include "ops/declare.h"
#include "studio/documents/documents.h"
#include "studio/proposals/operations.h"
#include "studio/proposals/rows.h"

namespace steward::proposals {
namespace {

std::optional<Instant> instant_of(const Json& record, std::string_view name) {
  const auto& value = record.at(name);
  return value.is_null() ? std::nullopt : std::optional(parse_instant(value.text()));
}

// "Accepted", for what the client or the clock has decided.
std::string_view decision_of(Status status) {
  switch (status) {
    case Status::accepted:
      return "Accepted";
    case Status::declined:
      return "Declined";
    case Status::expired:
      return "Expired";
    default:
      return {};
  }
}

std::vector<pdf::Fact> facts_of(ops::Context& context, const Proposal& proposal, const Json& record) {
  std::vector<pdf::Fact> out;
  if (const auto sent = instant_of(record, "sent_at")) out.push_back({"Date", documents::day(context, *sent)});
  // It stands until its expiry, not through it: midnight belongs to the day before.
  if (proposal.expires_at)
    out.push_back({"Valid until", documents::day(context, Instant{proposal.expires_at->ms - 1})});
  if (const auto decided = instant_of(record, "decided_at"); decided && !decision_of(proposal.status).empty())
    out.push_back({std::string(decision_of(proposal.status)), documents::day(context, *decided)});
  return out;
}

struct RenderArgs {
  ProposalRef proposal;
  ops::NewFile to;
};

Json render_proposal(ops::Context& context, const RenderArgs& args) {
  const auto proposal = find_proposal(context.tx, args.proposal);
  return documents::render(context, document_of(context, proposal), args.to, proposal.handle());
}

}  // namespace

pdf::Document document_of(ops::Context& context, const Proposal& proposal) {
  const auto record = proposal_record(context.tx, proposal.id);
  auto out = documents::letterhead(context);
  out.kind = pdf::Kind::proposal;
  out.title = "Proposal";
  out.number = proposal.number.value_or("");
  out.date = documents::day(context, instant_of(record, proposal.number ? "sent_at" : "created_at").value());
  out.mark = proposal.status == Status::draft ? pdf::Mark::draft : pdf::Mark::none;
  documents::set_parties(context, out, parties::load(context.tx, parties::kProposals, proposal.id.text),
                         proposal.client_email);
  out.facts = facts_of(context, proposal, record);
  documents::set_lines(out, lines::load(context.tx, lines::kProposals, proposal.id.text), proposal.amount.currency);
  return out;
}

void register_document(ops::Registry& registry) {
  registry.add(
      ops::declare<RenderArgs>("proposals.render", "Write a proposal as PDF")
          .details("The same proposal gives the same bytes. A draft says what it is across the page.")
          .subject("proposal", &RenderArgs::proposal, "Number, id, or unique tail of an id")
          .option("to", &RenderArgs::to,
                  "The file, or a folder that takes NUMBER.pdf; replaced only with --yes; - is standard output")
          .needs("proposals:read")
          .example("steward proposals render PRO-2026-0001 --to PRO-2026-0001.pdf")
          .returns(documents::kRenderedColumns)
          .shows(render_proposal));
}

}  // namespace steward::proposals
