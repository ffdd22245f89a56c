#include "studio/books/earnings.h"

#include <fmt/format.h>

namespace steward::books {
namespace {

constexpr auto kEntries = R"sql(
  SELECT {}, e.earned_at, e.earned_month
    FROM ledger_entries e LEFT JOIN users b ON b.id = e.beneficiary_user_id WHERE e.status <> 'VOID' ORDER BY e.id
)sql";
constexpr auto kPayouts = R"sql(
  SELECT {} FROM payouts p JOIN users b ON b.id = p.beneficiary_user_id WHERE p.status = 'CONFIRMED' ORDER BY p.id
)sql";

// The day in the zone of now, within the month that the entry was counted to when it was earned: a month's sum is that
// of `ledger balance --by month`, whatever became of studio.timezone since.
std::string day_within(const std::string& date, std::string_view month) {
  if (date.starts_with(month)) return date;
  const auto first = std::string(month) + "-01";
  if (date < first) return first;
  const auto start = parse_date(first).ymd;
  return to_text(Date{std::chrono::year_month_day{start.year() / start.month() / std::chrono::last}});
}

std::string words_of(std::string_view entry_type) {
  if (entry_type == "PROVIDER_PAYOUT") return "Provider payout";
  if (entry_type == "REFERRER_COMMISSION") return "Referrer commission";
  if (entry_type == "CLAWBACK") return "Claw-back";
  return "Platform revenue";
}

}  // namespace

int Earnings::exponent_of(std::string_view currency) {
  if (currency != currency_) {
    exponent_ = Currency::parse(currency).exponent();
    currency_ = currency;
  }
  return exponent_;
}

const std::string& Earnings::payable(const db::Row& row, int id, int email) {
  if (row.text(id) != of_user_) {
    of_user_ = row.text(id);
    payable_ = accounts_.payable(row.text(email), of_user_);
  }
  return payable_;
}

void Earnings::post(std::string_view debit, std::string_view credit, std::int64_t minor) {
  out_.postings.resize(2);
  out_.postings[0].account = debit;
  out_.postings[0].minor = minor;
  out_.postings[1].account = credit;
  out_.postings[1].minor = -minor;
}

const Transaction& Earnings::of_entry(const db::Row& row, std::string_view date, bool back) {
  const auto type = row.text(1);
  const bool of_studio = row.is_null(4);
  out_.date = date;
  out_.kind = back ? "voided" : type == "CLAWBACK" ? "clawback" : "earned";
  out_.id = row.text(0);
  out_.number.clear();
  out_.currency = row.text(3);
  out_.exponent = exponent_of(out_.currency);
  out_.party = of_studio ? std::string_view("The studio") : row.is_null(6) ? row.text(5) : row.text(6);
  out_.text = words_of(type);
  out_.text += back ? ", voided, of deal " : " of deal ";
  out_.text += short_id(row.text(8));
  out_.status = row.text(7);
  const bool takes = (type == "CLAWBACK") != back;
  const auto minor = takes ? -row.integer(2) : row.integer(2);
  if (of_studio)
    post(Accounts::kAllocated, Accounts::kPlatform, minor);
  else
    post(Accounts::earned(type), payable(row, 4, 5), minor);
  return out_;
}

const Transaction& Earnings::of_payout(const db::Row& row, std::string_view date) {
  out_.date = date;
  out_.kind = "payout";
  out_.id = row.text(0);
  out_.number.clear();
  out_.currency = row.text(2);
  out_.exponent = exponent_of(out_.currency);
  out_.party = row.is_null(5) ? row.text(4) : row.text(5);
  out_.text = "Payout";
  if (!row.is_null(6)) out_.text.append(", reference ").append(row.text(6));
  out_.status.clear();
  post(payable(row, 3, 4), accounts_.bank(out_.currency), row.integer(1));
  return out_;
}

void each_of_ledger(db::Tx& tx, const Accounts& accounts, const Zone& zone, const Taker& taken) {
  Earnings earnings(accounts);
  tx.each(fmt::format(kEntries, kEntryColumns), {}, [&](const db::Row& row) {
    const auto date = to_text(date_in(zone, row.instant(kEntryWidth)));
    taken(earnings.of_entry(row, day_within(date, row.text(kEntryWidth + 1))));
  });
  tx.each(fmt::format(kPayouts, kPayoutColumns), {},
          [&](const db::Row& row) { taken(earnings.of_payout(row, to_text(date_in(zone, row.instant(7))))); });
}

}  // namespace steward::books
