#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/id.h"
#include "core/money.h"
#include "ops/context.h"
#include "ops/handle.h"
#include "studio/invoices/rules.h"

/// What clients are asked to pay. Numbered and unchangeable from the moment it is issued; paid by the payments room.
namespace steward::invoices {

struct InvoiceTag {
  static constexpr ops::HandleSpec spec{"invoice", "invoices", "number", ops::HandleSpec::Spelling::upper,
                                        "client_email"};
};
using InvoiceId = Id<InvoiceTag>;
using InvoiceRef = ops::Ref<InvoiceTag>;  ///< a number, an id, or a unique tail of an id

struct Invoice {
  InvoiceId id;
  std::optional<std::string> number;  ///< "INV-2026-0007"; given when issued
  std::string client_email;
  Money amount;
  std::int64_t paid_cents = 0;  ///< sum of its payments that count, in minor units of amount.currency
  Status status;
  std::optional<std::string> proposal_id, intake_request_id, deal_id;
  std::int64_t version = 1;

  Money paid() const { return {paid_cents, amount.currency}; }
  /// What is still owed: nothing on a draft or a void invoice.
  Money outstanding() const { return {is_open(status) ? amount.minor - paid_cents : 0, amount.currency}; }
  /// What was received beyond what it asks for: the client's (CM-3).
  Money credit() const { return {paid_cents > amount.minor ? paid_cents - amount.minor : 0, amount.currency}; }
  /// The number, or the tail of its id.
  std::string handle() const { return number ? *number : std::string(short_id(id.text)); }
  /// "Invoice INV-2026-0007", "Draft invoice 3fa09b12".
  std::string label() const { return (number ? "Invoice " : "Draft invoice ") + handle(); }
};

/// Errors: not_found "not_found".
Invoice find_invoice(db::Tx& tx, const InvoiceId& id);
/// In one statement when it is named by its number. Errors: those of ops::resolve, under the argument's name.
Invoice find_invoice(db::Tx& tx, const InvoiceRef& ref, std::string_view field = "invoice");

/// For the payments room: stores what was received in all and the status that follows from it (CM-2, CM-4), with a row
/// of history when the status moves. `at` is when the money came that may complete it. Answers the invoice as it is
/// now. Errors: conflict "stale_version" when it is no longer as it was read.
Invoice settle(ops::Context& context, const Invoice& invoice, std::int64_t paid_cents, Instant at,
               const std::optional<std::string>& note = {});

void register_operations(ops::Registry& registry);

}  // namespace steward::invoices
