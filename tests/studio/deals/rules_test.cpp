#include "studio/deals/rules.h"

#include <catch2/catch.hpp>

#include "core/refusal.h"

using namespace steward;
using namespace steward::deals;
using test::refusal_code;

namespace {

std::vector<std::string_view> verbs_to(Status to) {
  std::vector<std::string_view> out;
  for (const auto& step : kSteps)
    if (step.to == to) out.push_back(step.verb);
  return out;
}

}  // namespace

TEST_CASE("DL-1: no verb leads to PAID or REFUNDED, only money does", "[deals][rules]") {
  CHECK(verbs_to(Status::paid) == std::vector<std::string_view>{"payment"});
  for (const auto verb : verbs_to(Status::refunded)) CHECK(verb == "refund");  // the ledger of money that went back
}

TEST_CASE("DL-2: a deal becomes PAID from its approval and from nowhere else", "[deals][rules]") {
  for (std::size_t i = 0; i < kStatusNames.size(); ++i) {
    const auto from = static_cast<Status>(i);
    CAPTURE(kStatusNames[i]);
    CHECK(kLifecycle.allows(from, Status::paid) == (from == Status::maestro_approved));
  }
}

TEST_CASE("DL-3: work cannot begin before the money is there", "[deals][rules]") {
  CHECK(refusal_code([] { kLifecycle.require(Status::maestro_approved, Status::in_progress, "Deal 1"); }) ==
        "invalid_transition");
  CHECK_FALSE(kLifecycle.allows(Status::maestro_approved, Status::delivered));
  CHECK_FALSE(kLifecycle.allows(Status::assigned, Status::delivered));
}

TEST_CASE("DL-7: an assignment may be made anew until the money is there", "[deals][rules]") {
  for (const auto from : {Status::queued, Status::assigned, Status::maestro_approved})
    CHECK(kLifecycle.allows(from, Status::assigned));
  for (const auto from : {Status::paid, Status::in_progress, Status::delivered, Status::closed, Status::refunded})
    CHECK_FALSE(kLifecycle.allows(from, Status::assigned));
}

TEST_CASE("PY-4: a closed deal moves only when its money goes back, and a refunded one never", "[deals][rules]") {
  for (const auto& step : kSteps) {
    CHECK((step.from != Status::closed || step.to == Status::refunded));
    CHECK(step.from != Status::refunded);
  }
}

TEST_CASE("DL-6, RF-3: provider, maestro and referrer are different people", "[deals][rules]") {
  CHECK_NOTHROW(require_different_people({"p", "m", std::nullopt}));
  CHECK_NOTHROW(require_different_people({"p", "m", "r"}));
  CHECK_NOTHROW(require_different_people({"p", "m", "m"}));
  CHECK(refusal_code([] { require_different_people({"p", "p", std::nullopt}); }) == "same_person");
  CHECK(refusal_code([] { require_different_people({"p", "m", "p"}); }) == "same_person");
}

TEST_CASE("DL-6: a deal is approved by its maestro or an ADMIN, never by its provider", "[deals][rules]") {
  const auto asked_by = [](const Caller& caller) {
    return refusal_code([&] { require_approver(caller, "provider", "maestro", "Deal 1"); });
  };
  CHECK(asked_by({"maestro", true, false}).empty());
  CHECK(asked_by({"admin", true, true}).empty());
  CHECK(asked_by({std::nullopt, true, true}).empty());
  CHECK(asked_by({"other", true, false}) == "forbidden");
  CHECK(asked_by({std::nullopt, false, false}) == "forbidden");
  CHECK(asked_by({"provider", true, false}) == "forbidden");
  CHECK(asked_by({"provider", true, true}) == "forbidden");
}

TEST_CASE("work is reported by who has a part in it, an ADMIN, or a token with that scope", "[deals][rules]") {
  const auto asked_by = [](const Caller& caller) {
    return refusal_code([&] { require_part_in(caller, "provider", "maestro", "Deal 1"); });
  };
  CHECK(asked_by({"provider", true, false}).empty());
  CHECK(asked_by({"maestro", true, false}).empty());
  CHECK(asked_by({"admin", true, true}).empty());
  CHECK(asked_by({std::nullopt, false, false}).empty());
  CHECK(asked_by({"other", true, false}) == "forbidden");
}

TEST_CASE("a deal is named by a tail that its commands accept", "[deals][rules]") {
  CHECK(label_of("01930000-0000-7000-8000-00003fa09b12") == "Deal 3fa09b12");
}
