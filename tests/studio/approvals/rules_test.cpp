#include "studio/approvals/rules.h"

#include <catch2/catch.hpp>

#include "core/refusal.h"

using namespace steward;
using namespace steward::approvals;
using steward::test::refusal_code;

TEST_CASE("PR-2: only what is PENDING is decided", "[approvals][rules]") {
  for (const auto from : {Status::approved, Status::denied, Status::expired, Status::cancelled}) {
    CAPTURE(to_text(from));
    CHECK(refusal_code([&] { require_waiting(from, Status::denied, {2}, {1}, "It"); }) == "invalid_transition");
  }
  CHECK(refusal_code([] { require_waiting(Status::pending, Status::approved, {2}, {1}, "It"); }) == "");
}

TEST_CASE("PR-3: a request that waited too long is not decided", "[approvals][rules]") {
  CHECK(refusal_code([] { require_waiting(Status::pending, Status::approved, {1}, {1}, "It"); }) == "expired");
}

TEST_CASE("PR-4: two tokens of one person are one person", "[approvals][rules]") {
  const Party ana{"u1", "u1"}, ana_again{"u1", "u1"}, bo{"u2", "u2"}, agent{"t1", {}}, shell{"operator:root", {}};
  CHECK(refusal_code([&] { require_other_person(ana, ana_again); }) == "same_person");
  CHECK(refusal_code([&] { require_other_person(shell, shell); }) == "same_person");
  CHECK(refusal_code([&] { require_other_person(ana, bo); }) == "");
  CHECK(refusal_code([&] { require_other_person(agent, ana); }) == "");
  CHECK(refusal_code([&] { require_other_person(shell, ana); }) == "");
}
