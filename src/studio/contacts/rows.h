#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "ops/history.h"
#include "studio/contacts/contacts.h"

namespace steward::contacts {

extern const std::span<const ops::Column> kContactColumns;
inline constexpr ops::HistorySpec kHistory{"contact_status_history", "contact_id"};

/// Every contact, one row each, newest first.
ops::Listing contact_listing();
Json contact_record(db::Tx& tx, const ContactId& id);
/// Its inquiries, oldest first.
Json intakes_of(db::Tx& tx, const ContactId& id);

/// Errors: not_found "not_found".
Contact find_contact(db::Tx& tx, const ContactId& id);
/// Errors: those of ops::resolve, under the argument's name.
Contact find_contact(db::Tx& tx, const ContactRef& ref, std::string_view field = "contact");
/// By an address as parse_email gives it, merged or not; nullopt when nobody has it.
std::optional<Contact> find_contact_by_email(db::Tx& tx, std::string_view email);
/// The contact itself, or the one that it was merged into in the end.
Contact survivor_of(db::Tx& tx, Contact contact);
/// The contact that is not merged and belongs to this user; nullopt when there is none.
std::optional<Contact> find_contact_of_user(db::Tx& tx, std::string_view user_id);

/// Inserts it as LEAD with the first row of its history.
ContactId insert_contact(ops::Context& context, std::string_view email, Source source, const Profile& profile);

// Each refuses when the contact is no longer as it was read: conflict "stale_version".
void store_profile(db::Tx& tx, const Contact& contact, const Profile& profile);
void store_status(db::Tx& tx, const Contact& contact, Status to);

/// The contacts that have these addresses, merged or not, in one question; told which address each has.
void each_contact_of(db::Tx& tx, std::span<const std::string> emails,
                     const std::function<void(std::size_t address, Contact)>& found);
/// As store_profile, among other statements on their way: for what was read under the same lock.
void post_profile(db::Tx& tx, const Contact& contact, const Profile& profile);
/// link_intakes for the new contacts of a batch, of whom few wrote before.
void link_intakes_of(db::Tx& tx, std::span<const struct NewContact> contacts);

/// Somebody new: how insert_contact would insert them.
struct NewContact {
  std::string email;
  Profile profile;
  ContactId id = {};  ///< set by insert_contacts
};
/// Inserts them as LEAD with the first rows of their histories, in bulk.
void insert_contacts(ops::Context& context, Source source, std::span<NewContact> contacts);

/// Links the inquiries from this address that have no contact yet; how many they were.
std::int64_t link_intakes(db::Tx& tx, const ContactId& contact, std::string_view email);
/// Addresses of the inquiries that have no contact, with the name that the first of them gave.
struct Unlinked {
  std::string email, name;
};
std::vector<Unlinked> unlinked_addresses(db::Tx& tx);

}  // namespace steward::contacts
