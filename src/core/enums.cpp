#include "core/enums.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/phrase.h"

namespace steward {
namespace {

/// The form in which two spellings are compared.
std::string bare(std::string_view word) {
  auto out = to_upper(word);
  std::replace(out.begin(), out.end(), '-', '_');
  return out;
}

[[noreturn]] void refuse_choice(const EnumNames& names, std::string_view text) {
  const std::vector<std::string_view> allowed(names.spelling.begin(), names.spelling.end());
  const auto similar = nearest(bare(text), {allowed.begin(), allowed.end()});
  auto details = Json::array();
  for (const auto& name : allowed) details.push(name);
  throw Error{ErrorKind::usage, "invalid_choice",
              fmt::format("Unknown {} {}: it can be {}.", names.noun, in_quotes(text), either(allowed)),
              similar.empty() ? "" : fmt::format("Did you mean {}?", similar.front())}
      .with({{"allowed", details}});
}

}  // namespace

std::size_t choose(EnumNames names, std::string_view text) {
  const auto wanted = bare(text);
  for (std::size_t i = 0; i < names.spelling.size(); ++i)
    if (bare(names.spelling[i]) == wanted) return i;
  refuse_choice(names, text);
}

}  // namespace steward
