#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/money.h"
#include "core/transitions.h"

namespace steward::ledger {

enum class EntryType { provider_payout, referrer_commission, platform_revenue, clawback };
inline constexpr std::array<std::string_view, 4> kEntryTypeNames{"PROVIDER_PAYOUT", "REFERRER_COMMISSION",
                                                                 "PLATFORM_REVENUE", "CLAWBACK"};
constexpr EnumNames names_of(EntryType) { return {"entry type", kEntryTypeNames}; }

enum class Status { earned, approved, paying, paid, voided };
inline constexpr std::array<std::string_view, 5> kStatusNames{"EARNED", "APPROVED", "PAYING", "PAID", "VOID"};
constexpr EnumNames names_of(Status) { return {"status", kStatusNames}; }

enum class PayoutStatus { started, confirmed, failed };
inline constexpr std::array<std::string_view, 3> kPayoutStatusNames{"STARTED", "CONFIRMED", "FAILED"};
constexpr EnumNames names_of(PayoutStatus) { return {"payout status", kPayoutStatusNames}; }

/// How the money goes: MANUAL is a transfer that a person makes at the bank.
enum class Method { manual };
inline constexpr std::array<std::string_view, 1> kMethodNames{"MANUAL"};
constexpr EnumNames names_of(Method) { return {"method", kMethodNames}; }

/// LG-5: an entry is claimed (PAYING) before money goes, and what is claimed cannot be voided.
inline constexpr Step<Status> kSteps[] = {
    {Status::earned, Status::approved, "approve"},    {Status::earned, Status::voided, "void"},
    {Status::approved, Status::paying, "payout"},     {Status::approved, Status::voided, "void"},
    {Status::paying, Status::paid, "confirm-payout"}, {Status::paying, Status::approved, "fail-payout"},
};
inline constexpr Lifecycle<Status> kLifecycle{"ledger entry", Status::earned, kSteps};

inline constexpr Step<PayoutStatus> kPayoutSteps[] = {
    {PayoutStatus::started, PayoutStatus::confirmed, "confirm-payout"},
    {PayoutStatus::started, PayoutStatus::failed, "fail-payout"},
};
inline constexpr Lifecycle<PayoutStatus> kPayoutLifecycle{"payout", PayoutStatus::started, kPayoutSteps};

/// What was collected on a deal, divided.
struct Shares {
  Money provider, referrer, platform;
};

/// LG-1: provider and referrer each get floor(basis x basis points / 10000), the platform the remainder; the three are
/// the basis, to the minor unit. `basis` is zero or more, and the rates together at most 10000.
Shares shares_of(const Money& basis, int provider_bp, int referrer_bp);

/// One line of the ledger.
struct Entry {
  std::string id, deal_id;
  EntryType type;
  Status status;
  Money amount;                            ///< positive; a CLAWBACK subtracts it
  std::optional<std::string> beneficiary;  ///< a user's id; nobody: the studio
  std::string beneficiary_email;           ///< for sentences
  std::optional<int> rate_bp;
  std::int64_t basis_minor = 0;
  std::optional<std::string> approved_by = {}, approved_actor = {};
  std::optional<std::string> payout_id = {};
  std::optional<std::string> adjusts = {};  ///< of a CLAWBACK: the PAID entry that it takes back from
  int part = 1;           ///< of its deal's money: what came once an earlier part was claimed is one more
  bool disputed = false;  ///< its deal is (DL-11)
  std::int64_t version = 1;
};

/// What the entry adds to its beneficiary's balance.
Money signed_amount(const Entry& entry);

/// "provider payout 3fa09b12".
std::string name_of(const Entry& entry);
/// "The provider payout 3fa09b12".
std::string label_of(const Entry& entry);

/// DL-11. Errors: precondition "deal_disputed".
void require_undisputed(const Entry& entry);

/// LG-4: nobody approves what he receives himself. Errors: permission "forbidden".
void require_other_than_beneficiary(const Entry& entry, const std::optional<std::string>& user_id);

/// Only what a person is owed can be voided: the remainder follows from it, and a claw-back from what was paid.
/// Errors: conflict "not_voidable".
void require_voidable(const Entry& entry);

/// LG-4: whether the same person (a user, or an operator without one) approved the entry.
bool approved_by_same(const Entry& entry, const std::optional<std::string>& user_id, std::string_view actor_id);

/// LG-3: every reason why these entries cannot be paid together, as [{id, code, message}]; empty when they can.
Json payout_problems(const std::vector<Entry>& entries);

/// What the entries come to. Errors: those of Money.
Money total_of(const std::vector<Entry>& entries);

/// LG-8: the least that is paid out in a currency, from the setting `payouts.minimum` ("50.00 USD, 45.00 EUR").
/// Errors: usage "invalid_money", "invalid_currency".
std::optional<Money> minimum_in(std::string_view setting, const Currency& currency);

}  // namespace steward::ledger
