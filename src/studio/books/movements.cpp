#include <fmt/format.h>

#include "studio/books/documents.h"
#include "studio/books/earnings.h"

namespace steward::books {
namespace {

constexpr auto kPayments = R"sql(
  SELECT p.id, p.kind, i.number, i.client_email, c.legal_name, p.currency, p.amount_cents, p.reference, {date}
    FROM payments p JOIN invoices i ON i.id = p.invoice_id
         LEFT JOIN invoice_parties c ON c.invoice_id = i.id AND c.role = 'CLIENT'
   WHERE {date} >= $1 AND {date} < $2 ORDER BY {date}, p.id
)sql";
constexpr int kDate = 8;

constexpr auto kEntries = R"sql(
  SELECT {columns}, {date} FROM ledger_entries e JOIN users b ON b.id = e.beneficiary_user_id
   WHERE {date} >= $1 AND {date} < $2 ORDER BY {date}, e.id
)sql";
constexpr auto kPayouts = R"sql(
  SELECT {} FROM payouts p JOIN users b ON b.id = p.beneficiary_user_id
   WHERE p.confirmed_at >= $1 AND p.confirmed_at < $2 ORDER BY p.confirmed_at, p.id
)sql";

struct Movement {
  std::string_view kind, stored, words;
  bool comes;   ///< to the invoice
  bool banked;  ///< or it only moves between invoices
};
constexpr Movement kMovements[] = {
    {"payment", "RECEIVED", "Payment of {}", true, true},
    {"refund", "REFUND", "Refund of {}", false, true},
    {"credit_out", "CREDIT_OUT", "Credit taken from {}", false, false},
    {"credit_in", "CREDIT_IN", "Credit used for {}", true, false},
};

const Movement& movement_of(std::string_view stored) {
  for (const auto& movement : kMovements)
    if (movement.stored == stored) return movement;
  return kMovements[0];
}

Transaction movement(const db::Row& row, const Accounts& accounts, std::string date, bool reversal) {
  const auto& what = movement_of(row.text(1));
  Transaction out;
  out.date = std::move(date);
  out.kind = fmt::format("{}{}", what.kind, reversal ? "_reversed" : "");
  out.id = row.text(0);
  out.invoice = row.text(2);
  out.party = row.text(row.is_null(4) ? 3 : 4);
  out.text = fmt::format(fmt::runtime(what.words), out.invoice) + (reversal ? ", reversed" : "");
  if (!row.is_null(7)) out.text += fmt::format(", reference {}", row.text(7));
  out.currency = row.text(5);
  out.exponent = Currency::parse(out.currency).exponent();
  const auto minor = what.comes != reversal ? row.integer(6) : -row.integer(6);
  out.postings.push_back({what.banked ? accounts.bank(out.currency) : std::string(Accounts::kClearing), minor});
  out.postings.push_back({accounts.receivable(row.text(3)), -minor});
  return out;
}

std::string payments_by(std::string_view date) { return fmt::format(kPayments, fmt::arg("date", date)); }

std::string entries_by(std::string_view date) {
  return fmt::format(kEntries, fmt::arg("columns", kEntryColumns), fmt::arg("date", date));
}

}  // namespace

void each_movement(db::Tx& tx, const Accounts& accounts, const Period& period, const Taker& taken) {
  const auto day = [&](const db::Row& row) { return to_text(date_in(period.zone, row.instant(kDate))); };
  tx.each(payments_by("p.paid_at"), {period.begin(), period.end()},
          [&](const db::Row& row) { taken(movement(row, accounts, day(row), false)); });
  tx.each(payments_by("p.reversed_at"), {period.begin(), period.end()},
          [&](const db::Row& row) { taken(movement(row, accounts, day(row), true)); });
}

void each_earning(db::Tx& tx, const Accounts& accounts, const Period& period, const Taker& taken) {
  Earnings earnings(accounts);
  const auto day = [&](const db::Row& row, int column) { return to_text(date_in(period.zone, row.instant(column))); };
  // By the day it was booked: what is divided anew keeps the day it was earned, which may lie in a closed period.
  tx.each(entries_by("e.created_at"), {period.begin(), period.end()},
          [&](const db::Row& row) { taken(earnings.of_entry(row, day(row, kEntryWidth))); });
  tx.each(entries_by("e.voided_at"), {period.begin(), period.end()},
          [&](const db::Row& row) { taken(earnings.of_entry(row, day(row, kEntryWidth), true)); });
  tx.each(fmt::format(kPayouts, kPayoutColumns), {period.begin(), period.end()},
          [&](const db::Row& row) { taken(earnings.of_payout(row, day(row, 7))); });
}

void each_of_books(db::Tx& tx, const Accounts& accounts, const Period& period, const Taker& taken) {
  each_document(tx, accounts, period, taken);
  each_movement(tx, accounts, period, taken);
  each_earning(tx, accounts, period, taken);
}

}  // namespace steward::books
