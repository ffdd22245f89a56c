#include <fmt/format.h>

#include <algorithm>

#include "core/charset.h"
#include "core/csv.h"
#include "core/error.h"
#include "core/text.h"
#include "ops/bad_lines.h"
#include "ops/input.h"
#include "studio/lines/lines.h"

namespace steward::lines {
namespace {

constexpr std::size_t kMostLines = 1'000, kLongest = 1'000;
constexpr std::string_view kFields[] = {"description", "quantity", "unit_price", "tax"};

// JSON may hold a whole number where CSV holds its digits; a fraction would have been through a double.
std::string text_of(const Json& value, std::string_view field) {
  if (value.is_text()) return with_line_feeds(value.text());
  if (value.is_integer()) return std::to_string(value.integer());
  refuse_usage("invalid_json", fmt::format("{} is neither text nor a whole number.", field), field,
               "Write an amount as text: \"1250.00\".");
}

class Reader final : public JsonLineHandler {
 public:
  Reader(db::Tx& tx, Currency currency, std::optional<TaxTerms> tax, Date date)
      : tx_(tx), currency_(currency), tax_(std::move(tax)), date_(date) {}

  void record(std::int64_t line, Json value) override {
    try {
      auto read = line_of(value);
      if (bad_.count() == 0 && lines_.size() < kMostLines)
        lines_.push_back(std::move(read));
      else if (bad_.count() == 0)
        refuse_usage("file_too_large", fmt::format("A document has at most {} lines.", kMostLines));
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::temporary) throw;
      bad_line(line, error);
    }
  }

  void bad_line(std::int64_t line, const Error& error, std::string_view = {}) override { bad_.add(line, error); }

  std::vector<Line> done() {
    if (bad_.count() > 0) {
      const auto details = bad_.details();
      throw Error{ErrorKind::usage, "invalid_lines", fmt::format("{} can't be read.", count_of(bad_.count(), "line")),
                  details.at("lines").items().front().at("message").text()}
          .at("lines")
          .with(details);
    }
    if (lines_.empty()) refuse_usage("invalid_lines", "There is no line in the file.", "lines");
    return std::move(lines_);
  }

 private:
  std::optional<std::string> field(const Json& record, std::string_view name) const {
    const auto* value = record.find(name);
    if (!value || value->is_null()) return std::nullopt;
    return text_of(*value, name);
  }

  std::string required(const Json& record, std::string_view name) const {
    if (auto text = field(record, name)) return *std::move(text);
    refuse_usage("missing_argument", fmt::format("{} is missing.", name), name);
  }

  Line line_of(const Json& record) {
    if (!record.is_object()) refuse_usage("invalid_json", "The line is not a JSON object.");
    for (const auto& [name, value] : record.members())
      if (std::ranges::find(kFields, name) == std::end(kFields))
        refuse_usage("unknown_argument",
                     fmt::format("There is no field '{}'; there are description, quantity, unit_price, tax.", name),
                     name);
    Line out{clean_text(required(record, "description"), "description", kLongest, true), kOne, 0, 0, tax_};
    if (const auto quantity = field(record, "quantity")) out.quantity = parse_quantity(*quantity);
    out.unit_price = parse_money(required(record, "unit_price"), currency_, Sign::any).minor;
    if (const auto code = field(record, "tax")) out.tax = terms_of(taxes::tax_on(tx_, taxes::parse_code(*code), date_));
    out.net = net_of(out.quantity, out.unit_price);
    return out;
  }

  db::Tx& tx_;
  Currency currency_;
  std::optional<TaxTerms> tax_;
  Date date_;
  std::vector<Line> lines_;
  ops::BadLines bad_;
};

}  // namespace

std::vector<Line> read_lines(db::Tx& tx, const ByteSource& source, Currency currency,
                             const std::optional<TaxTerms>& tax, Date date) {
  Reader reader(tx, currency, tax, date);
  read_records(source, reader);
  return reader.done();
}

std::vector<Line> read_file(db::Tx& tx, const std::string& path, Currency currency, const std::optional<TaxTerms>& tax,
                            Date date) {
  ops::InputFile file(path);
  return read_lines(
      tx, [&](std::span<char> buffer) { return file.read(buffer); }, currency, tax, date);
}

}  // namespace steward::lines
