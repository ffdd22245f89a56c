#pragma once
#include <optional>
#include <vector>

#include "studio/rates/rates.h"

namespace steward::rates {

/// Everything a rate was and will be, in order of effect.
std::vector<DatedRate> timeline(db::Tx& tx, RateName name);
/// nullopt before the first.
std::optional<Rate> rate_at(db::Tx& tx, RateName name, Instant at);
/// When the rate that holds at `from` gives way to one that is set already.
std::optional<Instant> next_change(db::Tx& tx, RateName name, Instant from);
void insert_rate(db::Tx& tx, const Rate& rate, const std::optional<std::string>& created_by);

}  // namespace steward::rates
