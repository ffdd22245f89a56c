#include <fmt/format.h>

#include "core/error.h"
#include "core/id.h"
#include "ops/declare.h"
#include "studio/ledger/operations.h"
#include "studio/ledger/rows.h"

namespace steward::ledger {
namespace {

constexpr std::string_view kEntry = "entry";

std::string whose(const Entry& entry) {
  return entry.beneficiary ? fmt::format(" for {}", entry.beneficiary_email) : std::string();
}

Json status_move(Status from, Status to) {
  return Json{{"before", Json{{"status", to_text(from)}}}, {"after", Json{{"status", to_text(to)}}}};
}

struct ApproveArgs {
  EntryRef entry;
};

ops::Change approve_entry(ops::Context& context, const ApproveArgs& args) {
  const auto entry = find_entry(context.tx, ops::resolve(context.tx, args.entry));
  if (entry.status == Status::approved)
    return ops::Change::none(std::string(kEntry), entry.id, fmt::format("{} is APPROVED.", label_of(entry)),
                             entry_record(context.tx, entry.id));
  require_other_than_beneficiary(entry, context.actor.user_id);
  kLifecycle.require(entry.status, Status::approved, label_of(entry), "approve");
  require_undisputed(entry);
  mark_approved(context, entry);
  ops::Change change;
  change.target_type = kEntry;
  change.target_id = entry.id;
  change.sentence = fmt::format("Approved the {}: {}{}.", name_of(entry), to_text(entry.amount), whose(entry));
  change.data = entry_record(context.tx, entry.id);
  change.metadata = status_move(entry.status, Status::approved);
  if (entry.beneficiary && entry.type != EntryType::clawback)  // which the next payout nets by itself
    change.next =
        fmt::format("steward ledger payout {} --expect-total \"{}\"", short_id(entry.id), to_text(entry.amount));
  return change;
}

struct VoidArgs {
  EntryRef entry;
  ops::LongText<500> reason;
};

// What nobody gets any more is the platform's, so that the deal's entries still sum to its money (LG-12).
Json give_to_platform(ops::Context& context, const Entry& freed) {
  auto amount = freed.amount;
  Json out = Json::object();
  for (const auto& entry : standing_entries(context.tx, freed.deal_id)) {
    if (entry.type != EntryType::platform_revenue || entry.part != freed.part) continue;
    amount = amount + entry.amount;
    mark_void(context, entry, std::string(kRemainderChanged));
    out.set("replaced_entry_id", entry.id);
  }
  out.set("entry_id",
          insert_entry(context, freed.deal_id,
                       {EntryType::platform_revenue, amount, {}, {}, freed.basis_minor, kRemainder, freed.part}));
  return out.set("amount_cents", amount.minor).set("currency", amount.currency.code());
}

ops::Change void_entry(ops::Context& context, const VoidArgs& args) {
  const auto entry = find_entry(context.tx, ops::resolve(context.tx, args.entry));
  if (entry.status == Status::voided)
    return ops::Change::none(std::string(kEntry), entry.id, fmt::format("{} is VOID.", label_of(entry)),
                             entry_record(context.tx, entry.id));
  kLifecycle.require(entry.status, Status::voided, label_of(entry));
  require_voidable(entry);
  mark_void(context, entry, args.reason);
  ops::Change change;
  change.target_type = kEntry;
  change.target_id = entry.id;
  change.metadata = status_move(entry.status, Status::voided).set("platform", give_to_platform(context, entry));
  change.sentence = fmt::format("Voided the {}{}; its {} are the platform's now.", name_of(entry), whose(entry),
                                to_text(entry.amount));
  change.data = entry_record(context.tx, entry.id);
  return change;
}

}  // namespace

void register_approvals(ops::Registry& registry) {
  registry.add(ops::declare<ApproveArgs>("ledger.approve", "Approve earned entries for payout")
                   .details("Nobody approves what he receives himself.")
                   .subject("entry", &ApproveArgs::entry, "Id, or unique tail of one")
                   .needs("ledger:approve")
                   .risk(ops::Risk::high)
                   .example("steward ledger approve 3fa09b12 --yes")
                   .returns(kEntryColumns)
                   .writes(approve_entry));
  registry.add(ops::declare<VoidArgs>("ledger.void", "Void what a person was to get; the platform gets it instead")
                   .details("An entry that is PAYING or PAID cannot be voided, and neither can the platform's own.")
                   .subject("entry", &VoidArgs::entry, "Id, or unique tail of one")
                   .option("reason", &VoidArgs::reason, "Why")
                   .needs("ledger:write")
                   .risk(ops::Risk::high)
                   .example("steward ledger void 3fa09b12 --reason \"Referral withdrawn\" --yes")
                   .returns(kEntryColumns)
                   .writes(void_entry));
}

}  // namespace steward::ledger
