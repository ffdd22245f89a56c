#pragma once
#include <span>
#include <vector>

#include "ops/context.h"
#include "studio/payments/payments.h"

namespace steward::payments {

extern const std::span<const ops::Column> kPaymentColumns;
/// Every payment, one row each, newest first.
ops::Listing payment_listing();
Json payment_record(db::Tx& tx, const PaymentId& id);

/// The money that came for an invoice and counts, the latest first.
std::vector<Payment> received_for(db::Tx& tx, const invoices::InvoiceId& invoice);
/// What was refunded of a payment, and counts, in minor units.
std::int64_t refunded_of(db::Tx& tx, const PaymentId& id);
/// The refunds and uses of credit that came of it and count; the other half of one.
std::vector<PaymentId> made_from(db::Tx& tx, const PaymentId& id);

/// Errors: conflict "duplicate" when the invoice has a payment with that reference (CM-3).
void insert_payment(ops::Context& context, const Payment& payment);
/// Several at once, for invoices that count them already (invoices::Historical): no invoice follows.
void insert_payments(ops::Context& context, std::span<const Payment> payments);
/// Errors: conflict "stale_version" when it was reversed meanwhile.
void mark_reversed(ops::Context& context, const Payment& payment, const std::string& reason);

}  // namespace steward::payments
