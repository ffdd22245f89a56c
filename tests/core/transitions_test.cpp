#include "core/transitions.h"

#include <catch2/catch.hpp>

#include "refusal.h"

namespace steward {
namespace {

using test::refusal;

enum class State { draft, sent, won, lost };
constexpr std::array<std::string_view, 4> kStateNames{"DRAFT", "SENT", "WON", "LOST"};
constexpr EnumNames names_of(State) { return {"state", kStateNames}; }

constexpr Step<State> kSteps[] = {{State::draft, State::sent, "send"},
                                  {State::sent, State::won, "accept"},
                                  {State::sent, State::lost, "decline"},
                                  {State::sent, State::lost, "expire"}};
constexpr Lifecycle<State> kLifecycle{"proposal", State::draft, kSteps};

TEST_CASE("a lifecycle allows the steps of its table and no others", "[core][transitions]") {
  int allowed = 0;
  for (const auto from : {State::draft, State::sent, State::won, State::lost}) {
    for (const auto to : {State::draft, State::sent, State::won, State::lost}) {
      allowed += kLifecycle.allows(from, to);
      CHECK(kLifecycle.allows(from, to) == !refusal([&] { kLifecycle.require(from, to, "It"); }));
    }
  }
  CHECK(allowed == 3);
}

TEST_CASE("a verb walks its own arcs, not another's to the same state", "[core][transitions]") {
  CHECK_FALSE(refusal([] { kLifecycle.require(State::sent, State::lost, "It", "decline"); }));
  CHECK_FALSE(refusal([] { kLifecycle.require(State::sent, State::lost, "It", "expire"); }));
  const auto error = refusal([] { kLifecycle.require(State::sent, State::lost, "It", "accept"); });
  REQUIRE(error);
  CHECK(error->code() == "invalid_transition");
  CHECK(refusal([] { kLifecycle.require(State::draft, State::lost, "It", "decline"); }));
}

TEST_CASE("a step that is not allowed is a conflict that says what is", "[core][transitions]") {
  const auto error = refusal([] { kLifecycle.require(State::sent, State::draft, "Proposal P-1"); });
  REQUIRE(error);
  CHECK(error->kind() == ErrorKind::conflict);
  CHECK(error->code() == "invalid_transition");
  CHECK(error->what() == std::string("Proposal P-1 is SENT and cannot become DRAFT."));
  CHECK(error->hint() == "From SENT it can become WON or LOST.");
  CHECK(to_text(error->details()) == R"({"from":"SENT","to":"DRAFT"})");
}

TEST_CASE("a final state is called so", "[core][transitions]") {
  const auto error = refusal([] { kLifecycle.require(State::won, State::lost, "Proposal P-1"); });
  REQUIRE(error);
  CHECK(error->hint() == "WON is final.");
}

TEST_CASE("a step to where the record is already says so", "[core][transitions]") {
  const auto error = refusal([] { kLifecycle.require(State::won, State::won, "Proposal P-1"); });
  REQUIRE(error);
  CHECK(error->code() == "invalid_transition");
  CHECK(error->what() == std::string("Proposal P-1 is WON already."));
}

TEST_CASE("a lifecycle can be looked at without its type", "[core][transitions]") {
  const auto view = kLifecycle.view();
  CHECK(view.noun == "proposal");
  CHECK(view.initial == "DRAFT");
  CHECK(view.states == std::vector<std::string_view>{"DRAFT", "SENT", "WON", "LOST"});
  REQUIRE(view.arcs.size() == 4);
  CHECK(view.arcs[3].from == "SENT");
  CHECK(view.arcs[3].to == "LOST");
  CHECK(view.arcs[3].verb == "expire");
}

}  // namespace
}  // namespace steward
