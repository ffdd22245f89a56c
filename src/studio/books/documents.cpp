#include "studio/books/documents.h"

#include <fmt/format.h>

namespace steward::books {
namespace {

// A row is a document's tax, those of one document next to each other.
constexpr auto kInvoices = R"sql(
  SELECT i.id, i.number, i.number, i.client_email, c.legal_name, i.currency, i.amount_cents,
         coalesce(g.net_cents, i.amount_cents), coalesce(g.tax_cents, 0), t.code, t.rate_bp, {date}
    FROM invoices i LEFT JOIN invoice_taxes g ON g.invoice_id = i.id LEFT JOIN taxes t ON t.id = g.tax_id
         LEFT JOIN invoice_parties c ON c.invoice_id = i.id AND c.role = 'CLIENT'
   WHERE i.number IS NOT NULL AND {date} >= $1 AND {date} {before} $2 ORDER BY {date}, i.number, g.position
)sql";
constexpr auto kCreditNotes = R"sql(
  SELECT n.id, n.number, i.number, i.client_email, c.legal_name, n.currency, n.amount_cents,
         coalesce(g.net_cents, n.amount_cents), coalesce(g.tax_cents, 0), t.code, t.rate_bp, n.issue_date
    FROM credit_notes n JOIN invoices i ON i.id = n.invoice_id
         LEFT JOIN credit_note_taxes g ON g.credit_note_id = n.id LEFT JOIN taxes t ON t.id = g.tax_id
         LEFT JOIN invoice_parties c ON c.invoice_id = i.id AND c.role = 'CLIENT'
   WHERE n.issue_date >= $1 AND n.issue_date <= $2 ORDER BY n.issue_date, n.number, g.position
)sql";
constexpr int kDate = 11;

struct Kind {
  std::string_view name, words;
  bool asks;  ///< for money; else it takes back what was asked
};

// Puts a document together from the rows of its taxes.
class Documents {
 public:
  Documents(const Accounts& accounts, Kind kind, const Taker& taken)
      : accounts_(accounts), kind_(kind), taken_(taken) {}

  void row(const db::Row& row, std::string date) {
    if (row.text(0) != out_.id) {
      flush();
      begin(row, std::move(date));
    }
    const TaxGroup group = row.is_null(9) ? TaxGroup{} : TaxGroup{row.str(9), static_cast<int>(row.integer(10))};
    post(accounts_.income(group), -row.integer(7));
    if (row.integer(8) != 0) post(accounts_.tax(group), -row.integer(8));
  }
  void flush() {
    if (!out_.id.empty()) taken_(out_);
  }

 private:
  void begin(const db::Row& row, std::string date) {
    out_ = {};
    out_.date = std::move(date);
    out_.kind = kind_.name;
    out_.id = row.text(0);
    out_.number = row.text(1);
    out_.invoice = row.text(2);
    out_.party = row.text(row.is_null(4) ? 3 : 4);
    out_.text = fmt::format("{} {}", kind_.words, out_.number);
    out_.currency = row.text(5);
    out_.exponent = Currency::parse(out_.currency).exponent();
    post(accounts_.receivable(row.text(3)), row.integer(6));
  }
  void post(std::string account, std::int64_t minor) {
    out_.postings.push_back({std::move(account), kind_.asks ? minor : -minor});
  }

  const Accounts& accounts_;
  Kind kind_;
  const Taker& taken_;
  Transaction out_;
};

std::string invoices_by(std::string_view date, std::string_view before) {
  return fmt::format(kInvoices, fmt::arg("date", date), fmt::arg("before", before));
}

}  // namespace

void each_document(db::Tx& tx, const Accounts& accounts, const Period& period, const Taker& taken) {
  Documents issued(accounts, {"invoice", "Invoice", true}, taken);
  tx.each(invoices_by("i.issue_date", "<="), {period.from, period.to},
          [&](const db::Row& row) { issued.row(row, row.str(kDate)); });
  issued.flush();
  Documents voided(accounts, {"void", "Void of invoice", false}, taken);
  tx.each(invoices_by("i.voided_at", "<"), {period.begin(), period.end()},
          [&](const db::Row& row) { voided.row(row, to_text(date_in(period.zone, row.instant(kDate)))); });
  voided.flush();
  Documents credited(accounts, {"credit_note", "Credit note", false}, taken);
  tx.each(kCreditNotes, {period.from, period.to}, [&](const db::Row& row) { credited.row(row, row.str(kDate)); });
  credited.flush();
}

}  // namespace steward::books
