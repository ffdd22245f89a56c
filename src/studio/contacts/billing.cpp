#include "studio/contacts/billing.h"

#include "core/text.h"
#include "ops/settings.h"
#include "studio/contacts/rows.h"

namespace steward::contacts {
namespace {

constexpr std::string_view kNeeded[] = {"business.legal_name", "business.address", "business.country",
                                        "business.tax_id"};

std::string clear_setting(ops::Context& context, std::string_view key) {
  auto value = ops::setting(context.tx, key);
  if (value.empty() || !ops::setting_spec(key).sensitive) return value;
  return context.vault.open(value, {"settings", "value", key});
}

// The one who answers for that address now.
std::optional<Contact> answering(db::Tx& tx, std::string_view email) {
  auto found = find_contact_by_email(tx, to_lower(trim(email)));
  return found ? std::optional(survivor_of(tx, std::move(*found))) : std::nullopt;
}

}  // namespace

BillingIdentity business_identity(ops::Context& context) {
  return {{},
          clear_setting(context, "business.legal_name"),
          clear_setting(context, "business.address"),
          clear_setting(context, "business.country"),
          clear_setting(context, "business.tax_id"),
          clear_setting(context, "business.email")};
}

std::vector<std::string> missing_of_business(db::Tx& tx) {
  std::vector<std::string> out;
  for (const auto key : kNeeded)
    if (ops::setting(tx, key).empty()) out.emplace_back(key);
  return out;
}

std::optional<BillingIdentity> contact_identity(db::Tx& tx, std::string_view email) {
  const auto contact = answering(tx, email);
  if (!contact) return {};
  const auto& profile = contact->profile;
  const auto name = profile.full_name.value_or("");
  return BillingIdentity{name,
                         profile.legal_name.value_or(name),
                         profile.address.value_or(""),
                         profile.country.value_or(""),
                         profile.tax_id.value_or(""),
                         profile.billing_email.value_or(contact->email)};
}

std::vector<std::string> missing_of_contact(db::Tx& tx, std::string_view email, bool tax_id_needed) {
  const auto contact = answering(tx, email);
  if (!contact) return {"contact"};
  auto out = missing_for_documents(contact->profile);
  if (tax_id_needed && !contact->profile.tax_id) out.emplace_back("tax_id");
  return out;
}

}  // namespace steward::contacts
