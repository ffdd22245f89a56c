#pragma once
#include <string>

#include "ops/context.h"
#include "ops/registry.h"
#include "studio/deals/rows.h"

namespace steward::deals {

void register_reads(ops::Registry& registry);
void register_creation(ops::Registry& registry);
void register_moves(ops::Registry& registry);
void register_disputes(ops::Registry& registry);
void register_checks(ops::Registry& registry);

/// Who calls, as the rules see it.
Caller caller_of(const ops::Actor& actor);

/// Those who do or answer for the work.
std::vector<ops::Role> people_of_deals();

/// What every write on a deal answers: the record read back, and how the status moved for the audit.
ops::Change changed(ops::Context& context, const Deal& before, std::string sentence);
ops::Change unchanged(ops::Context& context, const Deal& deal, std::string sentence);

}  // namespace steward::deals
