#include "studio/proposals/operations.h"

#include <fmt/format.h>

#include "core/error.h"
#include "ops/declare.h"
#include "studio/intake/intake.h"
#include "studio/lines/lines.h"
#include "studio/offers/offers.h"
#include "studio/proposals/rows.h"

namespace steward::proposals {
namespace {

// A date counts to its end: "--expires 2026-03-31" holds all through the 31st in studio.timezone.
Instant expiry(ops::Context& context, const ops::InstantOrSpan& when) {
  const bool is_date = when.text.size() == 10 && when.text[4] == '-';
  const auto at =
      is_date ? start_of(parse_date(when.text) + std::chrono::days{1}, context.zone()) : context.resolve(when);
  require_ahead(at, context.now());
  return at;
}

struct CreateArgs : lines::Asked {
  ops::Text<200> title;
  std::optional<intake::IntakeRef> intake;
  std::optional<offers::OfferRef> offer;
  std::optional<ops::Email> client_email;
  std::optional<ops::InstantOrSpan> expires;
};

void require_enough(const CreateArgs& args) {
  lines::require_consistent(args);
  if (!args.names_amount())
    refuse_usage("missing_argument", "--amount is missing.", "amount", "Pass --amount and --currency, or --lines.");
  if (!args.currency) refuse_usage("missing_argument", "--currency is missing.", "currency");
  if (args.client_email || args.intake) return;
  refuse_usage("missing_argument", "Nobody is named that the proposal is for.", "client-email",
               "Pass --client-email, or --intake to take the address of an inquiry.");
}

void take_amount(Proposal& proposal, const lines::Breakdown& breakdown, Currency currency) {
  proposal.amount = {breakdown.gross(), currency};
  proposal.tax_cents = breakdown.tax();
}

Proposal proposed(ops::Context& context, const CreateArgs& args, const lines::Breakdown& breakdown) {
  Proposal out{{context.new_id()}, {}, {}, args.title, {0, *args.currency}, Status::draft, {}, {}, {}, 1};
  take_amount(out, breakdown, *args.currency);
  if (args.intake) {
    const auto intake = intake::find_intake(context.tx, *args.intake);
    out.intake_request_id = intake.id.text;
    out.offer_slug = intake.offer_slug;
    out.client_email = intake.contact_email;
  }
  if (args.offer) out.offer_slug = offers::find_offer(context.tx, *args.offer).slug;
  if (args.client_email) out.client_email = *args.client_email;
  if (args.expires) out.expires_at = expiry(context, *args.expires);
  return out;
}

ops::Change create_proposal(ops::Context& context, const CreateArgs& args) {
  const auto breakdown = lines::worked_out(context, args, *args.currency, args.title);
  const auto proposal = proposed(context, args, breakdown);
  insert_proposal(context, proposal, breakdown);
  auto change = changed(context, proposal,
                        fmt::format("Drafted proposal {} to {} for {}.", proposal.handle(), proposal.client_email,
                                    to_text(proposal.amount)));
  change.metadata = {{"after", Json{{"status", to_text(proposal.status)},
                                    {"amount_cents", proposal.amount.minor},
                                    {"currency", proposal.amount.currency.code()}}}};
  change.next = fmt::format("steward proposals send {}", proposal.handle());
  return change;
}

struct UpdateArgs : lines::Asked {
  ProposalRef proposal;
  std::optional<ops::Text<200>> title;
  std::optional<ops::Email> client_email;
  ops::Patch<ops::InstantOrSpan> expires;
  std::optional<ops::Whole<1, 1'000'000'000>> if_version;
};

void require_something(const UpdateArgs& args) {
  lines::require_consistent(args);
  if (args.title || args.names_amount() || args.client_email || args.expires.touched()) return;
  refuse_usage("missing_argument", "Nothing is named that should change.", {},
               "Pass at least one of --title, --amount, --lines, --client-email, --expires.");
}

bool only_expiry(const UpdateArgs& args) { return !args.title && !args.names_amount() && !args.client_email; }

// A sent proposal may be kept open for longer; all else in it is what the client answers.
void require_open_to(const UpdateArgs& args, const Proposal& proposal) {
  const bool extends = proposal.status == Status::sent && only_expiry(args) && args.expires.value;
  if (!extends) require_draft(proposal.status, proposal.label());
}

Proposal patched(ops::Context& context, Proposal proposal, const UpdateArgs& args) {
  if (args.title) proposal.title = *args.title;
  if (args.client_email) proposal.client_email = *args.client_email;
  if (args.expires.touched()) proposal.expires_at.reset();
  if (args.expires.value) proposal.expires_at = expiry(context, *args.expires.value);
  return proposal;
}

// An amount's one line says what the title says, unless somebody said otherwise.
lines::Breakdown patched_lines(ops::Context& context, const UpdateArgs& args, const Proposal& before,
                               lines::Breakdown lines) {
  const auto title = args.title ? args.title->value : before.title;
  if (args.names_amount())
    return lines::worked_out(context, args, args.currency.value_or(before.amount.currency), title);
  if (lines.lines.size() == 1 && lines.lines.front().description == before.title)
    lines.lines.front().description = title;
  return lines;
}

// Which members differ; amounts and instants with their values, what names a person without.
Json difference(const Proposal& before, const Proposal& after) {
  Json out{{"before", Json::object()}, {"after", Json::object()}};
  const auto put = [&](std::string_view name, const Json& from, const Json& to) {
    if (from == to) return;
    out.find("before")->set(name, from);
    out.find("after")->set(name, to);
  };
  const auto instant = [](const std::optional<Instant>& at) { return at ? Json(to_text(*at)) : Json(); };
  put("amount_cents", before.amount.minor, after.amount.minor);
  put("tax_cents", before.tax_cents, after.tax_cents);
  put("currency", before.amount.currency.code(), after.amount.currency.code());
  put("expires_at", instant(before.expires_at), instant(after.expires_at));
  Json silent = Json::array();
  if (before.title != after.title) silent.push("title");
  if (before.client_email != after.client_email) silent.push("client_email");
  if (!silent.items().empty()) out.set("changed", silent);
  return out;
}

bool same(const Proposal& a, const Proposal& b) {
  return a.title == b.title && a.amount == b.amount && a.client_email == b.client_email && a.expires_at == b.expires_at;
}

ops::Change update_proposal(ops::Context& context, const UpdateArgs& args) {
  const auto before = find_proposal(context.tx, args.proposal);
  require_open_to(args, before);
  if (args.if_version && *args.if_version != before.version)
    refuse_conflict("stale_version",
                    fmt::format("{} is at version {}, not {}.", before.label(), before.version, args.if_version->value),
                    "Read it again, then retry.");
  auto after = patched(context, before, args);
  const auto lines_before = lines::load(context.tx, lines::kProposals, before.id.text);
  const auto lines_after = patched_lines(context, args, before, lines_before);
  take_amount(after, lines_after, args.currency.value_or(before.amount.currency));
  if (same(before, after) && lines_after.lines == lines_before.lines)
    return unchanged(context, before, "says that already");
  store_proposal(context.tx, after);
  if (lines_after.lines != lines_before.lines) lines::store(context.tx, lines::kProposals, after.id.text, lines_after);
  auto change = changed(context, after, fmt::format("Changed {}.", after.label()));
  change.metadata = difference(before, after);
  return change;
}

struct ListArgs {
  std::optional<Status> status;
  std::optional<ops::InstantOrSpan> since, until;
  std::optional<ops::Text<200>> search;
  std::optional<ops::Email> client;
  std::optional<intake::IntakeRef> intake;
  std::optional<offers::OfferRef> offer;
};

ops::Listing list_proposals(ops::Context& context, const ListArgs& args) {
  auto listing = proposal_listing();
  listing.where_if("p.status = {}", args.status);
  if (args.since) listing.where("p.created_at >= {}", {context.resolve(*args.since)});
  if (args.until) listing.where("p.created_at < {}", {context.resolve(*args.until)});
  if (args.search) listing.search(args.search->value, {"p.title", "coalesce(p.number, '')", "p.client_email"});
  if (args.client) listing.where("p.client_email = {}", {args.client->value});
  if (args.intake) listing.where("p.intake_request_id = {}", {intake::find_intake(context.tx, *args.intake).id});
  if (args.offer) listing.where("p.offer_slug = {}", {offers::find_offer(context.tx, *args.offer).slug});
  return listing;
}

struct ShowArgs {
  ProposalRef proposal;
};

Json show_proposal(ops::Context& context, const ShowArgs& args) {
  const auto id = ops::resolve(context.tx, args.proposal);
  auto record = proposal_record(context.tx, id);
  const auto breakdown = lines::load(context.tx, lines::kProposals, id.text);
  const auto currency = Currency::parse(record.find("currency")->text());
  record.set("lines", lines::lines_json(breakdown, currency));
  record.set("taxes", lines::taxes_json(breakdown, currency));
  record.set("history", ops::history_of(context.tx, kHistory, id.text));
  return record;
}

void register_drafts(ops::Registry& registry) {
  registry.add(lines::with_asked(ops::declare<CreateArgs>("proposals.create", "Draft a proposal for a client")
                                     .details("The client and the offer come from the inquiry unless they are named.")
                                     .option("title", &CreateArgs::title, "What is proposed"))
                   .option("intake", &CreateArgs::intake, "The inquiry that it answers")
                   .option("offer", &CreateArgs::offer, "The offer that it is made of; the inquiry's if absent")
                   .option("client-email", &CreateArgs::client_email, "Whom it is for; the inquiry's if absent")
                   .option("expires", &CreateArgs::expires,
                           "Until when it stands (a date counts to its end); proposals.valid_days after sending if "
                           "absent")
                   .check(require_enough)
                   .needs("proposals:write")
                   .example("steward proposals create --title \"Two days on site\" --amount 2400.00 --currency EUR "
                            "--client-email ada@client.example")
                   .returns(kProposalColumns)
                   .writes(create_proposal));
  registry.add(lines::with_asked(
                   ops::declare<UpdateArgs>("proposals.update", "Change a draft, or extend a proposal that was sent")
                       .positional("proposal", &UpdateArgs::proposal, "Number, id, or unique tail of an id")
                       .option("title", &UpdateArgs::title, "What is proposed"))
                   .option("client-email", &UpdateArgs::client_email, "Whom it is for")
                   .option("expires", &UpdateArgs::expires, "Until when it stands (a date counts to its end)")
                   .option("if-version", &UpdateArgs::if_version, "Refuse when its version is another")
                   .check(require_something)
                   .needs("proposals:write")
                   .example("steward proposals update 7f3a9c --amount 2200.00")
                   .example("steward proposals update PRO-2026-0001 --expires +14d")
                   .returns(kProposalColumns)
                   .writes(update_proposal));
}

void register_reads(ops::Registry& registry) {
  registry.add(ops::declare<ListArgs>("proposals.list", "List proposals, newest first")
                   .option("status", &ListArgs::status, "Only this status")
                   .option("since", &ListArgs::since, "Made at or after this")
                   .option("until", &ListArgs::until, "Made before this")
                   .option("search", &ListArgs::search, "Text in title, number or client")
                   .option("client", &ListArgs::client, "Only this client")
                   .option("intake", &ListArgs::intake, "Only of this inquiry")
                   .option("offer", &ListArgs::offer, "Only of this offer")
                   .needs("proposals:read")
                   .example("steward proposals list --status SENT")
                   .lists(list_proposals, kProposalColumns));
  registry.add(ops::declare<ShowArgs>("proposals.show", "Show a proposal with its history")
                   .positional("proposal", &ShowArgs::proposal, "Number, id, or unique tail of an id")
                   .needs("proposals:read")
                   .example("steward proposals show PRO-2026-0001")
                   .returns(kProposalColumns)
                   .shows(show_proposal));
}

}  // namespace

ops::Change changed(ops::Context& context, const Proposal& proposal, std::string sentence) {
  ops::Change out;
  out.target_type = "proposal";
  out.target_id = proposal.id.text;
  out.sentence = std::move(sentence);
  out.data = proposal_record(context.tx, proposal.id);
  return out;
}

ops::Change unchanged(ops::Context& context, const Proposal& proposal, std::string_view why) {
  return ops::Change::none("proposal", proposal.id.text, fmt::format("{} {}.", proposal.label(), why),
                           proposal_record(context.tx, proposal.id));
}

void register_operations(ops::Registry& registry) {
  registry.add(kLifecycle);
  register_drafts(registry);
  register_moves(registry);
  register_document(registry);
  register_reads(registry);
}

}  // namespace steward::proposals
