#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "core/error_codes.h"
#include "core/text.h"
#include "ops/declare.h"
#include "ops/run.h"
#include "system/about/about.h"

namespace steward::about {
namespace {

/// What might be an error code.
struct ErrorName {
  std::string value;
};

}  // namespace
}  // namespace steward::about

template <>
struct steward::ops::ArgumentType<steward::about::ErrorName> {
  static TypeInfo info() { return {"ERROR", "at most 100 characters"}; }
  static about::ErrorName parse(std::string_view text, std::string_view field) {
    return {clean_text(text, field, 100, false)};
  }
};

namespace steward::about {
namespace {

struct ExplainArgs {
  std::optional<ErrorName> code;
};

ops::Change answer(Json data) {
  ops::Change out;
  out.data = std::move(data);
  return out;
}

ops::Change version(ops::System& system, const ops::NoArgs&) {
  return answer(Json{{"version", STEWARD_VERSION},
                     {"schema", system.house.migrations().back().name},
                     {"compiler", "GCC " __VERSION__}});
}

Json all_codes() {
  Json out = Json::array();
  for (const auto& code : error_codes())
    out.push(Json{{"code", code.code}, {"exit", static_cast<int>(code.kind)}, {"meaning", code.meaning}});
  return out;
}

// Codes that are spelled nearly so, or else have one of its words: "payable" is not_payable.
std::vector<std::string> codes_near(const std::string& word) {
  constexpr std::size_t kMost = 3;
  std::vector<std::string> codes, related;
  for (const auto& code : error_codes()) codes.emplace_back(code.code);
  if (auto near = nearest(word, codes); !near.empty()) return near;
  for (const auto& code : codes) {
    const auto parts = split(code, '_');
    const bool has_one = std::ranges::any_of(split(word, '_'), [&](std::string_view part) {
      return part.size() > 2 && std::ranges::count(parts, part) > 0;
    });
    if (has_one && related.size() < kMost) related.push_back(code);
  }
  return related;
}

ops::Change explain(ops::System&, const ExplainArgs& args) {
  if (!args.code) return answer(all_codes());
  const auto word = to_lower(args.code->value);
  if (const auto* found = find_error_code(word))
    return answer(Json{{"code", found->code},
                       {"exit", static_cast<int>(found->kind)},
                       {"meaning", found->meaning},
                       {"advice", found->advice}});
  const auto near = codes_near(word);
  throw Error{ErrorKind::not_found, "not_found", fmt::format("There is no error code '{}'.", args.code->value),
              near.empty() ? "steward explain lists them all." : fmt::format("Did you mean {}?", join(near, " or "))};
}

ops::Change show_config(ops::System& system, const ops::NoArgs&) { return answer(system.house.configuration); }

}  // namespace

void register_version(ops::Registry& registry) {
  registry.add(ops::declare<ops::NoArgs>("version", "Show the version of steward and of its schema")
                   .open()
                   .example("steward version")
                   .manages(version, false));
}

void register_explain(ops::Registry& registry) {
  registry.add(ops::declare<ExplainArgs>("explain", "Explain an error code, or list them all")
                   .positional("code", &ExplainArgs::code, "A code as errors[].code has it")
                   .open()
                   .example("steward explain overpayment")
                   .manages(explain, false));
}

void register_config(ops::Registry& registry) {
  registry.add(ops::declare<ops::NoArgs>("config.show", "Show each effective setting and where it came from")
                   .details("Flags come before variables, variables before the configuration file, the file before the "
                            "defaults. A token is never shown.")
                   .open()
                   .example("steward config show")
                   .manages(show_config, false));
}

}  // namespace steward::about
