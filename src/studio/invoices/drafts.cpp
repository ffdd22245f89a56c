#include <fmt/format.h>

#include "core/error.h"
#include "ops/declare.h"
#include "studio/invoices/operations.h"
#include "studio/invoices/rows.h"
#include "studio/invoices/sources.h"

namespace steward::invoices {
namespace {

constexpr auto kDateHelp = "The date whose taxes count, as issue --date will say it; today if absent";

// ---- create

struct CreateArgs : lines::Asked {
  std::optional<proposals::ProposalRef> proposal;
  std::optional<deals::DealRef> deal;
  std::optional<ops::Email> client_email;
};

void require_enough(const CreateArgs& args) {
  const bool raised = args.proposal || args.deal;
  lines::require_consistent(args, raised);
  if (raised) return;
  const auto missing = [](std::string_view what) {
    refuse_usage("missing_argument", fmt::format("--{} is missing.", what), what,
                 "Name a proposal or a deal to take client and amount from, or pass --client-email, --amount and "
                 "--currency.");
  };
  if (!args.client_email) missing("client-email");
  if (!args.names_amount()) missing("amount");
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

struct Draft {
  Invoice invoice;
  lines::Breakdown breakdown;
};

void take_amount(Invoice& invoice, const Asking& asking) {
  invoice.amount = asking.gross();
  invoice.tax_cents = asking.breakdown.tax();
}

Draft drafted(ops::Context& context, const CreateArgs& args) {
  const auto from = named_sources(context.tx, args);
  const InvoiceId id{context.new_id()};
  const auto bounds = bounds_of(context.tx, from, id);
  auto asking = asking_of(context, args, from, bounds);
  Invoice out{id, {}, {}, asking.gross(), 0, Status::draft, {}, {}, {}, 1, asking.breakdown.tax()};
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
  return {std::move(out), std::move(asking.breakdown)};
}

ops::Change added(ops::Context& context, const Draft& draft, Json metadata) {
  const auto& invoice = draft.invoice;
  insert_invoice(context, invoice, draft.breakdown);
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
  const auto draft = drafted(context, args);
  const auto& invoice = draft.invoice;
  Json metadata = Json::object();
  if (invoice.proposal_id) metadata.set("proposal_id", *invoice.proposal_id);
  if (invoice.deal_id) metadata.set("deal_id", *invoice.deal_id);
  return added(context, draft, std::move(metadata));
}

// ---- update

struct UpdateArgs : lines::Asked {
  InvoiceRef invoice;
  std::optional<ops::Email> client_email;
  std::optional<ops::Whole<1, 1'000'000'000>> if_version;
};

void require_something(const UpdateArgs& args) {
  lines::require_consistent(args);
  if (!args.client_email && !args.names_amount())
    refuse_usage("missing_argument", "Nothing is named that should change.", {},
                 "Pass --client-email, --amount, or --lines.");
}

Draft patched(ops::Context& context, const UpdateArgs& args, const Draft& before, const Sources& from,
              const std::vector<Bound>& bounds) {
  auto out = before;
  if (args.client_email) out.invoice.client_email = *args.client_email;
  if (!args.names_amount()) return out;
  lines::Asked asked = args;
  if (!asked.currency) asked.currency = before.invoice.amount.currency;
  auto asking = asking_of(context, asked, from, bounds);
  take_amount(out.invoice, asking);
  out.breakdown = std::move(asking.breakdown);
  return out;
}

Json difference(const Invoice& before, const Invoice& after) {
  const auto amount = [](const Invoice& i) {
    return Json{{"amount_cents", i.amount.minor}, {"tax_cents", i.tax_cents}, {"currency", i.amount.currency.code()}};
  };
  Json out = Json::object();
  if (before.amount != after.amount || before.tax_cents != after.tax_cents)
    out.set("before", amount(before)).set("after", amount(after));
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
  const Draft stood{before, lines::load(context.tx, lines::kInvoices, before.id.text)};
  const auto from = sources_of(context.tx, before);
  const auto bounds = bounds_of(context.tx, from, before.id);
  const auto draft = patched(context, args, stood, from, bounds);
  const auto& after = draft.invoice;
  const bool same_lines = draft.breakdown == stood.breakdown;
  if (after.amount == before.amount && after.client_email == before.client_email && same_lines)
    return unchanged(context, before, "says that already");
  for (const auto& bound : bounds) require_within(bound, after.client_email, after.amount);
  store_draft(context.tx, after);
  if (!same_lines) lines::store(context.tx, lines::kInvoices, after.id.text, draft.breakdown);
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
  copy.paid_cents = copy.credited_cents = 0;
  copy.status = Status::draft;
  for (const auto& bound : bounds_of(context.tx, sources_of(context.tx, copy), copy.id))
    require_within(bound, copy.client_email, copy.amount);
  return added(context, {copy, lines::load(context.tx, lines::kInvoices, original.id.text)},
               Json{{"duplicate_of", original.id.text}});
}

}  // namespace

void register_drafts(ops::Registry& registry) {
  registry.add(
      lines::with_asked(
          ops::declare<CreateArgs>("invoices.create", "Draft an invoice, from a proposal, a deal, or by itself")
              .details("From a proposal that was accepted, or from a deal, client and currency follow, and the "
                       "amount is what is not invoiced yet unless --amount asks for a part of it; a "
                       "proposal's lines and taxes are taken over. An amount is net when --tax is named, and "
                       "all that is paid when it is not.")
              .option("proposal", &CreateArgs::proposal, "The accepted proposal that it is raised from")
              .option("deal", &CreateArgs::deal, "The deal that it is raised from")
              .option("client-email", &CreateArgs::client_email, "Who is to pay"))
          .option("date", &CreateArgs::date, kDateHelp)
          .check(require_enough)
          .needs("invoices:write")
          .example("steward invoices create --proposal PRO-2026-0001")
          .example("steward invoices create --client-email ada@client.example --amount 1250.00 --currency EUR")
          .returns(kInvoiceColumns)
          .writes(create_invoice));
  registry.add(lines::with_asked(ops::declare<UpdateArgs>("invoices.update", "Change a draft invoice")
                                     .positional("invoice", &UpdateArgs::invoice, "Id, or unique tail of an id")
                                     .option("client-email", &UpdateArgs::client_email, "Who is to pay"))
                   .option("date", &UpdateArgs::date, kDateHelp)
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
