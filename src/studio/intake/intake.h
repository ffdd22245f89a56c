#pragma once
#include <optional>
#include <string>

#include "core/id.h"
#include "ops/context.h"
#include "ops/handle.h"
#include "studio/intake/rules.h"

/// What people ask the studio for, from the first message to a booking or a loss.
namespace steward::intake {

struct IntakeTag {
  static constexpr ops::HandleSpec spec{
      "intake", "intake_requests", {}, ops::HandleSpec::Spelling::exact, "contact_name"};
};
using IntakeId = Id<IntakeTag>;
using IntakeRef = ops::Ref<IntakeTag>;  ///< an id, or a unique tail of one

struct Intake {
  IntakeId id;
  Status status;
  std::string contact_name, contact_email;
  std::optional<std::string> organization_name;
  std::optional<std::string> offer_slug;
  std::optional<std::string> owner_user_id;
  std::optional<std::string> referrer_user_id;
  std::int64_t priority;
  std::int64_t version;
};

/// Errors: not_found "not_found".
Intake find_intake(db::Tx& tx, const IntakeId& id);
/// Errors: those of ops::resolve, under the argument's name.
Intake find_intake(db::Tx& tx, const IntakeRef& ref, std::string_view field = "intake");

/// Moves a QUALIFIED intake to BOOKED, with its history and without an audit row of its own: for whoever makes a deal
/// of it, inside his own operation. One that is BOOKED stays so. Errors: conflict "invalid_transition" from any other
/// status, "stale_version".
void book_intake(ops::Context& context, const Intake& intake);

void register_operations(ops::Registry& registry);

}  // namespace steward::intake
