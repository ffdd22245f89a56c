#include "support/example.h"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "cli/parse.h"
#include "core/id.h"
#include "db/tx.h"

namespace steward::test {
namespace {

constexpr std::size_t kMostCombinations = 4000;

// Of each parameter that names a record, what it could name instead: first what the example says.
struct Choice {
  const ops::Param* param;
  std::vector<std::string> ids;
};

std::vector<std::string> ids_of(Sandbox& box, const ops::HandleSpec& spec) {
  std::vector<std::string> out;
  for (auto& row : box.rows(fmt::format("SELECT id FROM {} ORDER BY id", spec.table)))
    out.push_back(std::move(row.front()));
  return out;
}

std::vector<Choice> choices_of(Sandbox& box, const Example& example) {
  std::vector<Choice> out;
  for (const auto& param : example.operation->params) {
    const auto given = example.raw.find(param.name);
    if (!param.type.handle || given == example.raw.end()) continue;
    auto ids = ids_of(box, *param.type.handle);
    ids.insert(ids.begin(), given->second.front());
    out.push_back({&param, std::move(ids)});
  }
  return out;
}

bool works(Sandbox& box, const Example& example, std::string& why) {
  try {
    Call call;
    call.dry_run = example.operation->form == ops::Operation::Form::write;
    const auto answer = box.run(example.operation->path, example.raw, call);
    why = "it says " + answer.sentence;
    return !call.dry_run || !answer.data.at("changes").items().empty();
  } catch (const Error& error) {
    why = fmt::format("{}: {}", error.code(), error.what());
    return false;
  }
}

// A file that an example names stands for the one of that name that the tests keep.
void find_files(Example& example) {
  for (const auto& param : example.operation->params)
    if (const auto given = example.raw.find(param.name);
        param.type.file == ops::TypeInfo::File::read && given != example.raw.end()) {
      const auto kept = fmt::format("{}/tests/support/files/{}", STEWARD_SOURCE_DIR, given->second.front());
      if (std::filesystem::exists(kept)) given->second.front() = kept;
    }
}

// One that it writes stands in the sandbox, where it goes with it.
void place_files(const Sandbox& box, Example& example) {
  for (const auto& param : example.operation->params)
    if (const auto given = example.raw.find(param.name);
        param.type.file == ops::TypeInfo::File::written && given != example.raw.end())
      given->second.front() = box.path(given->second.front());
}

// What a trial wrote is not there when the example is run.
void remove_files(const Example& example) {
  for (const auto& param : example.operation->params)
    if (const auto given = example.raw.find(param.name);
        param.type.file == ops::TypeInfo::File::written && given != example.raw.end())
      std::filesystem::remove(given->second.front());
}

// Words for the binary: subjects and positionals first, then the rest as flags.
std::vector<std::string> words_for(const ops::Operation& operation, const ops::RawArgs& raw) {
  std::vector<std::string> out;
  for (const auto part : split(operation.path, '.')) out.emplace_back(part);
  for (const auto& param : operation.params)
    if (const auto given = raw.find(param.name); param.positional && given != raw.end())
      out.insert(out.end(), given->second.begin(), given->second.end());
  for (const auto& [name, texts] : raw) {
    const auto* param = operation.find(name);
    if (param && param->positional) continue;
    if (param && param->flag)
      out.push_back("--" + name);
    else
      for (const auto& text : texts) out.push_back("--" + name + "=" + text);
  }
  return out;
}

bool parses(const ops::Operation& operation, const ops::RawArgs& raw) {
  try {
    ops::parse_args(operation, raw);
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote == 0 && std::string_view("|<>;&$`").find(c) != std::string_view::npos)
      FAIL("an example is one command: " << line);
    if (quote == 0 && c == ' ') {
      if (in_word) words.push_back(std::move(word));
      word.clear();
      in_word = false;
      continue;
    }
    in_word = true;
    if (c == quote)
      quote = 0;
    else if (quote == 0 && (c == '\'' || c == '"'))
      quote = c;
    else if (c == '\\' && quote != '\'' && i + 1 < line.size())
      word += line[++i];
    else
      word += c;
  }
  if (quote != 0) FAIL("an open quote: " << line);
  if (in_word) words.push_back(std::move(word));
  if (words.empty() || words.front() != "steward") FAIL("an example begins with steward: " << line);
  words.erase(words.begin());
  return words;
}

Example parsed_example(const std::string& line) {
  const auto words = words_of(line);
  const auto parsed = cli::parse(Sandbox::registry(), words);
  Example out{parsed.operation, parsed.raw, words};
  if (!out.operation) FAIL("names no command: " << line);
  if (const auto* subject = out.operation->subject(); subject && !parsed.subjects.empty())
    out.raw[subject->name] = {parsed.subjects.front()};
  return out;
}

std::optional<Example> fitted(Sandbox& box, const Example& named, std::string& why) {
  auto example = named;
  find_files(example);
  place_files(box, example);
  const auto choices = choices_of(box, example);
  std::vector<std::size_t> at(choices.size(), 0);
  for (std::size_t tries = 0; tries < kMostCombinations; ++tries) {
    auto candidate = example;
    for (std::size_t i = 0; i < choices.size(); ++i)
      candidate.raw[choices[i].param->name].front() = choices[i].ids[at[i]];
    if (works(box, candidate, why)) {
      remove_files(candidate);
      candidate.words = words_for(*example.operation, candidate.raw);
      return candidate;
    }
    std::size_t i = 0;
    while (i < at.size() && ++at[i] == choices[i].ids.size()) at[i++] = 0;
    if (i == at.size()) break;
  }
  return std::nullopt;
}

std::optional<ops::RawArgs> other_input(const ops::Operation& operation, const ops::RawArgs& raw) {
  for (const auto& param : operation.params) {
    if (param.secret || param.type.file != ops::TypeInfo::File::none) continue;
    std::vector<std::string> texts{"other@example.org", "2031-05-06", "+17d", "other-words", "77", "7.00", "KWD",
                                   "Other words",       "3",          "1",    new_uuid(1)};
    for (const auto choice : param.type.choices) texts.emplace_back(choice);
    if (param.flag) texts = {"true"};
    for (const auto& text : texts) {
      auto other = raw;
      if (const auto given = other.find(param.name); param.flag && given != other.end())
        other.erase(given);
      else
        other[param.name] = {text};
      if (other != raw && parses(operation, other)) return other;
    }
  }
  return std::nullopt;
}

}  // namespace steward::test
