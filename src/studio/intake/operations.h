#pragma once
#include <string>

#include "ops/context.h"
#include "studio/intake/intake.h"

namespace steward::intake {

// What an inquiry is made of, however it comes in.
using ContactName = ops::Text<200>;
using OrganizationName = ops::Text<200>;
using Goals = ops::LongText<5000>;
using Timeline = ops::Text<500>;
using Constraints = ops::LongText<5000>;
using ReferralCode = ops::Text<64>;
using Priority = ops::Whole<0, 1000>;  ///< higher comes first

/// Who handles inquiries beside administrators (studio-model 2, the access model).
std::vector<ops::Role> handlers();

/// "Intake 7f3a9c12".
std::string label_of(const Intake& intake);
/// A write's answer: the sentence, and the record as it is now.
ops::Change change_of(ops::Context& context, const IntakeId& id, std::string sentence);

void register_submission(ops::Registry& registry);
void register_import(ops::Registry& registry);
/// triage, qualify, book, lose, reopen, note
void register_handling(ops::Registry& registry);

}  // namespace steward::intake
