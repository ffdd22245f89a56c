#include <fmt/format.h>

#include "core/error.h"
#include "ops/declare.h"
#include "studio/identity/identity.h"
#include "studio/ledger/month.h"
#include "studio/ledger/operations.h"
#include "studio/ledger/rows.h"

namespace steward::ledger {

namespace {
// The deals' front door includes this room's, so their handle is spelled here once more.
struct DealTag {
  static constexpr ops::HandleSpec spec{.noun = "deal", .table = "deals"};
};
}  // namespace

namespace {

struct ListArgs {
  std::optional<Status> status;
  std::optional<EntryType> type;
  std::optional<identity::UserRef> beneficiary;
  std::optional<ops::Ref<DealTag>> deal;
  std::optional<Month> month;
  std::optional<Currency> currency;
  std::optional<ops::InstantOrSpan> since, until;
  std::optional<ops::Text<200>> search;
};

ops::Listing list_entries(ops::Context& context, const ListArgs& args) {
  auto listing = entry_listing();
  listing.where_if("e.beneficiary_user_id = {}", only_own(context.actor));
  listing.where_if("e.status = {}", args.status).where_if("e.entry_type = {}", args.type);
  if (args.beneficiary)
    listing.where("e.beneficiary_user_id = {}", {ops::resolve(context.tx, *args.beneficiary, "beneficiary")});
  if (args.deal) listing.where("e.deal_id = {}", {ops::resolve(context.tx, *args.deal)});
  if (args.month) listing.where("e.earned_month = {}", {args.month->value});
  if (args.currency) listing.where("e.currency = {}", {args.currency->code()});
  if (args.since) listing.where("e.earned_at >= {}", {context.resolve(*args.since)});
  if (args.until) listing.where("e.earned_at < {}", {context.resolve(*args.until)});
  if (args.search) listing.search(args.search->value, {"b.email", "b.display_name", "e.void_reason"});
  return listing;
}

struct ShowArgs {
  EntryRef entry;
};

Json show_entry(ops::Context& context, const ShowArgs& args) {
  const auto id = ops::resolve(context.tx, args.entry);
  const auto own = only_own(context.actor);
  if (own && find_entry(context.tx, id).beneficiary != own)
    throw Error{ErrorKind::not_found, "not_found", fmt::format("There is no ledger entry {} of yours.", id.text)};
  auto record = entry_record(context.tx, id.text);
  record.set("payouts", payouts_of(context.tx, id.text));
  return record.set("history", ops::history_of(context.tx, kEntryHistory, id.text));
}

struct PayoutsArgs {
  std::optional<PayoutStatus> status;
  std::optional<identity::UserRef> beneficiary;
  std::optional<ops::InstantOrSpan> since, until;
  std::optional<ops::Text<200>> search;
};

ops::Listing list_payouts(ops::Context& context, const PayoutsArgs& args) {
  auto listing = payout_listing();
  listing.where_if("p.beneficiary_user_id = {}", only_own(context.actor)).where_if("p.status = {}", args.status);
  if (args.beneficiary)
    listing.where("p.beneficiary_user_id = {}", {ops::resolve(context.tx, *args.beneficiary, "beneficiary")});
  if (args.since) listing.where("p.started_at >= {}", {context.resolve(*args.since)});
  if (args.until) listing.where("p.started_at < {}", {context.resolve(*args.until)});
  if (args.search) listing.search(args.search->value, {"b.email", "p.reference"});
  return listing;
}

}  // namespace

std::optional<std::string> only_own(const ops::Actor& actor) {
  const bool sees_all =
      actor.type != ops::ActorType::user || actor.has_role(ops::Role::admin) || actor.has_role(ops::Role::super_admin);
  return sees_all ? std::nullopt : actor.user_id;
}

std::vector<ops::Role> earners() {
  using enum ops::Role;
  return {affiliate, apprentice, associate, certified_consultant, maestro};
}

void register_reads(ops::Registry& registry) {
  registry.add(
      ops::declare<ListArgs>("ledger.list", "List what is owed and was paid, newest first")
          .details("Who is no ADMIN sees his own entries.")
          .option("status", &ListArgs::status, "Only entries in this status")
          .option("type", &ListArgs::type, "Only entries of this type")
          .option("beneficiary", &ListArgs::beneficiary, "Only what this person gets")
          .option("deal", &ListArgs::deal, "Only what this deal earned")
          .option("month", &ListArgs::month, "Only what was earned in this month, in studio.timezone")
          .option("currency", &ListArgs::currency, "Only this currency")
          .option("since", &ListArgs::since, "Earned at or after this instant")
          .option("until", &ListArgs::until, "Earned before this instant")
          .option("search", &ListArgs::search, "A piece of the person's address or name, or of a void's reason")
          .needs("ledger:read")
          .also(earners())
          .example("steward ledger list --status EARNED")
          .lists(list_entries, kEntryColumns));
  registry.add(ops::declare<ShowArgs>("ledger.show", "Show one ledger entry with its payouts and history")
                   .positional("entry", &ShowArgs::entry, "Id, or unique tail of one")
                   .needs("ledger:read")
                   .also(earners())
                   .example("steward ledger show 3fa09b12")
                   .returns(kEntryColumns)
                   .shows(show_entry));
  registry.add(ops::declare<PayoutsArgs>("ledger.payouts", "List payouts, newest first")
                   .option("status", &PayoutsArgs::status, "Only payouts in this status")
                   .option("beneficiary", &PayoutsArgs::beneficiary, "Only what went to this person")
                   .option("since", &PayoutsArgs::since, "Started at or after this instant")
                   .option("until", &PayoutsArgs::until, "Started before this instant")
                   .option("search", &PayoutsArgs::search, "A piece of the person's address or of the reference")
                   .needs("ledger:read")
                   .also(earners())
                   .example("steward ledger payouts --status STARTED")
                   .lists(list_payouts, kPayoutColumns));
}

void register_operations(ops::Registry& registry) {
  registry.add(kLifecycle);
  registry.add(kPayoutLifecycle);
  register_reads(registry);
  register_approvals(registry);
  register_payouts(registry);
  register_payees(registry);
  register_balance(registry);
  register_checks(registry);
  register_statement(registry);
}

}  // namespace steward::ledger
