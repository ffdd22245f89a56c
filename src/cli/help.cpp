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

constexpr std::size_t kWidth = 100;  ///< no line of a help is longer

// Appends words to the line that `out` ends with; where one would pass kWidth, a line begins, indented.
void append_wrapped(std::string& out, std::string_view text, std::size_t indent) {
  auto column = display_width(std::string_view(out).substr(out.rfind('\n') + 1));
  bool first = true;
  for (const auto word : split(text, ' ')) {
    const auto wide = display_width(word);
    if (!first && column + 1 + wide > kWidth) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += wide;
    first = false;
  }
}

void paragraph(std::string& out, std::string_view text, std::size_t indent = 0) {
  for (const auto one : split(text, '\n')) {
    append_wrapped(out, one, indent);
    out += '\n';
  }
}

void line(std::string& out, std::string_view left, std::string_view right, std::size_t width) {
  const auto gap = width > display_width(left) ? width - display_width(left) : 0;
  out += fmt::format("  {}{}  ", left, std::string(gap, ' '));
  append_wrapped(out, right, width + 4);
  out += '\n';
}

// One of the operations that answers a newcomer's question: what is there?
const std::string* example_of(const std::vector<const ops::Operation*>& operations) {
  const std::string* found = nullptr;
  for (const auto* operation : operations) {
    if (operation->examples.empty()) continue;
    if (operation->form == ops::Operation::Form::list) return &operation->examples.front();
    if (!found) found = &operation->examples.front();
  }
  return found;
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
  auto label = param.type.label;
  std::ranges::replace(label, ' ', '-');
  return fmt::format("--{} {}{}", param.name, label, param.repeated ? "…" : "");
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

std::string spread_command(const std::string& line, std::size_t width) {
  std::string out;
  std::size_t column = 2;
  for (std::size_t from = 0; from < line.size();) {
    const auto to = std::min(line.find(" --", from + 1), line.size());
    auto piece = std::string_view(line).substr(from, to - from);
    if (from > 0 && column + display_width(piece) + 2 > width) {
      out += " \\\n      ";
      column = 8;
      piece.remove_prefix(1);
    }
    out += piece;
    column += display_width(piece);
    from = to;
  }
  return out;
}

std::string root_help(const ops::Registry& registry) {
  std::string out =
      "steward runs the studio: inquiries, proposals, invoices, payments, deals, and the ledger of who\nearned "
      "what.\n\n"
      "  steward                    what waits for a decision\n"
      "  steward GROUP              what a group can do\n"
      "  steward GROUP VERB --help  one command\n\nCommands:\n";
  for (const auto& room : registry.rooms())
    if (!room.group.empty() && !room.group.starts_with("_")) line(out, room.group, room.sentence, 14);
  out += "\nExamples:\n  steward init\n  steward invoices list --status issued\n  steward invoices issue --help\n";
  append_globals(out);
  return out;
}

std::string group_help(ops::Registry& registry, const std::string& group, const std::vector<std::string>& verbs) {
  const auto* room = registry.room(group);
  const auto prefix = verbs.empty() ? group : group + "." + join(verbs, ".");
  std::string out = fmt::format("{}\n\n", room->sentence);
  std::vector<const ops::Operation*> shown;
  for (const auto* operation : registry.operations_of(room->group))
    if (operation->path == prefix || operation->path.starts_with(prefix + ".")) shown.push_back(operation);
  for (const auto* operation : shown) line(out, operation->words(), operation->summary, 28);
  if (const auto* example = example_of(shown)) out += fmt::format("\nExample:\n  {}\n", spread_command(*example));
  out += fmt::format("\nsteward {} VERB --help says more.\n", group);
  return out;
}

std::string operation_help(const ops::Operation& operation) {
  auto out = operation.summary + ".\n\n  ";
  paragraph(out, usage_line(operation), 6);
  if (!operation.details.empty()) paragraph(out += '\n', operation.details);
  if (!operation.params.empty()) out += "\nArguments:\n";
  for (const auto& param : operation.params)
    line(out, spelled(param), described(param) + (param.required ? " (required)" : ""), 26);
  if (const auto* subject = operation.subject(); subject && !operation.find("from"))
    line(out, "--from FILE",
         fmt::format("Read each {} from a line of FILE, or of standard input with -; a header such as id, from a "
                     "list with -o csv, is left out",
                     subject->name),
         26);
  if (operation.form == ops::Operation::Form::list) {
    out += "\nEvery list:\n";
    for (const auto& [flag, help] : kListFlags) line(out, flag, help, 26);
    std::vector<std::string> names;
    for (const auto& column : operation.columns) names.emplace_back(column.name);
    paragraph(out += '\n', fmt::format("Columns: {}.", join(names, ", ")));
  }
  if (!operation.scope.empty())
    out += fmt::format("\nNeeds the scope {}{}.\n", operation.scope,
                       operation.risk == ops::Risk::high ? "; asks for confirmation (--yes)" : "");
  if (!operation.examples.empty()) out += "\nExamples:\n";
  for (const auto& example : operation.examples) out += "  " + spread_command(example) + "\n";
  append_globals(out);
  return out;
}

}  // namespace steward::cli
