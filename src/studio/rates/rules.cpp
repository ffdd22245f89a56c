#include "studio/rates/rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"

namespace steward::rates {

int highest_between(std::span<const DatedRate> rates, Instant from, const std::optional<Instant>& until) {
  int at_start = 0, later = 0;
  for (const auto& rate : rates) {
    if (rate.from <= from)
      at_start = rate.bp;
    else if (!until || rate.from < *until)
      later = std::max(later, rate.bp);
  }
  return std::max(at_start, later);
}

void require_within_whole(RateName name, int bp, int highest_of_other) {
  if (bp + highest_of_other <= kWhole) return;
  throw Error{ErrorKind::conflict, "rates_exceed_whole",
              fmt::format("{} {} and {} {} are more than {} basis points together.", to_text(name), bp,
                          to_text(other_than(name)), highest_of_other, kWhole),
              fmt::format("{} can be at most {} for that time.", to_text(name), kWhole - highest_of_other)}
      .at("bp")
      .with({{"provider_bp", name == RateName::provider ? bp : highest_of_other},
             {"referrer_bp", name == RateName::provider ? highest_of_other : bp}});
}

void require_not_past(Instant from, Instant now) {
  if (from >= now) return;
  refuse_usage("in_the_past", fmt::format("A rate can't take effect at {}, which is past.", to_text(from)), "from",
               "Leave --from out for a rate that holds from now on.");
}

}  // namespace steward::rates
