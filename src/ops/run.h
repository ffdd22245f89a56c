#pragma once
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

  /// Opens the database as any operation does (environment checked).
  std::unique_ptr<db::Connection> open(db::Access access, bool create = false);
  /// Authenticates and authorises the caller in a transaction on an open database.
  void admit(db::Tx& tx);
  /// Confirms as a high-risk write does, with this sentence as the question.
  void confirm(const std::string& question) const;
  /// Runs `body` in one write transaction with guard, rights and audit.
  Change write(db::Connection& connection, const std::function<Change(Context&)>& body);
};

/// The environment a database records.
/// Errors: precondition "foreign_database" when it records none; "environment_mismatch" when another one is asked for;
/// usage "fixed_clock" for STEWARD_NOW outside `local`.
std::string environment_of(db::Tx& tx, const House& house);

}  // namespace steward::ops
