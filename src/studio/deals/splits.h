#pragma once
#include "studio/deals/deals.h"

namespace steward::deals {

/// Divides what was collected on a deal among its people (ledger::earn), with `renew` also what was voided. The deal
/// has a provider.
/// Errors: those of ledger::earn.
Json split(ops::Context& context, const Deal& deal, bool renew = false);

}  // namespace steward::deals
