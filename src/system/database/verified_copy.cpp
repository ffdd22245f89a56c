#include "system/database/verified_copy.h"

#include <fmt/format.h>

#include <filesystem>

#include "core/error.h"
#include "core/text.h"
#include "db/backup.h"
#include "ops/audit.h"
#include "ops/files.h"
#include "system/database/database.h"

namespace steward::database {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormat = "steward-backup-1";

// What is wrong with a database that is a faithful copy of the live one.
std::vector<Finding> soundness(db::Tx& tx) {
  return {check_integrity(tx, true), check_references(tx), check_audit(tx)};
}

void require_faithful(const db::Manifest& copied, const db::Manifest& restored) {
  if (copied == restored) return;
  throw Error{ErrorKind::precondition, "backup_mismatch",
              fmt::format("The restored copy is not what was copied: {} differ.",
                          join(db::differing_tables(copied, restored), ", ")),
              "Nothing was kept of it. Look at the disk, then try again."};
}

void require_sound(const std::vector<Finding>& findings, const std::string& copy, const std::string& file) {
  std::vector<std::string> lines;
  for (const auto& finding : findings)
    if (!finding.ok) lines.push_back(fmt::format("{}: {}", finding.name, finding.detail));
  if (lines.empty()) return;
  const auto kept = file + ".unverified";
  ops::put_in_place(copy, kept);
  refuse_failed(
      fmt::format("The database itself is not sound, so this is no verified backup; the copy is kept as {}.", kept),
      "Run steward db check, and keep the last good backup.", to_json(findings), lines);
}

std::unique_ptr<db::RestoredCopy> verified(const ops::House& house, db::Connection& source, const std::string& copy,
                                           const db::Manifest& copied, const std::string& file) {
  auto restored = db::restore_aside(source, copy);
  db::Tx tx(restored->connection(), db::Access::read, house.now());
  if (house.progress) house.progress("Checking the copy");
  require_faithful(copied, db::take_manifest(restored->connection()));
  require_sound(soundness(tx), copy, file);
  return restored;
}

db::Manifest amended(const ops::House& house, db::RestoredCopy& restored, const std::string& copy,
                     const std::function<void(db::Tx&)>& amend) {
  db::Manifest out;
  db::change_copy(restored, copy, [&](db::Connection& connection) {
    db::Tx tx(connection, db::Access::write, house.now());
    amend(tx);
    out = db::take_manifest(connection);
    tx.commit();
  });
  return out;
}

Json described(const ops::House& house, db::Tx& tx, const VerifiedCopy& copy) {
  const auto identity = identity_of(tx);
  Json migrations = Json::array();
  for (const auto& applied : db::schema_state(tx.connection(), house.migrations()).applied)
    migrations.push(Json{{"seq", applied.seq}, {"name", applied.name}, {"sha256", applied.sha256}});
  return Json{{"format", kFormat},
              {"created_at", to_text(house.now())},
              {"steward_version", STEWARD_VERSION},
              {"environment", identity ? Json(identity->environment) : Json()},
              {"instance_id", identity ? Json(identity->instance_id) : Json()},
              {"migrations", std::move(migrations)},
              {"bytes", copy.bytes},
              {"sha256", copy.sha256},
              {"rows", copy.manifest.rows()},
              {"tables", db::to_json(copy.manifest)}};
}

/// What stands at `path` while another file takes its place: it keeps a second name, and comes back unless settle()
/// ran.
class Former {
 public:
  Former(std::string path, std::string second_name)
      : path_(std::move(path)), there_(ops::file_exists(path_)), kept_(std::move(second_name)) {
    if (there_) ops::link_file(path_, kept_.path());
  }
  ~Former() {
    std::error_code none;
    if (settled_) return;
    if (there_)
      fs::rename(kept_.path(), path_, none);
    else
      fs::remove(path_, none);
  }
  Former(const Former&) = delete;
  Former& operator=(const Former&) = delete;
  void settle() { settled_ = true; }

 private:
  std::string path_;
  bool there_, settled_ = false;
  Scratch kept_;
};

// The pair or neither: the manifest is on the disk before either moves. A process that is killed between the two leaves
// a file without a manifest, which restores, and never one with another's, which would not.
void place(const std::string& copy, const VerifiedCopy& made, const std::string& manifest) {
  const auto real = ops::behind_links(made.file), real_manifest = ops::behind_links(made.manifest_file);
  const Scratch beside(copy + ".manifest");
  ops::replace_file(beside.path(), manifest);
  Former file(real, copy + ".former"), told(real_manifest, copy + ".former.manifest");
  std::error_code none;
  fs::remove(real_manifest, none);
  // What an engine left beside the file that is replaced would be taken for the new one's.
  for (const auto* log : {"-journal", "-wal", "-shm"}) fs::remove(real + log, none);
  ops::put_in_place(copy, real);
  ops::put_in_place(beside.path(), real_manifest);
  file.settle();
  told.settle();
}

}  // namespace

void Scratch::remove() const noexcept {
  std::error_code none;
  if (path_.empty()) return;
  for (const auto* beside : {"", "-journal", "-wal", "-shm"}) fs::remove(path_ + beside, none);
}

db::CopyProgress percent(const ops::House& house, std::string doing) {
  if (!house.progress) return {};
  return [&house, doing = std::move(doing)](std::int64_t done, std::int64_t whole) {
    house.progress(fmt::format("{} {} %", doing, whole == 0 ? 100 : done * 100 / whole));
  };
}

std::string unused_name(const std::string& path, const std::string& word) {
  auto name = fmt::format("{}.{}.bak", path, word);
  for (int n = 1; ops::file_exists(name); ++n) name = fmt::format("{}.{}-{}.bak", path, word, n);
  return name;
}

db::Manifest manifest_of(const ops::House& house, db::Tx& tx) {
  return db::take_manifest(tx.connection(), [&](const std::string& table) {
    if (house.progress) house.progress("Counting " + table);
  });
}

VerifiedCopy take_verified_copy(const ops::House& house, db::Tx& tx, const std::string& file,
                                const std::function<void(db::Tx&)>& amend) {
  for (const auto& path : {file, house.url.location}) ops::remove_leftovers(path);
  const Scratch copy(ops::temporary_beside(file));
  VerifiedCopy out{file, file + ".manifest.json", {}, 0, manifest_of(house, tx), {}};
  db::copy_to_file(tx.connection(), copy.path(), percent(house, "Copying"));
  auto restored = verified(house, tx.connection(), copy.path(), out.copied, file);
  out.manifest = amend ? amended(house, *restored, copy.path(), amend) : out.copied;
  restored.reset();
  // A server's was written anew.
  if (amend && house.url.engine == db::Engine::postgres)
    verified(house, tx.connection(), copy.path(), out.manifest, file);
  ops::sync_file(copy.path());
  out.sha256 = ops::sha256_of_file(copy.path());
  out.bytes = static_cast<std::int64_t>(fs::file_size(copy.path()));
  place(copy.path(), out, to_pretty(described(house, tx, out)) + "\n");
  return out;
}

std::optional<RecordedManifest> recorded_manifest(const std::string& file) {
  const auto path = file + ".manifest.json";
  if (!ops::file_exists(path)) return std::nullopt;
  try {
    const auto json = parse_json(ops::read_file(path));
    const auto *format = json.find("format"), *sha256 = json.find("sha256"), *at = json.find("created_at"),
               *tables = json.find("tables");
    if (!format || *format != Json(kFormat) || !tables || !sha256 || !sha256->is_text() || !at || !at->is_text())
      refuse_usage("invalid_json", "It is not one of steward's.");
    return RecordedManifest{sha256->text(), at->text(), db::manifest_of(*tables)};
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::usage) throw;
    throw Error{ErrorKind::precondition, "backup_mismatch",
                fmt::format("The manifest {} can't be read: {}", path, error.what()),
                "Move it away to restore without it."};
  }
}

}  // namespace steward::database
