#include <fmt/format.h>

#include "core/error.h"
#include "core/moment.h"
#include "core/text.h"
#include "ops/declare.h"
#include "ops/input.h"
#include "ops/settings.h"
#include "studio/lines/lines.h"
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

void end_replaced(ops::Context& context, const Proposal& proposal, Json& metadata);

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
  end_replaced(context, proposal, change.metadata);
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

struct AcceptArgs : DecideArgs {
  std::optional<ops::Text<200>> by;
  std::optional<ops::LongText<2000>> evidence;
  std::optional<ops::FilePath> evidence_file;
};

template <class Text>
std::optional<std::string> text_of(const std::optional<Text>& given) {
  return given ? std::optional<std::string>(given->value) : std::nullopt;
}

ops::Change decided(ops::Context& context, const Proposal& proposal, Status to) {
  auto change = changed(context, proposal, fmt::format("{} is {}.", proposal.label(), to_text(to)));
  change.metadata = move_metadata(proposal.status, to);
  return change;
}

ops::Change decide(ops::Context& context, const DecideArgs& args, Status to) {
  const auto proposal = find_proposal(context.tx, args.proposal);
  if (proposal.status == to) return unchanged(context, proposal, fmt::format("is {} already", to_text(to)));
  kLifecycle.require(proposal.status, to, proposal.label());
  mark_decided(context, proposal, to, text_of(args.note));
  return decided(context, proposal, to);
}

// The file itself stays where it is: its hash tells it from every other.
Acceptance acceptance(const AcceptArgs& args) {
  return {text_of(args.by), text_of(args.evidence),
          args.evidence_file ? std::optional(ops::blake2b_hex_of_file(args.evidence_file->value)) : std::nullopt};
}

ops::Change accept_proposal(ops::Context& context, const AcceptArgs& args) {
  const auto proposal = find_proposal(context.tx, args.proposal);
  if (proposal.status == Status::accepted) return unchanged(context, proposal, "is ACCEPTED already");
  kLifecycle.require(proposal.status, Status::accepted, proposal.label());
  require_standing(proposal.expires_at, context.now(), proposal.label());
  const auto how = acceptance(args);
  mark_accepted(context, proposal, how, text_of(args.note));
  auto change = decided(context, proposal, Status::accepted);
  if (how.evidence_hash) change.metadata.find("after")->set("evidence_hash", *how.evidence_hash);
  change.next = fmt::format("steward invoices create --proposal {}", proposal.handle());
  return change;
}

// ---- revise

struct ReviseArgs : lines::Asked {
  ProposalRef proposal;
  std::optional<ops::Text<200>> title;
};

void require_sensible(const ReviseArgs& args) { lines::require_consistent(args); }

ops::Change revise_proposal(ops::Context& context, const ReviseArgs& args) {
  const auto before = find_proposal(context.tx, args.proposal);
  require_revisable(before.status, before.label());
  auto next = before;
  next.id = {context.new_id()};
  next.number.reset();
  next.expires_at.reset();
  next.status = Status::draft;
  next.revision = before.revision + 1;
  next.replaces_id = before.id.text;
  if (args.title) next.title = *args.title;
  const auto currency = args.currency.value_or(before.amount.currency);
  const auto breakdown = args.names_amount() ? lines::worked_out(context, args, currency, next.title)
                                             : lines::load(context.tx, lines::kProposals, before.id.text);
  next.amount = {breakdown.gross(), currency};
  next.tax_cents = breakdown.tax();
  insert_proposal(context, next, breakdown);
  auto change = changed(context, next,
                        fmt::format("Drafted revision {} of {} as {}: it takes its place when it is sent.",
                                    next.revision, before.handle(), next.handle()));
  change.metadata = {{"replaces_id", before.id.text},
                     {"after", Json{{"status", to_text(next.status)},
                                    {"revision", next.revision},
                                    {"amount_cents", next.amount.minor},
                                    {"currency", next.amount.currency.code()}}}};
  change.next = fmt::format("steward proposals send {}", next.handle());
  return change;
}

// The client answers one revision only: the last that was sent.
void end_replaced(ops::Context& context, const Proposal& proposal, Json& metadata) {
  if (!proposal.replaces_id) return;
  const auto before = find_proposal(context.tx, ProposalId{*proposal.replaces_id});
  require_revisable(before.status, before.label());
  if (before.status != Status::sent) return;
  mark_decided(context, before, Status::expired, fmt::format("replaced by {}", *proposal.number));
  metadata.set("replaced", Json{{"id", before.id.text}, {"number", before.handle()}});
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
  registry.add(
      ops::declare<AcceptArgs>("proposals.accept", "Note that the client accepted, before the proposal expired")
          .subject("proposal", static_cast<ProposalRef AcceptArgs::*>(&AcceptArgs::proposal),
                   "Number, id, or unique tail of an id")
          .option("by", &AcceptArgs::by, "Who of the client's side said yes")
          .option("evidence", &AcceptArgs::evidence, "What shows it: a mail, a signature, where it is kept")
          .option("evidence-file", &AcceptArgs::evidence_file, "A file that shows it; its hash is kept")
          .option("note", &AcceptArgs::note, "Kept in its history")
          .needs("proposals:write")
          .example("steward proposals accept PRO-2026-0001 --by \"Ada Client\" --evidence \"Mail of 2 March\"")
          .returns(kProposalColumns)
          .writes(accept_proposal));
  registry.add(
      lines::with_asked(ops::declare<ReviseArgs>("proposals.revise", "Draft the next revision of a proposal")
                            .details("What was sent is never edited: its next revision is a draft of its own, "
                                     "with what changes. Sending it ends the one before.")
                            .positional("proposal", &ReviseArgs::proposal, "Number, id, or unique tail of an id")
                            .option("title", &ReviseArgs::title, "What is proposed"))
          .check(require_sensible)
          .needs("proposals:write")
          .example("steward proposals revise PRO-2026-0001 --amount 2200.00")
          .returns(kProposalColumns)
          .writes(revise_proposal));
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
