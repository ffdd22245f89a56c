#include "cli/parse.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "core/error.h"
#include "core/text.h"

namespace steward::cli {
namespace {

// What was typed, short enough for a sentence.
std::string cut(std::string_view word) { return cut_to_width(word, 60); }

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known, std::string_view prefix,
                         std::string_view otherwise) {
  auto near = nearest(word, known);
  if (near.empty()) return std::string(otherwise);
  for (auto& one : near) one.insert(0, prefix);
  return fmt::format("Did you mean {}?", join(near, " or "));
}

// The words that lead to an operation, split from its arguments; global flags may stand anywhere before them.
struct Split {
  std::vector<std::string> path, rest;
  std::string stop;  ///< the word that leads nowhere, if it looks like one of a path
};

bool leads_on(const std::vector<const ops::Operation*>& operations, const std::string& path) {
  return std::ranges::any_of(operations,
                             [&](const auto* o) { return o->path == path || o->path.starts_with(path + "."); });
}

const ops::Room& require_room(ops::Registry& registry, const std::string& word) {
  if (const auto* room = registry.room(word)) return *room;
  std::vector<std::string> groups;
  for (const auto& room : registry.rooms()) groups.emplace_back(room.group);
  throw Error{ErrorKind::usage, "unknown_command", fmt::format("There is no command '{}'.", cut(word)),
              did_you_mean(word, groups, "steward ", "steward --help lists them all.")};
}

// Behind it every word is an argument, whatever it looks like.
constexpr std::string_view kEndOfFlags = "--";

Split split_path(ops::Registry& registry, const std::vector<std::string>& words) {
  Split out;
  std::vector<const ops::Operation*> operations;
  std::string path;
  bool open = true;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto& word = words[i];
    if (word == kEndOfFlags) {
      out.rest.insert(out.rest.end(), words.begin() + i, words.end());
      break;
    }
    if (const auto* flag = global_flag(word)) {
      out.rest.push_back(word);
      const bool has_value = word.find('=') != std::string::npos || (word[1] != '-' && word.size() > 2);
      if (!flag->value.empty() && !has_value && i + 1 < words.size()) out.rest.push_back(words[++i]);
      continue;
    }
    const bool is_word = !word.empty() && word[0] != '-';
    if (open && is_word && path.empty()) {
      const auto& room = require_room(registry, word);
      path = room.group;
      out.path.push_back(path);
      operations = registry.operations_of(room.group);
      continue;
    }
    if (open && is_word && leads_on(operations, path + "." + word)) {
      path.append(".").append(word);
      out.path.push_back(word);
      continue;
    }
    if (open && is_word) out.stop = word;
    open = false;
    out.rest.push_back(word);
  }
  return out;
}

// `own`: the operation's argument of the same name takes the place of a global flag (tokens create --workspace).
void add_globals(CLI::App& app, Globals& globals, const ops::Operation* own) {
  app.add_option("--db", globals.db);
  app.add_option("--env", globals.env);
  app.add_option("--config", globals.config);
  app.add_option("-o,--output", globals.output);
  app.add_option("--token-file", globals.token_file);
  app.add_option("--idempotency-key", globals.idempotency_key);
  if (!own || !own->find("workspace")) app.add_option("--workspace", globals.workspace);
  app.add_flag("--json", globals.json);
  app.add_flag("--dry-run", globals.dry_run);
  app.add_flag("-y,--yes", globals.yes);
  app.add_flag("-q,--quiet", globals.quiet);
  app.add_flag("-v,--verbose", globals.verbose);
  app.add_flag("--no-color", globals.no_color);
  app.add_flag("-h,--help", globals.help);
}

void add_list_flags(CLI::App& app, Globals& globals) {
  app.add_option("--limit", globals.limit);
  app.add_option("--after", globals.after);
  app.add_option("--sort", globals.sort);
  app.add_option("--columns", globals.columns);
  app.add_flag("--all", globals.all);
  app.add_flag("--total", globals.total);
}

bool can_clear(const ops::Operation& operation) {
  return std::ranges::any_of(operation.params, &ops::Param::clearable);
}

void add_params(CLI::App& app, const ops::Operation& operation, ops::RawArgs& raw) {
  for (const auto& param : operation.params) {
    auto& texts = raw[param.name];
    if (param.flag)
      app.add_flag_callback("--" + param.name, [&texts] { texts = {"true"}; });
    else if (param.positional && (param.subject || param.repeated))
      app.add_option(param.name, texts)->expected(0, CLI::detail::expected_max_vector_size);
    else if (param.positional)
      app.add_option(param.name, texts)->expected(1)->allow_extra_args(false);
    else
      app.add_option("--" + param.name, texts)
          ->allow_extra_args(false)
          ->expected(1)
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
  if (can_clear(operation))
    app.add_option("--clear", raw["clear"])
        ->allow_extra_args(false)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

std::vector<std::string> flag_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames()) names.push_back(name);
  return names;
}

// A value that is a flag of this very command is a value forgotten; what starts with a hyphen otherwise is a value.
void require_values(const CLI::App& app, const std::vector<std::string>& words) {
  const auto option = [&](const std::string& word) -> const CLI::Option* {
    return word.size() > 2 && word.starts_with("--") ? app.get_option_no_throw(word) : nullptr;
  };
  for (std::size_t i = 0; i + 1 < words.size() && words[i] != kEndOfFlags; ++i) {
    const auto* flag = option(words[i]);
    if (!flag || flag->get_expected_min() == 0) continue;
    if (option(words[i + 1]))
      refuse_usage("repeated_argument", fmt::format("The flag {} has no value.", words[i]), words[i].substr(2),
                   fmt::format("Write {}={} if that is its value.", words[i], words[i + 1]));
    ++i;
  }
}

[[noreturn]] void refuse_extra(const std::string& extra, const CLI::App& app, const Parsed& parsed) {
  const auto words = parsed.operation ? parsed.operation->words() : "steward";
  const auto help = parsed.operation ? fmt::format("steward {} --help", words) : "steward --help";
  if (extra.starts_with("-") && extra != kEndOfFlags) {
    const auto flag = extra.substr(0, extra.find('='));
    const auto name = flag.substr(std::min(flag.find_first_not_of('-'), flag.size()));
    throw Error{ErrorKind::usage, "unknown_flag", fmt::format("{} has no flag {}.", words, cut(flag)),
                did_you_mean(name, flag_names(app), "--", help + " lists them.")};
  }
  throw Error{ErrorKind::usage, "unexpected_word",
              fmt::format("{} does not know what to do with '{}'.", words, cut(extra)), help + " shows its arguments."};
}

[[noreturn]] void refuse_verb(ops::Registry& registry, const std::vector<std::string>& path, const std::string& word) {
  std::vector<std::string> verbs;
  const auto prefix = join(path, ".") + ".";
  for (const auto* operation : registry.operations_of(path.front()))
    if (operation->path.starts_with(prefix))
      verbs.push_back(operation->path.substr(prefix.size(), operation->path.find('.', prefix.size()) - prefix.size()));
  std::ranges::sort(verbs);
  verbs.erase(std::unique(verbs.begin(), verbs.end()), verbs.end());
  throw Error{ErrorKind::usage, "unknown_command", fmt::format("{} has no command '{}'.", join(path, " "), cut(word)),
              did_you_mean(word, verbs, fmt::format("steward {} ", join(path, " ")),
                           fmt::format("It has: {}.", join(verbs, ", ")))};
}

// "--limit: At Most 1 required but received 2", in our words.
[[noreturn]] void refuse_count(const std::string& what) {
  const auto flag = what.substr(0, what.find(':'));
  const bool many = what.find("At Most") != std::string::npos || what.find("received") != std::string::npos;
  refuse_usage("repeated_argument", fmt::format("{} {}.", flag, many ? "is given more than once" : "has no value"),
               flag.substr(std::min(flag.find_first_not_of('-'), flag.size())));
}

// "--yes=maybe".
[[noreturn]] void refuse_flag_value(const CLI::App& app, const std::vector<std::string>& words,
                                    const std::string& what) {
  for (const auto& word : words) {
    const auto flag = word.substr(0, word.find('='));
    if (flag.size() == word.size() || !flag.starts_with("--")) continue;
    const auto* option = app.get_option_no_throw(flag);
    if (option && option->get_expected_min() == 0)
      refuse_usage("invalid_arguments",
                   fmt::format("The flag {} is given or left out; '{}' is no value of it.", flag,
                               cut(word.substr(flag.size() + 1))),
                   flag.substr(2), fmt::format("Write {} alone.", flag));
  }
  refuse_usage("invalid_arguments", fmt::format("The command can't be read: {}.", what));
}

void run_parser(CLI::App& app, std::vector<std::string> words, const Parsed& parsed) {
  require_values(app, words);
  const auto given = words;
  std::ranges::reverse(words);  // CLI11 takes them from the back
  try {
    app.parse(words);
  } catch (const CLI::ArgumentMismatch& error) {
    refuse_count(error.what());
  } catch (const CLI::ConversionError& error) {
    refuse_flag_value(app, given, error.what());
  } catch (const CLI::ParseError& error) {
    throw Error{ErrorKind::usage, "invalid_arguments", fmt::format("The command can't be read: {}.", error.what())};
  }
  auto left = app.remaining();
  if (const auto end = std::ranges::find(left, kEndOfFlags); end != left.end()) left.erase(end);
  if (!left.empty()) refuse_extra(left.front(), app, parsed);
}

// What was given but is empty was meant to be something: a variable that is not set, as a rule.
void require_content(const Globals& globals) {
  const std::pair<std::string_view, const std::optional<std::string>*> given[] = {
      {"config", &globals.config},
      {"token-file", &globals.token_file},
      {"idempotency-key", &globals.idempotency_key},
      {"workspace", &globals.workspace},
      {"sort", &globals.sort},
      {"columns", &globals.columns},
      {"after", &globals.after},
      {"from", &globals.from}};
  for (const auto& [name, value] : given)
    if (*value && (*value)->empty()) refuse_usage("text_empty", fmt::format("The value of --{} is empty.", name), name);
}

}  // namespace

Parsed parse(ops::Registry& registry, const std::vector<std::string>& words) {
  Parsed out;
  const auto [path, rest, stop] = split_path(registry, words);
  if (!path.empty()) {
    out.group = path.front();
    out.verbs.assign(path.begin() + 1, path.end());
    out.operation = registry.find(join(path, "."));
  }
  if (!out.operation && !path.empty() && !stop.empty()) refuse_verb(registry, path, stop);
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  add_globals(app, out.globals, out.operation);
  if (out.operation) {
    if (out.operation->form == ops::Operation::Form::list) add_list_flags(app, out.globals);
    if (const auto* subject = out.operation->subject(); subject && !out.operation->find("from"))
      app.add_option("--from", out.globals.from);
    add_params(app, *out.operation, out.raw);
  } else {
    app.add_flag("--version", out.globals.version);
  }
  run_parser(app, rest, out);
  require_content(out.globals);
  std::erase_if(out.raw, [](const auto& given) { return given.second.empty(); });
  if (const auto* subject = out.operation ? out.operation->subject() : nullptr)
    if (const auto given = out.raw.find(subject->name); given != out.raw.end()) out.subjects = given->second;
  return out;
}

}  // namespace steward::cli
