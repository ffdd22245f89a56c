#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/error.h"
#include "core/text.h"
#include "db/backup.h"
#include "ops/argument.h"
#include "ops/audit.h"
#include "ops/authenticate.h"
#include "ops/declare.h"
#include "ops/files.h"
#include "system/database/candidate.h"
#include "system/database/database.h"
#include "system/database/operations.h"
#include "system/database/rows.h"
#include "system/database/target.h"
#include "system/database/verified_copy.h"

namespace steward::database {
namespace {

struct RestoreArgs {
  ops::FilePath from;
  std::optional<ops::Text<20>> confirm;
};

// How many rows each table had and would have, where they differ; nothing when the target can't be counted.
struct Losses {
  bool known = false;
  std::int64_t lost = 0;  ///< rows that tables have fewer afterwards
  Json tables = Json::array();
};

Losses losses(const std::optional<db::Manifest>& now, const db::Manifest& then) {
  Losses out;
  if (!now) return out;
  out.known = true;
  for (const auto& table : db::differing_tables(*now, then)) {
    const auto *before = now->find(table), *after = then.find(table);
    const auto rows_before = before ? before->rows : 0, rows_after = after ? after->rows : 0;
    out.lost += std::max<std::int64_t>(rows_before - rows_after, 0);
    out.tables.push(Json{{"table", table}, {"rows_before", rows_before}, {"rows_after", rows_after}});
  }
  return out;
}

std::string question(const Candidate& candidate, const Target& target, const Losses& loss) {
  if (target.state() == Target::State::missing) return fmt::format("Make {} from {}?", target.path(), candidate.from());
  const auto rows = loss.known
                        ? fmt::format("{} that {} not in it go", count_of(static_cast<std::size_t>(loss.lost), "row"),
                                      loss.lost == 1 ? "is" : "are")
                        : "what is damaged goes";
  return fmt::format("Replace everything in {} with {}{}: {}. A copy of what is there now is kept. Go ahead?",
                     target.path(), candidate.from(),
                     candidate.created_at().empty() ? "" : " of " + candidate.created_at(), rows);
}

// Where money is real, a habit of typing --yes is not enough: the environment is named.
void require_confirmation(const ops::System& system, const RestoreArgs& args, const std::string& environment,
                          const std::string& asked) {
  if (args.confirm && args.confirm->value != environment)
    throw Error{
        ErrorKind::precondition, "confirmation_needed",
        fmt::format("This is {}, and --confirm says {}; nothing was changed.", environment, args.confirm->value),
        fmt::format("--confirm {}, if that is what you mean.", environment)};
  if (args.confirm) return;
  if (environment != "prod") return system.confirm(asked);
  throw Error{ErrorKind::precondition, "confirmation_needed", fmt::format("{} Nothing was changed.", asked),
              "In prod a restore is confirmed by naming the environment: --confirm prod."};
}

// The rights are looked up where they stand now; where nothing stands, in what is about to stand there.
void admit(ops::System& system, Target& target, Candidate& candidate) {
  if (target.state() == Target::State::whole) {
    db::Tx tx(target.connection(), db::Access::read, system.house.now());
    return system.admit(tx);
  }
  auto house = system.house;
  house.url = db::Url::of_file(candidate.path());
  db::Tx tx(candidate.connection(), db::Access::read, system.house.now());
  system.environment = ops::environment_of(tx, house);
  system.house.seen_environment = system.environment;
  system.actor = ops::authenticate(tx, house, system.environment, system.request.token, true);
  ops::authorise(system.actor, *system.request.operation);
}

void audit(const ops::System& system, db::Tx& tx, const Json& metadata) {
  ops::append_audit(tx, system.actor, system.request.operation->path, kTarget, identity_of(tx)->instance_id,
                    system.request.request_id, metadata);
}

Json metadata_of(const Candidate& candidate, const Losses& loss) {
  return Json{{"from", std::filesystem::path(candidate.from()).filename().string()},
              {"sha256", candidate.sha256()},
              {"instance_id", candidate.identity().instance_id},
              {"rows_lost", loss.known ? Json(loss.lost) : Json()}};
}

// The new history tells of the restore from its first moment: the row is there before the content is put in place.
db::Manifest sign_into_new_history(const ops::System& system, Candidate& candidate, const Json& metadata) {
  db::Tx tx(candidate.connection(), db::Access::write, system.house.now());
  audit(system, tx, metadata);
  auto out = db::take_manifest(candidate.connection());
  tx.commit();
  return out;
}

std::vector<ops::Warning> warnings_of(const ops::System& system, Target& target, Candidate& candidate) {
  auto out = candidate.warnings();
  if (target.state() != Target::State::whole) return out;
  db::Tx now(target.connection(), db::Access::read, system.house.now());
  if (identity_of(now)->instance_id != candidate.identity().instance_id)
    out.push_back({"other_instance", "This backup is of another database than the one it replaces."});
  db::Tx then(candidate.connection(), db::Access::read, system.house.now());
  const auto revoked = revoked_tokens(now);
  std::vector<std::string> revived;
  for (const auto& token : live_tokens(then))
    if (std::ranges::count(revoked, token.id)) revived.push_back(token.name);
  if (!revived.empty())
    out.push_back({"tokens_revived",
                   fmt::format("Tokens that were revoked since the backup act again: {}. Revoke them once more.",
                               join(revived, ", "))});
  return out;
}

Json report(const Candidate& candidate, const Target& target, const Losses& loss, const std::string& safety) {
  Json pending = Json::array();
  for (const auto& name : candidate.pending()) pending.push(name);
  return Json{{"from", candidate.from()},
              {"database", target.path()},
              {"environment", candidate.identity().environment},
              {"backup_created_at", candidate.created_at().empty() ? Json() : Json(candidate.created_at())},
              {"replaced", safety.empty() ? Json() : Json(safety)},
              {"rows_lost", loss.known ? Json(loss.lost) : Json()},
              {"pending", std::move(pending)},
              {"tables", loss.tables}};
}

void require_same(const db::Manifest& live, const db::Manifest& wanted, const std::string& safety) {
  if (live == wanted) return;
  throw Error{ErrorKind::precondition, "backup_mismatch",
              fmt::format("What is in the database now is not what was restored: {} differ.",
                          join(db::differing_tables(live, wanted), ", ")),
              fmt::format("Look at the disk; what was there before is in {}.", safety)};
}

ops::Change restore(ops::System& system, const RestoreArgs& args) {
  const auto& house = system.house;
  Candidate candidate(house, args.from.value);
  Target target(house);
  admit(system, target, candidate);
  system.require_person();
  candidate.require_fit(target.environment());
  const auto content = candidate.manifest();
  const auto expected = losses(target.manifest(), content);
  ops::Change change;
  change.warnings = warnings_of(system, target, candidate);
  change.data = report(candidate, target, expected, "");
  if (system.request.dry_run) {
    change.sentence = fmt::format("{} could be restored over {}.", candidate.from(), target.path());
    return change;
  }
  require_confirmation(system, args, candidate.identity().environment, question(candidate, target, expected));

  const auto metadata = metadata_of(candidate, expected);
  const auto wanted = sign_into_new_history(system, candidate, metadata);
  auto writing = target.lock(candidate.connection());
  const auto kept = target.keep([&](db::Tx& copy) { audit(system, copy, metadata); });
  writing->commit();
  writing.reset();
  target.settle();
  require_same(target.manifest_now(), wanted, kept.file);

  change.data = report(candidate, target, losses(kept.manifest, content), kept.file);
  change.sentence = fmt::format("Restored {} into {}.", candidate.from(), target.path());
  if (!kept.file.empty()) change.sentence += fmt::format(" What was there before is in {}.", kept.file);
  if (!kept.verified && !kept.file.empty())
    change.warnings.push_back({"unverified_copy", "What was there before is damaged; it is kept as it was."});
  change.next = candidate.pending().empty() ? "steward db check" : "steward db migrate";
  return change;
}

}  // namespace

void register_restore(ops::Registry& registry) {
  registry.add(
      ops::declare<RestoreArgs>("db.restore", "Put a backup in the database's place")
          .option("from", &RestoreArgs::from, "The backup's file")
          .option("confirm", &RestoreArgs::confirm, "The environment's name: what prod asks for instead of --yes")
          .details("The backup is checked before anything is touched: steward's file, integrity, references, "
                   "environment, migrations, and its manifest when FILE.manifest.json is there. A verified copy of "
                   "what it replaces is kept beside the database. The content is replaced in place, at once, "
                   "while others have the database open; an older backup then waits for steward db migrate. Both "
                   "the replaced history and the new one tell of it.")
          .needs("db:admin")
          .risk(ops::Risk::high)
          .example("steward db restore --from ./steward-backup.db --yes")
          .manages(restore, true));
}

}  // namespace steward::database
