#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/error.h"
#include "studio/ledger/clawbacks.h"
#include "studio/ledger/rows.h"

namespace steward::ledger {
namespace {

int rate_for(db::Tx& tx, const Earning& earning, EntryType type, int rate_bp) {
  return !earning.renew && was_voided(tx, earning.deal_id, type) ? 0 : rate_bp;
}

// What a part's money is divided into, by the deal's rates.
std::vector<NewEntry> wanted_entries(db::Tx& tx, const Earning& earning, const Money& money, int part) {
  const int provider_bp = rate_for(tx, earning, EntryType::provider_payout, earning.provider_rate_bp);
  const int referrer_bp =
      earning.referrer_user_id ? rate_for(tx, earning, EntryType::referrer_commission, earning.referrer_rate_bp) : 0;
  const auto shares = shares_of(money, provider_bp, referrer_bp);
  std::vector<NewEntry> out{{EntryType::provider_payout, shares.provider, earning.provider_user_id, provider_bp,
                             money.minor, kCollected, part},
                            {EntryType::referrer_commission, shares.referrer, earning.referrer_user_id, referrer_bp,
                             money.minor, kCollected, part},
                            {EntryType::platform_revenue, shares.platform, {}, {}, money.minor, kRemainder, part}};
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

// The entries of a deal that stand, by what can still be done about them: a part of which anything was claimed or paid
// out stays as it is, with all of its entries; the others may be divided anew.
struct Standing {
  std::map<int, std::vector<Entry>> settled, open;
};

bool is_settled(const std::vector<Entry>& part) {
  return std::ranges::any_of(
      part, [](const Entry& entry) { return entry.status == Status::paying || entry.status == Status::paid; });
}

Standing standing_of(db::Tx& tx, const std::string& deal_id) {
  std::map<int, std::vector<Entry>> parts;
  for (auto& entry : standing_entries(tx, deal_id)) parts[entry.part].push_back(std::move(entry));
  Standing out;
  for (auto& [part, entries] : parts) (is_settled(entries) ? out.settled : out.open)[part] = std::move(entries);
  return out;
}

Money sum_of(const std::map<int, std::vector<Entry>>& parts, const Currency& currency) {
  Money sum{0, currency};
  for (const auto& [part, entries] : parts) sum = sum + total_of(entries);
  return sum;
}

bool are_complete(db::Tx& tx, const Earning& earning, const std::map<int, std::vector<Entry>>& parts) {
  return std::ranges::all_of(parts, [&](const auto& one) {
    return is_complete(one.second, wanted_entries(tx, earning, total_of(one.second), one.first));
  });
}

[[noreturn]] void refuse_settled(const Standing& standing) {
  const auto& entries = standing.settled.begin()->second;
  const auto claimed = std::ranges::find_if(
      entries, [](const Entry& entry) { return !kLifecycle.allows(entry.status, Status::voided); });
  throw Error{ErrorKind::conflict, "ledger_settled",
              fmt::format("{} is {}, so its deal can't be divided anew.", label_of(*claimed), to_text(claimed->status)),
              "What was paid out stays. Bill or refund the difference without the deal."}
      .with(Json{{"entry_id", claimed->id}, {"status", to_text(claimed->status)}});
}

int part_for(db::Tx& tx, const std::string& deal_id, const Standing& standing) {
  if (!standing.open.empty()) return standing.open.begin()->first;
  return standing.settled.empty() ? 1 : last_part(tx, deal_id) + 1;
}

}  // namespace

Json earn(ops::Context& context, const Earning& earning) {
  auto& tx = context.tx;
  Json made = Json::array();
  const auto standing = standing_of(tx, earning.deal_id);
  const auto& currency = earning.collected.currency;
  // What the settled parts don't account for.
  const auto rest =
      earning.collected + Money{clawed_back(tx, earning.deal_id), currency} - sum_of(standing.settled, currency);
  if (rest == sum_of(standing.open, currency) && are_complete(tx, earning, standing.open)) {
    if (earning.renew && !are_complete(tx, earning, standing.settled)) refuse_settled(standing);
    return made;
  }
  const auto give_up_open = [&] {
    for (const auto& [number, entries] : standing.open)
      for (const auto& entry : entries) mark_void(context, entry, std::string(kDividedAnew));
  };
  if (rest.minor < 0) {
    give_up_open();
    return take_back(context, standing.settled, Money{-rest.minor, currency});
  }
  const auto part = part_for(tx, earning.deal_id, standing);
  const auto wanted = wanted_entries(tx, earning, rest, part);
  give_up_open();
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
