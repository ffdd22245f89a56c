#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/id.h"
#include "ops/context.h"
#include "ops/handle.h"
#include "studio/contacts/billing.h"
#include "studio/contacts/rules.h"

/// Whom the studio deals with: people and firms by their e-mail address, from the first inquiry on, and whom documents
/// are made out to.
namespace steward::contacts {

struct ContactTag {
  static constexpr ops::HandleSpec spec{"contact", "contacts", "email", ops::HandleSpec::Spelling::lower, "full_name"};
};
using ContactId = Id<ContactTag>;
using ContactRef = ops::Ref<ContactTag>;  ///< an e-mail address, an id, or a unique tail of one

struct Contact {
  ContactId id;
  std::string email;
  Status status;
  Source source;
  Profile profile;
  std::optional<ContactId> merged_into;  ///< while set, nothing of the contact changes
  std::int64_t version = 1;
};

/// The contact that an inquiry from this address belongs to: inserted as LEAD with source FORM and the first row of its
/// history when nobody has the address; otherwise as it stands, with `name` where it has no full name yet (studio-model
/// 9). The address of a merged contact is the survivor's. Writes no audit row: it is part of the caller's operation.
/// `email` as parse_email gives it, `name` cleaned.
ContactId upsert_from_intake(ops::Context& context, std::string_view email, std::string_view name);

/// Somebody who wrote, or was invoiced; `name` may be empty.
struct Person {
  std::string_view email, name;
};
/// The same for a batch of people, in a few statements for all: the contact of each, in their order. Who is new is of
/// that source.
std::vector<ContactId> upsert_all(ops::Context& context, Source source, std::span<const Person> people);

void register_operations(ops::Registry& registry);

}  // namespace steward::contacts
