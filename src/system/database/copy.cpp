#include <fmt/format.h>

#include <chrono>
#include <filesystem>

#include "core/error.h"
#include "core/text.h"
#include "db/transfer.h"
#include "ops/declare.h"
#include "ops/files.h"
#include "ops/sealed.h"
#include "system/database/database.h"
#include "system/database/operations.h"
#include "system/database/rows.h"
#include "system/database/verified_copy.h"

namespace steward::ops {

/// Another database than the one that is worked on.
template <>
struct ArgumentType<db::Url> {
  static TypeInfo info() {
    return {"DATABASE", "a path, sqlite:///abs/path or postgresql://…", "string", {}, nullptr, TypeInfo::File::written};
  }
  static db::Url parse(std::string_view text, std::string_view field) {
    try {
      return db::Url::parse(text);
    } catch (Error& error) {
      error.at(field);
      throw;
    }
  }
};

}  // namespace steward::ops

namespace steward::database {
namespace {

struct CopyArgs {
  db::Url to;
  bool accept_broken_audit = false;
};

std::string rows_in_words(std::int64_t rows) { return count_of(static_cast<std::size_t>(rows), "row"); }

/// What is copied, as of one moment, and who may.
struct Source {
  Source(ops::System& system) : connection(system.open(db::Access::read)) {
    tx.emplace(*connection, db::Access::read, system.house.now());
    system.admit(*tx);
    system.require_person();
    db::require_current_schema(*connection, system.house.migrations());
    identity = *identity_of(*tx);
  }

  std::unique_ptr<db::Connection> connection;
  std::optional<db::Tx> tx;
  Identity identity;
};

/// What a copy is proven by.
struct Proof {
  db::Manifest manifest;
  AuditHead head;
  bool operator==(const Proof&) const = default;
};

[[noreturn]] void itself() {
  refuse_usage("invalid_target", "The database can't be copied into itself.", "to", "Name another one.");
}

void require_other_place(const ops::House& house, const db::Url& to) {
  std::error_code none;
  if (to.engine != db::Engine::sqlite) return;
  if (to.location == "-" || std::filesystem::is_directory(to.location, none))
    refuse_usage("invalid_target", fmt::format("{} is no file that a database can be.", to.location), "to",
                 "Name a file.");
  if (house.url.engine == db::Engine::sqlite && std::filesystem::equivalent(to.location, house.url.location, none))
    itself();
}

// A break that is copied is a break that somebody knows of.
std::vector<ops::Warning> trail_warnings(const ops::House& house, db::Tx& tx, bool accepted) {
  if (house.progress) house.progress("Checking the audit trail");
  const auto audit = check_audit(tx);
  if (audit.ok) return {};
  if (!accepted)
    refuse_failed(fmt::format("The audit trail is broken, and a copy would carry that on. {}", audit.detail),
                  "Nothing was copied. Run steward audit verify; --accept-broken-audit copies it all the same.",
                  to_json({audit}), {fmt::format("{}: {}", audit.name, audit.detail)});
  return {{"audit_tampered", fmt::format("It was copied although its audit trail is broken. {}", audit.detail)}};
}

/// The target's tables that hold rows. Its migrations are no content: a copy that was killed leaves just them.
db::Manifest content_of(db::Connection& target) {
  db::Manifest out;
  for (const auto& table : target.tables())
    target.each(fmt::format("SELECT count(*) FROM {}", table), {}, [&](const db::Row& row) {
      if (row.integer(0) > 0) out.tables.push_back({table, row.integer(0), {}});
      return false;
    });
  return db::without_migrations(std::move(out));
}

// Only a copy of this very database can hold the same, and only then it is worth reading both.
bool holds_the_same(const ops::House& house, Source& source, db::Tx& there) {
  const auto identity = identity_of(there);
  if (!identity || identity->instance_id != source.identity.instance_id) return false;
  return db::without_migrations(manifest_of(house, *source.tx)) == db::without_migrations(manifest_of(house, there));
}

void require_empty(const ops::House& house, Source& source, const db::Url& to, db::Tx& there) {
  const auto content = content_of(there.connection());
  if (content.tables.empty()) return;
  const bool same = holds_the_same(house, source, there);
  throw Error{ErrorKind::precondition, "target_not_empty",
              fmt::format("{} is not empty: it holds {}.", to.display(),
                          same ? fmt::format("exactly what {} holds", house.url.display())
                               : fmt::format("{} in {}", rows_in_words(content.rows()),
                                             count_of(content.tables.size(), "table"))),
              same ? "There is nothing left to copy; nothing was changed."
                   : "Name a new file or an empty database; nothing was changed."}
      .with(Json{{"rows", content.rows()}, {"tables", content.tables.size()}, {"same", same}});
}

std::vector<db::Migration> migrations_for(const ops::House& house, db::Engine engine) {
  return engine == house.url.engine ? house.migrations() : db::compiled_migrations(engine);
}

std::unique_ptr<db::Connection> open_target(const ops::House& house, const db::Url& to, db::Access access) {
  // On SQLite a line a row would be logged.
  const auto log = to.engine == db::Engine::sqlite ? std::function<void(const std::string&)>() : house.log;
  return db::open(to, {access, access != db::Access::read, house.busy_timeout, log});
}

void require_empty_target(const ops::House& house, Source& source, const db::Url& to, db::Connection& target) {
  if (db::same_database(*source.connection, target)) itself();
  db::Tx tx(target, db::Access::read, house.now());
  require_empty(house, source, to, tx);
}

/// "Copying invoices: 12000 rows, 34 % of all"
db::RowProgress telling(const ops::House& house, db::Connection& source) {
  if (!house.progress) return {};
  const auto whole = content_of(source).rows();
  return [&house, whole, before = std::int64_t{0}, in_table = std::int64_t{0}](const std::string& table,
                                                                               std::int64_t rows) mutable {
    if (rows == 0) before += in_table;
    in_table = rows;
    const auto percent = whole == 0 ? 100 : (before + rows) * 100 / whole;
    house.progress(fmt::format("Copying {}: {}, {} % of all", table, rows_in_words(rows), percent));
  };
}

void require_faithful(const Proof& copied, const Proof& arrived) {
  if (copied == arrived) return;
  const auto differing = db::differing_tables(copied.manifest, arrived.manifest);
  throw Error{ErrorKind::precondition, "copy_mismatch",
              fmt::format("What arrived is not what was copied: {} differ.",
                          differing.empty() ? "the heads of the audit trail" : join(differing, ", ")),
              "Nothing of it was kept. Look at the target's own triggers and at its disk, then try again."}
      .with(Json{{"tables", Json(Json::Array(differing.begin(), differing.end()))}});
}

/// All of it in one transaction, proven before it is committed: nobody ever sees a part of it, and a process that is
/// killed leaves the migrated schema at most, which counts as empty.
Proof fill(const ops::House& house, Source& source, const db::Url& to, db::Connection& target,
           std::span<const db::Migration> known) {
  db::Tx tx(target, db::Access::schema, house.now());
  db::require_current_schema(target, known);
  require_empty(house, source, to, tx);
  Proof copied{db::copy_rows(*source.connection, target, telling(house, *source.connection)), audit_head(*source.tx)};
  source.tx.reset();  // whatever else is done there need not wait for the proof
  require_faithful(copied, {db::without_migrations(manifest_of(house, tx)), audit_head(tx)});
  tx.commit();
  return copied;
}

Json report(const ops::House& house, const Source& source, const db::Url& to, std::size_t tables, std::int64_t rows) {
  return Json{{"from", house.url.display()},
              {"to", to.display()},
              {"environment", source.identity.environment},
              {"instance_id", source.identity.instance_id},
              {"tables", tables},
              {"rows", rows}};
}

ops::Change rehearsal(const ops::House& house, Source& source, const db::Url& to) {
  if (db::exists(to)) require_empty_target(house, source, to, *open_target(house, to, db::Access::read));
  const auto content = content_of(*source.connection);
  Json changes = Json::array();
  for (const auto& table : content.tables)
    changes.push(Json{{"table", table.table}, {"op", "insert"}, {"count", table.rows}});
  ops::Change change;
  change.sentence = fmt::format("{} would be copied to {}.", rows_in_words(content.rows()), to.display());
  change.data = report(house, source, to, content.tables.size(), content.rows());
  change.data.set("changes", std::move(changes));
  return change;
}

void warn_of_key(const ops::House& house, db::Tx& tx, const db::Url& to, std::vector<ops::Warning>& warnings) {
  if (!ops::has_sealed(tx)) return;
  auto there = house;
  there.url = to;
  if (ops::file_exists(there.key_path())) return;
  warnings.push_back(
      {"key_missing", fmt::format("What is encrypted can be read in the copy once its key file {} is there: it is the "
                                  "same as {}.",
                                  there.key_path(), house.key_path())});
}

std::string seconds(std::chrono::steady_clock::duration span) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(span).count();
  return fmt::format("{}.{:03}", ms / 1000, ms % 1000);
}

ops::Change copy(ops::System& system, const CopyArgs& args) {
  const auto& house = system.house;
  const auto started = std::chrono::steady_clock::now();
  require_other_place(house, args.to);
  Source source(system);
  if (system.request.dry_run) return rehearsal(house, source, args.to);
  const auto target = open_target(house, args.to, db::Access::write);
  require_empty_target(house, source, args.to, *target);
  ops::Change change;
  change.warnings = trail_warnings(house, *source.tx, args.accept_broken_audit);
  warn_of_key(house, *source.tx, args.to, change.warnings);
  const auto known = migrations_for(house, args.to.engine);
  db::migrate(*target, known, house.now(), [&](const db::Migration& next) {
    if (house.progress) house.progress(fmt::format("Applying {}", next.name));
  });
  const auto proof = fill(house, source, args.to, *target, known);
  db::settle(*target);

  change.data = report(house, source, args.to, proof.manifest.tables.size(), proof.manifest.rows());
  change.data.set("seconds", Json::Decimal{seconds(std::chrono::steady_clock::now() - started)})
      .set("manifest_hash", proof.manifest.hash())
      .set("audit_seq", proof.head.seq)
      .set("audit_head", proof.head.hash);
  change.sentence = fmt::format("Copied {} in {} to {}; what is there was read again and is the same.",
                                rows_in_words(proof.manifest.rows()), count_of(proof.manifest.tables.size(), "table"),
                                args.to.display());
  change.next = fmt::format("steward audit verify --db '{}'", args.to.display());
  return change;
}

}  // namespace

void register_copy(ops::Registry& registry) {
  registry.add(
      ops::declare<CopyArgs>("db.copy", "Copy everything into an empty database, of this engine or the other")
          .option("to", &CopyArgs::to, "The other database: a file that isn't there yet, or an empty one of a server")
          .option("accept-broken-audit", &CopyArgs::accept_broken_audit,
                  "Copy it although its audit trail is broken; the break stays on record")
          .details(
              "Copies what the database holds at one moment, while others write. The target is migrated, filled in "
              "one transaction, read again and held against what was copied, by the rows and the hash of every "
              "table and the head of the audit trail, before that transaction is committed: a copy that is killed "
              "leaves an empty database, and is simply run again. Neither database gets a row of its own; the "
              "report is the record. No key file is needed, and encrypted fields stay encrypted: bring the key "
              "file along. Both would give the same numbers, so go on with one of the two only. For a person, "
              "not for an agent or a job; a target that is not empty is refused, so nothing is ever replaced and "
              "nothing asks for confirmation.")
          .needs("db:admin")
          .example("steward db copy --to ./copy.db")
          .example("steward db copy --to 'postgresql:///studio?host=/var/run/postgresql'")
          .manages(copy, true));
}

}  // namespace steward::database
