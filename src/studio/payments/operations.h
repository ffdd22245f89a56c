#pragma once
#include <string>

#include "studio/invoices/invoices.h"
#include "studio/payments/payments.h"

namespace steward::payments {

/// An invoice before and after money moved on it.
struct Moved {
  invoices::Invoice before, after;
};

/// Adds the row and makes its invoice, as it was read, follow; the deal of an invoice that becomes PAID by it, or is no
/// longer, follows too. `metadata` is given what changed. Errors: those of insert_payment, of invoices::settle and of
/// the deals' doors.
Moved enter(ops::Context& context, const Payment& payment, const invoices::Invoice& invoice, Json& metadata);
/// Takes the row back: it counts nothing from then on.
Moved take_back(ops::Context& context, const Payment& payment, const std::string& reason, Json& metadata);

/// What every write of one payment answers; `deal` of the metadata names the command to run next.
ops::Change changed(ops::Context& context, const Payment& payment, std::string sentence, Json metadata);

/// "480.00 EUR outstanding", "it is paid in full".
std::string rest_of(const invoices::Invoice& invoice);

/// Whether an invoice takes that much. Errors: conflict "not_payable", "currency_mismatch"; "overpayment" unless what
/// is too much may be the client's credit.
void require_takes(const invoices::Invoice& invoice, const Money& amount, bool allow_credit);
/// The first instant of a day in studio.timezone: when money came of which a bank says the day only.
Instant day_begins(ops::Context& context, Date day);

/// record, reverse.
void register_records(ops::Registry& registry);
/// refund, use-credit.
void register_refunds(ops::Registry& registry);
/// match; lines list, show, ignore.
void register_bank(ops::Registry& registry);
/// import.
void register_bank_import(ops::Registry& registry);

}  // namespace steward::payments
