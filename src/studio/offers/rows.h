#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ops/context.h"
#include "studio/offers/offers.h"

namespace steward::offers {

/// Every column that an operator writes, price apart.
struct Description {
  std::string title, summary;
  Audience audience;
  DeliveryMode delivery_mode;
  std::optional<std::string> booking_url;
  std::optional<std::string> outcomes_json;  ///< canonical JSON array of sentences
  std::string duration_label;
  std::string refund_policy_key;
  bool operator==(const Description&) const = default;
};

extern const std::span<const ops::Column> kOfferColumns;
/// Every offer, one row each, newest first.
ops::Listing offer_listing();
Json offer_record(db::Tx& tx, const OfferId& id);
/// Every price it ever had, oldest first.
Json price_history(db::Tx& tx, const OfferId& id);

bool slug_taken(db::Tx& tx, std::string_view slug);
Description describe(db::Tx& tx, const OfferId& id);
/// Those offers of these slugs that there are, in one round trip; the callback runs nothing on the connection.
void each_offer_of(db::Tx& tx, const std::vector<std::string>& slugs,
                   const std::function<void(const Offer&, const Description&)>& found);
void insert_offer(ops::Context& context, const Offer& offer, const Description& description);
struct NewOffer {
  Offer offer;
  Description description;
};
/// Many at once, with their first prices (record_first_price).
void insert_offers(ops::Context& context, std::span<const NewOffer> offers);

// Each refuses when the offer is no longer as it was read: conflict "stale_version".
void store_description(db::Tx& tx, const Offer& offer, const Description& description);
void store_status(db::Tx& tx, const Offer& offer, Status to);
void store_price(db::Tx& tx, const Offer& offer, const Price& price, Currency currency);

/// One line of the price history (studio-model OF-2): `from` is what it was. In minor units; free is 0.
void record_price(ops::Context& context, const OfferId& id, const Price& from, const Price& to, Currency currency,
                  std::string_view reason);
/// That of a new one; nothing where it has none.
void record_first_price(ops::Context& context, const Offer& offer);
/// What names its currency, so that it stays (OF-4): "a deal", "a proposal", "a package" on sale; "" when nothing does.
std::string currency_held_by(db::Tx& tx, const Offer& offer);

}  // namespace steward::offers
