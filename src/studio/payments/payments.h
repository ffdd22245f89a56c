#pragma once
#include <optional>
#include <string>

#include "core/id.h"
#include "core/money.h"
#include "db/tx.h"
#include "ops/handle.h"
#include "ops/registry.h"
#include "studio/invoices/invoices.h"
#include "studio/payments/rules.h"

/// Money that came for invoices.
namespace steward::payments {

struct PaymentTag {
  static constexpr ops::HandleSpec spec{.noun = "payment", .table = "payments", .label = "reference"};
};
using PaymentId = Id<PaymentTag>;
using PaymentRef = ops::Ref<PaymentTag>;  ///< an id, or a unique tail of one

struct Payment {
  PaymentId id;
  std::string invoice_id;
  Money amount;
  Status status;
  Instant paid_at;                       ///< when the money came
  std::optional<std::string> reference;  ///< the bank's
  Kind kind = Kind::received;
  /// Of a REFUND: the payment that it gives back of. Of a CREDIT_IN: the CREDIT_OUT that it came from.
  std::optional<std::string> counterpart_id = {};
  std::optional<std::string> reason = {};

  /// What it adds to what its invoice holds, in minor units.
  std::int64_t counts() const { return adds(kind) ? amount.minor : -amount.minor; }
  std::string label() const { return "Payment " + std::string(short_id(id.text)); }
};

/// Errors: not_found "not_found".
Payment find_payment(db::Tx& tx, const PaymentId& id);

/// A refund that was just recorded, and what it made of its invoice.
struct Refunded {
  Payment payment;
  invoices::Invoice invoice;
};
/// Money that goes back.
struct Returned {
  Money amount;
  Instant at;
  std::string reason;
  std::optional<std::string> reference;
};
/// Records money that goes back of a payment that came. `metadata` is given what changed. Errors: conflict
/// "not_refundable", "over_refunded", "payment_in_use", "books_closed".
Refunded refund(ops::Context& context, const Payment& payment, const Returned& money, Json& metadata);

void register_operations(ops::Registry& registry);
/// `deals refund`: it stands here, above the deals, because money goes back through payments.
void register_deal_refund(ops::Registry& registry);
/// `invoices import`: it stands here, above the invoices, because what was paid of older ones is payments.
void register_historical(ops::Registry& registry);

}  // namespace steward::payments
