#include "cli/config.h"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <algorithm>
#include <cstdlib>
#include <map>
#include <sstream>

#include "core/error.h"
#include "core/secrets.h"
#include "core/text.h"
#include "db/url.h"
#include "ops/files.h"

namespace steward::cli {
namespace {

constexpr std::string_view kOutputs[] = {"table", "json", "ndjson", "csv"};

// Every key the file may hold; those of rooms to come are named in commands.md and read by them.
constexpr std::string_view kKnownKeys[] = {
    "db",
    "env",
    "output",
    "key_file",
    "db_options.busy_timeout",
    "mail.host",
    "mail.port",
    "mail.security",
    "mail.user",
    "mail.password_file",
    "mail.from",
    "mail.reply_to",
    "mail.postal_address",
    "mail.connections",
    "mail.rate",
    "serve.listen",
    "serve.public_url",
    "serve.trusted_proxies",
    "backup.dir",
    "backup.keep",
    "pdf.logo",
    "pdf.font",
};

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  if (!value || !*value) return std::nullopt;
  return value;
}

std::string home(const char* xdg, const char* below) {
  if (const auto set = variable(xdg)) return *set;
  return variable("HOME").value_or(".") + below;
}

using FileValues = std::map<std::string, std::string>;

// The file may be any, a key file or a password's: of what stands in it no more is told than a key of a key's shape.
bool has_shape_of_key(std::string_view name) {
  constexpr std::size_t kLongest = 40;
  return !name.empty() && name.size() <= kLongest &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_.") == std::string_view::npos;
}

// "key = value", and not the "==" that ends base64.
bool sets_a_value(std::string_view line) {
  const auto equals = line.find('=');
  return equals != std::string_view::npos && line.find_first_not_of('=', equals) != std::string_view::npos;
}

// The first line that begins with `start`; 0 for none.
std::size_t line_that_begins(std::string_view text, std::string_view start) {
  std::size_t number = 0;
  for (const auto line : split(text, '\n')) {
    ++number;
    if (trim(line).starts_with(start)) return number;
  }
  return 0;
}

[[noreturn]] void refuse_unknown_key(const std::string& path, const std::string& text, const std::string& key,
                                     const std::string& name) {
  const auto number = line_that_begins(text, name);
  const auto lines = split(text, '\n');
  const auto line = number > 0 ? trim(lines[number - 1]) : std::string_view();
  if (!has_shape_of_key(key) || !sets_a_value(line))
    refuse_usage("invalid_config",
                 fmt::format("Line {} of the configuration file {} is no key and its value.", number, path));
  const auto near = nearest(key, {std::begin(kKnownKeys), std::end(kKnownKeys)});
  refuse_usage("invalid_config",
               fmt::format("The configuration file {} has an unknown key '{}' in line {}.", path, key, number), key,
               near.empty() ? "" : fmt::format("Did you mean {}?", near.front()));
}

std::vector<CLI::ConfigItem> items_of(const std::string& path, const std::string& text) {
  std::istringstream stream(text);
  try {
    return CLI::ConfigTOML().from_config(stream);
  } catch (const CLI::Error&) {  // its text quotes the file
    refuse_usage("invalid_config", fmt::format("The configuration file {} can't be read as TOML.", path));
  }
}

FileValues read_config(const std::string& path) {
  FileValues out;
  const auto text = ops::read_file(path, 1u << 20);
  const auto items = items_of(path, text);
  for (const auto& item : items) {
    if (item.name == "++" || item.name == "--") continue;  // CLI11's marks for where a section begins and ends
    const auto key = item.parents.empty() ? item.name : join(item.parents, ".") + "." + item.name;
    if (std::ranges::find(kKnownKeys, std::string_view(key)) == std::end(kKnownKeys))
      refuse_unknown_key(path, text, key, item.name);
    if (item.inputs.size() != 1 && key != "serve.trusted_proxies")
      refuse_usage("invalid_config",
                   fmt::format("The configuration file {} gives the key '{}' {}.", path, key,
                               item.inputs.empty() ? "no value" : "more than one value"),
                   key);
    out[key] = join(item.inputs, ", ");
  }
  return out;
}

// Looks a key up in the order of precedence and notes where it was found.
class Resolver {
 public:
  Resolver(Config& config, FileValues file, std::string path)
      : config_(config), file_(std::move(file)), path_(std::move(path)) {}

  std::optional<std::string> find(std::string_view key, const std::optional<std::string>& flag,
                                  const char* variable_name, std::optional<std::string> fallback) {
    if (flag) return note(key, *flag, "flag");
    if (variable_name)
      if (const auto value = variable(variable_name))
        return note(key, *value, fmt::format("variable {}", variable_name));
    if (const auto at = file_.find(std::string(key)); at != file_.end())
      return note(key, at->second, fmt::format("file {}", path_));
    if (fallback) return note(key, *fallback, "default");
    return std::nullopt;
  }

  // What else the file says, for those who ask what is in force.
  void note_rest() {
    for (const auto& [key, value] : file_)
      if (std::ranges::find(config_.effective, key, &Effective::key) == config_.effective.end())
        note(key, value, fmt::format("file {}", path_));
  }

 private:
  std::string note(std::string_view key, std::string value, std::string origin) {
    config_.effective.push_back({std::string(key), value, std::move(origin)});
    return value;
  }
  Config& config_;
  FileValues file_;
  std::string path_;
};

// Of the value that was found last: what is wrong with it is told with its key and where it came from.
template <class Parse>
auto parsed(const Config& config, const std::string& text, Parse parse) {
  const auto& found = config.effective.back();
  try {
    return parse(text);
  } catch (const Error& error) {
    throw Error{ErrorKind::usage, "invalid_config", fmt::format("{} ({}): {}", found.key, found.origin, error.what()),
                error.hint()}
        .at(found.key);
  }
}

std::string check_env(const std::string& text) {
  const auto lower = to_lower(text);
  if (lower != "local" && lower != "staging" && lower != "prod")
    refuse_usage("invalid_choice", fmt::format("'{}' is no environment; there are local, staging and prod.", text),
                 "env");
  return lower;
}

void read_token(Config& config, const Globals& globals) {
  if (!globals.token_file)
    if (const auto token = variable("STEWARD_TOKEN")) {
      config.token = *token;
      config.effective.push_back({"token", "(set)", "variable STEWARD_TOKEN"});
      return;
    }
  const auto file = globals.token_file ? globals.token_file : variable("STEWARD_TOKEN_FILE");
  if (!file) return;
  if (file->starts_with(kTokenMark))
    refuse_usage("invalid_path", "A token file is named here, and this is the token itself.", "token-file",
                 "Write it to a file of mode 0600, or into STEWARD_TOKEN. This one was seen: rotate it.");
  config.token = std::string(trim(ops::read_file(*file, 4096)));
  config.effective.push_back(
      {"token", "(set)", globals.token_file ? "flag --token-file" : "variable STEWARD_TOKEN_FILE"});
}

}  // namespace

Output parse_output(std::string_view text) {
  const auto lower = to_lower(text);
  for (std::size_t i = 0; i < std::size(kOutputs); ++i)
    if (kOutputs[i] == lower) return static_cast<Output>(i);
  throw Error{ErrorKind::usage, "invalid_choice",
              fmt::format("'{}' is no output format; there are table, json, ndjson and csv.", text)}
      .at("output");
}

Config resolve(const Globals& globals) {
  Config out;
  const auto default_config = home("XDG_CONFIG_HOME", "/.config") + "/steward/config.toml";
  const auto chosen = globals.config ? globals.config : variable("STEWARD_CONFIG");
  const auto path = chosen.value_or(default_config);
  FileValues file;
  if (chosen || ops::file_exists(path)) file = read_config(path);
  Resolver resolver(out, std::move(file), path);

  out.data_folder = home("XDG_DATA_HOME", "/.local/share") + "/steward";
  out.db = *resolver.find("db", globals.db, "STEWARD_DB", out.data_folder + "/steward.db");
  if (const auto env = resolver.find("env", globals.env, "STEWARD_ENV", std::nullopt))
    out.env = parsed(out, *env, check_env);
  const auto asked = globals.json ? std::optional<std::string>("json") : globals.output;
  const auto output = *resolver.find("output", asked, "STEWARD_OUTPUT", "table");
  out.output = parsed(out, output, parse_output);
  out.key_file = resolver.find("key_file", std::nullopt, "STEWARD_KEY_FILE", std::nullopt).value_or("");
  const auto timeout = *resolver.find("db_options.busy_timeout", std::nullopt, nullptr, "30s");
  out.busy_timeout = std::chrono::milliseconds(parsed(out, timeout, parse_duration).ms);
  out.workspace = resolver.find("workspace", globals.workspace, "STEWARD_WORKSPACE", std::nullopt).value_or("");
  if (const auto now = resolver.find("now", std::nullopt, "STEWARD_NOW", std::nullopt))
    out.now = parsed(out, *now, parse_instant);
  out.document_logo = resolver.find("pdf.logo", std::nullopt, nullptr, std::nullopt).value_or("");
  out.document_font = resolver.find("pdf.font", std::nullopt, nullptr, std::nullopt).value_or("");
  resolver.note_rest();
  read_token(out, globals);
  return out;
}

// A database's URL may hold a password.
static std::string shown(const Effective& one) {
  return one.key == "db" ? db::Url::parse(one.value).display() : one.value;
}

Json json_of(const Config& config) {
  Json out = Json::array();
  for (const auto& one : config.effective)
    out.push(Json{{"key", one.key}, {"value", shown(one)}, {"origin", one.origin}});
  return out;
}

}  // namespace steward::cli
