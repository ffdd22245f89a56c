#include "studio/proposals/rules.h"

#include <catch2/catch.hpp>

#include "core/refusal.h"

using namespace steward;
using namespace steward::proposals;
using steward::test::refusal;
using steward::test::refusal_code;

namespace {
const Instant kNoon = parse_instant("2026-03-02T12:00:00Z");
constexpr Status kAll[] = {Status::draft, Status::sent, Status::accepted, Status::declined, Status::expired};
}  // namespace

TEST_CASE("an answered proposal never moves again", "[proposals][rules]") {
  for (const auto from : {Status::accepted, Status::declined, Status::expired})
    for (const auto to : kAll) CHECK_FALSE(kLifecycle.allows(from, to));
}

TEST_CASE("a draft is sent before it is accepted", "[proposals][rules]") {
  CHECK(kLifecycle.allows(Status::draft, Status::sent));
  CHECK_FALSE(kLifecycle.allows(Status::draft, Status::accepted));
  CHECK(kLifecycle.allows(Status::draft, Status::declined));
  CHECK(kLifecycle.allows(Status::draft, Status::expired));
  CHECK_FALSE(kLifecycle.allows(Status::sent, Status::draft));
}

TEST_CASE("CM-7: a proposal stands until its expiry, and not through it", "[proposals][rules]") {
  CHECK_FALSE(is_over(std::nullopt, kNoon));
  CHECK_FALSE(is_over(kNoon + Duration{1}, kNoon));
  CHECK(is_over(kNoon, kNoon));
  const auto error = refusal([] { require_standing(kNoon, kNoon, "Proposal PRO-2026-0001"); });
  REQUIRE(error);
  CHECK(error->exit_code() == 5);
  CHECK(error->code() == "proposal_expired");
  CHECK(error->what() == std::string("Proposal PRO-2026-0001 expired at 2026-03-02 12:00Z."));
}

TEST_CASE("only a draft is changed, and a new expiry lies ahead", "[proposals][rules]") {
  for (const auto status : kAll)
    CHECK(refusal_code([&] { require_draft(status, "It"); }) == (status == Status::draft ? "" : "immutable"));
  CHECK_THAT(refusal([] { require_draft(Status::sent, "It"); })->what(),
             Catch::Contains("its expiry can still be changed"));
  CHECK(refusal_code([] { require_ahead(kNoon, kNoon); }) == "in_the_past");
  CHECK(refusal_code([] { require_ahead(kNoon + Duration{1}, kNoon); }).empty());
}
