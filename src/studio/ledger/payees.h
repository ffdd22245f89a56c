#pragma once
#include "ops/context.h"
#include "ops/registry.h"
#include "studio/identity/identity.h"

// What the operations on payees' tax data share (payees.cpp, payee_writes.cpp).
namespace steward::ledger {

/// The payee so named, whom the caller may see: who is no ADMIN sees himself. Errors: those of ops::resolve; not_found
/// "not_found" for anybody else.
identity::User payee_named(ops::Context& context, const identity::UserRef& ref);

/// Errors: permission "forbidden" for an agent and a job.
void require_person(const ops::Context& context);

void register_payee_writes(ops::Registry& registry);

}  // namespace steward::ledger
