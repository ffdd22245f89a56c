#include "system/demo/season.h"

#include <fmt/format.h>

#include <algorithm>

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

std::vector<Step> read_season(Instant now) {
  std::vector<Step> out;
  for (const auto& file : embedded_season) {
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

ops::RawArgs Season::arguments(const Step& step, const ops::Operation& operation) {
  auto raw = ops::raw_args_of(operation, step.args);
  for (auto& [name, texts] : raw)
    for (auto& text : texts) text = resolved(text, step);
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
