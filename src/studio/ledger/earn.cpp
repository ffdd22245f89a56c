#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "studio/ledger/rows.h"

namespace steward::ledger {
namespace {

int rate_for(db::Tx& tx, const Earning& earning, EntryType type, int rate_bp) {
  return !earning.renew && was_voided(tx, earning.deal_id, type) ? 0 : rate_bp;
}

std::vector<NewEntry> wanted_entries(db::Tx& tx, const Earning& earning) {
  const int provider_bp = rate_for(tx, earning, EntryType::provider_payout, earning.provider_rate_bp);
  const int referrer_bp =
      earning.referrer_user_id ? rate_for(tx, earning, EntryType::referrer_commission, earning.referrer_rate_bp) : 0;
  const auto shares = shares_of(earning.collected, provider_bp, referrer_bp);
  const auto basis = earning.collected.minor;
  std::vector<NewEntry> out{
      {EntryType::provider_payout, shares.provider, earning.provider_user_id, provider_bp, basis, kCollected},
      {EntryType::referrer_commission, shares.referrer, earning.referrer_user_id, referrer_bp, basis, kCollected},
      {EntryType::platform_revenue, shares.platform, {}, {}, basis, kRemainder}};
  std::erase_if(out, [](const NewEntry& entry) { return entry.amount.minor == 0; });
  return out;
}

bool is_same(const Entry& stands, const NewEntry& wanted) {
  return stands.type == wanted.type && stands.amount == wanted.amount && stands.beneficiary == wanted.beneficiary &&
         stands.rate_bp == wanted.rate_bp && stands.basis_minor == wanted.basis_minor;
}

bool is_complete(const std::vector<Entry>& standing, const std::vector<NewEntry>& wanted) {
  return standing.size() == wanted.size() && std::ranges::all_of(wanted, [&](const NewEntry& one) {
           return std::ranges::any_of(standing, [&](const Entry& entry) { return is_same(entry, one); });
         });
}

void retire(ops::Context& context, const Entry& entry) {
  if (!kLifecycle.allows(entry.status, Status::voided))
    throw Error{ErrorKind::conflict, "ledger_settled",
                fmt::format("{} is {}, so its deal can't be divided anew.", label_of(entry), to_text(entry.status)),
                "What was paid out stays. Bill or refund the difference without the deal."}
        .with(Json{{"entry_id", entry.id}, {"status", to_text(entry.status)}});
  mark_void(context, entry, std::string(kDividedAnew));
}

}  // namespace

Json earn(ops::Context& context, const Earning& earning) {
  Json made = Json::array();
  const auto wanted = wanted_entries(context.tx, earning);
  const auto standing = standing_entries(context.tx, earning.deal_id);
  if (is_complete(standing, wanted)) return made;
  for (const auto& entry : standing) retire(context, entry);
  for (const auto& entry : wanted)
    made.push(Json{{"id", insert_entry(context, earning.deal_id, entry)},
                   {"entry_type", to_text(entry.type)},
                   {"amount_cents", entry.amount.minor},
                   {"currency", entry.amount.currency.code()}});
  return made;
}

Json entries_of(db::Tx& tx, std::string_view deal_id) {
  return brief_listing().where("e.deal_id = {}", {deal_id}).records(tx);
}

}  // namespace steward::ledger
