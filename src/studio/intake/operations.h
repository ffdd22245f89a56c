#pragma once
#include <string>

#include "ops/context.h"
#include "studio/intake/intake.h"

namespace steward::intake {

/// Higher comes first.
using Priority = ops::Whole<0, 1000>;

/// Who handles inquiries beside administrators (studio-model 2, the access model).
std::vector<ops::Role> handlers();

/// "7f3a9c12": the end of an id, as it is typed and read.
std::string short_id(const IntakeId& id);
/// "Intake 7f3a9c12".
std::string label_of(const Intake& intake);
/// A write's answer: the sentence, and the record as it is now.
ops::Change change_of(ops::Context& context, const IntakeId& id, std::string sentence);

/// submit
void register_submission(ops::Registry& registry);
/// triage, qualify, book, lose, reopen, note
void register_handling(ops::Registry& registry);

}  // namespace steward::intake
