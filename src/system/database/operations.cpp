#include "system/database/operations.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/text.h"
#include "db/inspect.h"
#include "ops/declare.h"
#include "system/database/database.h"

namespace steward::database {
namespace {

Json names(const std::vector<std::string>& list) { return Json(Json::Array(list.begin(), list.end())); }

Json history_of(const db::SchemaState& state) {
  Json out = Json::array();
  for (const auto& applied : state.applied)
    out.push(Json{{"seq", applied.seq},
                  {"name", applied.name},
                  {"applied_at", applied.applied_at},
                  {"duration_ms", applied.duration_ms},
                  {"steward_version", applied.steward_version}});
  return out;
}

Json show_status(ops::Context& context, const ops::NoArgs&) {
  const auto& url = context.house.url;
  const auto state = db::schema_state(context.tx.connection(), context.house.migrations());
  const auto identity = identity_of(context.tx);
  Json applied = Json::array();
  for (const auto& one : state.applied) applied.push(one.name);
  return Json{{"database", url.display()},
              {"engine", db::engine_version(context.tx.connection())},
              {"bytes", db::stored_bytes(context.tx.connection())},
              {"environment", identity->environment},
              {"instance_id", identity->instance_id},
              {"current", state.current()},
              {"applied", std::move(applied)},
              {"pending", names(state.pending)},
              {"unknown", names(state.unknown)},
              {"altered", names(state.altered)},
              {"history", history_of(state)}};
}

std::string line_of(const Finding& finding) {
  return fmt::format("{:4} {:20} {}", finding.ok ? "ok" : "FAIL", finding.name, finding.detail);
}

Json show_check(ops::Context& context, const ops::NoArgs&) {
  const auto findings = check_everything(context);
  std::vector<std::string> lines, failed;
  for (const auto& finding : findings) {
    lines.push_back(line_of(finding));
    if (!finding.ok) failed.push_back(finding.name);
  }
  if (failed.empty()) return to_json(findings);
  refuse_failed(fmt::format("The database fails {}: {}.", count_of(failed.size(), "check"), join(failed, ", ")),
                "Keep a copy of the file as it is before you repair or restore anything.", to_json(findings), lines);
}

Json show_schema(ops::Context& context, const ops::NoArgs&) {
  std::string text;
  for (const auto& object : db::live_schema(context.tx.connection())) {
    if (!text.empty()) text += object.type == "table" ? "\n" : "";
    text += object.sql + ";\n";
  }
  return Json{{"text", std::move(text)}};
}

}  // namespace

std::string environment_for_new(const ops::House& house) {
  auto environment = house.environment.value_or("local");
  if (house.fixed_now && environment != "local")
    refuse_precondition("fixed_clock",
                        fmt::format("STEWARD_NOW works in a local database only; this one would be {}.", environment),
                        "Unset STEWARD_NOW.");
  return environment;
}

void register_operations(ops::Registry& registry) {
  registry.add(ops::declare<ops::NoArgs>("db.status", "Show where the database is and which migrations it has")
                   .needs("db:read")
                   .open()
                   .example("steward db status")
                   .shows(show_status));
  register_migrate(registry);
  registry.add(
      ops::declare<ops::NoArgs>("db.check", "Check the file, the schema, the audit trail and the books")
          .details("One line a check: the file's integrity, references, migrations, the live schema held against "
                   "the migrations object by object, the audit chains, the settings, and the invariants of "
                   "invoices, deals and ledger. Exit 6 when any of them fails.")
          .needs("db:read")
          .open()
          .example("steward db check")
          .shows(show_check));
  register_backup(registry);
  register_restore(registry);
  register_copy(registry);
  registry.add(ops::declare<ops::NoArgs>("db.schema", "Print the schema as the database has it")
                   .needs("db:read")
                   .open()
                   .example("steward db schema")
                   .shows(show_schema));
  register_seed(registry);
}

}  // namespace steward::database
