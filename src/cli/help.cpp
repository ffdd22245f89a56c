#include "cli/help.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/globals.h"
#include "core/text.h"

namespace steward::cli {
namespace {

constexpr std::pair<std::string_view, std::string_view> kListFlags[] = {
    {"--limit N", "Rows at most: 100 for json, a screenful for a table, none for ndjson and csv unless said"},
    {"--after CURSOR", "Go on where a former page ended (page.next)"},
    {"--all", "Every row"},
    {"--sort COLUMN[:desc]", "Order by a column; rows with the same value keep a stable order"},
    {"--columns A,B", "Only these columns, in this order"},
    {"--total", "Count them all, too"},
};

void line(std::string& out, std::string_view left, std::string_view right, std::size_t width) {
  const auto gap = width > display_width(left) ? width - display_width(left) : 0;
  out += fmt::format("  {}{}  {}\n", left, std::string(gap, ' '), right);
}

std::string global_spelling(const GlobalFlag& flag) {
  auto out = flag.letter ? fmt::format("-{}, --{}", flag.letter, flag.name) : fmt::format("--{}", flag.name);
  return flag.value.empty() ? out : out + " " + std::string(flag.value);
}

void append_globals(std::string& out) {
  out += "\nGlobal flags, before or after any command:\n";
  for (const auto& flag : global_flags())
    line(out, global_spelling(flag),
         flag.variable.empty() ? std::string(flag.help) : fmt::format("{} ({})", flag.help, flag.variable), 26);
}

std::string choices(const ops::Param& param) {
  std::vector<std::string> names;
  for (const auto choice : param.type.choices) names.push_back(to_lower(choice));
  return join(names, ", ");
}

}  // namespace

std::span<const std::pair<std::string_view, std::string_view>> list_flags() { return kListFlags; }

std::string spelled(const ops::Param& param) {
  if (param.positional) return to_upper(param.name) + (param.subject || param.repeated ? "…" : "");
  if (param.flag) return "--" + param.name;
  return fmt::format("--{} {}{}", param.name, param.type.label, param.repeated ? "…" : "");
}

std::string described(const ops::Param& param) {
  std::string out = param.help;
  if (!param.type.choices.empty()) out += fmt::format(" ({})", choices(param));
  if (!param.type.shape.empty()) out += fmt::format(" ({})", param.type.shape);
  if (param.repeated && !param.positional) out += " (may be repeated)";
  if (param.clearable) out += fmt::format(" (--clear {} empties it)", param.name);
  return out;
}

std::string usage_line(const ops::Operation& operation) {
  std::string out = "steward " + operation.words();
  for (const auto& param : operation.params)
    out += param.required ? " " + spelled(param) : fmt::format(" [{}]", spelled(param));
  return out;
}

std::string root_help(const ops::Registry& registry) {
  std::string out =
      "steward runs the studio: inquiries, proposals, invoices, payments, deals, and the ledger of who earned what.\n\n"
      "  steward                    what waits for a decision\n"
      "  steward GROUP              what a group can do\n"
      "  steward GROUP VERB --help  one command\n\nCommands:\n";
  for (const auto& room : registry.rooms())
    if (!room.group.empty() && !room.group.starts_with("_")) line(out, room.group, room.sentence, 14);
  append_globals(out);
  return out;
}

std::string group_help(ops::Registry& registry, const std::string& group, const std::vector<std::string>& verbs) {
  const auto* room = registry.room(group);
  const auto prefix = verbs.empty() ? group : group + "." + join(verbs, ".");
  std::string out = fmt::format("{}\n\n", room->sentence);
  for (const auto* operation : registry.operations_of(room->group))
    if (operation->path == prefix || operation->path.starts_with(prefix + "."))
      line(out, operation->words(), operation->summary, 28);
  out += fmt::format("\nsteward {} VERB --help says more.\n", group);
  return out;
}

std::string operation_help(const ops::Operation& operation) {
  std::string out = fmt::format("{}.\n\n  {}\n", operation.summary, usage_line(operation));
  if (!operation.details.empty()) out += "\n" + operation.details + "\n";
  if (!operation.params.empty()) out += "\nArguments:\n";
  for (const auto& param : operation.params)
    line(out, spelled(param), described(param) + (param.required ? " (required)" : ""), 26);
  if (const auto* subject = operation.subject(); subject && !operation.find("from"))
    line(out, "--from FILE",
         fmt::format("Read each {} from a line of FILE, or of standard input with -", subject->name), 26);
  if (operation.form == ops::Operation::Form::list) {
    out += "\nEvery list:\n";
    for (const auto& [flag, help] : kListFlags) line(out, flag, help, 26);
    std::vector<std::string> names;
    for (const auto& column : operation.columns) names.emplace_back(column.name);
    out += fmt::format("\nColumns: {}.\n", join(names, ", "));
  }
  if (!operation.scope.empty())
    out += fmt::format("\nNeeds the scope {}{}.\n", operation.scope,
                       operation.risk == ops::Risk::high ? "; asks for confirmation (--yes)" : "");
  if (!operation.examples.empty()) out += "\nExamples:\n";
  for (const auto& example : operation.examples) out += "  " + example + "\n";
  append_globals(out);
  return out;
}

}  // namespace steward::cli
