#include "db/postgres/wire.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "core/error.h"
#include "db/migration_text.h"
#include "db/postgres/cancel.h"
#include "db/postgres/errors.h"
#include "db/postgres/types.h"
#include "db/url.h"

namespace steward::db::postgres {
namespace {

/// The arguments of one statement in the text form the protocol takes.
class Arguments {
 public:
  explicit Arguments(std::span<const Value> args) {
    texts_.reserve(args.size());
    for (const auto& arg : args) add(arg);
  }
  int size() const { return static_cast<int>(types_.size()); }
  const Oid* types() const { return types_.data(); }
  const char* const* values() const { return values_.data(); }

 private:
  void add(const Value& value) {
    types_.push_back(type_of(value));
    if (value.type() == Value::Type::null) return values_.push_back(nullptr);
    texts_.push_back(text_of(value));
    values_.push_back(texts_.back().c_str());
  }
  static Oid type_of(const Value& value) {
    switch (value.type()) {
      case Value::Type::boolean:
        return type::kBool;
      case Value::Type::integer:
        return type::kInt8;
      case Value::Type::instant:
        return type::kTimestamptz;
      default:
        return type::kInferred;
    }
  }
  static std::string text_of(const Value& value) {
    if (value.type() == Value::Type::boolean) return value.integer() ? "t" : "f";
    if (value.type() == Value::Type::integer) return fmt::to_string(value.integer());
    const auto text = value.text();
    require_no_nul(text);  // it would be cut off there
    return std::string(text);
  }

  std::vector<std::string> texts_;
  std::vector<Oid> types_;
  std::vector<const char*> values_;
};

constexpr int kBinary = 1;

PGconn* connect(const std::string& url, std::chrono::milliseconds patience) {
  const auto seconds = fmt::to_string(std::max<std::int64_t>(2, patience.count() / 1000));
  const auto milliseconds = fmt::to_string(patience.count());
  std::vector<const char*> names, values;
  const auto give = [&](const char* name, const char* value) {
    names.push_back(name);
    values.push_back(value);
  };
  // What the URL says comes later in the list, and so wins.
  if (!std::getenv("PGCONNECT_TIMEOUT")) give("connect_timeout", seconds.c_str());
  give("tcp_user_timeout", milliseconds.c_str());
  give("client_encoding", "UTF8");
  give("fallback_application_name", "steward");
  give("dbname", url.c_str());
  names.push_back(nullptr);
  values.push_back(nullptr);
  return libpq().PQconnectdbParams(names.data(), values.data(), 1);
}

}  // namespace

Wire::Wire(const std::string& url, std::chrono::milliseconds patience, Log log)
    : connection_(connect(url, patience)), patience_(patience), log_(std::move(log)) {
  if (libpq().PQstatus(raw()) != CONNECTION_OK) throw_unconnected(raw(), Url::parse(url));
  libpq().PQsetnonblocking(raw(), 1);
  libpq().PQsetNoticeReceiver(
      raw(), [](void* wire, const PGresult* notice) { static_cast<Wire*>(wire)->hear(notice); }, this);
}

Wire::~Wire() = default;

// Nothing of ours warns at a commit. The server does when somebody ends its wait for a standby: then the change stands
// on it alone, and goes with it in a failover.
void Wire::hear(const PGresult* notice) {
  const auto* severity = libpq().PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
  if (committing_ && severity && std::string_view(severity) == "WARNING")
    unreplicated_ = libpq().PQresultErrorMessage(notice);
}

void Wire::lose(std::string_view why) {
  lost_ = true;
  streaming_ = pipelining_ = false;
  posted_.clear();
  throw_lost(why.empty() ? libpq().PQerrorMessage(raw()) : why, committing_);
}

void Wire::wait(short events) {
  pollfd socket{libpq().PQsocket(raw()), events, 0};
  for (;;) {
    const int ready = ::poll(&socket, 1, patient_ ? -1 : static_cast<int>(patience_.count()));
    if (ready > 0) return;
    if (ready < 0 && errno == EINTR) continue;
    lose(fmt::format("it has said nothing for {} seconds", std::chrono::duration<double>(patience_).count()));
  }
}

void Wire::flush() {
  for (;;) {
    const int left = libpq().PQflush(raw());
    if (left == 0) return;
    if (left < 0) lose();
    wait(POLLIN | POLLOUT);
    if (!libpq().PQconsumeInput(raw())) lose();
  }
}

Result Wire::await() {
  flush();
  while (libpq().PQisBusy(raw())) {
    wait(POLLIN);
    if (!libpq().PQconsumeInput(raw())) break;  // what it still has to say of that comes as a result
  }
  return Result(libpq().PQgetResult(raw()));
}

// A statement's texts may hold no zero byte: the protocol ends texts with one.
void Wire::transmit(std::string_view sql, std::span<const Value> args) {
  const std::string text(sql);
  const Arguments given(args);
  if (!libpq().PQsendQueryParams(raw(), text.c_str(), given.size(), given.types(), given.values(), nullptr, nullptr,
                                 kBinary))
    lose();
}

void Wire::start(std::string_view sql) {
  doing_ = sql;
  affected_ = 0;
  started_ = std::chrono::steady_clock::now();
}

void Wire::send(std::string_view sql, std::span<const Value> args, bool by_row) {
  if (sql.empty()) throw Error{ErrorKind::defect, "defect", "Nothing to run."};
  start(sql);
  transmit(sql, args);
  if (pipelining_ && !libpq().PQpipelineSync(raw())) lose();
  streaming_ = true;
  if (!posted_.empty()) collect_posted();
  if (by_row) {
    flush();
    libpq().PQsetSingleRowMode(raw());
  }
}

void Wire::commit() {
  committing_ = true;
  undone_ = false;
  send("COMMIT", {}, false);
  drop_rest();
  committing_ = false;
  if (!unreplicated_.empty()) throw_lost(unreplicated_, true);
  if (undone_)
    throw Error{ErrorKind::defect, "defect", "The server rolled back what was to be committed, after an error before."};
}

void Wire::post(std::string_view sql, std::span<const Value> args) {
  if (!pipelining_) {
    if (!libpq().PQenterPipelineMode(raw())) lose();
    pipelining_ = true;
  }
  transmit(sql, args);
  posted_.emplace_back(sql);
}

// Each posted statement's result ends with a null one. The first refusal is what is thrown; the server skips the rest.
void Wire::collect_posted() {
  const auto now_doing = std::exchange(doing_, {});
  for (const auto& text : std::exchange(posted_, {})) {
    doing_ = text;
    while (auto result = await()) {
      const auto status = libpq().PQresultStatus(result.get());
      if (status == PGRES_FATAL_ERROR) refuse(std::move(result));
    }
    if (log_) log_(fmt::format("sql  posted  {}", db::normalised_sql(text)));
  }
  doing_ = now_doing;
}

void Wire::end_statement() {
  streaming_ = false;
  if (pipelining_) {
    while (auto result = await()) {
    }
    libpq().PQexitPipelineMode(raw());
    pipelining_ = false;
  }
  if (!log_) return;
  const auto took = std::chrono::steady_clock::now() - started_;
  log_(fmt::format("sql {:6} us  {}", std::chrono::duration_cast<std::chrono::microseconds>(took).count(),
                   db::normalised_sql(doing_)));
}

void Wire::refuse(Result refusal) {
  if (libpq().PQstatus(raw()) == CONNECTION_BAD) {
    const auto* state = libpq().PQresultErrorField(refusal.get(), PG_DIAG_SQLSTATE);
    if (!state) lose();
    lost_ = true;
  }
  const auto doing = doing_;
  // A session that is ended while its commit waits for a standby may have committed before.
  const bool unknown = doing == "COMMIT" && ends_session(refusal.get());
  try {
    // In a pipeline, a null comes after each statement and the end is a result of its own.
    for (bool ended = lost_; !ended;) {
      const auto result = await();
      const auto status = result ? libpq().PQresultStatus(result.get()) : PGRES_EMPTY_QUERY;
      ended = pipelining_ ? status == PGRES_PIPELINE_SYNC : !result;
    }
  } catch (const Error&) {
    lost_ = true;
  }
  posted_.clear();
  if (!lost_) end_statement();
  streaming_ = committing_ = false;
  if (unknown) throw_lost(libpq().PQresultErrorMessage(refusal.get()), true);
  throw_error(refusal.get(), doing);
}

Result Wire::take(Result result) {
  const auto status = libpq().PQresultStatus(result.get());
  switch (status) {
    case PGRES_SINGLE_TUPLE:
      return result;
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK: {
      const std::string_view count = libpq().PQcmdTuples(result.get());
      affected_ = count.empty() ? 0 : std::strtoll(count.data(), nullptr, 10);
      if (committing_) undone_ = std::string_view(libpq().PQcmdStatus(result.get())) == "ROLLBACK";
      return nullptr;
    }
    case PGRES_FATAL_ERROR:
      refuse(std::move(result));
    default:
      return nullptr;
  }
}

Result Wire::next() {
  while (streaming_) {
    auto result = await();
    if (!result) {
      end_statement();
      return nullptr;
    }
    if (auto row = take(std::move(result))) return row;
  }
  return nullptr;
}

void Wire::drop_rest() {
  while (next()) {
  }
}

void Wire::cancel() {
  if (!streaming_ || lost_) return;
  if (!cancel_within(raw(), patience_)) {
    lost_ = true;
    streaming_ = pipelining_ = false;
    posted_.clear();
    return;
  }
  try {
    drop_rest();
  } catch (const Error&) {  // that it was ended is what we asked for
  }
}

// The simple protocol has no place in a pipeline: what was posted goes first.
void Wire::leave_pipeline() {
  if (!pipelining_) return;
  send("SELECT 1", {}, false);
  drop_rest();
}

void Wire::send_simply(std::string_view sql) {
  leave_pipeline();
  start(sql);
  if (!libpq().PQsendQuery(raw(), doing_.c_str())) lose();
  streaming_ = true;
}

void Wire::script(std::string_view sql) {
  send_simply(sql);
  drop_rest();
}

void Wire::parse(std::string_view sql) {
  start(sql);
  if (!libpq().PQsendPrepare(raw(), "", doing_.c_str(), 0, nullptr)) lose();
  streaming_ = true;
  drop_rest();
}

void Wire::begin_copy(std::string_view sql) {
  send_simply(sql);
  auto result = await();
  if (libpq().PQresultStatus(result.get()) == PGRES_FATAL_ERROR) refuse(std::move(result));
}

void Wire::copy(std::string_view lines) {
  for (;;) {
    const int taken = libpq().PQputCopyData(raw(), lines.data(), static_cast<int>(lines.size()));
    if (taken < 0) lose();
    if (taken == 1) break;
    wait(POLLIN | POLLOUT);
    if (libpq().PQflush(raw()) < 0) lose();
  }
  flush();  // libpq would take in whatever it is given, and its memory grow, while the server is the slower one
}

void Wire::end_copy() {
  while (libpq().PQputCopyEnd(raw(), nullptr) == 0) wait(POLLOUT);
  drop_rest();
}

void Wire::abandon_copy() noexcept {
  try {
    if (lost_) return;
    while (libpq().PQputCopyEnd(raw(), "given up") == 0) wait(POLLOUT);
    drop_rest();
  } catch (const Error&) {  // that it was refused is what we asked for
  }
}

bool Wire::in_transaction() const {
  const auto status = libpq().PQtransactionStatus(raw());
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

}  // namespace steward::db::postgres
