#include <fmt/format.h>

#include "core/error.h"
#include "ops/audit.h"
#include "ops/authenticate.h"
#include "ops/consent.h"
#include "ops/run.h"
#include "ops/sealed.h"
#include "ops/settle.h"

namespace steward::ops {

std::unique_ptr<db::Connection> System::open(db::Access access, bool create) {
  return db::open(house.url, {access, create, house.busy_timeout, house.log});
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
  Vault vault(house.key_path(), [&] { return keys_in_use(tx); });
  Context context{tx, house, *request.operation, request, actor, vault, {}, false};
  auto change = body(context);
  if (change.changed) {
    audit(context, change);
    touch_token(tx, actor);
  }
  if (request.dry_run)
    rehearsed = connection.captured_changes();
  else
    tx.commit();
  return change;
}

}  // namespace steward::ops
