#pragma once
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/enums.h"
#include "core/transitions.h"

namespace steward::contacts {

enum class Status { lead, qualified, onboarding, active, churned };
inline constexpr std::array<std::string_view, 5> kStatusNames{"LEAD", "QUALIFIED", "ONBOARDING", "ACTIVE", "CHURNED"};
constexpr EnumNames names_of(Status) { return {"status", kStatusNames}; }

/// How the studio came to know them.
enum class Source { agent, form, referral, manual, import };
inline constexpr std::array<std::string_view, 5> kSourceNames{"AGENT", "FORM", "REFERRAL", "MANUAL", "IMPORT"};
constexpr EnumNames names_of(Source) { return {"source", kSourceNames}; }

/// LEAD, QUALIFIED, ONBOARDING, ACTIVE in this order, CHURNED from each, and back to LEAD by an explicit reopening only
/// (studio-model 9, CT-6). Every writer of a contact's status goes through it (CT-2).
extern const Lifecycle<Status> kLifecycle;

/// What an operator writes of a contact; text is cleaned already, and never empty.
struct Profile {
  std::optional<std::string> full_name;
  std::optional<std::string> user_id;  ///< their own account
  std::optional<std::string> notes;
  std::optional<std::string> assigned_to;  ///< who looks after them: a user's id
  // Whom documents are made out to: one thing, that is never put together from two contacts.
  std::optional<std::string> legal_name, address, country, tax_id, billing_email;
  bool operator==(const Profile&) const = default;
};

/// One column of a profile.
struct Field {
  std::string_view name;  ///< as in the model
  std::optional<std::string> Profile::*member;
  bool billing;   ///< part of the billing identity
  bool personal;  ///< tells or reaches a person: its value stays out of the audit trail
};
std::span<const Field> fields();
/// By its column's name, which must be one. Throws std::out_of_range (a defect).
const Field& field_named(std::string_view name);

/// Names of the fields in which two profiles differ.
std::vector<std::string_view> differences(const Profile& a, const Profile& b);

/// What a contact lacks to have a document made out to it: "legal_name" (the full name does for it), "address",
/// "country". Empty: nothing.
std::vector<std::string> missing_for_documents(const Profile& profile);

/// What merging one contact into another does to the survivor's fields.
struct MergePlan {
  std::vector<std::string_view> filled;  ///< fields that were empty there and are taken over
  std::vector<std::string_view> kept;  ///< fields of the merged contact that say something else and are not taken over
  Profile result;                      ///< the survivor's profile afterwards
};
/// An empty field of the survivor is filled, a full one stays. The billing identity is taken over whole, and only by a
/// survivor that has none: an address of one firm under the name of another is nobody's.
MergePlan plan_merge(const Profile& from, const Profile& into);

}  // namespace steward::contacts
