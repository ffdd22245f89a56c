#include "system/demo/season.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/embedded.h"
#include "core/error.h"
#include "core/id.h"
#include "core/text.h"
#include "ops/run.h"

namespace steward::demo {
namespace {

[[noreturn]] void bad_line(const std::string& where, std::string_view why) {
  throw Error{ErrorKind::usage, "invalid_season", fmt::format("{}: {}", where, why)};
}

// "-41d 09:30"
Instant time_of(const std::string& text, Instant now, const std::string& where) {
  const auto parts = split(text, ' ');
  if (parts.size() != 2 || !parts[0].starts_with("-")) bad_line(where, "A time is written like -41d 09:30.");
  const auto days = parse_duration(parts[0].substr(1)).ms / (24LL * 3600 * 1000);
  const auto date = date_in(Zone(), now) + std::chrono::days{-days};
  const auto at = parse_local(fmt::format("{}T{}", to_text(date), parts[1]), Zone());
  return std::min(at, now);
}

Step read_step(std::string_view line, Instant now, std::string where) {
  const auto json = parse_json(line);
  const auto text = [&](std::string_view name) {
    const auto* value = json.find(name);
    if (!value || !value->is_text()) bad_line(where, fmt::format("'{}' is missing.", name));
    return value->text();
  };
  const auto maybe = [&](std::string_view name) {
    const auto* value = json.find(name);
    return value ? value->text() : std::string();
  };
  const auto* args = json.find("args");
  if (!args || !args->is_object()) bad_line(where, "'args' is missing.");
  return {time_of(text("at"), now, where),
          text("run"),
          maybe("save"),
          maybe("as"),
          maybe("expect"),
          *args,
          std::move(where)};
}

class Collector final : public ops::ListSink {
 public:
  void begin(std::span<const ops::Column* const> columns) override { columns_.assign(columns.begin(), columns.end()); }
  void row(const db::Row& row) override { records.push(ops::record_of(columns_, row)); }
  void end(const ops::Page&) override {}
  Json records = Json::array();

 private:
  std::vector<const ops::Column*> columns_;
};

}  // namespace

std::string make_scratch_folder() {
  std::error_code missing;
  const auto among = std::filesystem::temp_directory_path(missing);
  auto folder = (among / "steward-demo-XXXXXX").string();
  if (missing || !::mkdtemp(folder.data()))
    throw Error{ErrorKind::precondition, "file_unwritable",
                missing ? "The folder for temporary files (TMPDIR) is missing or no folder."
                        : fmt::format("No scratch folder can be made in {}.", among.string()),
                "Name another folder in TMPDIR, or a file with --to."};
  return folder;
}

const std::string& ScratchFolder::path() {
  if (path_.empty()) path_ = make_scratch_folder();
  return path_;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

std::vector<Step> read_season(Instant now) {
  std::vector<Step> out;
  for (const auto& file : embedded_season) {
    if (!file.name.ends_with(".jsonl")) continue;  // what steps import
    int number = 0;
    for (const auto line : split(file.text, '\n')) {
      ++number;
      if (!trim(line).empty()) out.push_back(read_step(line, now, fmt::format("{}:{}", file.name, number)));
    }
  }
  std::ranges::stable_sort(out, {}, &Step::at);
  return out;
}

const ops::Operation& require_operation(const ops::House& house, const std::string& path) {
  if (const auto* operation = house.registry->find(path)) return *operation;
  throw Error{ErrorKind::defect, "defect", fmt::format("There is no operation {}.", path)};
}

Json collect(const ops::House& house, const std::string& path, const ops::RawArgs& raw) {
  ops::Request request;
  request.operation = &require_operation(house, path);
  request.raw = raw;
  request.request_id = new_uuid(house.now().ms);
  Collector collector;
  const auto answer = ops::run(house, request, &collector);
  return answer.streamed ? std::move(collector.records) : answer.data;
}

std::string Season::entry_of(const std::string& deal, const std::string& type) {
  const auto entries = collect(house_, "ledger.list", {{"deal", {deal}}});
  for (const auto& entry : entries.items())
    if (entry.at("entry_type").text() == type) return entry.at("id").text();
  throw Error{ErrorKind::not_found, "not_found", fmt::format("Deal {} has no {} entry.", deal, type)};
}

// "$lind" is the id of the record saved as lind; "$d_lind:PROVIDER_PAYOUT" the ledger entry of that type of that deal.
std::string Season::resolved(const std::string& text, const Step& step) {
  if (!text.starts_with("$")) return text;
  const auto colon = text.find(':');
  const auto saved = saved_.find(std::string_view(text).substr(1, colon == std::string::npos ? colon : colon - 1));
  if (saved == saved_.end()) bad_line(step.where, fmt::format("{} was not saved before.", text));
  const auto& id = saved->second.at("id").text();
  return colon == std::string::npos ? id : entry_of(id, text.substr(colon + 1));
}

// "-12d DD.MM.YYYY" is a day, "$i_fair.number" a member of a saved record.
std::string Season::filled(std::string_view token, const Step& step) const {
  if (token.starts_with("$")) {
    const auto dot = token.find('.');
    const auto saved = saved_.find(token.substr(1, dot - 1));
    if (dot == std::string_view::npos || saved == saved_.end())
      bad_line(step.where, fmt::format("{} was not saved before.", token));
    return saved->second.at(token.substr(dot + 1)).text();
  }
  const auto words = split(token, ' ');
  const auto days = parse_duration(words.front().substr(1)).ms / (24LL * 3600 * 1000);
  const auto date = to_text(date_in(Zone(), present_) + std::chrono::days{-days});
  std::string out(words.back());
  for (const auto& [part, text] :
       {std::pair("YYYY", date.substr(0, 4)), std::pair("MM", date.substr(5, 2)), std::pair("DD", date.substr(8, 2))})
    if (const auto at = out.find(part); at != std::string::npos) out.replace(at, text.size(), text);
  return out;
}

std::string Season::written(const std::string& name, const Step& step) {
  const auto file = std::ranges::find(embedded_season, name, &EmbeddedFile::name);
  if (file == embedded_season.end()) bad_line(step.where, fmt::format("There is no file {}.", name));
  std::string text;
  for (auto rest = file->text; !rest.empty();) {
    const auto open = rest.find('{'), close = rest.find('}', open);
    text += rest.substr(0, open);
    if (close == std::string_view::npos) break;
    text += filled(rest.substr(open + 1, close - open - 1), step);
    rest.remove_prefix(close + 1);
  }
  const auto path = files_.path() + "/" + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

ops::RawArgs Season::arguments(const Step& step, const ops::Operation& operation) {
  auto raw = ops::raw_args_of(operation, step.args);
  for (auto& [name, texts] : raw) {
    const auto* param = operation.find(name);
    const bool is_file = param && param->type.file == ops::TypeInfo::File::read;
    for (auto& text : texts) text = is_file ? written(text, step) : resolved(text, step);
  }
  return raw;
}

ops::Request Season::request_of(const Step& step) {
  ops::Request request;
  request.operation = &require_operation(house_, step.run);
  request.raw = arguments(step, *request.operation);
  request.yes = true;
  if (!step.as.empty()) request.token = saved_.at(step.as).at("token").text();
  request.request_id = new_uuid(step.at.ms);
  return request;
}

void Season::run(const Step& step) {
  try {
    const auto answer = ops::run(house_, request_of(step), nullptr);
    if (!step.expect.empty()) bad_line(step.where, fmt::format("It succeeded, where {} was expected.", step.expect));
    if (!step.save.empty()) saved_.insert_or_assign(step.save, answer.data);
  } catch (const Error& error) {
    if (error.code() == step.expect) return;
    use_repeatable_ids({});
    throw error.reworded(fmt::format("{}: {}", step.where, error.what()));
  }
}

void Season::play(const std::vector<Step>& steps) {
  const auto present = house_.now();
  for (const auto& step : steps) {
    house_.fixed_now = step.at;
    use_repeatable_ids(step.save.empty() ? to_canonical(step.args) + step.run : step.save);
    run(step);
    if (house_.progress) house_.progress(fmt::format("{} {}", to_text(date_in(Zone(), step.at)), step.run));
  }
  use_repeatable_ids({});
  house_.fixed_now = present;
}

}  // namespace steward::demo
