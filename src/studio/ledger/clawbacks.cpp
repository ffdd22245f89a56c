#include "studio/ledger/clawbacks.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"

namespace steward::ledger {
namespace {

constexpr std::string_view kGivenBack = "net collected after a credit";
constexpr std::string_view kSplit = "netted in part";

// What still stands of an entry once its claw-backs are taken off.
Money left_of(db::Tx& tx, const Entry& entry) {
  return {entry.amount.minor - clawed_back_of(tx, entry.id), entry.amount.currency};
}

Money left_of(db::Tx& tx, const std::vector<Entry>& part) {
  Money out{0, part.front().amount.currency};
  for (const auto& entry : part) out = out + left_of(tx, entry);
  return out;
}

int rate_in(const std::vector<Entry>& part, EntryType type) {
  const auto entry = std::ranges::find(part, type, &Entry::type);
  return entry == part.end() ? 0 : entry->rate_bp.value_or(0);
}

Money share_for(const Shares& shares, EntryType type) {
  if (type == EntryType::provider_payout) return shares.provider;
  return type == EntryType::referrer_commission ? shares.referrer : shares.platform;
}

[[noreturn]] void refuse_under_way(const Entry& entry) {
  throw Error{ErrorKind::conflict, "ledger_settled", fmt::format("A payout of {} is under way.", name_of(entry)),
              "Confirm or fail that payout first: steward ledger confirm-payout, fail-payout."}
      .with(Json{{"entry_id", entry.id}, {"status", to_text(entry.status)}});
}

Json made_of(const std::string& id, EntryType type, const Money& amount) {
  return Json{
      {"id", id}, {"entry_type", to_text(type)}, {"amount_cents", amount.minor}, {"currency", amount.currency.code()}};
}

void divide_anew(ops::Context& context, const std::vector<Entry>& part, const Money& money, Json& made) {
  const auto shares =
      shares_of(money, rate_in(part, EntryType::provider_payout), rate_in(part, EntryType::referrer_commission));
  for (const auto& entry : part) {
    const auto left = left_of(context.tx, entry), share = share_for(shares, entry.type);
    if (left == share) continue;
    if (entry.status == Status::paying) refuse_under_way(entry);
    if (entry.status == Status::paid) {
      const auto back = left - share;
      made.push(made_of(insert_clawback(context, entry, back, money.minor, kGivenBack), EntryType::clawback, back));
      continue;
    }
    mark_void(context, entry, std::string(kDividedAnew));
    if (share.minor == 0) continue;
    const NewEntry anew{entry.type,    share,       entry.beneficiary,
                        entry.rate_bp, money.minor, entry.rate_bp ? kCollected : kRemainder,
                        entry.part};
    made.push(made_of(insert_entry(context, entry.deal_id, anew), entry.type, share));
  }
}

// The part of a claw-back that a payout can bear; the rest becomes one of its own.
Entry split(ops::Context& context, const Entry& clawback, const Money& now) {
  const auto paid = find_entry(context.tx, EntryId{clawback.adjusts.value()});
  mark_void(context, clawback, std::string(kSplit));
  const auto id = insert_clawback(context, paid, now, clawback.basis_minor, kGivenBack);
  insert_clawback(context, paid, clawback.amount - now, clawback.basis_minor, kGivenBack);
  return find_entry(context.tx, EntryId{id});
}

}  // namespace

Json take_back(ops::Context& context, const std::map<int, std::vector<Entry>>& parts, Money shortage) {
  Json made = Json::array();
  for (auto part = parts.rbegin(); part != parts.rend() && shortage.minor > 0; ++part) {
    const auto stands = left_of(context.tx, part->second);
    const auto taken = std::min(stands, shortage);
    if (taken.minor == 0) continue;
    divide_anew(context, part->second, stands - taken, made);
    shortage = shortage - taken;
  }
  return made;
}

void net(ops::Context& context, std::vector<Entry>& entries) {
  const auto& first = entries.front();
  for (auto& clawback : open_clawbacks(context.tx, first.beneficiary.value(), first.amount.currency)) {
    if (std::ranges::count(entries, clawback.id, &Entry::id) > 0) continue;
    const auto total = total_of(entries);
    if (total.minor <= 0) return;
    entries.push_back(clawback.amount <= total ? std::move(clawback) : split(context, clawback, total));
  }
}

}  // namespace steward::ledger
