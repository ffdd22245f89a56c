#pragma once
#include <unordered_map>

#include "studio/books/rows.h"

namespace steward::books {

/// The columns that every query for a ledger entry begins with, and those of one for a payout; `b` is who gets it.
inline constexpr std::string_view kEntryColumns =
    "e.id, e.entry_type, e.amount_cents, e.currency, e.beneficiary_user_id, b.email, b.display_name, e.status, "
    "e.deal_id";
inline constexpr int kEntryWidth = 9;
inline constexpr std::string_view kPayoutColumns =
    "p.id, p.total_cents, p.currency, p.beneficiary_user_id, b.email, b.display_name, p.reference, p.confirmed_at";

/// Makes transactions of ledger entries and payouts, over and over the same one: its texts keep their room.
class Earnings {
 public:
  explicit Earnings(const Accounts& accounts) : accounts_(accounts) {}

  /// What a row of kEntryColumns earned; with `back`, what undoes it.
  const Transaction& of_entry(const db::Row& row, std::string_view date, bool back = false);
  /// What a row of kPayoutColumns paid.
  const Transaction& of_payout(const db::Row& row, std::string_view date);

 private:
  const std::string& payable(const db::Row& row, int id, int email);
  int exponent_of(std::string_view currency);
  void post(std::string_view debit, std::string_view credit, std::int64_t minor);

  const Accounts& accounts_;
  Transaction out_;
  std::string payable_, of_user_, currency_;  ///< those of the row before: often the same
  int exponent_ = 0;
};

}  // namespace steward::books
