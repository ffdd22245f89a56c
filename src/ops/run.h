#pragma once
#include <optional>
#include <vector>

#include "ops/context.h"

namespace steward::ops {

/// The one way in. Runs a request as docs/contract.md, 6 says: parse, (confirm), begin, guard, authenticate and
/// authorise, idempotency, rule and rows, audit, commit. Rows of a list go to `sink`. Errors: those of the operation,
/// of authenticate.h, of the schema guard; precondition "confirmation_needed", "approval_required",
/// "environment_mismatch".
Answer run(const House& house, const Request& request, ListSink* sink);

/// What an operation of the `manage` form works with: no transaction is open yet.
class System {
 public:
  System(const House& of, const Request& asked) : house(of), request(asked) {}

  const House& house;
  const Request& request;
  std::string environment;  ///< for the answer; set once a database is open
  Actor actor;              ///< likewise
  /// What a dry run's write() would have changed; nullopt while there was none.
  std::optional<std::vector<db::RowChange>> rehearsed;

  /// Opens the database as any operation does (environment checked).
  std::unique_ptr<db::Connection> open(db::Access access, bool create = false);
  /// Authenticates and authorises the caller in a transaction on an open database; what is of high risk is for a
  /// person, since no approval request can hold it.
  void admit(db::Tx& tx);
  /// As admit(), where the database can't tell who may: it isn't there, or isn't whole. The person at the shell acts.
  void admit_shell(std::string environment_then);
  /// For what no approval request can hold: an agent or a job may not. Errors: permission "forbidden".
  void require_person() const;
  /// Confirms as a high-risk write does, with this sentence as the question.
  void confirm(const std::string& question) const;
  /// Runs `body` in one write transaction with guard, rights and audit; a dry run keeps nothing.
  Change write(db::Connection& connection, const std::function<Change(Context&)>& body);
  /// The same for a caller who was admitted already.
  Change write_as_admitted(db::Connection& connection, const std::function<Change(Context&)>& body);

 private:
  Change transact(db::Connection& connection, bool admits, const std::function<Change(Context&)>& body);
};

/// The environment a database records.
/// Errors: precondition "foreign_database" when it records none; "environment_mismatch" when another one is asked for;
/// precondition "fixed_clock" for STEWARD_NOW outside `local`.
std::string environment_of(db::Tx& tx, const House& house);

}  // namespace steward::ops
