#include "ops/run.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "ops/approval.h"
#include "ops/audit.h"
#include "ops/authenticate.h"
#include "ops/idempotency.h"
#include "ops/input.h"
#include "ops/settings.h"

namespace steward::ops {
namespace {

std::unique_ptr<db::Connection> open_database(const House& house, db::Access access, bool create = false) {
  return db::open(house.url, {access, create, house.busy_timeout, house.log});
}

// What an attempt at a write came to.
struct Attempt {
  Change change;
  Actor actor;
  std::string environment;
  bool replayed = false;
  bool two_person = false;
  std::vector<db::RowChange> rows;
};

bool is_secret_column(std::string_view column) {
  return column.find("hash") != std::string_view::npos ? column == "secret_hash"
                                                       : column.find("token") == 0 && column != "token_id";
}

Json masked(Json record, bool sensitive) {
  if (!record.is_object()) return record;
  for (auto& [name, value] : record.members())
    if (is_secret_column(name) || (sensitive && name == "value")) value = "[secret]";
  return record;
}

Json json_of_rows(const std::vector<db::RowChange>& rows) {
  Json out = Json::array();
  for (const auto& row : rows) {
    const auto* flag = row.after.is_object() ? row.after.find("sensitive") : nullptr;
    const auto* old_flag = row.before.is_object() ? row.before.find("sensitive") : nullptr;
    const bool sensitive =
        row.table == "settings" && (!flag || flag->integer() != 0 || (old_flag && old_flag->integer() != 0));
    out.push(Json{{"table", row.table},
                  {"op", row.op},
                  {"key", row.key},
                  {"old", masked(row.before, sensitive)},
                  {"new", masked(row.after, sensitive)}});
  }
  return out;
}

// An import's changes, by table: nobody reads ten thousand rows.
Json counted_rows(const std::vector<db::RowChange>& rows) {
  std::map<std::pair<std::string, std::string>, std::size_t> counts;
  for (const auto& row : rows) ++counts[{row.table, row.op}];
  Json out = Json::array();
  for (const auto& [what, count] : counts) out.push(Json{{"table", what.first}, {"op", what.second}, {"count", count}});
  return out;
}

Json stored_answer(const Change& change) {
  return Json{{"data", change.data},
              {"sentence", change.sentence},
              {"next", change.next},
              {"target_type", change.target_type},
              {"target_id", change.target_id}};
}

Change change_of(const Json& stored) {
  Change out;
  out.data = stored.at("data");
  out.sentence = stored.at("sentence").text();
  out.next = stored.at("next").text();
  out.target_type = stored.at("target_type").text();
  out.target_id = stored.at("target_id").text();
  out.warnings.push_back({"idempotent_replay", "This key was answered before; nothing was done again."});
  return out;
}

void audit(db::Tx& tx, Context& context, const Change& change) {
  Json metadata = change.metadata;
  if (change.moves)
    metadata.set("moved", Json{{"amount_cents", change.moves->minor}, {"currency", change.moves->currency.code()}});
  if (context.two_person_waived) metadata.set("two_person", "off");
  append_audit(tx, context.actor, context.operation.path, change.target_type, change.target_id,
               context.request.request_id, metadata);
}

bool needs_second_person(const Operation& operation, const Change& change) {
  return operation.second_person || change.gravity == Gravity::second_person;
}

// The audit row must say so when the second person was waived, so this stands before it is written.
void settle_gravity(Context& context, const Change& change) {
  if (change.gravity != Gravity::declared && !context.operation.may_escalate)
    throw Error{ErrorKind::defect, "defect",
                fmt::format("{} is not declared with may_escalate().", context.operation.path)};
  if (change.changed && needs_second_person(context.operation, change)) context.two_person();
}

Change handle(Context& context, const void* args) {
  auto change = context.operation.write(context, args);
  settle_gravity(context, change);
  if (change.moves) require_within_ceiling(context.tx, context.actor, *change.moves);
  if (change.changed) audit(context.tx, context, change);
  return change;
}

Attempt attempt(db::Connection& connection, const House& house, const Request& request, const void* args, bool keep) {
  const auto& operation = *request.operation;
  db::Tx tx(connection, db::Access::write, house.now());
  Attempt out;
  out.environment = environment_of(tx, house);
  db::require_current_schema(connection, house.migrations());
  out.actor = authenticate(tx, house, out.environment, request.token, true);
  authorise(out.actor, operation);
  const auto hash = request.idempotency_key.empty() ? std::string() : request_hash(operation, request.raw);
  if (!request.idempotency_key.empty())
    if (const auto first = recall(tx, out.actor, request.idempotency_key, hash)) {
      out.change = change_of(*first);
      out.replayed = true;
      return out;
    }
  require_clock(tx);
  if (!keep) connection.capture_changes();
  Vault vault(house.key_path());
  Context context{tx, house, operation, request, out.actor, vault, {}, false};
  out.change = handle(context, args);
  out.two_person = needs_second_person(operation, out.change) && !context.two_person_waived;
  if (out.change.changed) touch_token(tx, out.actor);
  if (!request.idempotency_key.empty())
    remember(tx, out.actor, operation, request.idempotency_key, hash, stored_answer(out.change), request.request_id);
  if (keep)
    tx.commit();
  else
    out.rows = connection.captured_changes();
  return out;
}

// Confirmation and approval come last (docs/contract.md, 4), so the write is first rehearsed and rolled back.
void settle_risk(db::Connection& connection, const House& house, const Request& request, const void* args) {
  const auto& operation = *request.operation;
  const bool may_need_another = operation.second_person || operation.may_escalate;
  if (operation.risk == Risk::low && !may_need_another) return;
  // A person at the shell who said --yes; whoever comes with a token may be an agent.
  if (!may_need_another && request.yes && !request.token) return;
  const auto rehearsal = attempt(connection, house, request, args, false);
  if (rehearsal.replayed || !rehearsal.change.changed) return;
  const auto gravity = rehearsal.change.gravity;
  const bool high = operation.risk == Risk::high || gravity >= Gravity::high;
  const bool propose = (high || gravity == Gravity::agents_propose) && !rehearsal.actor.is_person();
  if (propose || rehearsal.two_person) {
    const auto reason = propose ? ApprovalReason::agent : ApprovalReason::two_person;
    db::Tx tx(connection, db::Access::write, house.now());
    const auto id = file_approval(tx, rehearsal.actor, operation, request.raw, reason, request.request_id);
    append_audit(tx, rehearsal.actor, "approvals.request", "approval", id, request.request_id,
                 Json{{"operation", operation.path}});
    tx.commit();
    refuse_until_approved(operation, id, reason);
  }
  if (!high || request.yes) return;
  const auto question = fmt::format("{} Go ahead?", rehearsal.change.sentence);
  if (request.confirm && request.confirm(question)) return;
  throw Error{ErrorKind::precondition, "confirmation_needed",
              fmt::format("{} was not confirmed; nothing was changed.", operation.words()),
              request.confirm ? "" : "Nobody is at the terminal to ask: pass --yes."};
}

void record_refusal_if_possible(const House& house, const Request& request) noexcept {
  try {
    auto connection = open_database(house, db::Access::write);
    db::require_current_schema(*connection, house.migrations());
    record_refusal(*connection, house.now(), request.request_id, request.operation->path);
  } catch (...) {  // the refusal itself is what the caller must hear of
  }
}

Answer answer_of(const Operation& operation, Attempt attempt, bool dry_run) {
  Answer out;
  out.environment = std::move(attempt.environment);
  out.actor = std::move(attempt.actor);
  out.warnings = std::move(attempt.change.warnings);
  out.sentence = std::move(attempt.change.sentence);
  out.next = std::move(attempt.change.next);
  out.dry_run = dry_run;
  if (dry_run) {
    out.data =
        Json{{"changes", operation.path.ends_with(".import") ? counted_rows(attempt.rows) : json_of_rows(attempt.rows)},
             {"effects", Json(attempt.change.effects)},
             {"would_answer", masked(std::move(attempt.change.data), false)}};
    return out;
  }
  out.data = std::move(attempt.change.data);
  if (attempt.change.once.is_object())
    for (auto& [name, value] : attempt.change.once.members()) out.data.set(name, value);
  return out;
}

// Nobody waits for a slow pipe while the database is locked.
void take_in_files(const Request& request) {
  for (const auto& param : request.operation->params)
    if (const auto given = request.raw.find(param.name); param.type.file && given != request.raw.end())
      for (const auto& file : given->second) take_in(file);
}

Answer run_write(const House& house, const Request& request, const void* args) {
  take_in_files(request);
  auto connection = open_database(house, db::Access::write);
  if (!request.dry_run) settle_risk(*connection, house, request, args);
  return answer_of(*request.operation, attempt(*connection, house, request, args, !request.dry_run), request.dry_run);
}

void warn_of_pending(db::Connection& connection, const House& house, Answer& answer) {
  const auto state = db::schema_state(connection, house.migrations());
  if (!state.pending.empty())
    answer.warnings.push_back({"migrations_pending", fmt::format("The database waits for {}; run steward db migrate.",
                                                                 count_of(state.pending.size(), "migration"))});
  if (!state.unknown.empty())
    answer.warnings.push_back({"schema_newer", "A newer steward has migrated this database."});
}

Answer run_read(const House& house, const Request& request, const void* args, ListSink* sink) {
  const auto& operation = *request.operation;
  auto connection = open_database(house, db::Access::read);
  db::Tx tx(*connection, db::Access::read, house.now());
  Answer out;
  out.environment = environment_of(tx, house);
  out.actor = authenticate(tx, house, out.environment, request.token, !operation.open);
  authorise(out.actor, operation);
  warn_of_pending(*connection, house, out);
  Vault vault(house.key_path());
  Context context{tx, house, operation, request, out.actor, vault, {}, false};
  if (operation.form == Operation::Form::list) {
    operation.list(context, args).stream(tx, request.list, *sink);
    out.streamed = true;
  } else {
    out.data = operation.show(context, args);
  }
  return out;
}

Answer run_manage(const House& house, const Request& request, const void* args) {
  if (!request.idempotency_key.empty())
    refuse_usage("unsupported_flag",
                 fmt::format("{} keeps no answer, so it takes no idempotency key.", request.operation->words()),
                 "idempotency-key");
  System system(house, request);
  auto change = request.operation->manage(system, args);
  const bool foretells = system.rehearsed.has_value();
  Answer out = answer_of(*request.operation,
                         {std::move(change), system.actor, system.environment, false, false,
                          std::move(system.rehearsed).value_or(std::vector<db::RowChange>{})},
                         foretells);
  out.dry_run = request.dry_run;
  return out;
}

}  // namespace

std::string House::key_path() const { return key_file.empty() ? url.location + ".key" : key_file; }

void House::use_migrations(std::vector<db::Migration> known) { migrations_ = std::move(known); }

const std::vector<db::Migration>& House::migrations() const {
  if (!migrations_) migrations_ = db::compiled_migrations(url.engine);
  return *migrations_;
}

const Zone& Context::zone() {
  if (!zone_cache) zone_cache = studio_zone(tx);
  return *zone_cache;
}

Date Context::resolve(const DateOrSpan& when) {
  if (when.date) return *when.date;
  constexpr std::int64_t kDay = 24LL * 3600 * 1000;
  if (when.span.ms % kDay == 0) return today() + std::chrono::days{when.span.ms / kDay};
  return date_in(zone(), now() + when.span);
}

Instant Context::resolve(const InstantOrSpan& when, const std::optional<Zone>& in) {
  const std::string_view text = when.text;
  if (text.front() == '+' || text.find('-') == std::string_view::npos) return now() + parse_duration(text);
  if (text.size() == 10) return start_of(parse_date(text), in ? *in : zone());
  if (text.ends_with('Z') || text.ends_with('z') || text.find_last_of("+-") > 10) return parse_instant(text);
  return parse_local(text, in ? *in : zone());
}

bool Context::two_person() {
  if (setting_on(tx, "controls.two_person")) return true;
  two_person_waived = true;
  return false;
}

Change Context::run_nested(const Operation& nested, const RawArgs& raw, const Json& metadata) {
  const auto args = parse_args(nested, raw);
  Context inner{tx, house, nested, request, actor, vault, zone_cache, false};
  auto change = nested.write(inner, args.get());
  settle_gravity(inner, change);
  for (const auto& [name, value] : metadata.members()) change.metadata.set(name, value);
  if (change.moves) require_within_ceiling(tx, actor, *change.moves);
  if (change.changed) audit(tx, inner, change);
  return change;
}

std::string environment_of(db::Tx& tx, const House& house) {
  const auto recorded = tx.text("SELECT environment FROM db_identity WHERE id = 1");
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

Answer run(const House& house, const Request& request, ListSink* sink) {
  const auto args = parse_args(*request.operation, request.raw);
  if (!request.idempotency_key.empty()) check_key(request.idempotency_key);
  try {
    switch (request.operation->form) {
      case Operation::Form::write:
        return run_write(house, request, args.get());
      case Operation::Form::manage:
        return run_manage(house, request, args.get());
      default:
        return run_read(house, request, args.get(), sink);
    }
  } catch (const Error& error) {
    if (error.code() == "not_authenticated") record_refusal_if_possible(house, request);
    throw;
  }
}

std::unique_ptr<db::Connection> System::open(db::Access access, bool create) {
  return open_database(house, access, create);
}

void System::admit(db::Tx& tx) {
  environment = environment_of(tx, house);
  actor = authenticate(tx, house, environment, request.token, !request.operation->open);
  authorise(actor, *request.operation);
}

void System::confirm(const std::string& question) const {
  if (request.yes || request.dry_run) return;
  if (request.confirm && request.confirm(question)) return;
  throw Error{ErrorKind::precondition, "confirmation_needed",
              fmt::format("{} was not confirmed; nothing was changed.", request.operation->words()),
              request.confirm ? "" : "Nobody is at the terminal to ask: pass --yes."};
}

void System::admit_shell(std::string environment_then) {
  environment = std::move(environment_then);
  house.seen_environment = environment;
  actor = shell_actor(house);
}

void System::require_person() const {
  if (!actor.is_person())
    throw Error{ErrorKind::permission, "forbidden",
                fmt::format("{} is for a person, not for an agent's or a job's token.", request.operation->words()),
                "Ask a person to run it."};
}

Change System::write(db::Connection& connection, const std::function<Change(Context&)>& body) {
  return transact(connection, true, body);
}

Change System::write_as_admitted(db::Connection& connection, const std::function<Change(Context&)>& body) {
  return transact(connection, false, body);
}

Change System::transact(db::Connection& connection, bool admits, const std::function<Change(Context&)>& body) {
  db::Tx tx(connection, db::Access::write, house.now());
  db::require_current_schema(connection, house.migrations());
  if (admits) admit(tx);
  require_clock(tx);
  if (request.dry_run) connection.capture_changes();
  Vault vault(house.key_path());
  Context context{tx, house, *request.operation, request, actor, vault, {}, false};
  auto change = body(context);
  if (change.changed) {
    audit(tx, context, change);
    touch_token(tx, actor);
  }
  if (request.dry_run)
    rehearsed = connection.captured_changes();
  else
    tx.commit();
  return change;
}

}  // namespace steward::ops
