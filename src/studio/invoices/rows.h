#pragma once
#include <optional>
#include <span>

#include "ops/history.h"
#include "studio/invoices/invoices.h"
#include "studio/lines/lines.h"

namespace steward::invoices {

inline constexpr ops::HistorySpec kHistory{"invoice_status_history", "invoice_id"};

extern const std::span<const ops::Column> kInvoiceColumns, kAgingColumns, kTotalsColumns;

/// Every invoice, one row each, newest first; what is overdue depends on today in studio.timezone.
ops::Listing invoice_listing(ops::Context& context);
Json invoice_record(ops::Context& context, const InvoiceId& id);
/// Its payments, oldest first.
Json payments_of(db::Tx& tx, const InvoiceId& id);
/// Its credit notes, oldest first.
Json credit_notes_of(db::Tx& tx, const InvoiceId& id);
/// What is owed, by currency and by days past due (CM-9: no draft, no void, no sum over currencies).
ops::Listing aging(ops::Context& context);
/// What was invoiced, received and is owed, by currency (CM-9).
ops::Listing totals(ops::Context& context);

/// The sum of the invoices of a proposal or a deal that are not VOID, in minor units; `but` is left out.
std::int64_t invoiced_of_proposal(db::Tx& tx, std::string_view proposal_id, const InvoiceId& but);
std::int64_t invoiced_of_deal(db::Tx& tx, std::string_view deal_id, const InvoiceId& but);
/// The date of the last invoice up to that number of a year; nullopt when there is none.
std::optional<Date> issue_date_before(db::Tx& tx, std::string_view previous);

std::optional<Date> issue_date_of(db::Tx& tx, const InvoiceId& id);

/// Adds a draft, with its lines and the first row of its history.
void insert_invoice(ops::Context& context, const Invoice& invoice, const lines::Breakdown& breakdown);

// Each refuses when the invoice is no longer as it was read: conflict "stale_version".

/// Stores client, amount and tax of a draft.
void store_draft(db::Tx& tx, const Invoice& invoice);
/// DRAFT to ISSUED; `invoice.number` is the one it takes.
void mark_issued(ops::Context& context, const Invoice& invoice, Date issue, Date due);
/// Takes that much more off what it asks for; the status follows. Answers the invoice as it is now.
Invoice credit(ops::Context& context, const Invoice& invoice, const Money& amount, const std::string& reason);
void mark_void(ops::Context& context, const Invoice& invoice, const std::string& reason);

}  // namespace steward::invoices
