#include "ops/run.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "core/error.h"
#include "core/secrets.h"
#include "ops/approval.h"
#include "ops/audit.h"
#include "ops/authenticate.h"
#include "ops/consent.h"
#include "ops/files.h"
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
  Asks asks = Asks::nothing;
  std::string question;  ///< what to ask for a confirmation; from the change's sentence if empty
  bool kept = false;     ///< committed, or answered before
  std::vector<db::RowChange> rows;
  std::vector<db::ChangeCount> counts = {};  ///< instead of the rows, of an import
  Rehearsal rehearsal() const { return {change.sentence, state_hash(change, rows)}; }
};

bool is_secret_column(std::string_view column) {
  return column.find("hash") != std::string_view::npos ? column == "secret_hash"
                                                       : column.find("token") == 0 && column != "token_id";
}

Json masked(Json record, std::string_view hidden = {}) {
  if (!record.is_object()) return record;
  for (auto& [name, value] : record.members())
    if (is_secret_column(name) || name == hidden) value = "[secret]";
  return record;
}

// The column of a row that holds what may be nobody's business: a sensitive setting, what somebody else was answered.
std::string_view hidden_column(const db::RowChange& row) {
  if (row.table == "idempotency_keys") return "answer";
  if (row.table != "settings") return {};
  const auto* after = row.after.is_object() ? row.after.find("sensitive") : nullptr;
  const auto* before = row.before.is_object() ? row.before.find("sensitive") : nullptr;
  return !after || after->integer() != 0 || (before && before->integer() != 0) ? "value" : "";
}

Json json_of_rows(const std::vector<db::RowChange>& rows) {
  Json out = Json::array();
  for (const auto& row : rows)
    out.push(Json{{"table", row.table},
                  {"op", row.op},
                  {"key", row.key},
                  {"old", masked(row.before, hidden_column(row))},
                  {"new", masked(row.after, hidden_column(row))}});
  return out;
}

// Nobody reads the ten thousand rows of an import, and nobody holds a million of them.
bool is_only_counted(const Operation& operation) { return operation.path.ends_with(".import"); }

Json counted(const Attempt& attempt) {
  std::map<std::pair<std::string, std::string>, std::int64_t> counts;
  for (const auto& count : attempt.counts) counts[{count.table, count.op}] += count.rows;
  for (const auto& row : attempt.rows) ++counts[{row.table, row.op}];
  Json out = Json::array();
  for (const auto& [what, count] : counts) out.push(Json{{"table", what.first}, {"op", what.second}, {"count", count}});
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

// The audit row must say so when the second person was waived, so this stands before it is written. `two_person` is
// the control as it stood before the change, which may switch it.
void settle(Context& context, const Change& change, bool two_person) {
  if (change.gravity != Gravity::declared && !context.operation.may_escalate)
    throw Error{ErrorKind::defect, "defect",
                fmt::format("{} is not declared with may_escalate().", context.operation.path)};
  if (change.changed && needs_second_person(context.operation, change) && !two_person) context.two_person_waived = true;
  if (change.moves) require_within_ceiling(context.tx, context.actor, *change.moves);
}

// What stands before every write, under its lock: the right database, nothing to migrate, and a caller who may.
Actor admit_writer(db::Tx& tx, const House& house, const Request& request, std::string& environment) {
  environment = environment_of(tx, house);
  db::require_current_schema(tx.connection(), house.migrations());
  auto actor = authenticate(tx, house, environment, request.token, true);
  authorise(actor, *request.operation);
  return actor;
}

// The files that a command is told to write.
struct Target {
  std::string field, file;
};
std::vector<Target> files_to_write(const Request& request) {
  std::vector<Target> out;
  for (const auto& param : request.operation->params)
    if (const auto given = request.raw.find(param.name);
        param.type.file == TypeInfo::File::written && given != request.raw.end())
      for (const auto& file : given->second) out.push_back({param.name, file});
  return out;
}

// What a command would put its own content in the place of. A folder takes files in, and a stream loses nothing.
std::optional<std::string> file_to_replace(const Request& request) {
  for (const auto& [field, file] : files_to_write(request)) {
    std::error_code none;
    if (!is_stream(file) && std::filesystem::is_regular_file(file, none)) return file;
  }
  return std::nullopt;
}

std::string replacing(const std::string& file) { return fmt::format("{} exists. Replace it?", file); }

// Everything a write does, in one transaction. It is kept when nothing is asked that was not answered yet: nobody is
// asked under a lock (docs/contract.md, 6), so what is not kept is rolled back, asked for, and attempted again.
Attempt attempt(db::Connection& connection, const House& house, const Request& request, const void* args,
                IdempotencyKey* key, bool confirmed) {
  db::Tx tx(connection, db::Access::write, house.now());
  Attempt out;
  out.actor = admit_writer(tx, house, request, out.environment);
  if (auto first = key ? key->recall(tx, out.actor) : std::nullopt) {
    out.change = std::move(*first);
    out.kept = true;
    return out;
  }
  require_clock(tx);
  if (const auto file = file_to_replace(request); file && !confirmed && !request.dry_run) {
    out.asks = Asks::confirmation;
    out.question = replacing(*file);
    return out;
  }
  // What is filed for approval is known again by its rows.
  const bool rows_matter = may_be_filed(*request.operation, out.actor);
  const bool counts = request.dry_run && is_only_counted(*request.operation) && !rows_matter;
  if (counts)
    connection.count_changes();
  else if (request.dry_run || rows_matter)
    connection.capture_changes();
  Vault vault(house.key_path());
  Context context{tx, house, *request.operation, request, out.actor, vault, {}, false};
  const bool asked_of_two = request.operation->second_person || request.operation->may_escalate;
  const bool two_person = asked_of_two && setting_on(tx, "controls.two_person");
  out.change = context.operation.write(context, args);
  settle(context, out.change, two_person);
  out.asks = what_is_asked(context, out.change);
  if (out.change.changed) touch_token(tx, out.actor);
  if (key) key->remember(tx, out.actor, out.change);
  if (out.change.changed) audit(tx, context, out.change);  // last: it holds the head of the chain
  out.kept = !request.dry_run && (out.asks == Asks::nothing || (out.asks == Asks::confirmation && confirmed));
  if (out.kept) {
    for (const auto& file : context.files) file->commit();
    tx.commit();
  } else if (counts) {
    out.counts = connection.counted_changes();
  } else {
    out.rows = connection.captured_changes();
  }
  return out;
}

// The caller is looked at again, under the lock of the filing: a token that was revoked since the rehearsal would leave
// a request that nobody takes back.
[[noreturn]] void propose(db::Connection& connection, const House& house, const Request& request,
                          const Attempt& rehearsed) {
  const auto& operation = *request.operation;
  const auto reason = rehearsed.asks == Asks::a_person ? ApprovalReason::agent : ApprovalReason::two_person;
  db::Tx tx(connection, db::Access::write, house.now());
  std::string environment;
  const auto actor = admit_writer(tx, house, request, environment);
  const auto filed =
      file_approval(tx, actor, operation, request.raw, reason, rehearsed.rehearsal(), request.request_id);
  if (filed.fresh) {
    touch_token(tx, actor);
    append_audit(tx, actor, "approvals.request", "approval", filed.id, request.request_id,
                 Json{{"operation", operation.path}});
  }
  tx.commit();
  refuse_until_approved(operation, filed.id, reason);
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
    out.data = Json{{"changes", is_only_counted(operation) ? counted(attempt) : json_of_rows(attempt.rows)},
                    {"effects", Json(attempt.change.effects)},
                    {"would_answer", masked(std::move(attempt.change.data))}};
    if (!attempt.change.lines.is_null()) out.data.set("lines", std::move(attempt.change.lines));
    return out;
  }
  out.data = std::move(attempt.change.data);
  if (attempt.change.once.is_object())
    for (auto& [name, value] : attempt.change.once.members()) out.data.set(name, value);
  return out;
}

// A copy, an export, a document: each is put in place of what is there, so that can't be the books or their key.
void require_other_target(const House& house, const Request& request) {
  for (const auto& [field, file] : files_to_write(request))
    if (house.stands_on(file))
      refuse_usage("invalid_target", fmt::format("{} is the database's own file, or its key file.", file), field,
                   "Name another file.");
}

// Nobody waits for a slow pipe while the database is locked.
void take_in_files(const Request& request) {
  for (const auto& param : request.operation->params)
    if (const auto given = request.raw.find(param.name);
        param.type.file == TypeInfo::File::read && given != request.raw.end())
      for (const auto& file : given->second) take_in(file);
}

constexpr int kAttempts = 6;

// Between 5 and 10 milliseconds at first, twice as long each time: whoever got in each other's way does not meet again.
void step_aside(int times) {
  const auto spread = randombytes_uniform(5'000);
  std::this_thread::sleep_for(std::chrono::microseconds((5'000 + spread) << times));
}

// A server may undo one of two transactions that got in each other's way; then it is simply done again.
Attempt attempt_again(db::Connection& connection, const House& house, const Request& request, const void* args,
                      IdempotencyKey* key, bool confirmed) {
  for (int times = 0;; ++times) {
    try {
      return attempt(connection, house, request, args, key, confirmed);
    } catch (const Error& error) {
      if (error.code() == "outcome_unknown" && key)
        throw Error{ErrorKind::temporary, error.code(), error.what(), "Repeat it with the same --idempotency-key."};
      if (error.code() != "transaction_conflict" || times + 1 == kAttempts) throw;
    }
    step_aside(times);
  }
}

Answer run_write(const House& house, const Request& request, const void* args) {
  std::optional<IdempotencyKey> key;
  if (request.idempotency_key) key.emplace(request);
  take_in_files(request);
  auto connection = open_database(house, db::Access::write);
  for (bool confirmed = request.yes;; confirmed = true) {
    auto done = attempt_again(*connection, house, request, args, key ? &*key : nullptr, confirmed);
    if (done.kept || request.dry_run) return answer_of(*request.operation, std::move(done), request.dry_run);
    if (done.asks != Asks::confirmation) propose(*connection, house, request, done);
    require_confirmation(request,
                         done.question.empty() ? fmt::format("{} Go ahead?", done.change.sentence) : done.question);
  }
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
  if (const auto file = file_to_replace(request)) require_confirmation(request, replacing(*file));
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
  if (request.idempotency_key)
    refuse_usage("unsupported_flag",
                 fmt::format("{} keeps no answer, so it takes no idempotency key.", request.operation->words()),
                 "idempotency-key");
  System system(house, request);
  auto change = request.operation->manage(system, args);
  const bool foretells = system.rehearsed.has_value();
  Answer out = answer_of(*request.operation,
                         {std::move(change),
                          system.actor,
                          system.environment,
                          Asks::nothing,
                          {},
                          true,
                          std::move(system.rehearsed).value_or(std::vector<db::RowChange>{})},
                         foretells);
  out.dry_run = request.dry_run;
  return out;
}

}  // namespace

bool House::stands_on(const std::string& file) const {
  std::error_code none;
  if (std::filesystem::equivalent(file, key_path(), none)) return true;
  for (const auto* beside : {"", "-wal", "-shm", "-journal"})
    if (std::filesystem::equivalent(file, url.location + beside, none)) return true;
  return false;
}

std::string House::key_path() const {
  if (!key_file.empty()) return key_file;
  if (url.engine == db::Engine::postgres) return data_folder + "/" + url.name() + ".key";
  // It lies beside the database, not beside a link to it.
  const auto beside = behind_links(url.location) + ".key", beside_link = url.location + ".key";
  return !file_exists(beside) && file_exists(beside_link) ? beside_link : beside;
}

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
  const bool two_people = setting_on(tx, "controls.two_person");
  auto change = nested.write(inner, args.get());
  settle(inner, change, two_people);
  for (const auto& [name, value] : metadata.members()) change.metadata.set(name, value);
  if (change.changed) audit(tx, inner, change);
  std::ranges::move(inner.files, std::back_inserter(files));
  return change;
}

// An init that was interrupted may not have come to the table.
static std::optional<std::string> recorded_environment(db::Tx& tx) {
  try {
    return tx.text("SELECT environment FROM db_identity WHERE id = 1");
  } catch (const Error&) {
    if (std::ranges::count(tx.connection().tables(), "db_identity")) throw;
    return std::nullopt;
  }
}

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

namespace {

// No operation takes a token's secret: one that is pasted into an argument names its token and is worth nothing.
Request without_secrets(const Request& asked) {
  auto request = asked;
  for (auto& [name, texts] : request.raw)
    for (auto& text : texts) text = without_token_secrets(text);
  return request;
}

}  // namespace

Answer run(const House& house, const Request& asked, ListSink* sink) {
  const auto request = without_secrets(asked);
  const auto args = parse_args(*request.operation, request.raw);
  require_other_target(house, request);
  if (request.operation->form == Operation::Form::list) check_list(request.operation->columns, request.list);
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
  if (request.operation->risk == Risk::high) require_person();
}

void System::confirm(const std::string& question) const {
  if (!request.dry_run) require_confirmation(request, question);
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
