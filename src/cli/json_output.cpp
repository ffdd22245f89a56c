#include <fmt/format.h>

#include "cli/json_rows.h"
#include "cli/renderers.h"

namespace steward::cli {
namespace {

Json actor_json(const ops::Actor& actor) {
  return Json{
      {"type", to_text(actor.type)}, {"id", actor.id}, {"token_id", actor.token_id ? Json(*actor.token_id) : Json()}};
}

// A row that can't be told leaves nothing behind: half a row would break what surrounds it.
void append_whole(JsonRows& rows, Stdout& out, const db::Row& row, std::string_view before) {
  auto& buffer = out.buffer();
  const auto size = buffer.size();
  try {
    buffer += before;
    rows.append(buffer, row);
  } catch (...) {
    buffer.resize(size);
    throw;
  }
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
    append_whole(*rows_, out_, row, first_ ? "" : ",");
    first_ = false;
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
    if (subject_) return tell(answer);
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
    if (subject_) return tell(error);
    if (!opened_) {
      head();
      out_.write("null");
    } else if (in_list_) {
      out_.write("]");
    }
    tail({}, Json(Json::Array{json_of(error)}), nullptr);
  }

  void about(const std::string& subject) override { subject_ = subject; }
  void told_all() override {
    out_.write("]");
    end_envelope(warnings_, errors_, nullptr);
  }

 private:
  // One of several subjects: its result goes out at once, what failed is repeated in `errors` at the end.
  void tell(const ops::Answer& answer) {
    for (const auto& warning : answer.warnings) warnings_.push(with_subject(json_of(warning)));
    result(true, answer.data, answer.sentence);
  }
  void tell(const Error& error) {
    errors_.push(with_subject(json_of(error)));
    result(false, Json(), error.what());
  }
  Json with_subject(Json json) const {
    json.set("subject", *subject_);
    return json;
  }
  void result(bool ok, const Json& data, const std::string& message) {
    if (!opened_) {
      head();
      out_.write("[");
    } else {
      out_.write(",");
    }
    out_.write(to_text(Json{{"subject", *subject_}, {"ok", ok}, {"data", data}, {"message", message}}));
  }

  void head() {
    opened_ = true;
    const auto& env = options_.house->seen_environment.empty() ? options_.house->environment.value_or("local")
                                                               : options_.house->seen_environment;
    out_.write("{\"command\":" + to_text(Json(options_.command)) + ",\"env\":" + to_text(Json(env)) + ",\"data\":");
  }
  void tail(const std::vector<ops::Warning>& warnings, const Json& errors, const ops::Actor* actor) {
    end_envelope(json_of(warnings), errors, actor);
  }
  void end_envelope(const Json& warnings, const Json& errors, const ops::Actor* actor) {
    out_.write(",\"warnings\":" + to_text(warnings) + ",\"errors\":" + to_text(errors));
    if (actor && !actor->id.empty()) out_.write(",\"actor\":" + to_text(actor_json(*actor)));
    out_.write(fmt::format(",\"request_id\":\"{}\",\"ok\":{}}}\n", options_.request_id, errors.items().empty()));
    out_.flush();
  }

  RenderOptions options_;
  Stdout& out_;
  std::optional<JsonRows> rows_;
  bool opened_ = false, in_list_ = false, first_ = true;
  std::optional<std::string> subject_;
  Json warnings_ = Json::array(), errors_ = Json::array();
};

/// A record a line; anything that is no list is one line with its record. Failures go to standard error.
class NdjsonRenderer final : public Renderer {
 public:
  NdjsonRenderer(RenderOptions options, Stdout& out) : options_(std::move(options)), out_(out) {}

  void begin(std::span<const ops::Column* const> columns) override { rows_.emplace(columns); }
  void row(const db::Row& row) override {
    append_whole(*rows_, out_, row, "");
    out_.buffer() += '\n';
    out_.spill();
  }
  void end(const ops::Page& page) override {
    out_.flush();
    print_page(page);
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
    print_error(error, options_.request_id);
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

Json json_of(const ops::Warning& warning) { return Json{{"code", warning.code}, {"message", warning.message}}; }

Json json_of(const std::vector<ops::Warning>& warnings) {
  Json out = Json::array();
  for (const auto& warning : warnings) out.push(json_of(warning));
  return out;
}

std::unique_ptr<Renderer> make_json_renderer(RenderOptions options, Stdout& out) {
  return std::make_unique<JsonRenderer>(std::move(options), out);
}
std::unique_ptr<Renderer> make_ndjson_renderer(RenderOptions options, Stdout& out) {
  return std::make_unique<NdjsonRenderer>(std::move(options), out);
}

}  // namespace steward::cli
