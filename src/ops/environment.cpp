#include <fmt/format.h>

#include "core/error.h"
#include "ops/run.h"

namespace steward::ops {
namespace {

// An init that was interrupted may not have come to the table.
std::optional<std::string> recorded_environment(db::Tx& tx) {
  try {
    return tx.text("SELECT environment FROM db_identity WHERE id = 1");
  } catch (const Error&) {
    if (tx.connection().has_table("db_identity")) throw;
    return std::nullopt;
  }
}

}  // namespace

std::string environment_of(db::Tx& tx, const House& house) {
  const auto recorded = recorded_environment(tx);
  if (!recorded && tx.connection().tables().empty())
    throw Error{ErrorKind::precondition, "foreign_database",
                "This is a steward database without a table in it: an init that was interrupted, or a file that was "
                "copied without the -wal beside it.",
                "Copy a database with steward db backup, never with cp; steward init begins a new one here."};
  if (!recorded)
    throw Error{ErrorKind::precondition, "foreign_database",
                "The database records no environment: it is not a whole steward database.",
                "Run steward init, or restore a backup."};
  house.seen_environment = *recorded;
  if (house.environment && *house.environment != *recorded)
    throw Error{ErrorKind::precondition, "environment_mismatch",
                fmt::format("This database is {}, and {} was asked for.", *recorded, *house.environment),
                "Name the right database, or leave --env out."};
  if (house.fixed_now && *recorded != "local")
    refuse_precondition("fixed_clock",
                        fmt::format("STEWARD_NOW works in a local database only; this one is {}.", *recorded),
                        "Unset STEWARD_NOW.");
  return *recorded;
}

}  // namespace steward::ops
