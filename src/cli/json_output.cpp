#include <fmt/format.h>

#include "cli/json_rows.h"
#include "cli/renderers.h"

namespace steward::cli {
namespace {

Json actor_json(const ops::Actor& actor) {
  return Json{
      {"type", to_text(actor.type)}, {"id", actor.id}, {"token_id", actor.token_id ? Json(*actor.token_id) : Json()}};
}

/// One object and nothing else; `ok` and `errors` come last, so that a list that fails late says so.
class JsonRenderer final : public Renderer {
 public:
  JsonRenderer(RenderOptions options, Stdout& out) : options_(std::move(options)), out_(out) {}

  void begin(std::span<const ops::Column* const> columns) override {
    rows_.emplace(columns);
    head();
    out_.write("[");
    in_list_ = true;
  }
  void row(const db::Row& row) override {
    if (!first_) out_.buffer() += ',';
    first_ = false;
    rows_->append(out_.buffer(), row);
    out_.spill();
  }
  void end(const ops::Page& page) override {
    Json json{{"limit", page.limit ? Json(*page.limit) : Json()},
              {"next", page.next.empty() ? Json() : Json(page.next)},
              {"more", page.more}};
    if (page.total) json.set("total", *page.total);
    out_.write("],\"page\":" + to_text(json));
    in_list_ = false;
  }
  void listed(const ops::Answer& answer) override { tail(answer.warnings, Json::array(), &answer.actor); }
  void answer(const ops::Answer& answer) override {
    head();
    out_.write(to_text(answer.data));
    if (answer.dry_run) out_.write(",\"dry_run\":true");
    if (!answer.sentence.empty()) {
      out_.write(",\"message\":");
      append_json_string(out_.buffer(), answer.sentence);
    }
    tail(answer.warnings, Json::array(), &answer.actor);
  }
  void failed(const Error& error) override {
    if (!opened_) {
      head();
      out_.write("null");
    } else if (in_list_) {
      out_.write("]");
    }
    tail({}, Json(Json::Array{json_of(error)}), nullptr);
  }

 private:
  void head() {
    opened_ = true;
    const auto& env = options_.house->seen_environment.empty() ? options_.house->environment.value_or("local")
                                                               : options_.house->seen_environment;
    out_.write("{\"command\":" + to_text(Json(options_.command)) + ",\"env\":" + to_text(Json(env)) + ",\"data\":");
  }
  void tail(const std::vector<ops::Warning>& warnings, const Json& errors, const ops::Actor* actor) {
    out_.write(",\"warnings\":" + to_text(json_of(warnings)) + ",\"errors\":" + to_text(errors));
    if (actor && !actor->id.empty()) out_.write(",\"actor\":" + to_text(actor_json(*actor)));
    out_.write(fmt::format(",\"request_id\":\"{}\",\"ok\":{}}}\n", options_.request_id, errors.items().empty()));
    out_.flush();
  }

  RenderOptions options_;
  Stdout& out_;
  std::optional<JsonRows> rows_;
  bool opened_ = false, in_list_ = false, first_ = true;
};

/// A record a line; anything that is no list is one line with its record. Failures go to standard error.
class NdjsonRenderer final : public Renderer {
 public:
  NdjsonRenderer(RenderOptions options, Stdout& out) : options_(std::move(options)), out_(out) {}

  void begin(std::span<const ops::Column* const> columns) override { rows_.emplace(columns); }
  void row(const db::Row& row) override {
    rows_->append(out_.buffer(), row);
    out_.buffer() += '\n';
    out_.spill();
  }
  void end(const ops::Page& page) override {
    out_.flush();
    if (page.more) fmt::print(stderr, "There are more; go on with --after {}.\n", page.next);
    if (page.total) fmt::print(stderr, "{} in all.\n", *page.total);
  }
  void listed(const ops::Answer& answer) override { print_warnings(answer.warnings, options_.quiet); }
  void answer(const ops::Answer& answer) override {
    if (answer.data.is_array())
      for (const auto& record : answer.data.items()) out_.write(to_text(record) + "\n");
    else
      out_.write(to_text(answer.data) + "\n");
    out_.flush();
    print_warnings(answer.warnings, options_.quiet);
  }
  void failed(const Error& error) override {
    out_.flush();
    print_error(error, options_.screen, options_.request_id);
  }

 private:
  RenderOptions options_;
  Stdout& out_;
  std::optional<JsonRows> rows_;
};

}  // namespace

Json json_of(const Error& error) {
  return Json{{"code", error.code()},
              {"message", error.what()},
              {"field", error.field().empty() ? Json() : Json(error.field())},
              {"hint", error.hint().empty() ? Json() : Json(error.hint())},
              {"retryable", error.retryable()},
              {"details", error.details()}};
}

Json json_of(const std::vector<ops::Warning>& warnings) {
  Json out = Json::array();
  for (const auto& warning : warnings) out.push(Json{{"code", warning.code}, {"message", warning.message}});
  return out;
}

std::unique_ptr<Renderer> make_json_renderer(RenderOptions options, Stdout& out) {
  return std::make_unique<JsonRenderer>(std::move(options), out);
}
std::unique_ptr<Renderer> make_ndjson_renderer(RenderOptions options, Stdout& out) {
  return std::make_unique<NdjsonRenderer>(std::move(options), out);
}

}  // namespace steward::cli
