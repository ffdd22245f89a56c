#include "ops/settle.h"

#include <fmt/format.h>

#include "core/error.h"
#include "ops/audit.h"
#include "ops/authenticate.h"
#include "ops/consent.h"
#include "ops/settings.h"

namespace steward::ops {

void audit(Context& context, const Change& change) {
  Json metadata = change.metadata;
  if (change.moves)
    metadata.set("moved", Json{{"amount_cents", change.moves->minor}, {"currency", change.moves->currency.code()}});
  if (context.two_person_waived) metadata.set("two_person", "off");
  append_audit(context.tx, context.actor, context.operation.path, change.target_type, change.target_id,
               context.request.request_id, metadata);
}

void settle(Context& context, const Change& change, bool two_person) {
  if (change.gravity > context.operation.most_gravity)
    throw Error{ErrorKind::defect, "defect",
                fmt::format("{} asks for more than its may_escalate() says.", context.operation.path)};
  if (change.changed && needs_second_person(context.operation, change) && !two_person) context.two_person_waived = true;
  if (change.moves) require_within_ceiling(context.tx, context.actor, *change.moves);
}

bool two_person_before(db::Tx& tx, const Operation& operation) {
  return (operation.second_person || operation.most_gravity == Gravity::second_person) &&
         setting_on(tx, "controls.two_person");
}

}  // namespace steward::ops
