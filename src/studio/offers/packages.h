#pragma once
#include "ops/context.h"
#include "ops/registry.h"
#include "studio/offers/offers.h"

namespace steward::offers {

/// The packages that an offer is sold in now, in their order.
Json packages_of(db::Tx& tx, const OfferId& offer);

/// packages add, list, remove.
void register_packages(ops::Registry& registry);

}  // namespace steward::offers
