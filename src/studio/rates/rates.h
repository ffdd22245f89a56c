#pragma once
#include "core/id.h"
#include "core/instant.h"
#include "db/tx.h"
#include "ops/registry.h"
#include "studio/rates/rules.h"

/// The shares in which a deal's money is split, as basis points with the instant from which each holds. Append-only:
/// a deal keeps the id and the number of the rates it was made under.
namespace steward::rates {

struct RateTag {};
using RateId = Id<RateTag>;

struct Rate {
  RateId id;
  RateName name;
  int bp;  ///< basis points, 0 to 10000
  Instant effective_from;
};

/// The rate in force at that instant. Provider and referrer are never more than 10000 together.
/// Errors: precondition "no_rate" in a database that was never seeded.
Rate current_rate(db::Tx& tx, RateName name, Instant at);

/// Gives a new database the rates it starts with, in force since 1970. Does nothing for a rate that was ever set.
void seed_rates(db::Tx& tx);

void register_operations(ops::Registry& registry);

}  // namespace steward::rates
