#include "studio/contacts/rules.h"

#include <algorithm>
#include <stdexcept>

namespace steward::contacts {
namespace {

constexpr Step<Status> kSteps[] = {
    {Status::lead, Status::qualified, "qualify"},     {Status::qualified, Status::onboarding, "onboard"},
    {Status::onboarding, Status::active, "activate"}, {Status::lead, Status::churned, "churn"},
    {Status::qualified, Status::churned, "churn"},    {Status::onboarding, Status::churned, "churn"},
    {Status::active, Status::churned, "churn"},       {Status::churned, Status::lead, "reopen"},
};

constexpr Field kFields[] = {
    {"full_name", &Profile::full_name, false, true},
    {"user_id", &Profile::user_id, false, false},
    {"notes", &Profile::notes, false, true},
    {"assigned_to", &Profile::assigned_to, false, false},
    {"legal_name", &Profile::legal_name, true, true},
    {"address", &Profile::address, true, true},
    {"country", &Profile::country, true, false},
    {"tax_id", &Profile::tax_id, true, true},
    {"billing_email", &Profile::billing_email, true, true},
};

bool has_billing(const Profile& profile) {
  return std::ranges::any_of(kFields,
                             [&](const Field& field) { return field.billing && (profile.*field.member).has_value(); });
}

}  // namespace

const Lifecycle<Status> kLifecycle{"contact", Status::lead, kSteps};

std::span<const Field> fields() { return kFields; }

const Field& field_named(std::string_view name) {
  const auto* found = std::ranges::find(kFields, name, &Field::name);
  if (found == std::end(kFields)) throw std::out_of_range(std::string(name));
  return *found;
}

std::vector<std::string_view> differences(const Profile& a, const Profile& b) {
  std::vector<std::string_view> out;
  for (const auto& field : kFields)
    if (a.*field.member != b.*field.member) out.push_back(field.name);
  return out;
}

std::vector<std::string> missing_for_documents(const Profile& profile) {
  std::vector<std::string> out;
  if (!profile.legal_name && !profile.full_name) out.emplace_back("legal_name");
  if (!profile.address) out.emplace_back("address");
  if (!profile.country) out.emplace_back("country");
  return out;
}

MergePlan plan_merge(const Profile& from, const Profile& into) {
  MergePlan plan{{}, {}, into};
  const bool takes_billing = !has_billing(into);
  for (const auto& field : kFields) {
    const auto& theirs = from.*field.member;
    if (!theirs || theirs == into.*field.member) continue;
    const bool takes = !(into.*field.member) && (!field.billing || takes_billing);
    (takes ? plan.filled : plan.kept).push_back(field.name);
    if (takes) plan.result.*field.member = theirs;
  }
  return plan;
}

}  // namespace steward::contacts
