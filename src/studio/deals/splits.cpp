#include "studio/deals/splits.h"

#include "studio/deals/rows.h"
#include "studio/ledger/ledger.h"

namespace steward::deals {

Json split(ops::Context& context, const Deal& deal, bool renew) {
  return ledger::earn(context, {.deal_id = deal.id.text,
                                .collected = collected_on(context.tx, deal),
                                .provider_rate_bp = deal.provider_rate_bp,
                                .referrer_rate_bp = deal.referrer_rate_bp,
                                .provider_user_id = deal.provider_user_id.value(),
                                .referrer_user_id = deal.referrer_user_id,
                                .renew = renew});
}

}  // namespace steward::deals
