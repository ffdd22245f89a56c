#include "studio/intake/rules.h"

#include <catch2/catch.hpp>

using namespace steward;
using namespace steward::intake;

TEST_CASE("IK-1: an inquiry moves forward, to LOST from anywhere, and back by reopening only", "[intake][rules]") {
  const auto all = {Status::new_, Status::triaged, Status::qualified, Status::booked, Status::lost};
  const auto allowed = [](Status from, Status to) {
    if (to == Status::lost) return from != Status::lost;
    if (from == Status::lost) return to == Status::new_;
    return static_cast<int>(to) == static_cast<int>(from) + 1 && from != Status::booked;
  };
  for (const auto from : all)
    for (const auto to : all) {
      CAPTURE(to_text(from), to_text(to));
      CHECK(kLifecycle.allows(from, to) == allowed(from, to));
    }
}

TEST_CASE("IK-2: everybody but an individual names an organisation and a timeline", "[intake][rules]") {
  Submission submission{.contact_name = "Ada",
                        .contact_email = "ada@client.example",
                        .organization_name = {},
                        .goals = "Ask",
                        .timeline = {},
                        .constraints = {},
                        .offer_slug = {},
                        .referral_code = {}};
  CHECK_NOTHROW(require_complete(submission));
  for (const auto audience : {Audience::organization, Audience::team, Audience::enterprise}) {
    submission.audience = audience;
    submission.organization_name.reset();
    submission.timeline = "Soon";
    try {
      require_complete(submission, "organization_name");
      FAIL("not refused");
    } catch (const Error& error) {
      CHECK(error.field() == "organization_name");
    }
    submission.organization_name = "Lovelace Ltd";
    CHECK_NOTHROW(require_complete(submission));
    submission.timeline.reset();
    CHECK_THROWS_AS(require_complete(submission), Error);
  }
}

TEST_CASE("IK-3: goals are the same whatever their case and line breaks", "[intake][rules]") {
  CHECK(goals_for_comparison("Learn to\n\n  ASK") == "learn to ask");
  CHECK(goals_for_comparison("Learn\tto ask") == "learn to ask");
  CHECK(goals_for_comparison("Learn toask") != "learn to ask");
}

TEST_CASE("IK-3: the tenth request within a day is the last", "[intake][rules]") {
  CHECK_NOTHROW(require_quota(9));
  try {
    require_quota(10);
    FAIL("not refused");
  } catch (const Error& error) {
    CHECK(error.code() == "quota_reached");
    CHECK(error.exit_code() == 6);
  }
}
