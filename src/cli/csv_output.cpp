#include <fmt/format.h>

#include <algorithm>

#include "cli/renderers.h"
#include "core/csv.h"

namespace steward::cli {
namespace {

/// RFC 4180 with a header; money has both its columns, as JSON has.
class CsvRenderer final : public Renderer {
 public:
  CsvRenderer(RenderOptions options, Stdout& out) : options_(std::move(options)), out_(out) {}

  void begin(std::span<const ops::Column* const> columns) override {
    columns_.assign(columns.begin(), columns.end());
    std::vector<std::string> names;
    for (const auto* column : columns_) {
      names.emplace_back(column->name);
      if (column->kind == ops::Kind::money) names.emplace_back(ops::decimal_name(column->name));
    }
    line(names);
  }
  void row(const db::Row& row) override { record(ops::record_of(columns_, row)); }
  void end(const ops::Page& page) override {
    out_.flush();
    print_page(page);
  }
  void listed(const ops::Answer& answer) override { print_warnings(answer.warnings, options_.quiet); }
  void answer(const ops::Answer& answer) override {
    const auto records = answer.data.is_array() ? answer.data.items() : Json::Array{answer.data};
    for (const auto& one : records) {
      if (!one.is_object()) continue;
      head(one);
      record(one);
    }
    out_.flush();
    print_warnings(answer.warnings, options_.quiet);
  }
  void failed(const Error& error) override {
    out_.flush();
    print_error(error, options_.request_id);
  }

 private:
  // Once, however many records and subjects there are.
  void head(const Json& record) {
    std::vector<std::string> names;
    for (const auto& [name, value] : record.members()) names.push_back(name);
    if (names == header_) return;
    line(names);
    header_ = std::move(names);
  }
  void line(const std::vector<std::string>& cells) {
    auto& buffer = out_.buffer();
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i) buffer += ',';
      append_guarded_cell(buffer, cells[i], true);
    }
    out_.write("\r\n");
  }
  void record(const Json& json) {
    auto& buffer = out_.buffer();
    bool first = true;
    for (const auto& [name, value] : json.members()) {
      if (!first) buffer += ',';
      first = false;
      const bool amount = value.is_text() && json.find(name + "_cents");
      append_guarded_cell(buffer,
                          value.is_null()   ? std::string()
                          : value.is_text() ? value.text()
                                            : to_text(value),
                          !value.is_text() || amount);
    }
    out_.write("\r\n");
  }

  RenderOptions options_;
  Stdout& out_;
  std::vector<const ops::Column*> columns_;
  std::vector<std::string> header_;
};

}  // namespace

std::unique_ptr<Renderer> make_csv_renderer(RenderOptions options, Stdout& out) {
  return std::make_unique<CsvRenderer>(std::move(options), out);
}

}  // namespace steward::cli
