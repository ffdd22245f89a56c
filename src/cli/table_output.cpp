#include <fmt/format.h>

#include <algorithm>

#include "cli/diagnostics.h"
#include "cli/renderers.h"
#include "core/moment.h"
#include "core/money.h"
#include "core/text.h"

namespace steward::cli {
namespace {

constexpr std::size_t kSampled = 200;  ///< rows that decide how wide the columns are
constexpr std::size_t kNarrowest = 6;  ///< no column is cut below this

bool is_number(const ops::Column& column) {
  return column.kind == ops::Kind::money || column.kind == ops::Kind::integer;
}

// Text as a person reads it, an instant by the minute; JSON has all of it.
std::string shown(const Json& value) {
  const auto instant = value.is_text() ? read_stored_instant(value.text()) : std::nullopt;
  return instant ? moment_text(*instant) : plain_text(value);
}

std::string padded(const std::string& text, std::size_t width, bool right) {
  const auto has = display_width(text);
  const std::string gap(width > has ? width - has : 0, ' ');
  return right ? gap + text : text + gap;
}

/// Lines of cells, aligned and cut to the terminal; the first kSampled rows are held back to learn the widths.
class Table {
 public:
  Table(std::vector<std::string> header, std::vector<bool> right, const Screen& screen, Stdout& out)
      : header_(std::move(header)), right_(std::move(right)), screen_(screen), out_(out) {}

  void add(std::vector<std::string> cells) {
    if (fixed_) return print(cells);
    held_.push_back(std::move(cells));
    if (held_.size() == kSampled) fix();
  }
  void finish() {
    if (!fixed_) fix();
    if (!left_out_.empty()) out_.write(fmt::format("… no room for {}\n", join(left_out_, ", ")));
  }

 private:
  void fix() {
    fixed_ = true;
    for (const auto& name : header_) widths_.push_back(display_width(name));
    for (const auto& cells : held_)
      for (std::size_t i = 0; i < cells.size(); ++i) widths_[i] = std::max(widths_[i], display_width(cells[i]));
    shrink();
    if (held_.empty()) return;
    if (screen_.color) out_.write("\x1b[1m");
    print(header_);
    if (screen_.color) out_.buffer() += "\x1b[0m";
    for (const auto& cells : held_) print(cells);
    held_.clear();
  }
  // Takes from the widest text columns until the line fits; where they are all narrow, whole columns go, the last ones
  // first.
  void shrink() {
    if (screen_.width == 0) return;
    for (auto over = total(); over > screen_.width; over = total()) {
      const auto widest = widest_text();
      if (widest < widths_.size()) {
        --widths_[widest];
      } else if (widths_.size() > 1) {
        widths_.pop_back();
        left_out_.insert(left_out_.begin(), header_[widths_.size()]);
      } else {
        return;
      }
    }
  }
  std::size_t total() const {
    std::size_t sum = 2 * (widths_.size() - 1);
    for (const auto width : widths_) sum += width;
    return sum;
  }
  // The widest text column that may be cut; widths_.size() when there is none.
  std::size_t widest_text() const {
    std::size_t widest = widths_.size();
    for (std::size_t i = 0; i < widths_.size(); ++i)
      if (!right_[i] && widths_[i] > kNarrowest && (widest == widths_.size() || widths_[i] > widths_[widest]))
        widest = i;
    return widest;
  }
  void print(const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t i = 0; i < widths_.size(); ++i) {
      if (i) line += "  ";
      const bool last = i + 1 == widths_.size() && !right_[i];
      const auto text = screen_.width && !right_[i] ? cut_to_width(cells[i], widths_[i]) : cells[i];
      line += last ? text : padded(text, widths_[i], right_[i]);
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    out_.write(line + "\n");
  }

  std::vector<std::string> header_;
  std::vector<bool> right_;
  const Screen& screen_;
  Stdout& out_;
  std::vector<std::size_t> widths_;
  std::vector<std::string> left_out_;
  std::vector<std::vector<std::string>> held_;
  bool fixed_ = false;
};

bool is_table(const Json& value) {
  return value.is_array() && !value.items().empty() && value.items().front().is_object();
}

class TableRenderer final : public Renderer {
 public:
  TableRenderer(RenderOptions options, Stdout& out) : options_(std::move(options)), out_(out) {}

  void begin(std::span<const ops::Column* const> columns) override {
    columns_.assign(columns.begin(), columns.end());
    std::vector<std::string> header;
    std::vector<bool> right;
    for (const auto* column : columns_) {
      header.emplace_back(column->kind == ops::Kind::money ? ops::decimal_name(column->name) : column->name);
      right.push_back(is_number(*column));
    }
    table_.emplace(std::move(header), std::move(right), options_.screen, out_);
  }
  void row(const db::Row& row) override {
    const auto record = ops::record_of(columns_, row);
    std::vector<std::string> cells;
    for (const auto* column : columns_) {
      const auto& value = record.at(column->kind == ops::Kind::money ? ops::decimal_name(column->name) : column->name);
      cells.push_back(column->kind == ops::Kind::instant ? shown(value) : plain_text(value));
    }
    table_->add(std::move(cells));
    ++rows_;
  }
  void end(const ops::Page& page) override {
    table_->finish();
    out_.flush();
    if (rows_ == 0 && !options_.quiet) diagnose("Nothing to list.\n");
    if (page.more) {
      const auto rest = page.total
                            ? fmt::format("{} more of {}", *page.total - static_cast<std::int64_t>(rows_), *page.total)
                            : std::string("There are more");
      out_.write(fmt::format("… {}: --all{}\n", rest, page.next.empty() ? "" : ", or --after " + page.next));
    } else if (page.total) {
      out_.write(fmt::format("{} in all.\n", *page.total));
    }
    out_.flush();
  }
  void listed(const ops::Answer& answer) override { print_warnings(answer.warnings, options_.quiet); }

  void answer(const ops::Answer& answer) override {
    if (answer.dry_run && answer.data.is_object() && answer.data.find("changes"))
      dry_run(answer);
    else if (!answer.sentence.empty())
      wrote(answer);
    else
      record(answer.data, 0);
    out_.flush();
    print_warnings(answer.warnings, options_.quiet);
  }
  void failed(const Error& error) override {
    out_.flush();
    print_error(error, options_.request_id);
  }

 private:
  void wrote(const ops::Answer& answer) {
    const auto* token = answer.data.is_object() ? answer.data.find("token") : nullptr;
    if (!options_.quiet) out_.write(answer.sentence + "\n");
    if (token && token->is_text())
      out_.write(options_.quiet ? token->text() + "\n" : fmt::format("Token (shown once): {}\n", token->text()));
    const auto* revealed = answer.data.is_object() ? answer.data.find("revealed") : nullptr;
    if (revealed && revealed->is_text())
      out_.write(options_.quiet ? revealed->text() + "\n" : fmt::format("Shown once: {}\n", revealed->text()));
    if (const auto* text = document_in(answer.data)) out_.write(text->text());
    if (!options_.quiet && !answer.next.empty()) out_.write(fmt::format("Next: {}\n", answer.next));
  }

  // A document is an answer's only member; records have texts among others.
  static const Json* document_in(const Json& data) {
    const auto* text = data.is_object() && data.members().size() == 1 ? data.find("text") : nullptr;
    return text && text->is_text() ? text : nullptr;
  }

  void dry_run(const ops::Answer& answer) {
    out_.write(fmt::format("Dry run, nothing is kept. {}\n", answer.sentence));
    for (const auto& change : answer.data.at("changes").items()) {
      const auto* count = change.find("count");  // where nobody reads each row, they are counted
      out_.write(fmt::format("  {:6} {} {}\n", change.at("op").text(), change.at("table").text(),
                             to_text(count ? *count : change.at("key"))));
      if (!count && (change.at("op").text() == "update" || change.at("op").text() == "insert"))
        out_.write(fmt::format("         {}\n", to_text(change.at("new"))));
    }
    if (const auto* lines = answer.data.find("lines")) foretold(*lines);
  }

  // What an import would do, line by line.
  void foretold(const Json& lines) {
    for (const auto& line : lines.items())
      out_.write(fmt::format("  line {:<6} {:9} {}\n", line.at("line").integer(), line.at("fate").text(),
                             printable(line.at("what").text())));
  }

  // `label  value` lines and lists of records as tables, in the order of the data.
  void record(const Json& data, std::size_t depth) {
    if (is_table(data)) return rows_of(data);
    if (!data.is_object()) {
      if (data.is_array())
        for (const auto& item : data.items()) out_.write(plain_text(item) + "\n");
      else
        out_.write(plain_text(data) + "\n");
      return;
    }
    if (const auto* text = document_in(data)) return out_.write(text->text());
    std::size_t widest = 0;
    for (const auto& [name, value] : data.members())
      if (!is_table(value)) widest = std::max(widest, display_width(name));
    bool below_table = false, first = true;
    for (const auto& [name, value] : data.members()) {
      if (is_table(value) || (depth == 0 && value.is_object())) {
        out_.write(fmt::format("{}{}\n", first ? "" : "\n", name));
        is_table(value) ? rows_of(value) : record(value, 1);
        below_table = true;
        first = false;
        continue;
      }
      first = false;
      if (value.is_array() && value.items().empty()) continue;
      if (data.find(name + "_cents") == nullptr && name.ends_with("_cents") && data.find(ops::decimal_name(name)))
        continue;
      if (std::exchange(below_table, false)) out_.write("\n");
      out_.write(fmt::format("{}  {}\n", padded(name, widest, false), shown(value)));
    }
  }

  // A command that is cut can't be typed, so where the line has no room it stands below what it is for.
  bool commands_of(const Json& records) {
    std::size_t widest = 0;
    for (const auto& one : records.items()) {
      if (!one.find("what") || !one.find("command")) return false;
      widest = std::max(widest, display_width(one.at("what").text()) + display_width(one.at("command").text()));
    }
    constexpr std::size_t kBeside = 9;  // the count, and the gaps
    if (options_.screen.width == 0 || widest + kBeside <= options_.screen.width) return false;
    for (const auto& one : records.items()) {
      const auto* count = one.find("count");
      out_.write(fmt::format("{}{}\n        {}\n",
                             count ? padded(plain_text(*count), 4, true) + "  " : std::string("  "),
                             one.at("what").text(), one.at("command").text()));
    }
    return true;
  }

  void rows_of(const Json& records) {
    if (commands_of(records)) return;
    const bool agenda = records.items().front().find("command") != nullptr;
    std::vector<std::string> header;
    std::vector<bool> right;
    for (const auto& [name, value] : records.items().front().members()) {
      const bool cents = name.ends_with("_cents") && records.items().front().find(ops::decimal_name(name));
      if (cents || hidden_.contains(name) || (agenda && name == "key")) continue;
      header.push_back(name);
      right.push_back(value.is_integer() || records.items().front().find(name + "_cents") != nullptr);
    }
    Table table(header, right, options_.screen, out_);
    for (const auto& one : records.items()) {
      std::vector<std::string> cells;
      for (const auto& name : header) {
        const auto* value = one.find(name);
        cells.push_back(value ? shown(*value) : "");
      }
      table.add(std::move(cells));
    }
    table.finish();
  }

  struct Hidden {
    // Of a history, what only scripts ask for.
    bool contains(std::string_view name) const {
      return name == "request_id" || name == "token_id" || name == "changed_by" || name == "changed_by_email";
    }
  } hidden_;
  RenderOptions options_;
  Stdout& out_;
  std::vector<const ops::Column*> columns_;
  std::optional<Table> table_;
  std::size_t rows_ = 0;
};

}  // namespace

std::string plain_text(const Json& value) {
  return printable(value.is_null()   ? ""
                   : value.is_text() ? value.text()
                   : value.is_bool() ? (value.boolean() ? "yes" : "no")
                                     : to_text(value));
}

void print_warnings(const std::vector<ops::Warning>& warnings, bool quiet) {
  if (quiet) return;
  for (const auto& warning : warnings) diagnose(fmt::format("Warning: {}\n", printable(warning.message)));
}

void print_page(const ops::Page& page) {
  if (page.more)
    diagnose(page.next.empty() ? "There are more.\n"
                               : fmt::format("There are more; go on with --after {}.\n", page.next));
  if (page.total) diagnose(fmt::format("{} in all.\n", *page.total));
}

void print_error(const Error& error, std::string_view request_id) {
  auto text = fmt::format("steward: {}\n", printable(error.what()));
  if (!error.hint().empty()) text += fmt::format("  {}\n", printable(error.hint()));
  if (error.details().is_object())
    if (const auto* lines = error.details().find("lines"); lines && lines->is_array())
      for (const auto& line : lines->items())
        text +=
            fmt::format("  {}\n", plain_text(line.is_object() && line.find("message") ? *line.find("message") : line));
  if (error.kind() == ErrorKind::defect)
    text += fmt::format(
        "  This is a bug in steward. Please report it with the request id {} and the command you ran.\n", request_id);
  diagnose(text);
}

std::unique_ptr<Renderer> make_table_renderer(RenderOptions options, Stdout& out) {
  return std::make_unique<TableRenderer>(std::move(options), out);
}

std::unique_ptr<Renderer> make_renderer(Output output, RenderOptions options, Stdout& out) {
  switch (output) {
    case Output::json:
      return make_json_renderer(std::move(options), out);
    case Output::ndjson:
      return make_ndjson_renderer(std::move(options), out);
    case Output::csv:
      return make_csv_renderer(std::move(options), out);
    case Output::table:
      break;
  }
  return make_table_renderer(std::move(options), out);
}

}  // namespace steward::cli
