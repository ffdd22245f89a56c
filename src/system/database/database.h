#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/tx.h"
#include "ops/context.h"
#include "ops/registry.h"

/// The database as a whole: its state, its migrations, checks, verified backups and restores.
namespace steward::database {

/// What a database records of itself.
struct Identity {
  std::string environment;  ///< "local", "staging", "prod"
  std::string instance_id;  ///< of this one studio's books; a restore keeps it
};
/// nullopt for one that `init` or `db migrate` did not finish.
std::optional<Identity> identity_of(db::Tx& tx);
/// Once in a database's life, and of two at once one wins.
void record_identity(db::Tx& tx, std::string_view environment);

/// The environment a new database gets: the one that was asked for, else `local`.
/// Errors: precondition "fixed_clock" for STEWARD_NOW outside `local`.
std::string environment_for_new(const ops::House& house);

/// One thing that was looked at.
struct Finding {
  std::string name;
  bool ok = true;
  std::string detail;  ///< a sentence: what was found
};
Json to_json(const std::vector<Finding>& findings);
/// Throws what a failed check is: precondition "check_failed" with {"checks", "lines"} in its details.
[[noreturn]] void refuse_failed(const std::string& sentence, const std::string& hint, const Json& checks,
                                const std::vector<std::string>& lines);

// Single checks, each in the caller's transaction; they throw only what reading a damaged file throws.
Finding check_migrations(db::Tx& tx, const ops::House& house);
Finding check_schema(db::Tx& tx, const ops::House& house);
Finding check_integrity(db::Tx& tx, bool thorough);
Finding check_references(db::Tx& tx);
Finding check_audit(db::Tx& tx);
/// Every room's invariants: of invoices, deals and the ledger.
std::vector<Finding> check_books(ops::Context& context);
/// All of them.
std::vector<Finding> check_everything(ops::Context& context);

/// Settings under which the agenda and doctor find when something was last done.
inline constexpr std::string_view kLastBackup = "backup.last_verified_at";
inline constexpr std::string_view kLastKeyExport = "keys.last_exported_at";
/// nullopt: never.
std::optional<Instant> last_done(db::Tx& tx, std::string_view key);

void register_operations(ops::Registry& registry);

}  // namespace steward::database
