#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ops/context.h"
#include "studio/payments/bank/rules.h"
#include "studio/payments/payments.h"

namespace steward::payments {

struct BankLineTag {
  static constexpr ops::HandleSpec spec{.noun = "line", .table = "bank_lines", .label = "text"};
};
using BankLineId = Id<BankLineTag>;
using BankLineRef = ops::Ref<BankLineTag>;  ///< an id, or a unique tail of one

/// A line of a bank statement.
struct BankLine {
  BankLineId id;
  Date booked_on;
  Money amount;  ///< below zero: money that went out
  std::optional<std::string> reference, text;
  LineStatus status = LineStatus::unmatched;
  std::optional<std::string> payment_id = {};  ///< of a MATCHED one

  std::string label() const { return "Bank line " + std::string(short_id(id.text)); }
};

extern const std::span<const ops::Column> kBankLineColumns;
/// Every line, one row each, the latest booked first.
ops::Listing bank_line_listing();
Json bank_line_record(db::Tx& tx, const BankLineId& id);

/// Errors: not_found "not_found".
BankLine find_bank_line(db::Tx& tx, const BankLineId& id);

/// What tells a line of a file from every other one: its hash, and which of its equals it is, from 1 on.
struct LineKey {
  std::string hash;
  std::int64_t occurrence = 0;
};
/// The first and the last day that lines are booked on; nullopt while there are none.
std::optional<std::pair<Date, Date>> booked_days(db::Tx& tx);
/// Told the place of each of these that is there already; the callback runs nothing on the connection.
void each_known_line(db::Tx& tx, const std::vector<LineKey>& keys, const std::function<void(std::size_t)>& known);
struct NewBankLine {
  BankLine line;
  LineKey key;
};
void insert_bank_lines(ops::Context& context, std::span<const NewBankLine> lines);

/// Who has a reference on an invoice already: nobody, a payment of another bank line, or one that somebody recorded.
enum class ReferenceTaken { no, by_line, by_hand };
/// How many payments that count have `$2` as their reference on the invoice numbered `$1`, and how many of those are of
/// no bank line.
extern const std::string_view kReferenceUse;
ReferenceTaken reference_taken(const db::Row& row);
ReferenceTaken reference_taken(db::Tx& tx, std::string_view number, std::string_view reference);

/// The reference of a payment that is made of a line: the line's own, told apart where another line of the same
/// reference paid the same invoice, because two lines of a bank are two payments.
std::optional<std::string> payment_reference(const BankLine& line, ReferenceTaken taken);

/// Each refuses when the line is no longer as it was read: conflict "stale_version".
void mark_matched(db::Tx& tx, const BankLine& line, const PaymentId& payment);
void mark_ignored(db::Tx& tx, const BankLine& line, const std::string& reason);
/// The line that a payment was made of, if any, waits again.
void release_bank_line(db::Tx& tx, const PaymentId& payment);

}  // namespace steward::payments
