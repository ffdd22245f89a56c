#include "core/transitions.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/phrase.h"

namespace steward {
namespace {

/// Two verbs may lead to one state; it is named once.
std::vector<std::string_view> without_repeats(const std::vector<std::string_view>& words) {
  std::vector<std::string_view> out;
  for (const auto& word : words)
    if (std::find(out.begin(), out.end(), word) == out.end()) out.push_back(word);
  return out;
}

}  // namespace

void refuse_transition(std::string_view label, std::string_view from, std::string_view to,
                       const std::vector<std::string_view>& open) {
  const auto sentence = from == to ? fmt::format("{} is {} already.", label, from)
                                   : fmt::format("{} is {} and cannot become {}.", label, from, to);
  const auto hint = open.empty() ? fmt::format("{} is final.", from)
                                 : fmt::format("From {} it can become {}.", from, either(without_repeats(open)));
  throw Error{ErrorKind::conflict, "invalid_transition", sentence, hint}.with({{"from", from}, {"to", to}});
}

}  // namespace steward
