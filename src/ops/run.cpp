#include "ops/run.h"

#include <fmt/format.h>
#include <sodium.h>

#include <thread>

#include "core/error.h"
#include "core/secrets.h"
#include "ops/approval.h"
#include "ops/audit.h"
#include "ops/authenticate.h"
#include "ops/consent.h"
#include "ops/foretell.h"
#include "ops/idempotency.h"
#include "ops/input.h"
#include "ops/sealed.h"
#include "ops/settle.h"
#include "ops/targets.h"

namespace steward::ops {
namespace {

std::unique_ptr<db::Connection> open_database(const House& house, db::Access access) {
  return db::open(house.url, {access, false, house.busy_timeout, house.log});
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

// What stands before every write, under its lock: the right database, nothing to migrate, and a caller who may.
Actor admit_writer(db::Tx& tx, const House& house, const Request& request, std::string& environment) {
  environment = environment_of(tx, house);
  db::require_current_schema(tx.connection(), house.migrations());
  auto actor = authenticate(tx, house, environment, request.token, true);
  authorise(actor, *request.operation);
  return actor;
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
  Vault vault(house.key_path(), [&] { return keys_in_use(tx); });
  Context context{tx, house, *request.operation, request, out.actor, vault, {}, false};
  const bool two_person = two_person_before(tx, context.operation);
  out.change = context.operation.write(context, args);
  settle(context, out.change, two_person);
  out.asks = what_is_asked(context, out.change);
  if (out.change.changed) touch_token(tx, out.actor);
  if (key) key->remember(tx, out.actor, out.change);
  if (out.change.changed) audit(context, out.change);  // last: it holds the head of the chain
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
    out.data = foretold(operation, std::move(attempt.change), attempt.rows, attempt.counts);
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

void warn_of_pending(const db::SchemaState& state, Answer& answer) {
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
  const auto state = db::schema_state(*connection, house.migrations());
  warn_of_pending(state, out);
  Vault vault(house.key_path());
  Context context{tx, house, operation, request, out.actor, vault, {}, false};
  try {
    if (operation.form == Operation::Form::list) {
      operation.list(context, args).stream(tx, request.list, *sink);
      out.streamed = true;
    } else {
      out.data = operation.show(context, args);
    }
  } catch (const Error& error) {
    // What the older schema does not have yet can't be read, and that is no defect.
    if (error.kind() != ErrorKind::defect || state.pending.empty()) throw;
    db::refuse_pending(state);
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

}  // namespace steward::ops
