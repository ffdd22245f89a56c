#include "ops/operation.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"

namespace steward::ops {
namespace {

// Patch members of an update can be emptied: {"clear": ["due", …]}.
constexpr std::string_view kClear = "clear";

std::string with(std::string text, char from, char to) {
  std::ranges::replace(text, from, to);
  return text;
}

std::string text_of(const Json& value, std::string_view field) {
  if (value.is_text()) return value.text();
  if (value.is_integer()) return std::to_string(value.integer());
  if (value.is_decimal()) return value.decimal();
  if (value.is_bool()) return value.boolean() ? "true" : "false";
  refuse_usage("invalid_json",
               fmt::format("The argument '{}' takes text, a number, true, false, or a list of them.", field), field);
}

void read_param(const Operation& operation, const Param& param, const std::vector<std::string>& texts, void* args) {
  if (texts.size() > 1 && !param.repeated)
    refuse_usage("repeated_argument", fmt::format("The argument '{}' is given more than once.", param.name),
                 param.name);
  if (param.flag && texts.front() != "true" && texts.front() != "false")
    refuse_usage("invalid_flag", fmt::format("The flag '{}' is true or false.", param.name), param.name);
  param.read(args, texts, false);
  (void)operation;
}

void clear_params(const Operation& operation, const std::vector<std::string>& names, void* args) {
  for (const auto& name : names) {
    const auto* param = operation.find(name);
    if (!param || !param->clearable)
      refuse_usage("unknown_argument",
                   fmt::format("There is no field '{}' that {} can empty.", name, operation.words()), kClear);
    param->read(args, {}, true);
  }
}

bool can_clear(const Operation& operation) { return std::ranges::any_of(operation.params, &Param::clearable); }

}  // namespace

std::string Param::json_name() const { return with(name, '-', '_'); }

std::string Operation::words() const { return with(path, '.', ' '); }

const Param* Operation::find(std::string_view name) const {
  const auto wanted = with(std::string(name), '_', '-');
  const auto at = std::ranges::find(params, wanted, &Param::name);
  return at == params.end() ? nullptr : &*at;
}

const Param* Operation::subject() const {
  const auto at = std::ranges::find(params, true, &Param::subject);
  return at == params.end() ? nullptr : &*at;
}

std::shared_ptr<void> parse_args(const Operation& operation, const RawArgs& raw) {
  auto args = operation.make_args();
  for (const auto& param : operation.params) {
    const auto given = raw.find(param.name);
    if (given != raw.end() && !given->second.empty())
      read_param(operation, param, given->second, args.get());
    else if (param.required)
      throw Error{ErrorKind::usage, "missing_argument",
                  param.positional ? fmt::format("Which {}? Name it after '{}'.", param.name, operation.words())
                                   : fmt::format("{} needs --{}.", operation.words(), param.name),
                  fmt::format("steward {} --help", operation.words())}
          .at(param.name);
  }
  for (const auto& [name, texts] : raw) {
    if (operation.find(name)) continue;
    if (name == kClear && can_clear(operation))
      clear_params(operation, texts, args.get());
    else
      refuse_usage("unknown_argument", fmt::format("{} has no argument '{}'.", operation.words(), name), name);
  }
  if (operation.check_args) operation.check_args(args.get());
  return args;
}

RawArgs raw_args_of(const Operation& operation, const Json& object) {
  if (!object.is_object()) refuse_usage("invalid_json", "The arguments are one JSON object.");
  RawArgs raw;
  for (const auto& [name, value] : object.members()) {
    const auto* param = operation.find(name);
    const std::string key = param ? param->name : name;
    if (value.is_null()) continue;
    auto& texts = raw[key];
    if (value.is_array())
      for (const auto& item : value.items()) texts.push_back(text_of(item, name));
    else
      texts.push_back(text_of(value, name));
  }
  return raw;
}

Json json_of(const Operation& operation, const RawArgs& raw) {
  Json out = Json::object();
  for (const auto& [name, texts] : raw) {
    const auto* param = operation.find(name);
    if (texts.empty() || (param && param->secret)) continue;
    const auto key = param ? param->json_name() : name;
    if (texts.size() == 1 && !(param && param->repeated) && name != kClear)
      out.set(key, param && param->flag ? Json(texts.front() == "true") : Json(texts.front()));
    else
      out.set(key, Json(Json::Array(texts.begin(), texts.end())));
  }
  return out;
}

Change Change::none(std::string target_type, std::string target_id, std::string sentence, Json data) {
  Change out;
  out.target_type = std::move(target_type);
  out.target_id = std::move(target_id);
  out.sentence = std::move(sentence);
  out.data = std::move(data);
  out.changed = false;
  out.warnings.push_back({"no_change", "Nothing to do: it is so already."});
  return out;
}

}  // namespace steward::ops
