#include "core/phrase.h"

#include "core/json.h"
#include "core/text.h"

namespace steward {

std::string in_quotes(std::string_view typed) {
  constexpr std::size_t kWidest = 60;
  std::string out;
  append_json_string(out, cut_to_width(typed, kWidest));
  return out;
}

std::string either(const std::vector<std::string_view>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
    out += words[i];
  }
  return out;
}

}  // namespace steward
