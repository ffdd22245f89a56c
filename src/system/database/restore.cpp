#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/error.h"
#include "core/money.h"
#include "core/text.h"
#include "db/backup.h"
#include "ops/argument.h"
#include "ops/audit.h"
#include "ops/authenticate.h"
#include "ops/declare.h"
#include "ops/files.h"
#include "studio/numbering/numbering.h"
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
  std::optional<ops::Text<255>> confirm;
  bool accept_broken_audit = false;
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

// Money that `now` tells of and `then` does not, or not as far: a payout that was only started.
Json money_lost(const std::vector<MoneyMoved>& now, const std::vector<MoneyMoved>& then) {
  Json out = Json::array();
  for (auto known = then.begin(); const auto& one : now) {
    while (known != then.end() && known->id < one.id) ++known;
    if (known != then.end() && known->id == one.id && known->status == one.status) continue;
    const Money money{one.cents, Currency::parse(one.currency)};
    out.push(Json{{"id", one.id},
                  {"reference", one.reference.empty() ? Json() : Json(one.reference)},
                  {"status", one.status},
                  {"amount_cents", one.cents},
                  {"currency", one.currency},
                  {"amount", decimal_text(money)}});
  }
  return out;
}

// What becomes of money that moved since the backup, as far as what is replaced can be read.
struct MoneyLost {
  Json payouts, payments;  ///< arrays; null where the target can't be read
};

MoneyLost money_lost(const ops::System& system, Target& target, Candidate& candidate) {
  if (target.state() != Target::State::whole) return {};
  try {
    db::Tx now(target.connection(), db::Access::read, system.house.now());
    db::Tx then(candidate.connection(), db::Access::read, system.house.now());
    return {money_lost(payouts_made(now), payouts_made(then)),
            money_lost(payments_recorded(now), payments_recorded(then))};
  } catch (const Error& error) {
    if (error.code() != "database_corrupt") throw;
    return {};
  }
}

std::string question(const Candidate& candidate, const Target& target, const Losses& loss) {
  if (target.state() == Target::State::missing) return fmt::format("Make {} from {}?", target.name(), candidate.from());
  const auto rows = loss.known
                        ? fmt::format("{} that {} not in it go", count_of(static_cast<std::size_t>(loss.lost), "row"),
                                      loss.lost == 1 ? "is" : "are")
                        : "what is damaged goes";
  return fmt::format("Replace everything in {} with {}{}: {}. A copy of what is there now is kept. Go ahead?",
                     target.name(), candidate.from(),
                     candidate.created_at().empty() ? "" : " of " + candidate.created_at(), rows);
}

// Where money is real, a habit of typing --yes is not enough: what is replaced is named, by environment or file.
void require_confirmation(const ops::System& system, const RestoreArgs& args, const std::string& environment,
                          const std::string& asked) {
  const auto file = std::filesystem::path(system.house.url.name()).filename().string();
  if (args.confirm && args.confirm->value != environment && args.confirm->value != file)
    throw Error{ErrorKind::precondition, "confirmation_needed",
                fmt::format("This is {} in {}, and --confirm says {}; nothing was changed.", environment, file,
                            args.confirm->value),
                fmt::format("--confirm {}, if that is what you mean.", environment)};
  if (args.confirm) return;
  if (environment != "prod") return system.confirm(asked);
  throw Error{ErrorKind::precondition, "confirmation_needed", fmt::format("{} Nothing was changed.", asked),
              "In prod a restore is confirmed by naming what it replaces: --confirm prod."};
}

// The rights are looked up where they stand now, before the backup is even opened.
void admit(ops::System& system, Target& target) {
  if (target.state() != Target::State::whole) return;
  db::Tx tx(target.connection(), db::Access::read, system.house.now());
  system.admit(tx);
}

// Where nothing stands, the rights are those of what is about to stand there.
void admit_by_backup(ops::System& system, const Target& target, Candidate& candidate) {
  if (target.state() == Target::State::whole) return;
  auto house = system.house;
  house.url = candidate.url();
  db::Tx tx(candidate.connection(), db::Access::read, system.house.now());
  system.environment = ops::environment_of(tx, house);
  system.house.seen_environment = system.environment;
  system.actor = ops::authenticate(tx, house, system.environment, system.request.token, true);
  ops::authorise(system.actor, *system.request.operation);
  system.require_person();
}

void audit(const ops::System& system, db::Tx& tx, const Json& metadata) {
  ops::append_audit(tx, system.actor, system.request.operation->path, kTarget, identity_of(tx)->instance_id,
                    system.request.request_id, metadata);
}

Json metadata_of(const Candidate& candidate, const Losses& loss) {
  return Json{{"from", std::filesystem::path(candidate.from()).filename().string()},
              {"sha256", candidate.sha256()},
              {"instance_id", candidate.identity().instance_id},
              {"migrated", Json(Json::Array(candidate.migrated().begin(), candidate.migrated().end()))},
              {"rows_lost", loss.known ? Json(loss.lost) : Json()}};
}

// The new history tells of the restore from its first moment, and gives no number twice: both are there before the
// content is put in place.
db::Manifest sign_into_new_history(const ops::System& system, Candidate& candidate, const Json& metadata) {
  db::Tx tx(candidate.connection(), db::Access::write, system.house.now());
  audit(system, tx, metadata);
  numbering::pause(tx);
  auto out = db::take_manifest(candidate.connection());
  tx.commit();
  return out;
}

void warn_of_payouts(const ops::System& system, Candidate& candidate, std::vector<ops::Warning>& out) {
  db::Tx then(candidate.connection(), db::Access::read, system.house.now());
  if (!has_open_entries(then)) return;
  out.push_back({"payouts_reopened",
                 "Payouts, like numbers, may have been made since the backup, which does not know them: their ledger "
                 "entries are open again. Before any payout look at the bank's statements since then, and record what "
                 "was paid with its reference."});
}

std::vector<ops::Warning> warnings_of(const ops::System& system, Target& target, Candidate& candidate) {
  auto out = candidate.warnings();
  out.push_back(
      {"numbering_paused",
       "A restore pauses numbering, because the backup does not know the numbers that were given after it: look at "
       "the last documents that were really sent, then run steward invoices confirm-number N and steward "
       "proposals confirm-number N, N being the next number to give."});
  warn_of_payouts(system, candidate, out);
  if (candidate.has_secrets() && !ops::file_exists(system.house.key_path()))
    out.push_back(
        {"key_missing", fmt::format("The key file {} is missing: bring its copy back with steward keys import.",
                                    system.house.key_path())});
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

// What each series would give next, by what the backup knows: "INV-2026" -> 42.
Json numbering_of(const ops::System& system, Candidate& candidate) {
  db::Tx tx(candidate.connection(), db::Access::read, system.house.now());
  Json next = Json::object();
  for (const auto& counter : numbering::counters(tx))
    next.set(fmt::format("{}-{:04}", counter.series, counter.year), counter.next);
  return Json{{"paused", true}, {"next", std::move(next)}};
}

Json report(const ops::System& system, Candidate& candidate, const Target& target, const Losses& loss,
            const MoneyLost& money, const std::string& safety) {
  Json pending = Json::array();
  for (const auto& name : candidate.pending()) pending.push(name);
  return Json{{"from", candidate.from()},
              {"database", target.name()},
              {"environment", candidate.identity().environment},
              {"backup_created_at", candidate.created_at().empty() ? Json() : Json(candidate.created_at())},
              {"replaced", safety.empty() ? Json() : Json(safety)},
              {"rows_lost", loss.known ? Json(loss.lost) : Json()},
              {"pending", std::move(pending)},
              {"numbering", numbering_of(system, candidate)},
              {"tables", loss.tables},
              {"payouts_lost", money.payouts},
              {"payments_lost", money.payments}};
}

// Where nobody can say whether the new content stands, what may have been replaced is not thrown away.
void commit(const ops::House& house, db::Replacement& writing, Target& target, const Kept& kept) {
  try {
    writing.commit(percent(house, "Putting it in place"));
  } catch (const Error& error) {
    if (error.code() != "outcome_unknown" || kept.file.empty()) throw;
    target.leave_copy();
    throw Error{error.kind(), error.code(), error.what(),
                fmt::format("Look before you repeat it; what was there before is in {}.", kept.file)};
  }
}

ops::Change restore(ops::System& system, const RestoreArgs& args) {
  const auto& house = system.house;
  const auto there = Target::of(house);
  auto& target = *there;
  admit(system, target);
  Candidate candidate(house, target, args.from.value, args.accept_broken_audit);
  admit_by_backup(system, target, candidate);
  candidate.require_fit(target.environment());
  const auto content = target.replaced_part(candidate.manifest());
  const auto expected = losses(target.manifest(), content);
  ops::Change change;
  change.warnings = warnings_of(system, target, candidate);
  const auto money = money_lost(system, target, candidate);
  change.data = report(system, candidate, target, expected, money, "");
  if (system.request.dry_run) {
    change.sentence = fmt::format("{} could be restored over {}.", candidate.from(), target.name());
    return change;
  }
  require_confirmation(system, args, candidate.identity().environment, question(candidate, target, expected));

  const auto metadata = metadata_of(candidate, expected);
  const auto wanted = sign_into_new_history(system, candidate, metadata);
  auto writing = target.lock(candidate.connection());
  const auto kept = target.keep([&](db::Tx& copy) { audit(system, copy, metadata); });
  commit(house, *writing, target, kept);
  writing.reset();
  target.settle();
  target.require_replaced(wanted);

  change.data = report(system, candidate, target, losses(kept.manifest, content), money, kept.file);
  change.sentence = fmt::format("Restored {} into {}.", candidate.from(), target.name());
  if (!kept.file.empty()) change.sentence += fmt::format(" What was there before is in {}.", kept.file);
  if (!kept.verified && !kept.file.empty())
    change.warnings.push_back({"unverified_copy", "What was there before is damaged; it is kept as it was."});
  change.next = candidate.pending().empty() ? "steward invoices confirm-number N" : "steward db migrate";
  return change;
}

}  // namespace

void register_restore(ops::Registry& registry) {
  registry.add(
      ops::declare<RestoreArgs>("db.restore", "Put a backup in the database's place")
          .option("from", &RestoreArgs::from, "The backup's file")
          .option("confirm", &RestoreArgs::confirm,
                  "The environment's or the database's name: what prod asks for instead of --yes")
          .option("accept-broken-audit", &RestoreArgs::accept_broken_audit,
                  "Restore it although its audit trail is broken; the break stays on record")
          .details("The backup is checked before anything is touched: steward's file, integrity, references, the "
                   "audit trail, environment, migrations, and its manifest when FILE.manifest.json is there. A "
                   "verified copy of what it replaces is kept beside the database, of a PostgreSQL database in "
                   "steward's data folder. The content is replaced in place, "
                   "at once, while others have the database open; an older backup then waits for steward db migrate. "
                   "On PostgreSQL the backup is restored into a database of its own first, where an older one is "
                   "migrated, and its rows then replace those that are there in one transaction; it takes the owner "
                   "of the tables, with CREATEDB. A backup made on the other engine is for steward db copy. "
                   "Both the replaced history and the new one tell of it. Numbering is paused until steward invoices "
                   "confirm-number N and steward proposals confirm-number N: the backup does not know the numbers "
                   "that were given after it.")
          .needs("db:admin")
          .risk(ops::Risk::high)
          .example("steward db restore --from ./steward-backup.db --yes")
          .manages(restore, true));
}

}  // namespace steward::database
