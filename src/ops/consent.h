#pragma once
#include <string>

#include "ops/context.h"

namespace steward::ops {

/// What a change asks for before it may be kept (docs/contract.md, 6).
enum class Asks {
  nothing,
  confirmation,   ///< the person who calls says yes
  a_person,       ///< an agent's or a job's call waits for a person
  second_person,  ///< another person approves
};

/// `context` is the one that the change was made in: it knows who calls, and whether the second person was waived.
Asks what_is_asked(const Context& context, const Change& change);

/// Whether another person approves, as far as the operation and the change say; controls.two_person may waive it.
bool needs_second_person(const Operation& operation, const Change& change);

/// Asks the person who calls, unless --yes said it. Errors: precondition "confirmation_needed".
void require_confirmation(const Request& request, const std::string& question);

}  // namespace steward::ops
