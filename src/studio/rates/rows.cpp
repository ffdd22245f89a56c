#include "studio/rates/rows.h"

#include <fmt/format.h>

#include "core/error.h"

namespace steward::rates {
namespace {

constexpr auto kTimeline = "SELECT effective_from, rate_bp FROM rates WHERE name = $1 ORDER BY effective_from";
constexpr auto kRateAt = R"sql(
  SELECT id, rate_bp, effective_from FROM rates
   WHERE name = $1 AND effective_from <= $2 ORDER BY effective_from DESC LIMIT 1
)sql";
constexpr auto kNextChange = R"sql(
  SELECT effective_from FROM rates WHERE name = $1 AND effective_from > $2 ORDER BY effective_from LIMIT 1
)sql";
constexpr auto kEverSet = "SELECT 1 FROM rates WHERE name = $1 LIMIT 1";
constexpr auto kInsert = R"sql(
  INSERT INTO rates (id, name, rate_bp, effective_from, created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6)
)sql";

}  // namespace

std::vector<DatedRate> timeline(db::Tx& tx, RateName name) {
  return tx.all(kTimeline, {name}, [](const db::Row& row) {
    return DatedRate{row.instant(0), static_cast<int>(row.integer(1))};
  });
}

std::optional<Rate> rate_at(db::Tx& tx, RateName name, Instant at) {
  return tx.first(kRateAt, {name, at}, [&](const db::Row& row) {
    return Rate{{row.str(0)}, name, static_cast<int>(row.integer(1)), row.instant(2)};
  });
}

std::optional<Instant> next_change(db::Tx& tx, RateName name, Instant from) {
  return tx.first(kNextChange, {name, from}, [](const db::Row& row) { return row.instant(0); });
}

void insert_rate(db::Tx& tx, const Rate& rate, const std::optional<std::string>& created_by) {
  tx.exec(kInsert, {rate.id, rate.name, rate.bp, rate.effective_from, tx.now(), created_by});
}

Rate current_rate(db::Tx& tx, RateName name, Instant at) {
  if (auto rate = rate_at(tx, name, at)) return *rate;
  throw Error{ErrorKind::precondition, "no_rate",
              fmt::format("There is no {} rate in force at {}.", to_text(name), to_text(at)),
              "steward init sets the rates a studio starts with."};
}

void seed_rates(db::Tx& tx) {
  const auto seed = [&](RateName name, int bp) {
    if (tx.exists(kEverSet, {name})) return;
    insert_rate(tx, {{new_uuid(tx.now().ms)}, name, bp, Instant{0}}, {});
  };
  seed(RateName::provider, kProviderSeed);
  seed(RateName::referrer, kReferrerSeed);
}

}  // namespace steward::rates
