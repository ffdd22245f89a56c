#pragma once
#include <optional>
#include <string>

#include "core/id.h"
#include "core/money.h"
#include "db/tx.h"
#include "ops/handle.h"
#include "ops/registry.h"
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
};

/// Errors: not_found "not_found".
Payment find_payment(db::Tx& tx, const PaymentId& id);

void register_operations(ops::Registry& registry);

}  // namespace steward::payments
