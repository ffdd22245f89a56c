#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "core/enums.h"
#include "core/instant.h"
#include "core/transitions.h"

namespace steward::intake {

enum class Audience { individual, organization, team, enterprise };
inline constexpr std::array<std::string_view, 4> kAudienceNames{"INDIVIDUAL", "ORGANIZATION", "TEAM", "ENTERPRISE"};
constexpr EnumNames names_of(Audience) { return {"audience", kAudienceNames}; }

enum class Status { new_, triaged, qualified, booked, lost };
inline constexpr std::array<std::string_view, 5> kStatusNames{"NEW", "TRIAGED", "QUALIFIED", "BOOKED", "LOST"};
constexpr EnumNames names_of(Status) { return {"status", kStatusNames}; }

/// NEW, TRIAGED, QUALIFIED, BOOKED in this order, LOST from each, and back to NEW by an explicit reopening only
/// (studio-model IK-1).
extern const Lifecycle<Status> kLifecycle;

inline constexpr std::int64_t kUsualPriority = 50;

/// Whether a deal in that stage has seen no money yet. The deals' own room includes this one, so its stages are named
/// here by their spelling.
bool is_before_payment(std::string_view deal_status);

/// An inquiry as somebody makes it; text is cleaned already.
struct Submission {
  Audience audience = Audience::individual;
  std::string contact_name, contact_email;
  std::optional<std::string> organization_name;
  std::string goals;
  std::optional<std::string> timeline, constraints;
  std::int64_t priority = kUsualPriority;  ///< higher comes first
  std::optional<std::string> offer_slug, referral_code;
};

/// Everybody but an individual names an organisation and a timeline (studio-model 8, Submit; IK-2).
/// Errors: usage "missing_argument", at `timeline` or at what the organisation's field is called here.
void require_complete(const Submission& submission, std::string_view organization_field = "organization");

/// What makes two requests of one person the same: goals in lower case, with every run of white space as one blank
/// (IK-3). Its hash is stored.
std::string goals_for_comparison(std::string_view goals);

/// Two equal requests within this time are one (IK-3).
inline constexpr Duration kSameWithin{24LL * 3600 * 1000};
/// How many requests one e-mail address may make in kSameWithin, and the code it is refused with past them (IK-3).
inline constexpr std::int64_t kQuota = 10;
/// Errors: precondition "quota_reached".
void require_quota(std::int64_t made);

/// Why a referral code attributed nobody (IK-4).
inline constexpr std::string_view kUnknownCode = "unknown_code";

}  // namespace steward::intake
