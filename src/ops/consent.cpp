#include "ops/consent.h"

#include <fmt/format.h>

#include "core/error.h"

namespace steward::ops {

bool needs_second_person(const Operation& operation, const Change& change) {
  return operation.second_person || change.gravity == Gravity::second_person;
}

Asks what_is_asked(const Context& context, const Change& change) {
  if (!change.changed) return Asks::nothing;
  const auto& operation = context.operation;
  const bool high = operation.risk == Risk::high || change.gravity >= Gravity::high;
  if ((high || change.gravity == Gravity::agents_propose) && !context.actor.is_person()) return Asks::a_person;
  if (needs_second_person(operation, change) && !context.two_person_waived) return Asks::second_person;
  return high ? Asks::confirmation : Asks::nothing;
}

void require_confirmation(const Request& request, const std::string& question) {
  if (request.yes || (request.confirm && request.confirm(question))) return;
  throw Error{ErrorKind::precondition, "confirmation_needed",
              fmt::format("{} was not confirmed; nothing was changed.", request.operation->words()),
              request.confirm ? "" : "Nobody is at the terminal to ask: pass --yes."};
}

}  // namespace steward::ops
