#include "studio/offers/rules.h"

#include <fmt/format.h>

#include "core/error.h"

namespace steward::offers {
namespace {

constexpr Step<Status> kSteps[] = {
    {Status::active, Status::inactive, "deactivate"},
    {Status::inactive, Status::active, "activate"},
};

}  // namespace

const Lifecycle<Status> kLifecycle{"offer", Status::active, kSteps};

std::string price_text(const Price& price, Currency currency) {
  if (price.free) return "free";
  return price.cents ? to_text(Money{*price.cents, currency}) : "no price";
}

void require_price(const Price& price, std::string_view slug) {
  if (price.is_set()) return;
  refuse_conflict("no_price", fmt::format("Offer {} has no price and is not free.", slug),
                  fmt::format("Give it one: steward offers reprice {} --price P --reason R.", slug));
}

}  // namespace steward::offers
