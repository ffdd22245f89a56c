#include <fmt/format.h>

#include <string>
#include <vector>

#include "core/error_codes.h"
#include "core/text.h"
#include "ops/declare.h"
#include "ops/run.h"
#include "system/about/about.h"

namespace steward::about {
namespace {

struct ExplainArgs {
  ops::Text<100> code;
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

ops::Change explain(ops::System&, const ExplainArgs& args) {
  if (const auto* found = find_error_code(to_lower(args.code.value)))
    return answer(Json{{"code", found->code},
                       {"exit", static_cast<int>(found->kind)},
                       {"meaning", found->meaning},
                       {"advice", found->advice}});
  std::vector<std::string> codes;
  for (const auto& code : error_codes()) codes.emplace_back(code.code);
  const auto near = nearest(args.code.value, codes);
  throw Error{ErrorKind::not_found, "not_found", fmt::format("There is no error code '{}'.", args.code.value),
              near.empty() ? "docs/errors.md lists them all." : fmt::format("Did you mean {}?", join(near, " or "))};
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
  registry.add(ops::declare<ExplainArgs>("explain", "Explain an error code")
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
