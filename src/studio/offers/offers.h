#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/id.h"
#include "core/money.h"
#include "db/tx.h"
#include "ops/handle.h"
#include "ops/registry.h"
#include "studio/offers/rules.h"

/// What the studio sells: workshops and programmes, each with a slug and, once known, a price.
namespace steward::offers {

struct OfferTag {
  static constexpr ops::HandleSpec spec{"offer", "offers", "slug", ops::HandleSpec::Spelling::lower, "title"};
};
using OfferId = Id<OfferTag>;
using OfferRef = ops::Ref<OfferTag>;  ///< a slug, an id, or a unique tail of an id

struct Offer {
  OfferId id;
  std::string slug, title;
  Status status;
  Price price;
  Currency currency;
  std::int64_t version = 1;

  bool is_active() const { return status == Status::active; }
};

/// Errors: those of ops::resolve, under the argument's name.
Offer find_offer(db::Tx& tx, const OfferRef& ref, std::string_view field = "offer");
/// By slug alone, in any case. Errors: not_found "not_found".
Offer find_offer(db::Tx& tx, std::string_view slug);
/// For what may only be asked of an offer on sale (studio-model IK-3). Errors: conflict "offer_inactive".
void require_active(const Offer& offer, std::string_view field = "offer");

void register_operations(ops::Registry& registry);

}  // namespace steward::offers
