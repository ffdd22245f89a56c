#include "studio/intake/rules.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/text.h"

namespace steward::intake {
namespace {

constexpr Step<Status> kSteps[] = {
    {Status::new_, Status::triaged, "triage"},   {Status::triaged, Status::qualified, "qualify"},
    {Status::qualified, Status::booked, "book"}, {Status::new_, Status::lost, "lose"},
    {Status::triaged, Status::lost, "lose"},     {Status::qualified, Status::lost, "lose"},
    {Status::booked, Status::lost, "lose"},      {Status::lost, Status::new_, "reopen"},
};

}  // namespace

const Lifecycle<Status> kLifecycle{"intake", Status::new_, kSteps};

bool is_before_payment(std::string_view deal_status) {
  return deal_status == "QUEUED" || deal_status == "ASSIGNED" || deal_status == "MAESTRO_APPROVED";
}

void require_complete(const Submission& submission, std::string_view organization_field) {
  if (submission.audience == Audience::individual) return;
  const auto require = [&](const std::optional<std::string>& value, std::string_view what, std::string_view field) {
    if (value) return;
    const char* article = submission.audience == Audience::team ? "A" : "An";
    refuse_usage("missing_argument", fmt::format("{} {} names its {}.", article, to_text(submission.audience), what),
                 field);
  };
  require(submission.organization_name, "organisation", organization_field);
  require(submission.timeline, "timeline", "timeline");
}

std::string goals_for_comparison(std::string_view goals) {
  std::string out;
  for (const char c : to_lower(goals)) {
    const bool blank = c == ' ' || c == '\n' || c == '\t';
    if (!blank)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  return out;
}

void require_quota(std::int64_t made) {
  if (made < kQuota) return;
  refuse_precondition("quota_reached", fmt::format("This e-mail address has made {} requests within a day.", made),
                      "Add to one of them with steward intake note, or try again tomorrow.");
}

}  // namespace steward::intake
