#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ops/history.h"
#include "ops/listing.h"
#include "studio/deals/deals.h"

namespace steward::deals {

inline constexpr ops::HistorySpec kHistory{"deal_status_history", "deal_id"};

extern const std::span<const ops::Column> kDealColumns;

/// Deals with their client and people; what list, show and every write's answer are made from.
ops::Listing deal_listing();
Json deal_record(db::Tx& tx, const DealId& id);
/// Every payment row of a deal, oldest first.
Json payments_of(db::Tx& tx, const DealId& id);
/// Who was assigned when, and whom they replaced; oldest first (DL-7).
Json assignments_of(db::Tx& tx, const DealId& id);

/// A deal about to be made.
struct NewDeal {
  std::string intake_id, offer_slug;
  Money price;
  std::string provider_rate_id, referrer_rate_id;
  int provider_rate_bp, referrer_rate_bp;
  std::optional<std::string> referrer_user_id, requested_provider_user_id;
};
/// Inserts it as QUEUED with its history. Errors: conflict "duplicate" for an intake that has a deal.
DealId insert_deal(ops::Context& context, const NewDeal& deal);

// Each writes the row and its history; a deal that moved since it was read is conflict "stale_version".
void move(ops::Context& context, const Deal& deal, Status to, const std::optional<std::string>& note = {});
void assign(ops::Context& context, const Deal& deal, const Party& party, const std::optional<std::string>& note);
void approve(ops::Context& context, const Deal& deal, const std::optional<std::string>& note);
/// Opens (with a reason) or settles a dispute; the stage stays.
void set_dispute(ops::Context& context, const Deal& deal, bool open, const std::optional<std::string>& note);

/// A row of money that came through an invoice.
struct DealPayment {
  std::string id;
  DealId deal_id;
  PaymentStatus status;
};
std::optional<DealPayment> find_payment_of(db::Tx& tx, const std::string& invoice_id);
/// Inserts a PAID row, or makes the FAILED one of that invoice PAID again; returns its id.
/// Errors: conflict "duplicate" when it is PAID already.
std::string insert_payment(ops::Context& context, const InvoicePayment& payment);
/// Counts so much of it as given back; REFUNDED once that is all of it.
void reduce_payment(ops::Context& context, const DealPayment& payment, std::int64_t gross, std::int64_t tax,
                    const std::string& reason);
void fail_payment(ops::Context& context, const DealPayment& payment);

/// What was paid on the deal, less what went back, all net of tax, in the agreed currency (LG-2).
Money collected_on(db::Tx& tx, const Deal& deal);
/// The same with its tax, as the agreed price has it.
Money received_on(db::Tx& tx, const Deal& deal);
bool has_money(db::Tx& tx, const DealId& id);

}  // namespace steward::deals
