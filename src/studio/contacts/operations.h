#pragma once
#include <limits>
#include <string>
#include <vector>

#include "ops/argument.h"
#include "ops/context.h"
#include "ops/registry.h"
#include "studio/contacts/rows.h"

namespace steward::contacts {

using Version = ops::Whole<1, std::numeric_limits<std::int64_t>::max()>;

// What a contact is made of, however it comes in.
using Name = ops::Text<200>;
using Notes = ops::LongText<5000>;
using LegalName = ops::Text<200>;
using Address = ops::LongText<500>;
using TaxId = ops::Text<50>;

/// Who works with contacts beside administrators (studio-model 2, the access model).
std::vector<ops::Role> handlers();

/// "Contact ada@client.example".
std::string label_of(const Contact& contact);
/// A write's answer: the sentence, and the record as it is now.
ops::Change change_of(ops::Context& context, const ContactId& id, std::string sentence);
ops::Change no_change(ops::Context& context, const Contact& contact, std::string sentence);
/// Fields by name, as an array: what the audit and a merge's record say of them.
Json names(const std::vector<std::string_view>& fields);
/// Nothing of a merged contact changes. Errors: conflict "contact_merged".
void require_unmerged(db::Tx& tx, const Contact& contact);

/// create, update
void register_profiles(ops::Registry& registry);
/// import
void register_import(ops::Registry& registry);
/// qualify, onboard, activate, churn, reopen
void register_moves(ops::Registry& registry);
/// merge, unmerge
void register_merging(ops::Registry& registry);
/// link-intake
void register_linking(ops::Registry& registry);

}  // namespace steward::contacts
