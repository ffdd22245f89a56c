#pragma once
#include <optional>
#include <string>
#include <vector>

#include "ops/context.h"
#include "studio/contacts/contacts.h"

namespace steward::contacts {

/// What a merge did; all that it takes to take it back, as the merged contact stands still meanwhile.
struct Merge {
  std::string id;
  ContactId from, into;
  Json moved;   ///< table -> ids of its rows that pointed to `from`
  Json filled;  ///< names of the fields that `into` took over
};

/// Every merge that a contact had part in, those that were taken back too, oldest first.
Json merges_of(db::Tx& tx, const ContactId& id);
/// The merge that this contact is in now; it is merged.
Merge merge_of(db::Tx& tx, const ContactId& from);

/// Points to `into` whatever points to `from`; answers what that was, as Merge::moved.
Json move_references(db::Tx& tx, const ContactId& from, const ContactId& into);
/// Points it back. Answers how many rows no longer point to `merge.into`, and moves those that do; the caller refuses
/// when it is not 0.
std::size_t move_back(db::Tx& tx, const Merge& merge);

/// Freezes or, without a survivor, frees a contact. Errors: conflict "stale_version".
void store_merged_into(db::Tx& tx, const Contact& contact, const std::optional<ContactId>& survivor);
void insert_merge(ops::Context& context, const Contact& from, const Contact& into, std::string_view reason,
                  const Json& moved, const Json& filled, const Json& kept);
void mark_undone(ops::Context& context, const Merge& merge, const std::optional<std::string>& note);

}  // namespace steward::contacts
