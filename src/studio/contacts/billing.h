#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ops/context.h"

namespace steward::contacts {

/// A party of a document, as it is printed and snapshotted on it. Empty where there is nothing.
struct BillingIdentity {
  std::string name;        ///< the person: a contact's full name; the business has none
  std::string legal_name;  ///< the full name where a contact has no other
  std::string address;     ///< lines
  std::string country;     ///< ISO 3166-1 alpha-2
  std::string tax_id;
  std::string email;  ///< where documents go
};

/// The studio itself, of the settings business.*. Reads the encrypted ones: errors as Vault::open.
BillingIdentity business_identity(ops::Context& context);
/// The settings without which the studio issues no document: those of "business.legal_name", "business.address",
/// "business.country" and "business.tax_id" that nobody set. Needs no key.
std::vector<std::string> missing_of_business(db::Tx& tx);

/// The contact with this address (in any case), or the one that it was merged into; nullopt when there is none.
std::optional<BillingIdentity> contact_identity(db::Tx& tx, std::string_view email);
/// What that contact lacks to have a document made out to it: some of "legal_name", "address" and "country", "tax_id"
/// too where the document's tax treatment asks for it, or "contact" alone when there is none.
std::vector<std::string> missing_of_contact(db::Tx& tx, std::string_view email, bool tax_id_needed = false);

}  // namespace steward::contacts
