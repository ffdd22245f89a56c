#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/postgres/result.h"
#include "db/value.h"

namespace steward::db::postgres {

/// One connection, and one statement on it at a time. Nothing is prepared by name and nothing is set for the session,
/// so that a pooler may hand each transaction to another server process.
class Wire {
 public:
  using Log = std::function<void(const std::string&)>;

  /// `patience`: how long a server may say nothing at all before it counts as gone.
  /// Errors: those of throw_unconnected().
  Wire(const std::string& url, std::chrono::milliseconds patience, Log log);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  /// Ends the transaction. Errors: "outcome_unknown" when nobody can say whether it stands; a defect when the server
  /// undid it because of a statement it had refused before.
  void commit();

  /// Starts a statement, and with `by_row` has its rows come one at a time. What was posted goes first, in the same
  /// trip, and what it is refused with is thrown here.
  void send(std::string_view sql, std::span<const Value> args, bool by_row);
  /// The next row; null when the statement is done, and affected() says what it changed.
  Result next();
  /// Reads and drops the rows that are left.
  void drop_rest();
  /// Asks the server to end the statement early, and drops what is left; the transaction is over with it. A server that
  /// says nothing to that counts as gone.
  void cancel();

  /// Queues a statement of which only a refusal matters: it travels with the next one.
  void post(std::string_view sql, std::span<const Value> args);
  /// Several statements without arguments; what they select is dropped.
  void script(std::string_view sql);
  /// Has the server parse and plan it, without running it.
  void parse(std::string_view sql);
  /// Sends the lines of a COPY … FROM STDIN that was started with begin_copy().
  void begin_copy(std::string_view sql);
  void copy(std::string_view lines);
  void end_copy();
  /// Ends it without keeping anything of it: the transaction is over, but for its rollback.
  void abandon_copy() noexcept;

  std::int64_t affected() const { return affected_; }
  bool streaming() const { return streaming_; }
  /// Whether the server holds a transaction open on this connection.
  bool in_transaction() const;
  bool lost() const { return lost_; }
  void wait_for_ever() { patient_ = true; }  ///< until stop_waiting(): a migration takes what it takes
  void stop_waiting() { patient_ = false; }
  PGconn* raw() const { return connection_.get(); }

 private:
  struct Close {
    void operator()(PGconn* connection) const { libpq().PQfinish(connection); }
  };
  void transmit(std::string_view sql, std::span<const Value> args);
  void start(std::string_view sql);
  /// By the simple protocol.
  void send_simply(std::string_view sql);
  void flush();
  void wait(short events);
  Result await();
  Result take(Result result);
  void collect_posted();
  void leave_pipeline();
  void end_statement();
  void hear(const PGresult* notice);
  [[noreturn]] void refuse(Result refusal);
  /// `why`: said instead of what libpq has to say.
  [[noreturn]] void lose(std::string_view why = {});

  std::unique_ptr<PGconn, Close> connection_;
  std::chrono::milliseconds patience_;
  Log log_;
  std::string doing_;                ///< the statement on the wire, for messages
  std::vector<std::string> posted_;  ///< the texts of what was queued before it
  std::chrono::steady_clock::time_point started_;
  std::int64_t affected_ = 0;
  bool streaming_ = false, pipelining_ = false, lost_ = false, patient_ = false;
  std::string unreplicated_;  ///< what the server said when it stopped waiting for its standby
  bool undone_ = false;       ///< COMMIT was answered with ROLLBACK
  bool committing_ = false;   ///< a COMMIT is on its way, behind what was posted before it
};

}  // namespace steward::db::postgres
