#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ops/history.h"
#include "ops/listing.h"
#include "studio/ledger/ledger.h"

namespace steward::ledger {

inline constexpr ops::HistorySpec kEntryHistory{"ledger_status_history", "ledger_entry_id"};

extern const std::span<const ops::Column> kEntryColumns;
extern const std::span<const ops::Column> kPayoutColumns;

/// Entries with their beneficiary, approver and deal; what list, show and every write's answer are made from.
ops::Listing entry_listing();
/// The same in fewer columns, oldest first: for the entries of something.
ops::Listing brief_listing();

/// Errors: not_found "not_found".
Entry find_entry(db::Tx& tx, const EntryId& id);
/// Of a deal, those that count (not VOID), claw-backs left out; oldest first.
std::vector<Entry> standing_entries(db::Tx& tx, std::string_view deal_id);
/// Whether somebody voided the deal's entry of that type, and nothing stands in its place, there or in a later part.
bool was_voided(db::Tx& tx, std::string_view deal_id, EntryType type);
/// What was taken back of the deal's entries, in minor units.
std::int64_t clawed_back(db::Tx& tx, std::string_view deal_id);
/// What was taken back of one entry, in minor units.
std::int64_t clawed_back_of(db::Tx& tx, std::string_view entry_id);
/// A person's claw-backs in a currency that no payout has netted yet, oldest first.
std::vector<Entry> open_clawbacks(db::Tx& tx, std::string_view beneficiary, const Currency& currency);
/// The highest part that the deal's entries ever had, VOID ones too; 0 before it earned.
int last_part(db::Tx& tx, std::string_view deal_id);
/// Those a payout claims.
std::vector<Entry> entries_of_payout(db::Tx& tx, const std::string& payout_id);
Json entry_record(db::Tx& tx, std::string_view id);

// What an entry's basis_cents is.
inline constexpr std::string_view kCollected = "net collected";
inline constexpr std::string_view kRemainder = "remainder";
// Why an entry became VOID without being asked for.
inline constexpr std::string_view kDividedAnew = "divided anew";
inline constexpr std::string_view kRemainderChanged = "remainder changed";

/// An entry about to be made.
struct NewEntry {
  EntryType type;
  Money amount;
  std::optional<std::string> beneficiary;
  std::optional<int> rate_bp;
  std::int64_t basis_minor;
  std::string_view basis;  ///< what basis_minor is: kCollected or kRemainder
  int part;                ///< of the deal's money (Entry::part)
};
/// Inserts it as EARNED, when its part was first earned, with its history; returns its id.
std::string insert_entry(ops::Context& context, std::string_view deal_id, const NewEntry& entry);

/// Inserts a CLAWBACK of an entry that was paid, earned now, with its history; returns its id. `basis` says what
/// basis_minor is.
std::string insert_clawback(ops::Context& context, const Entry& paid, const Money& amount, std::int64_t basis_minor,
                            std::string_view basis);

// Each moves an entry from the status it was read in, with its history; a row that moved meanwhile is conflict
// "stale_version".
void mark_approved(ops::Context& context, const Entry& entry);
void mark_void(ops::Context& context, const Entry& entry, const std::string& reason);
void mark_paying(ops::Context& context, const Entry& entry, const std::string& payout_id);
void mark_paid(ops::Context& context, const Entry& entry);
void release(ops::Context& context, const Entry& entry, const std::string& reason);

/// One transfer to one person.
struct Payout {
  std::string id;
  PayoutStatus status;
  std::string beneficiary;
  Money total;
  std::int64_t version = 1;
};
Payout find_payout(db::Tx& tx, const std::string& id);
/// Payouts with their person; what list, show and every write's answer are made from.
ops::Listing payout_listing();
/// With its entries.
Json payout_record(db::Tx& tx, std::string_view id);
/// Every payout that an entry was part of, also where it failed; oldest first (LG-7).
Json payouts_of(db::Tx& tx, std::string_view entry_id);
std::string insert_payout(ops::Context& context, const std::vector<Entry>& entries, const Money& total, Method method,
                          const std::optional<std::string>& reference);
void mark_confirmed(ops::Context& context, const Payout& payout, const std::optional<std::string>& reference);
void mark_failed(ops::Context& context, const Payout& payout, const std::string& reason);
/// What is APPROVED and not yet claimed, less what is to be taken back, of one person in one currency (LG-8).
Money approved_sum(db::Tx& tx, std::string_view beneficiary, const Currency& currency);

}  // namespace steward::ledger
