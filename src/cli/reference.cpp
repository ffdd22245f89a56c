#include "cli/reference.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/globals.h"
#include "cli/help.h"
#include "core/error_codes.h"
#include "core/text.h"

namespace steward::cli {
namespace {

constexpr std::string_view kMade =
    "<!-- Made by `scripts/docs` from the registry; edit the declarations, not this file. -->\n\n";

constexpr std::size_t kManExample = 80;  ///< behind the indents of a manual page

std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string who(const ops::Operation& operation) {
  if (operation.scope.empty()) return "anyone";
  if (operation.open) return "anyone; a token given is checked";
  std::vector<std::string> roles{"ADMIN", "SUPER_ADMIN"};
  for (const auto role : operation.roles) roles.emplace_back(to_text(role));
  return join(roles, ", ");
}

std::string rights(const ops::Operation& operation) {
  if (operation.scope.empty()) return {};
  auto out = fmt::format("Scope `{}`; people: {}", operation.scope, who(operation));
  if (operation.risk == ops::Risk::high)
    out += operation.form == ops::Operation::Form::manage
               ? "; high risk: asks for confirmation, for people only"
               : "; high risk: asks for confirmation, an agent's call waits for approval";
  if (operation.second_person) out += "; a second person must approve while `controls.two_person` is on";
  return out + ".\n\n";
}

void append_operation(std::string& out, const ops::Operation& operation) {
  out += fmt::format("### {}\n\n{}.\n\n    {}\n\n", operation.words(), operation.summary, usage_line(operation));
  if (!operation.details.empty()) out += operation.details + "\n\n";
  if (!operation.params.empty()) {
    out += "| argument | meaning |\n| --- | --- |\n";
    for (const auto& param : operation.params)
      out += fmt::format("| `{}` | {}{} |\n", cell(spelled(param)), cell(described(param)),
                         param.required ? " (required)" : "");
    out += "\n";
  }
  out += rights(operation);
  if (!operation.columns.empty()) {
    std::vector<std::string> names;
    for (const auto& column : operation.columns) names.push_back(fmt::format("`{}`", column.name));
    out += fmt::format("Record: {}.\n\n", join(names, ", "));
  }
  for (const auto& example : operation.examples) out += fmt::format("    {}\n", example);
  out += "\n";
}

void append_permissions(std::string& out, ops::Registry& registry) {
  out += "## Permissions\n\n| command | scope | people | risk |\n| --- | --- | --- | --- |\n";
  for (const auto* operation : registry.all())
    out += fmt::format("| {} | {} | {} | {} |\n", operation->words(),
                       operation->scope.empty() ? "" : fmt::format("`{}`", operation->scope), who(*operation),
                       operation->risk == ops::Risk::high ? "high" : "");
}

bool shown(const ops::Room& room) { return !room.group.empty(); }

// mdoc: a line that begins with a dot or an apostrophe is a macro; a backslash starts an escape.
std::string roff(std::string_view text) {
  std::string out;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
    line_start = c == '\n';
  }
  return out;
}

// Running text: each sentence begins a line, as mdoc wants it.
std::string prose(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool ends = i > 0 && text[i] == ' ' && (text[i - 1] == '.' || text[i - 1] == '?' || text[i - 1] == '!');
    out += ends ? '\n' : text[i];
  }
  return roff(out);
}

std::string heading(std::string_view name, std::string_view sentence) {
  std::string plain(sentence);
  if (plain.ends_with('.')) plain.pop_back();
  return fmt::format(".Dd $Mdocdate$\n.Dt {} 1\n.Os steward {}\n.Sh NAME\n.Nm {}\n.Nd {}\n", to_upper(name),
                     STEWARD_VERSION, name, roff(plain));
}

ManPage root_page(ops::Registry& registry) {
  std::string out = heading("steward", "run the studio from a shell");
  out +=
      ".Sh SYNOPSIS\n.Nm steward\n.Op Ar flags\n.Ar group verb\n.Op Ar subject ...\n.Sh DESCRIPTION\nEach group has a "
      "page of its own, steward\\-GROUP(1).\n.Bl -tag -width Ds\n";
  for (const auto& room : registry.rooms())
    if (shown(room)) out += fmt::format(".It Cm {}\n{}\n", room.group, prose(room.sentence));
  out += ".El\n.Sh GLOBAL FLAGS\n.Bl -tag -width Ds\n";
  for (const auto& flag : global_flags())
    out += fmt::format(".It Fl Fl {}{}\n{}\n", roff(flag.name),
                       flag.value.empty() ? "" : fmt::format(" Ar {}", flag.value), prose(flag.help));
  out +=
      ".El\n.Sh EXIT STATUS\n0 done; 1 a defect in steward; 2 usage or validation; 3 authentication or permission; 4 "
      "not found; 5 conflict with the record's state; "
      "6 a precondition outside the record; 7 temporary, try again.\n";
  return {"steward.1", out};
}

ManPage group_page(ops::Registry& registry, const ops::Room& room) {
  const auto name = fmt::format("steward-{}", room.group);
  std::string out = heading(name, room.sentence) + ".Sh DESCRIPTION\n" + prose(room.sentence) + "\n";
  for (const auto* operation : registry.operations_of(room.group)) {
    out += fmt::format(".Ss {}\n{}.\n.Bd -ragged -offset indent\n{}\n.Ed\n", roff(operation->words()),
                       prose(operation->summary), roff(usage_line(*operation)));
    if (!operation->details.empty()) out += ".Pp\n" + prose(operation->details) + "\n";
    if (!operation->params.empty()) {
      out += ".Bl -tag -width Ds\n";
      for (const auto& param : operation->params)
        out += fmt::format(".It {}\n{}{}\n", roff(spelled(param)), prose(described(param)),
                           param.required ? " (required)" : "");
      out += ".El\n";
    }
    if (!operation->examples.empty()) {
      out += ".Bd -literal -offset indent\n";
      for (const auto& example : operation->examples) out += roff(spread_command(example, kManExample)) + "\n";
      out += ".Ed\n";
    }
  }
  return {name + ".1", out + ".Sh SEE ALSO\n.Xr steward 1\n"};
}

}  // namespace

std::string reference_markdown(ops::Registry& registry) {
  std::string out = "# Reference\n\n" + std::string(kMade) +
                    "## Global flags\n\n| flag | variable | meaning |\n| --- | --- | --- |\n";
  for (const auto& flag : global_flags())
    out += fmt::format("| `{}--{}{}` | {} | {} |\n", flag.letter ? fmt::format("-{}, ", flag.letter) : "", flag.name,
                       flag.value.empty() ? "" : fmt::format(" {}", flag.value),
                       flag.variable.empty() ? "" : fmt::format("`{}`", flag.variable), cell(flag.help));
  out += "\nEvery list also has:\n\n| flag | meaning |\n| --- | --- |\n";
  for (const auto& [flag, help] : list_flags()) out += fmt::format("| `{}` | {} |\n", flag, cell(help));
  out += "\n";
  for (const auto& room : registry.rooms()) {
    if (!shown(room)) continue;
    out += fmt::format("## {}\n\n{}\n\n", room.group, room.sentence);
    for (const auto* operation : registry.operations_of(room.group)) append_operation(out, *operation);
  }
  append_permissions(out, registry);
  return out;
}

std::string lifecycles_markdown(ops::Registry& registry) {
  std::string out = "# Lifecycles\n\n" + std::string(kMade);
  auto lifecycles = registry.lifecycles();  // in the order in which the rooms came into being
  std::ranges::sort(lifecycles, {}, &LifecycleView::noun);
  for (const auto& lifecycle : lifecycles) {
    std::vector<std::string> states;
    for (const auto state : lifecycle.states) states.push_back(fmt::format("`{}`", state));
    out += fmt::format("## {}\n\nBegins as `{}`. States: {}.\n\n| from | to | by |\n| --- | --- | --- |\n",
                       lifecycle.noun, lifecycle.initial, join(states, ", "));
    for (const auto& arc : lifecycle.arcs) out += fmt::format("| `{}` | `{}` | {} |\n", arc.from, arc.to, arc.verb);
    out += "\n";
  }
  return out;
}

std::string errors_markdown() {
  std::string out =
      "# Error codes\n\n" + std::string(kMade) +
      "The exit code is the error's kind: 1 a defect, 2 usage, 3 permission, 4 not found, 5 conflict, 6 precondition, "
      "7 temporary.\n"
      "`steward explain CODE` prints one.\n\n| code | exit | meaning | what to do |\n| --- | --- | --- | --- |\n";
  for (const auto& code : error_codes())
    out += fmt::format("| `{}` | {} | {} | {} |\n", code.code, static_cast<int>(code.kind), cell(code.meaning),
                       cell(code.advice));
  return out;
}

std::vector<ManPage> man_pages(ops::Registry& registry) {
  std::vector<ManPage> out{root_page(registry)};
  for (const auto& room : registry.rooms())
    if (shown(room)) out.push_back(group_page(registry, room));
  return out;
}

}  // namespace steward::cli
