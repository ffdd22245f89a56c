#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/enums.h"

namespace steward {

/// One arc of a lifecycle, and the verb that walks it ("issue"); a derived arc ("payment") says what derives it.
template <class State>
struct Step {
  State from, to;
  std::string_view verb;
};

/// A lifecycle without its C++ type, as `docs/lifecycles.md` prints it.
struct LifecycleView {
  struct Arc {
    std::string_view from, to, verb;
  };
  std::string_view noun;
  std::string_view initial;
  std::vector<std::string_view> states;
  std::vector<Arc> arcs;
};

/// The one table that says how a record's status may move.
template <NamedEnum State>
struct Lifecycle {
  std::string_view noun;  ///< "invoice"
  State initial;
  std::span<const Step<State>> steps;

  bool allows(State from, State to) const {
    for (const auto& step : steps)
      if (step.from == from && step.to == to) return true;
    return false;
  }
  /// Errors: Error{conflict, "invalid_transition"} with details {from, to}, and the moves that are
  ///         open from here in the hint. `label` names the record in the sentence ("Invoice INV-2026-0007").
  void require(State from, State to, std::string_view label) const {
    if (!allows(from, to)) refuse(label, to_text(from), to_text(to));
  }
  /// As above, for who walks by that verb: the arcs of another (a payment that was reversed, a payout that failed) may
  /// lead to the same state and are not open to it.
  void require(State from, State to, std::string_view label, std::string_view verb) const {
    for (const auto& step : steps)
      if (step.from == from && step.to == to && step.verb == verb) return;
    refuse(label, to_text(from), to_text(to));
  }
  LifecycleView view() const {
    LifecycleView out{noun, to_text(initial), {}, {}};
    for (auto name : names_of(initial).spelling) out.states.push_back(name);
    for (const auto& step : steps) out.arcs.push_back({to_text(step.from), to_text(step.to), step.verb});
    return out;
  }

 private:
  [[noreturn]] void refuse(std::string_view label, std::string_view from, std::string_view to) const;
};

/// Throws the error Lifecycle::require promises; `open` are the states reachable from `from`.
[[noreturn]] void refuse_transition(std::string_view label, std::string_view from, std::string_view to,
                                    const std::vector<std::string_view>& open);

template <NamedEnum State>
void Lifecycle<State>::refuse(std::string_view label, std::string_view from, std::string_view to) const {
  std::vector<std::string_view> open;
  for (const auto& step : steps)
    if (to_text(step.from) == from) open.push_back(to_text(step.to));
  refuse_transition(label, from, to, open);
}

}  // namespace steward
