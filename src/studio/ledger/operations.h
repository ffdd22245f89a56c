#pragma once
#include <optional>
#include <string>

#include "ops/context.h"
#include "ops/registry.h"

namespace steward::ledger {

void register_reads(ops::Registry& registry);
void register_balance(ops::Registry& registry);
void register_approvals(ops::Registry& registry);
void register_payouts(ops::Registry& registry);
void register_payees(ops::Registry& registry);
void register_checks(ops::Registry& registry);
void register_statement(ops::Registry& registry);

/// Whose entries a caller may see: his own (the user's id), or nullopt for all. An ADMIN sees all; so does a token that
/// is no person's, by its scope.
std::optional<std::string> only_own(const ops::Actor& actor);
/// Those who may have earned something.
std::vector<ops::Role> earners();

}  // namespace steward::ledger
