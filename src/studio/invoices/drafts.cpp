#include <fmt/format.h>

#include "core/error.h"
#include "ops/declare.h"
#include "studio/deals/deals.h"
#include "studio/invoices/operations.h"
#include "studio/invoices/rows.h"
#include "studio/proposals/proposals.h"

namespace steward::invoices {
namespace {

// ---- What an invoice is raised from (CM-6)

struct Sources {
  std::optional<proposals::Proposal> proposal;
  std::optional<deals::Deal> deal;
};

// How a proposal in that status comes to be accepted, if it still can.
std::string way_to_accepted(const proposals::Proposal& proposal) {
  if (proposals::kLifecycle.allows(proposal.status, proposals::Status::accepted))
    return fmt::format("steward proposals accept {}", proposal.handle());
  if (proposal.status == proposals::Status::draft) return fmt::format("steward proposals send {}", proposal.handle());
  return "That is final: make a new proposal, or an invoice without one.";
}

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

// ---- create

struct CreateArgs {
  std::optional<proposals::ProposalRef> proposal;
  std::optional<deals::DealRef> deal;
  std::optional<ops::Email> client_email;
  std::optional<ops::Amount> amount;
  std::optional<Currency> currency;
};

void require_enough(const CreateArgs& args) {
  if (args.proposal || args.deal) return;
  const auto missing = [](std::string_view what) {
    refuse_usage("missing_argument", fmt::format("--{} is missing.", what), what,
                 "Name a proposal or a deal to take client and amount from, or pass --client-email, --amount and "
                 "--currency.");
  };
  if (!args.client_email) missing("client-email");
  if (!args.amount) missing("amount");
  if (!args.currency) missing("currency");
}

Sources named_sources(db::Tx& tx, const CreateArgs& args) {
  Sources out;
  if (args.proposal) {
    out.proposal = proposals::find_proposal(tx, *args.proposal);
    require_accepted(*out.proposal);
  }
  if (args.deal) out.deal = deals::find_deal(tx, ops::resolve(tx, *args.deal));
  require_same_intake(out);
  return out;
}

Money asked_amount(const CreateArgs& args, const std::vector<Bound>& bounds) {
  if (args.amount)
    return parse_money(args.amount->text, args.currency ? *args.currency : bounds.front().agreed.currency);
  const auto rest = remaining_within(bounds);
  return {rest.minor, args.currency.value_or(rest.currency)};
}

Invoice drafted(ops::Context& context, const CreateArgs& args) {
  const auto from = named_sources(context.tx, args);
  const InvoiceId id{context.new_id()};
  const auto bounds = bounds_of(context.tx, from, id);
  Invoice out{id, {}, {}, asked_amount(args, bounds), 0, Status::draft, {}, {}, {}, 1};
  out.client_email = args.client_email ? args.client_email->value : bounds.front().client_email;
  for (const auto& bound : bounds) require_within(bound, out.client_email, out.amount);
  if (from.deal) {
    out.deal_id = from.deal->id.text;
    out.intake_request_id = from.deal->intake_id;
  }
  if (from.proposal) {
    out.proposal_id = from.proposal->id.text;
    if (!out.intake_request_id) out.intake_request_id = from.proposal->intake_request_id;
  }
  return out;
}

ops::Change added(ops::Context& context, const Invoice& invoice, Json metadata) {
  insert_invoice(context, invoice);
  auto change = changed(
      context, invoice,
      fmt::format("Drafted invoice {} to {} for {}.", invoice.handle(), invoice.client_email, to_text(invoice.amount)));
  metadata.set("after", Json{{"status", to_text(invoice.status)},
                             {"amount_cents", invoice.amount.minor},
                             {"currency", invoice.amount.currency.code()}});
  change.metadata = std::move(metadata);
  change.next = fmt::format("steward invoices issue {}", invoice.handle());
  return change;
}

ops::Change create_invoice(ops::Context& context, const CreateArgs& args) {
  const auto invoice = drafted(context, args);
  Json metadata = Json::object();
  if (invoice.proposal_id) metadata.set("proposal_id", *invoice.proposal_id);
  if (invoice.deal_id) metadata.set("deal_id", *invoice.deal_id);
  return added(context, invoice, std::move(metadata));
}

// ---- update

struct UpdateArgs {
  InvoiceRef invoice;
  std::optional<ops::Email> client_email;
  std::optional<ops::Amount> amount;
  std::optional<Currency> currency;
  std::optional<ops::Whole<1, 1'000'000'000>> if_version;
};

void require_something(const UpdateArgs& args) {
  if (args.currency && !args.amount)
    refuse_usage("missing_argument", "Another currency needs its amount.", "amount", "Pass --amount too.");
  if (!args.client_email && !args.amount)
    refuse_usage("missing_argument", "Nothing is named that should change.", {},
                 "Pass --client-email, --amount, or both.");
}

Invoice patched(Invoice invoice, const UpdateArgs& args) {
  if (args.client_email) invoice.client_email = *args.client_email;
  if (args.amount) invoice.amount = parse_money(args.amount->text, args.currency.value_or(invoice.amount.currency));
  return invoice;
}

Json difference(const Invoice& before, const Invoice& after) {
  const auto amount = [](const Money& m) { return Json{{"amount_cents", m.minor}, {"currency", m.currency.code()}}; };
  Json out = Json::object();
  if (before.amount != after.amount) out.set("before", amount(before.amount)).set("after", amount(after.amount));
  if (before.client_email != after.client_email) out.set("changed", Json(Json::Array{"client_email"}));
  return out;
}

ops::Change update_invoice(ops::Context& context, const UpdateArgs& args) {
  const auto before = find_invoice(context.tx, args.invoice);
  require_draft(before.status, before.label());
  if (args.if_version && *args.if_version != before.version)
    refuse_conflict("stale_version",
                    fmt::format("{} is at version {}, not {}.", before.label(), before.version, args.if_version->value),
                    "Read it again, then retry.");
  const auto after = patched(before, args);
  if (after.amount == before.amount && after.client_email == before.client_email)
    return unchanged(context, before, "says that already");
  for (const auto& bound : bounds_of(context.tx, sources_of(context.tx, after), after.id))
    require_within(bound, after.client_email, after.amount);
  store_draft(context.tx, after);
  auto change = changed(context, after, fmt::format("Changed {}.", after.label()));
  change.metadata = difference(before, after);
  return change;
}

// ---- duplicate

struct DuplicateArgs {
  InvoiceRef invoice;
};

ops::Change duplicate_invoice(ops::Context& context, const DuplicateArgs& args) {
  const auto original = find_invoice(context.tx, args.invoice);
  auto copy = original;
  copy.id = {context.new_id()};
  copy.number.reset();
  copy.paid_cents = 0;
  copy.status = Status::draft;
  for (const auto& bound : bounds_of(context.tx, sources_of(context.tx, copy), copy.id))
    require_within(bound, copy.client_email, copy.amount);
  return added(context, copy, Json{{"duplicate_of", original.id.text}});
}

}  // namespace

void register_drafts(ops::Registry& registry) {
  registry.add(ops::declare<CreateArgs>("invoices.create", "Draft an invoice, from a proposal, a deal, or by itself")
                   .details("From a proposal that was accepted, or from a deal, client and currency follow, and the "
                            "amount is what is not invoiced yet unless --amount asks for a part of it.")
                   .option("proposal", &CreateArgs::proposal, "The accepted proposal that it is raised from")
                   .option("deal", &CreateArgs::deal, "The deal that it is raised from")
                   .option("client-email", &CreateArgs::client_email, "Who is to pay")
                   .option("amount", &CreateArgs::amount, "What is asked for")
                   .option("currency", &CreateArgs::currency, "Currency of the amount")
                   .check(require_enough)
                   .needs("invoices:write")
                   .example("steward invoices create --proposal PRO-2026-0001")
                   .example("steward invoices create --client-email ada@client.example --amount 1250.00 --currency EUR")
                   .returns(kInvoiceColumns)
                   .writes(create_invoice));
  registry.add(ops::declare<UpdateArgs>("invoices.update", "Change a draft invoice")
                   .positional("invoice", &UpdateArgs::invoice, "Id, or unique tail of an id")
                   .option("client-email", &UpdateArgs::client_email, "Who is to pay")
                   .option("amount", &UpdateArgs::amount, "What is asked for")
                   .option("currency", &UpdateArgs::currency, "Currency of the amount; with --amount")
                   .option("if-version", &UpdateArgs::if_version, "Refuse when its version is another")
                   .check(require_something)
                   .needs("invoices:write")
                   .example("steward invoices update 7f3a9c --amount 1300.00")
                   .returns(kInvoiceColumns)
                   .writes(update_invoice));
  registry.add(ops::declare<DuplicateArgs>("invoices.duplicate", "Draft an invoice that says the same as another one")
                   .details("It is raised from the same proposal or deal, within what is not invoiced yet.")
                   .positional("invoice", &DuplicateArgs::invoice, "Number, id, or unique tail of an id")
                   .needs("invoices:write")
                   .example("steward invoices duplicate INV-2026-0001")
                   .returns(kInvoiceColumns)
                   .writes(duplicate_invoice));
}

}  // namespace steward::invoices
