#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>

#include "core/error.h"
#include "core/moment.h"
#include "core/text.h"
#include "db/inspect.h"
#include "ops/declare.h"
#include "ops/files.h"
#include "ops/run.h"
#include "ops/settings.h"
#include "system/database/database.h"
#include "system/doctor/doctor.h"
#include "system/keys/keys.h"

namespace steward::doctor {
namespace {

constexpr std::int64_t kDay = 24LL * 3600 * 1000;
constexpr auto kTrial = "INSERT INTO audit_heads (chain, seq, hash) VALUES ($1, 0, $2)";
constexpr std::uintmax_t kLittleSpace = 256ull << 20;

// One line of the report: `ok`, `warn` or `fail`.
struct Line {
  std::string name, level, detail;
};

class Report {
 public:
  void ok(std::string name, std::string detail) { lines_.push_back({std::move(name), "ok", std::move(detail)}); }
  void warn(std::string name, std::string detail) { lines_.push_back({std::move(name), "warn", std::move(detail)}); }
  void fail(std::string name, std::string detail) { lines_.push_back({std::move(name), "fail", std::move(detail)}); }
  void add(const database::Finding& finding) {
    finding.ok ? ok(finding.name, finding.detail) : fail(finding.name, finding.detail);
  }
  bool failed(std::string_view name = {}) const {
    return std::ranges::any_of(
        lines_, [&](const Line& line) { return line.level == "fail" && (name.empty() || line.name == name); });
  }
  Json json() const {
    Json out = Json::array();
    for (const auto& line : lines_) out.push(Json{{"level", line.level}, {"name", line.name}, {"detail", line.detail}});
    return out;
  }
  std::vector<std::string> failures() const {
    std::vector<std::string> out;
    for (const auto& line : lines_)
      if (line.level == "fail") out.push_back(fmt::format("{}: {}", line.name, line.detail));
    return out;
  }

 private:
  std::vector<Line> lines_;
};

// What a command that was killed left half made; the next one that makes such a file removes it.
void look_for_leftovers(Report& report, const std::string& path) {
  const auto left = ops::leftovers(path);
  if (!left.empty())
    report.warn("leftovers",
                fmt::format("{} of commands that were killed: {}. The next steward db backup removes them.",
                            count_of(left.size(), "file"), join(left, ", ")));
}

void look_at_file(Report& report, const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return report.fail("file", fmt::format("{} can't be looked at.", path));
  report.ok("file", fmt::format("{}.", path));
  if ((status.st_mode & 077) == 0)
    report.ok("permissions", "Nobody but the owner reads or writes the database.");
  else
    report.warn("permissions",
                fmt::format("Others may read or write the database (mode {:o}); chmod 600 it.", status.st_mode & 0777));
  struct statvfs disk {};
  if (::statvfs(path.c_str(), &disk) != 0) return;
  const auto free = static_cast<std::uintmax_t>(disk.f_bavail) * disk.f_frsize;
  const auto text = fmt::format("{} MiB free on its disk.", free >> 20);
  free < kLittleSpace ? report.warn("disk", text) : report.ok("disk", text);
}

// Of the connection that steward's own writes use.
void look_at_settings(Report& report, db::Connection& connection) {
  report.ok("engine", fmt::format("{}, {} KiB.", db::engine_version(connection), db::stored_bytes(connection) / 1024));
  for (const auto& setting : db::engine_settings(connection)) {
    const auto text = fmt::format("{} is {}.", setting.name, setting.value);
    if (setting.fitness == db::Fitness::good)
      report.ok("engine", text);
    else if (setting.fitness == db::Fitness::doubtful)
      report.warn("engine", text);
    else
      report.fail("engine", text);
  }
}

// A row of a table that every write ends in, which is rolled back. Someone else's write is no illness.
void look_at_writing(Report& report, db::Connection& connection, Instant now) {
  try {
    db::Tx tx(connection, db::Access::write, now);
    tx.exec(kTrial, {"doctor", std::string(64, '0')});
    report.ok("writing", "A write was tried and taken back.");
  } catch (const Error& error) {
    error.retryable() ? report.warn("writing", error.what()) : report.fail("writing", error.what());
  }
}

void look_at_books(Report& report, ops::Context& context) {
  const auto findings = database::check_books(context);
  bool sound = true;
  for (const auto& finding : findings)
    if (!finding.ok) {
      report.add(finding);
      sound = false;
    }
  if (sound) report.ok("books", fmt::format("Invoices, deals and ledger hold all {} checks.", findings.size()));
}

// A key file that is there may still be another database's.
void look_at_key(Report& report, ops::Context& context) {
  auto& vault = context.vault;
  try {
    const auto key = vault.key_id();
    const auto fields = keys::try_fields(context);
    report.ok("key", fmt::format("Key {} of {} encrypts; {} decrypted.", key, vault.key_file(),
                                 fields == 0 ? "no field is to be" : count_of(fields, "field") + " could be"));
  } catch (const Error& error) {
    report.fail("key", error.what());
  }
}

void look_at_age(Report& report, ops::Context& context, const char* name, std::string_view key, std::int64_t days,
                 std::string_view what) {
  const auto last = database::last_done(context.tx, key);
  if (!last) return report.warn(name, fmt::format("There is no {} yet.", what));
  const auto age = (context.now() - *last).ms / kDay;
  const auto text = fmt::format("The last {} is {} days old.", what, age);
  days > 0 && age >= days ? report.warn(name, text) : report.ok(name, text);
}

void look_at_content(Report& report, ops::Context& context) {
  report.add(database::check_migrations(context.tx, context.house));
  report.add(database::check_schema(context.tx, context.house));
  report.add(database::check_integrity(context.tx, false));
  report.add(database::check_references(context.tx));
  report.add(database::check_audit(context.tx));
  look_at_books(report, context);
  look_at_key(report, context);
  look_at_age(report, context, "key_copy", database::kLastKeyExport, 0, "copy of the key file");
  look_at_age(report, context, "backup", database::kLastBackup, 7, "verified backup");
  report.ok("two_person", fmt::format("controls.two_person is {}.", ops::setting(context.tx, "controls.two_person")));
  report.ok("clock", fmt::format("{} ({}).", moment_text(context.now()), context.zone().name()));
}

// As steward writes; what can't be written can still be looked at.
std::unique_ptr<db::Connection> open_as_for_writing(ops::System& system, Report& report) {
  try {
    return system.open(db::Access::write);
  } catch (const Error& error) {
    if (error.code() != "database_read_only") throw;
    report.fail("writing", error.what());
  }
  return system.open(db::Access::read);
}

ops::Change examine(ops::System& system, const ops::NoArgs&) {
  const auto& house = system.house;
  Report report;
  const auto connection = open_as_for_writing(system, report);
  {
    db::Tx tx(*connection, db::Access::read, house.now());
    system.admit(tx);
    ops::Vault vault(house.key_path());
    ops::Context context{tx, house, *system.request.operation, system.request, system.actor, vault, {}, false};
    if (house.url.engine == db::Engine::sqlite) {
      look_at_file(report, house.url.location);
      look_for_leftovers(report, house.url.location);
    }
    look_at_content(report, context);
  }
  if (!report.failed("writing")) {
    look_at_settings(report, *connection);
    look_at_writing(report, *connection, house.now());
  }
  if (report.failed())
    database::refuse_failed("The doctor found something that must be mended.",
                            "steward db check says more of the database.", report.json(), report.failures());
  ops::Change out;
  out.data =
      Json{{"environment", system.environment}, {"checks", report.json()}, {"configuration", house.configuration}};
  return out;
}

}  // namespace

void register_operations(ops::Registry& registry) {
  registry.add(ops::declare<ops::NoArgs>("doctor", "Look at the whole installation and say what is wrong")
                   .details("Changes nothing and makes nothing: the one write it tries is taken back. Warnings leave "
                            "the exit code at 0; a failure is exit 6.")
                   .needs("db:read")
                   .example("steward doctor")
                   .manages(examine, false));
}

}  // namespace steward::doctor
