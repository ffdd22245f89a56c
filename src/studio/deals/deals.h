#pragma once
#include <optional>
#include <span>
#include <string>

#include "core/money.h"
#include "ops/context.h"
#include "ops/handle.h"
#include "studio/deals/rules.h"

namespace steward::deals {

struct DealTag {
  static constexpr ops::HandleSpec spec{.noun = "deal", .table = "deals", .label = "offer_slug"};
};
using DealId = Id<DealTag>;
using DealRef = ops::Ref<DealTag>;

/// What was agreed with a client, and how far the work is.
struct Deal {
  DealId id;
  Status status;
  std::string intake_id;
  std::string offer_slug;
  Money agreed_price;
  std::string client_email;                ///< the intake's contact, lower case
  int provider_rate_bp, referrer_rate_bp;  ///< basis points, as they stood when the deal was made (DL-4)
  std::optional<std::string> provider_user_id, maestro_user_id, referrer_user_id;
  std::optional<std::string> approval_id;  ///< of the present assignment (DL-8)
  bool disputed = false;
  std::int64_t version = 1;
};

/// A deal as `deals show` and every write of one answer it, and the columns of that.
Json record_of(db::Tx& tx, const DealId& id);
std::span<const ops::Column> record_columns();

/// Errors: not_found "not_found".
Deal find_deal(db::Tx& tx, const DealId& id);

/// An invoice of a deal, paid in full.
struct InvoicePayment {
  DealId deal_id;
  std::string invoice_id;
  Money amount;                ///< what the invoice asked for less its credit notes, gross, in the deal's currency
  Instant paid_at;             ///< when the money came
  std::int64_t tax_cents = 0;  ///< the tax within it, which is nobody's earning
};

/// REFUNDED is where a deal ends. Errors: conflict "not_payable".
void require_takes_money(const Deal& deal);

/// Writes the deal's payment row and moves the deal to PAID once its present assignment is approved; before that the
/// stage stays, and `deals approve` applies the payment (DL-1, DL-2). Money that comes after delivery is split anew.
/// Writes no audit row: the caller adds what is returned to the metadata of its own change. Errors: conflict
/// "currency_mismatch", "not_payable"; those of ledger::earn for a delivered deal.
Json record_invoice_payment(ops::Context& context, const InvoicePayment& payment);

/// The other way round, for an invoice that a mistaken record made PAID: its payment row becomes FAILED, and a deal
/// that has no other money falls back to MAESTRO_APPROVED. Without a row of that invoice nothing happens (an empty
/// object). Errors: conflict "payment_in_use" when work began on the strength of it.
Json undo_invoice_payment(ops::Context& context, const std::string& invoice_id);

/// Part of a paid invoice of a deal is no longer the studio's: it was credited. `amount` is gross, `tax_cents` within
/// it. What is collected on the deal falls by it, its ledger entries are divided anew, and a deal that was paid and has
/// no money left becomes REFUNDED. Without a row of that invoice nothing happens (an empty object). Source:
/// studio-model PY-4 to PY-6. Errors: those of ledger::earn.
Json reduce_invoice_payment(ops::Context& context, const std::string& invoice_id, const Money& amount,
                            std::int64_t tax_cents, const std::string& reason);

void register_operations(ops::Registry& registry);

}  // namespace steward::deals
