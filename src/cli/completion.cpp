#include "cli/completion.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cli/commands.h"
#include "cli/config.h"
#include "cli/globals.h"
#include "cli/help.h"
#include "core/error.h"
#include "core/error_codes.h"
#include "core/text.h"
#include "ops/authenticate.h"
#include "ops/declare.h"
#include "ops/run.h"
#include "ops/settings.h"

namespace steward::cli {
namespace {

constexpr std::string_view kBash = R"sh(# steward completion for bash: eval "$(steward completion bash)"
_steward() {
  # bash takes words apart at = : @ too, as in --output=csv and ada@example.org: put them together again.
  local line piece rest=$COMP_LINE words=()
  for piece in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
    if [[ ${#words[@]} -eq 0 || $rest == [[:space:]]* ]]; then
      rest=${rest#"${rest%%[![:space:]]*}"}
      words+=("$piece")
    else
      words[${#words[@]}-1]+=$piece
    fi
    rest=${rest#"$piece"}
  done
  local current=${words[${#words[@]}-1]} typed=${COMP_WORDS[COMP_CWORD]}
  case $typed in [=:@]) typed= ;; esac
  COMPREPLY=()
  while IFS=$'\t' read -r line _; do
    line=${line:${#current}-${#typed}}
    COMPREPLY+=("$(printf '%q' "$line")")
  done < <(steward __complete "${words[@]:1}" 2>/dev/null)
  if [ ${#COMPREPLY[@]} -eq 0 ]; then compopt -o default 2>/dev/null; fi
  return 0
}
complete -F _steward steward
)sh";

constexpr std::string_view kZsh = R"sh(#compdef steward
# steward completion for zsh: eval "$(steward completion zsh)"
_steward() {
  local -a found
  local value what
  while IFS=$'\t' read -r value what; do
    found+=("${value//:/\\:}:${what//:/\\:}")
  done < <(steward __complete "${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( ${#found} )); then
    _describe -t steward steward found
  else
    _files
  fi
}
if (( ! $+functions[compdef] )); then
  autoload -Uz compinit && compinit
fi
compdef _steward steward
)sh";

constexpr std::string_view kFish = R"sh(# steward completion for fish: steward completion fish | source
function __steward_complete
    set -l words (commandline -opc) (commandline -ct)
    steward __complete $words[2..-1] 2>/dev/null
end
complete -c steward -f -a '(__steward_complete)'
)sh";

using Candidates = std::vector<std::pair<std::string, std::string>>;

// How far the words before the current one lead into the tree of commands.
struct Place {
  std::string path;
  const ops::Operation* operation = nullptr;
  std::size_t positionals = 0;
  const ops::Param* wants_value = nullptr;  ///< the last word was this option
  const GlobalFlag* wants_global = nullptr;
  Globals globals;
};

void take_global(Globals& globals, std::string_view name, const std::string& value) {
  if (name == "db") globals.db = value;
  if (name == "config") globals.config = value;
  if (name == "env") globals.env = value;
  if (name == "token-file") globals.token_file = value;
}

bool leads_on(ops::Registry& registry, const std::string& path, const std::string& word) {
  if (path.empty()) return registry.room(word) != nullptr;
  const auto next = path + "." + word;
  return std::ranges::any_of(registry.operations_of(path.substr(0, path.find('.'))),
                             [&](const auto* o) { return o->path == next || o->path.starts_with(next + "."); });
}

Place walk(ops::Registry& registry, std::span<const std::string> words) {
  Place at;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto& word = words[i];
    const bool last = i + 1 == words.size();
    if (const auto* flag = global_flag(word); flag && !flag->value.empty() && word.find('=') == std::string::npos) {
      if (last) return at.wants_global = flag, at;
      take_global(at.globals, flag->name, words[++i]);
    } else if (word.starts_with("-")) {
      const auto* param = at.operation && word.starts_with("--") ? at.operation->find(word.substr(2)) : nullptr;
      if (!param || param->flag) continue;
      if (last) return at.wants_value = param, at;
      ++i;
    } else if (!at.operation && leads_on(registry, at.path, word)) {
      at.path = at.path.empty() ? std::string(registry.room(word)->group) : at.path + "." + word;
      at.operation = registry.find(at.path);
    } else {
      ++at.positionals;
    }
  }
  return at;
}

Candidates live_values(ops::Registry& registry, const Globals& globals, const ops::Operation& operation,
                       const ops::HandleSpec& spec, std::string_view prefix) {
  try {
    const auto config = resolve(globals);
    ops::House house;
    house.registry = &registry;
    house.url = db::Url::parse(config.db);
    house.environment = config.env;
    house.fixed_now = config.now;
    house.busy_timeout = std::chrono::milliseconds{200};
    auto connection = db::open(house.url, {db::Access::read, false, house.busy_timeout, {}});
    db::Tx tx(*connection, db::Access::read, house.now());
    const auto actor = ops::authenticate(tx, house, ops::environment_of(tx, house), config.token, true);
    ops::authorise(actor, operation);
    return ops::complete_handle(tx, spec, prefix);
  } catch (const Error&) {
    return {};
  }
}

Candidates values_of(ops::Registry& registry, const Place& at, const ops::Param& param, std::string_view prefix) {
  Candidates out;
  for (const auto choice : param.type.choices) out.emplace_back(to_lower(choice), "");
  if (param.type.label == "SETTING")
    for (const auto& spec : ops::setting_specs()) out.emplace_back(spec.key, spec.help);
  if (param.type.label == "ERROR")
    for (const auto& code : error_codes()) out.emplace_back(code.code, code.meaning);
  if (param.type.handle) return live_values(registry, at.globals, *at.operation, *param.type.handle, prefix);
  return out;
}

Candidates verbs_of(ops::Registry& registry, const std::string& path) {
  std::map<std::string, std::string> out;
  for (const auto* operation : registry.operations_of(path.substr(0, path.find('.')))) {
    if (!operation->path.starts_with(path + ".")) continue;
    const auto rest = operation->path.substr(path.size() + 1);
    const auto dot = rest.find('.');
    out.try_emplace(rest.substr(0, dot), dot == std::string::npos ? operation->summary : "");
  }
  return {out.begin(), out.end()};
}

Candidates flags_of(const Place& at) {
  Candidates out;
  if (at.operation) {
    for (const auto& param : at.operation->params)
      if (!param.positional) out.emplace_back("--" + param.name, param.help);
    if (at.operation->form == ops::Operation::Form::list)
      for (const auto& [flag, help] : list_flags()) out.emplace_back(flag.substr(0, flag.find(' ')), help);
    if (at.operation->subject()) out.emplace_back("--from", "Read the subjects from a file");
  }
  for (const auto& flag : global_flags()) out.emplace_back(fmt::format("--{}", flag.name), flag.help);
  return out;
}

const ops::Param* positional_at(const ops::Operation& operation, std::size_t index) {
  const ops::Param* last = nullptr;
  for (const auto& param : operation.params) {
    if (!param.positional) continue;
    if (index-- == 0) return &param;
    last = &param;
  }
  return last && (last->subject || last->repeated) ? last : nullptr;
}

Candidates candidates(ops::Registry& registry, const Place& at, std::string_view current) {
  if (at.wants_global) {
    if (at.wants_global->name == "output") return {{"table", ""}, {"json", ""}, {"ndjson", ""}, {"csv", ""}};
    if (at.wants_global->name == "env") return {{"local", ""}, {"staging", ""}, {"prod", ""}};
    return {};
  }
  if (at.wants_value) return values_of(registry, at, *at.wants_value, current);
  if (current.starts_with("-")) return flags_of(at);
  if (at.operation) {
    const auto* param = positional_at(*at.operation, at.positionals);
    return param ? values_of(registry, at, *param, current) : Candidates{};
  }
  if (!at.path.empty()) return verbs_of(registry, at.path);
  Candidates out;
  for (const auto& room : registry.rooms())
    if (!room.group.empty()) out.emplace_back(room.group, room.sentence);
  return out;
}

struct CompletionArgs {
  Shell shell;
};

ops::Change print_script(ops::System&, const CompletionArgs& args) {
  ops::Change out;
  out.data = Json{{"text", completion_script(args.shell)}};
  return out;
}

}  // namespace

std::string completion_script(Shell shell) {
  return std::string(shell == Shell::bash ? kBash : shell == Shell::zsh ? kZsh : kFish);
}

std::string complete(ops::Registry& registry, const std::vector<std::string>& words) {
  auto before = words;
  std::string current, glued;  // of "--status=pa": "pa" and "--status="
  if (!before.empty()) {
    current = before.back();
    before.pop_back();
  }
  if (const auto equals = current.find('='); current.starts_with("--") && equals != std::string::npos) {
    glued = current.substr(0, equals + 1);
    before.push_back(current.substr(0, equals));
    current.erase(0, equals + 1);
  }
  std::string out;
  const auto wanted = to_lower(current);
  for (const auto& [value, what] : candidates(registry, walk(registry, before), current))
    if (to_lower(value).starts_with(wanted)) out += glued + value + (what.empty() ? "\n" : fmt::format("\t{}\n", what));
  return out;
}

void register_completion(ops::Registry& registry) {
  registry.add(ops::declare<CompletionArgs>("completion", "Print the completion script of a shell")
                   .positional("shell", &CompletionArgs::shell, "Which shell")
                   .details("bash: eval \"$(steward completion bash)\"   zsh: eval \"$(steward completion zsh)\"   "
                            "fish: steward completion fish | source")
                   .open()
                   .example("steward completion bash")
                   .manages(print_script, false));
}

}  // namespace steward::cli
