#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "db/inspect.h"
#include "ops/audit.h"
#include "ops/settings.h"
#include "system/database/database.h"
#include "system/database/rows.h"

namespace steward::database {
namespace {

constexpr std::size_t kNamed = 5;

// What the first of them say, and how many more there are.
std::string listed(const std::vector<std::string>& findings) {
  const auto shown = std::min(findings.size(), kNamed);
  auto out = join({findings.begin(), findings.begin() + static_cast<std::ptrdiff_t>(shown)}, " ");
  if (findings.size() > shown) out += fmt::format(" And {} more.", findings.size() - shown);
  return out;
}

Finding found(std::string name, const std::vector<std::string>& findings, std::string otherwise) {
  if (findings.empty()) return {std::move(name), true, std::move(otherwise)};
  return {std::move(name), false, listed(findings)};
}

// Marks that commands leave among the settings; nobody sets them.
bool is_mark(std::string_view key) {
  return key == kLastBackup || key == kLastKeyExport || key.starts_with("numbering.");
}

std::string objection_to(const StoredSetting& setting) {
  if (is_mark(setting.key)) return "";
  try {
    const auto& spec = ops::setting_spec(setting.key);
    if (spec.sensitive != setting.sensitive)
      return fmt::format("{} is {}.", setting.key, spec.sensitive ? "not encrypted" : "encrypted and should not be");
    if (!spec.sensitive && ops::checked_setting(spec, setting.value) != setting.value)
      return fmt::format("{} is not spelled as steward writes it.", setting.key);
    return "";
  } catch (const Error& error) {
    return fmt::format("{}: {}", setting.key, error.what());
  }
}

Finding check_settings(db::Tx& tx) {
  std::vector<std::string> findings;
  const auto stored = stored_settings(tx);
  for (const auto& setting : stored)
    if (const auto objection = objection_to(setting); !objection.empty()) findings.push_back(objection);
  return found("settings", findings, fmt::format("{} set, each valid.", count_of(stored.size(), "value")));
}

/// A damaged page ends a check as a finding, not the whole report.
Finding guarded(const char* name, const std::function<Finding()>& check) {
  try {
    return check();
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::temporary) throw;
    return {name, false, error.what()};
  }
}

// The sentence of a room's check, and the first records that break it.
std::string detail_of(const Json& item) {
  std::vector<std::string> problems;
  for (const auto& problem : item.at("problems").items())
    problems.push_back(fmt::format("{}: {}.", problem.at("id").text(), problem.at("detail").text()));
  const auto& says = item.at("detail").text();
  return problems.empty() ? says : fmt::format("{} {}", says, listed(problems));
}

// What a room's own check answers, or what it fails with, as findings of this one: "ledger.split_exact".
void add_report(std::vector<Finding>& out, const std::string& room, const std::function<Json()>& check) {
  Json report;
  try {
    report = check();
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::temporary) throw;
    if (!error.details().find("checks")) return out.push_back({room, false, error.what()});
    report = error.details();
  }
  for (const auto& item : report.at("checks").items())
    out.push_back({fmt::format("{}.{}", room, item.at("name").text()), item.at("ok").boolean(), detail_of(item)});
}

}  // namespace

Json to_json(const std::vector<Finding>& findings) {
  Json out = Json::array();
  for (const auto& finding : findings)
    out.push(Json{{"name", finding.name}, {"ok", finding.ok}, {"detail", finding.detail}});
  return out;
}

void refuse_failed(const std::string& sentence, const std::string& hint, const Json& checks,
                   const std::vector<std::string>& lines) {
  throw Error{ErrorKind::precondition, "check_failed", sentence, hint}.with(
      Json{{"checks", checks}, {"lines", Json(Json::Array(lines.begin(), lines.end()))}});
}

Finding check_migrations(db::Tx& tx, const ops::House& house) {
  const auto state = db::schema_state(tx.connection(), house.migrations());
  std::vector<std::string> findings;
  if (!state.pending.empty()) findings.push_back(fmt::format("Pending: {}.", join(state.pending, ", ")));
  if (!state.unknown.empty())
    findings.push_back(fmt::format("Unknown to this steward: {}.", join(state.unknown, ", ")));
  if (!state.altered.empty())
    findings.push_back(fmt::format("Applied with another text: {}.", join(state.altered, ", ")));
  return found("migrations", findings, fmt::format("{} applied, none pending.", state.applied.size()));
}

// Held against the migrations that are applied: what is pending is no drift.
Finding check_schema(db::Tx& tx, const ops::House& house) {
  const auto state = db::schema_state(tx.connection(), house.migrations());
  std::vector<db::Migration> applied;
  for (const auto& migration : house.migrations())
    if (std::ranges::count(state.applied, migration.name, &db::AppliedMigration::name)) applied.push_back(migration);
  const auto expected = db::expected_schema(tx.connection(), applied);
  if (!expected)
    return {"schema", true, "Not compared: only the role that owns the schema may build another beside it."};
  return found("schema", db::schema_drift(db::live_schema(tx.connection()), *expected),
               fmt::format("{} tables, indexes and triggers, as the migrations made them.", expected->size()));
}

Finding check_integrity(db::Tx& tx, bool thorough) {
  const bool server = tx.connection().engine() == db::Engine::postgres;
  return found("integrity", db::integrity_findings(tx.connection(), thorough),
               server     ? "Every index is valid; the server's own pg_amcheck reads every page."
               : thorough ? "Every page, row and index of the file is sound."
                          : "Every page of the file is sound.");
}

Finding check_references(db::Tx& tx) {
  return found("foreign_keys", db::reference_findings(tx.connection()), "Every reference has its row.");
}

Finding check_audit(db::Tx& tx) {
  std::vector<std::string> findings;
  std::int64_t entries = 0;
  const auto chains = audit_chains(tx);
  for (const auto& chain : chains) {
    const auto verdict = ops::verify_audit(tx, chain);
    entries += verdict.entries;
    if (verdict.verdict != "intact")
      findings.push_back(fmt::format("Chain {}, row {}: {}", chain, verdict.first_bad, verdict.reason));
  }
  return found("audit", findings,
               fmt::format("{} in {}, intact.", count_of(static_cast<std::size_t>(entries), "row"),
                           count_of(chains.size(), "chain")));
}

std::vector<Finding> check_books(ops::Context& context) {
  std::vector<Finding> out;
  for (const auto* room : {"invoices", "deals", "ledger"})
    if (const auto* check = context.house.registry->find(fmt::format("{}.check", room)))
      add_report(out, room, [&] { return check->show(context, ops::parse_args(*check, {}).get()); });
  return out;
}

std::vector<Finding> check_everything(ops::Context& context) {
  auto& tx = context.tx;
  const auto& house = context.house;
  const auto say = [&](const char* what) {
    if (house.progress) house.progress(fmt::format("Checking {}", what));
  };
  std::vector<Finding> out;
  say("the file");
  out.push_back(guarded("integrity", [&] { return check_integrity(tx, true); }));
  out.push_back(guarded("foreign_keys", [&] { return check_references(tx); }));
  say("the schema");
  out.push_back(guarded("migrations", [&] { return check_migrations(tx, house); }));
  out.push_back(guarded("schema", [&] { return check_schema(tx, house); }));
  say("the audit trail");
  out.push_back(guarded("audit", [&] { return check_audit(tx); }));
  out.push_back(guarded("settings", [&] { return check_settings(tx); }));
  say("the books");
  std::ranges::move(check_books(context), std::back_inserter(out));
  return out;
}

}  // namespace steward::database
