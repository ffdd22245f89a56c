#include "studio/ledger/rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/id.h"
#include "core/text.h"

namespace steward::ledger {
namespace {

std::string_view noun_of(EntryType type) {
  constexpr std::array<std::string_view, 4> kNouns{"provider payout", "referrer commission", "platform revenue",
                                                   "claw-back"};
  return kNouns[static_cast<std::size_t>(type)];
}

Json problem(const Entry& entry, std::string_view code, std::string message) {
  return Json{{"id", entry.id}, {"code", code}, {"message", std::move(message)}};
}

void add_own_problems(Json& problems, const Entry& entry) {
  const auto label = label_of(entry);
  if (!kLifecycle.allows(entry.status, Status::paying))
    problems.push(problem(entry, "invalid_transition",
                          fmt::format("{} is {}; only what is APPROVED is paid.", label, to_text(entry.status))));
  if (!entry.beneficiary)
    problems.push(problem(entry, "no_beneficiary", fmt::format("{} stays with the studio.", label)));
  if (entry.disputed)
    problems.push(problem(entry, "deal_disputed", fmt::format("{} is frozen while its deal is disputed.", label)));
}

}  // namespace

Shares shares_of(const Money& basis, int provider_bp, int referrer_bp) {
  const Money provider{share_of(basis.minor, provider_bp), basis.currency};
  const Money referrer{share_of(basis.minor, referrer_bp), basis.currency};
  return {provider, referrer, basis - provider - referrer};
}

Money signed_amount(const Entry& entry) {
  return {entry.type == EntryType::clawback ? -entry.amount.minor : entry.amount.minor, entry.amount.currency};
}

std::string name_of(const Entry& entry) { return fmt::format("{} {}", noun_of(entry.type), short_id(entry.id)); }

std::string label_of(const Entry& entry) { return fmt::format("The {}", name_of(entry)); }

void require_undisputed(const Entry& entry) {
  if (!entry.disputed) return;
  refuse_precondition("deal_disputed", fmt::format("{} is frozen while its deal is disputed.", label_of(entry)),
                      fmt::format("steward deals settle {}", short_id(entry.deal_id)));
}

void require_other_than_beneficiary(const Entry& entry, const std::optional<std::string>& user_id) {
  if (!user_id || user_id != entry.beneficiary) return;
  throw Error{ErrorKind::permission, "forbidden",
              fmt::format("{} is yours, so another person must approve it.", label_of(entry)), "Ask another ADMIN."};
}

void require_voidable(const Entry& entry) {
  if (entry.type == EntryType::provider_payout || entry.type == EntryType::referrer_commission) return;
  refuse_conflict(
      "not_voidable",
      fmt::format("{} follows from the deal's other entries and cannot be voided by itself.", label_of(entry)),
      "Void the entry of a person; what it frees is added to the platform's.");
}

bool approved_by_same(const Entry& entry, const std::optional<std::string>& user_id, std::string_view actor_id) {
  if (user_id && entry.approved_by) return user_id == entry.approved_by;
  return entry.approved_actor == actor_id;
}

Json payout_problems(const std::vector<Entry>& entries) {
  Json problems = Json::array();
  for (const auto& entry : entries) {
    add_own_problems(problems, entry);
    const auto& first = entries.front();
    if (entry.beneficiary && entry.beneficiary != first.beneficiary)
      problems.push(problem(entry, "other_beneficiary",
                            fmt::format("{} is another person's; a payout goes to one person.", label_of(entry))));
    if (entry.amount.currency != first.amount.currency)
      problems.push(problem(entry, "currency_mismatch",
                            fmt::format("{} is in {}, not in {}.", label_of(entry), entry.amount.currency.code(),
                                        first.amount.currency.code())));
    if (std::ranges::count(entries, entry.id, &Entry::id) > 1)
      problems.push(problem(entry, "repeated_argument", fmt::format("{} is named more than once.", label_of(entry))));
  }
  return problems;
}

Money total_of(const std::vector<Entry>& entries) {
  Money total{0, entries.front().amount.currency};
  for (const auto& entry : entries) total = total + signed_amount(entry);
  return total;
}

std::optional<Money> minimum_in(std::string_view setting, const Currency& currency) {
  for (const auto part : split(setting, ',')) {
    const auto words = split(trim(part), ' ');
    if (words.size() != 2) continue;
    if (const auto of = Currency::parse(words[1]); of == currency) return parse_money(words[0], of, Sign::zero_or_more);
  }
  return std::nullopt;
}

}  // namespace steward::ledger
