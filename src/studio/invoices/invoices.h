#pragma once
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/id.h"
#include "core/money.h"
#include "ops/context.h"
#include "ops/handle.h"
#include "studio/contacts/contacts.h"
#include "studio/deals/deals.h"
#include "studio/invoices/rules.h"
#include "studio/lines/lines.h"

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
  std::int64_t tax_cents = 0;       ///< within the amount, which is gross
  std::int64_t credited_cents = 0;  ///< sum of its credit notes, gross

  /// What it still asks for once its credit notes are taken off.
  Money asked() const { return {amount.minor - credited_cents, amount.currency}; }
  Money paid() const { return {paid_cents, amount.currency}; }
  /// What is still owed: nothing on a draft or a void invoice.
  Money outstanding() const { return {is_open(status) ? asked().minor - paid_cents : 0, amount.currency}; }
  /// What was received beyond what it asks for: the client's (CM-3).
  Money credit() const { return {paid_cents > asked().minor ? paid_cents - asked().minor : 0, amount.currency}; }
  /// Whether a deal of it holds money by it. Credited in full, what it received is the client's.
  bool pays_deal() const { return deal_id && status == Status::paid && asked().minor > 0; }
  /// The number, or the tail of its id.
  std::string handle() const { return number ? *number : std::string(short_id(id.text)); }
  /// "Invoice INV-2026-0007", "Draft invoice 3fa09b12".
  std::string label() const { return (number ? "Invoice " : "Draft invoice ") + handle(); }
};

/// Errors: not_found "not_found".
Invoice find_invoice(db::Tx& tx, const InvoiceId& id);
/// In one statement when it is named by its number. Errors: those of ops::resolve, under the argument's name.
Invoice find_invoice(db::Tx& tx, const InvoiceRef& ref, std::string_view field = "invoice");

/// Those invoices of these numbers that there are, in one round trip; the callback runs nothing on the connection.
void each_numbered(db::Tx& tx, const std::vector<std::string>& numbers, const std::function<void(Invoice)>& found);

/// The invoices of a deal that are PAID, the latest first.
std::vector<Invoice> paid_for_deal(db::Tx& tx, std::string_view deal_id);

/// For the payments room: stores what was received in all and the status that follows from it (CM-2, CM-4), with a row
/// of history when the status moves. `at` is when the money came that may complete it. Answers the invoice as it is
/// now. Errors: conflict "stale_version" when it is no longer as it was read.
Invoice settle(ops::Context& context, const Invoice& invoice, std::int64_t paid_cents, Instant at,
               const std::optional<std::string>& note = {});

/// The tax within what an invoice still asks for.
Money asked_tax(db::Tx& tx, const Invoice& invoice);
/// What a deal is told of an invoice of it that is PAID. `at` is when the money came.
deals::InvoicePayment deal_payment_of(db::Tx& tx, const Invoice& invoice, Instant at);

/// A part of what an invoice still asks for, in proportion to its taxes; `gross` is at most all of it.
lines::Breakdown creditable_part(db::Tx& tx, const Invoice& invoice, const Money& gross);

/// A credit note that was just issued, and what it made of its invoice.
struct Credited {
  std::string id, number;
  Money amount;  ///< gross
  Invoice invoice;
  Json metadata;  ///< for the audit row of the operation that did it
};
/// Numbers a credit note of today for that part of an invoice, and tells the invoice's deal. Errors: conflict
/// "not_creditable", "overcredited", "stale_version"; those of numbering::take and of
/// deals::reduce_invoice_payment.
Credited issue_credit_note(ops::Context& context, const Invoice& invoice, const lines::Breakdown& part,
                           const std::string& reason);

/// An invoice that another program issued, as its document says.
struct Historical {
  InvoiceId id;
  std::string number;  ///< one of ours or of any other shape, as it is spelled
  std::string client_email;
  contacts::BillingIdentity client;  ///< as far as the document names them
  Currency currency;
  lines::Breakdown breakdown;
  Date issue, due;
  std::int64_t paid_cents = 0;     ///< what its payment makes, which the caller records
  std::optional<Instant> paid_at;  ///< when that came
  bool voided = false;             ///< asks for nothing; as of its own date, so that no year has half of it
  std::optional<std::string> void_reason;
  std::string note;  ///< of its history: what tells it from an other one under its number
};
/// Takes them down as they are, in bulk, each with lines, taxes, parties and history.
void insert_historical(ops::Context& context, std::span<const Historical> invoices);
/// Whether another program issued it.
bool is_historical(db::Tx& tx, const InvoiceId& id);
/// An invoice that is there already.
struct Taken {
  std::optional<std::string> note;  ///< of one that insert_historical took down
  Date issue;
  std::string client_email;
  Money amount;
};
/// Which of these numbers are there already: told the place of each. The callback runs nothing on the connection.
void each_taken(db::Tx& tx, const std::vector<std::string_view>& numbers,
                const std::function<void(std::size_t, const Taken&)>& taken);
/// After the last insert_historical of an operation: our own numbers go on behind the highest of each year (`last`),
/// and what it left out is no gap.
void follow_historical(ops::Context& context, const std::map<int, std::int64_t>& last);

void register_operations(ops::Registry& registry);

}  // namespace steward::invoices
