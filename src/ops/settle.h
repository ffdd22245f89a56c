#pragma once
#include "ops/context.h"

namespace steward::ops {

/// What every change is held to before it may be kept: a declared escalation, the token's ceiling, and, where another
/// person is asked for while controls.two_person is off, a note of that for the audit row. `two_person` is the control
/// as it stood before the change, which may switch it. Errors: those of require_within_ceiling (ops/authenticate.h).
void settle(Context& context, const Change& change, bool two_person);

/// The change's one row in the audit trail; last of all, because it holds the head of the chain.
void audit(Context& context, const Change& change);

/// controls.two_person, where this operation may ask for a second person at all; read before the change.
bool two_person_before(db::Tx& tx, const Operation& operation);

}  // namespace steward::ops
