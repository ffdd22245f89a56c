#include <fmt/format.h>

#include "core/moment.h"
#include "core/text.h"
#include "ops/declare.h"
#include "ops/settings.h"
#include "studio/numbering/numbering.h"
#include "studio/parties/parties.h"
#include "studio/proposals/operations.h"
#include "studio/proposals/rows.h"

namespace steward::proposals {
namespace {

Json move_metadata(Status from, Status to) {
  return Json{{"before", Json{{"status", to_text(from)}}}, {"after", Json{{"status", to_text(to)}}}};
}

struct SendArgs {
  ProposalRef proposal;
};

Instant default_expiry(ops::Context& context) {
  constexpr std::int64_t kDay = 24LL * 3600 * 1000;
  return context.now() + Duration{ops::setting_number(context.tx, "proposals.valid_days") * kDay};
}

ops::Change send_proposal(ops::Context& context, const SendArgs& args) {
  auto proposal = find_proposal(context.tx, args.proposal);
  if (proposal.status == Status::sent) return unchanged(context, proposal, "was sent already");
  kLifecycle.require(proposal.status, Status::sent, proposal.label());
  require_standing(proposal.expires_at, context.now(), proposal.label());
  const auto expires_at = proposal.expires_at ? *proposal.expires_at : default_expiry(context);
  auto warnings = parties::take_down(context, parties::kProposals, proposal.id.text, proposal.client_email, {});
  proposal.number = numbering::take(context.tx, numbering::kProposals, context.today()).text;
  mark_sent(context, proposal, *proposal.number, expires_at);
  auto change = changed(context, proposal,
                        fmt::format("Sent {} to {} for {}; it stands until {}.", *proposal.number,
                                    proposal.client_email, to_text(proposal.amount), moment_text(expires_at)));
  change.metadata = move_metadata(Status::draft, Status::sent);
  change.metadata.find("after")->set("number", *proposal.number).set("expires_at", to_text(expires_at));
  change.warnings = std::move(warnings);
  change.next = fmt::format("steward proposals accept {}", *proposal.number);
  return change;
}

ops::Change confirm_number(ops::Context& context, const numbering::ConfirmArgs& args) {
  return numbering::confirm(context, numbering::kProposals, args);
}

struct DecideArgs {
  ProposalRef proposal;
  std::optional<ops::LongText<2000>> note;
};

ops::Change decide(ops::Context& context, const DecideArgs& args, Status to) {
  const auto proposal = find_proposal(context.tx, args.proposal);
  if (proposal.status == to) return unchanged(context, proposal, fmt::format("is {} already", to_text(to)));
  kLifecycle.require(proposal.status, to, proposal.label());
  if (to == Status::accepted) require_standing(proposal.expires_at, context.now(), proposal.label());
  mark_decided(context, proposal, to, args.note ? std::optional(args.note->value) : std::nullopt);
  auto change = changed(context, proposal, fmt::format("{} is {}.", proposal.label(), to_text(to)));
  change.metadata = move_metadata(proposal.status, to);
  if (to == Status::accepted) change.next = fmt::format("steward invoices create --proposal {}", proposal.handle());
  return change;
}

ops::Change accept_proposal(ops::Context& context, const DecideArgs& args) {
  return decide(context, args, Status::accepted);
}
ops::Change decline_proposal(ops::Context& context, const DecideArgs& args) {
  return decide(context, args, Status::declined);
}
ops::Change expire_proposal(ops::Context& context, const DecideArgs& args) {
  return decide(context, args, Status::expired);
}

constexpr ops::Column kExpiredColumns[] = {
    {.name = "expired", .kind = ops::Kind::integer, .help = "How many"},
    {.name = "proposals", .kind = ops::Kind::json, .help = "Their ids and numbers, by expiry"},
};

ops::Change expire_due(ops::Context& context, const ops::NoArgs&) {
  Json records = Json::array(), ids = Json::array();
  for (const auto& proposal : due_to_expire(context.tx, context.now())) {
    mark_decided(context, proposal, Status::expired, {});
    records.push(Json{{"id", proposal.id.text}, {"number", proposal.handle()}});
    ids.push(proposal.id.text);
  }
  const auto count = ids.items().size();
  const Json data{{"expired", count}, {"proposals", records}};
  if (count == 0) return ops::Change::none("proposals", "expire-due", "No proposal is past its expiry.", data);
  ops::Change change;
  change.target_type = "proposals";
  change.target_id = "expire-due";
  change.sentence = fmt::format("{} expired.", count_of(count, "proposal"));
  change.data = data;
  change.metadata = Json{{"count", count}, {"ids", ids}};
  return change;
}

using Handler = ops::Change (*)(ops::Context&, const DecideArgs&);

void register_decision(ops::Registry& registry, std::string_view verb, std::string summary, Handler handler) {
  registry.add(ops::declare<DecideArgs>(fmt::format("proposals.{}", verb), std::move(summary))
                   .subject("proposal", &DecideArgs::proposal, "Number, id, or unique tail of an id")
                   .option("note", &DecideArgs::note, "Kept in its history")
                   .needs("proposals:write")
                   .example(fmt::format("steward proposals {} PRO-2026-0001", verb))
                   .returns(kProposalColumns)
                   .writes(handler));
}

}  // namespace

void register_moves(ops::Registry& registry) {
  registry.add(ops::declare<SendArgs>("proposals.send", "Number a draft proposal and put it to the client")
                   .details("From here on its client, its amount and its currency stay as they are.")
                   .subject("proposal", &SendArgs::proposal, "Id, or unique tail of an id")
                   .needs("proposals:write")
                   .risk(ops::Risk::high)
                   .example("steward proposals send 7f3a9c")
                   .returns(kProposalColumns)
                   .writes(send_proposal));
  register_decision(registry, "accept", "Note that the client accepted, before the proposal expired", accept_proposal);
  register_decision(registry, "decline", "Note that the client declined, or drop a draft", decline_proposal);
  register_decision(registry, "expire", "End a proposal without an answer", expire_proposal);
  registry.add(ops::declare<ops::NoArgs>("proposals.expire-due", "End every sent proposal that is past its expiry")
                   .needs("proposals:write")
                   .example("steward proposals expire-due")
                   .returns(kExpiredColumns)
                   .writes(expire_due));
  numbering::register_confirm(registry, numbering::kProposals, confirm_number);
}

}  // namespace steward::proposals
