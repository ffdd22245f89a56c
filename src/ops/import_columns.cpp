#include "ops/import_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "ops/import_rejects.h"

namespace steward::ops {
namespace {

constexpr std::string_view kOthers = "*";

std::string known_names(const std::vector<ImportBatch::Field>& fields) {
  std::vector<std::string> names;
  for (const auto& field : fields) names.emplace_back(field.name);
  return join(names, ", ");
}

[[noreturn]] void refuse_second(std::string_view field, std::string_view at) {
  refuse_usage("conflicting_arguments", fmt::format("There are two columns for {}.", field), at,
               "Leave one of them out: --map COLUMN=");
}

}  // namespace

ImportColumns::ImportColumns(const std::vector<ColumnMap>& map, const std::vector<ImportBatch::Field>& fields)
    : map_(map), fields_(fields) {
  std::set<std::string_view> columns, mapped;
  for (const auto& [column, field] : map) {
    if (column == kOthers && field.empty()) others_left_out_ = true;
    if (!columns.insert(column).second)
      refuse_usage("conflicting_arguments", fmt::format("The column {} is mapped twice.", column), "map");
    if (field.empty()) continue;
    if (!find(field))
      refuse_usage("unknown_argument", fmt::format("There is no field '{}'; there are {}.", field, known_names(fields)),
                   "map");
    if (!mapped.insert(field).second) refuse_second(field, "map");
  }
}

std::optional<std::size_t> ImportColumns::find(std::string_view field) const {
  const auto at = std::ranges::find(fields_, field, &ImportBatch::Field::name);
  return at == fields_.end() ? std::nullopt : std::optional<std::size_t>(at - fields_.begin());
}

std::optional<std::size_t> ImportColumns::field_of(std::string_view column) const {
  if (!map_.empty())
    if (const auto said = std::ranges::find(map_, column, &ColumnMap::column); said != map_.end())
      return said->field.empty() ? std::nullopt : find(said->field);
  const auto field = find(column);
  if (field || others_left_out_ || is_reject_column(column)) return field;
  refuse_usage("unknown_argument", fmt::format("There is no field '{}'; there are {}.", column, known_names(fields_)),
               column, "Say which field it is, or leave it out: --map COLUMN=FIELD, --map COLUMN=");
}

void ImportColumns::require_header(const std::vector<std::string>& names) const {
  std::set<std::size_t> there;
  for (const auto& name : names)
    if (const auto field = field_of(name); field && !there.insert(*field).second)
      refuse_second(fields_[*field].name, name);
  for (const auto& said : map_)
    if (said.column != kOthers && !std::ranges::count(names, said.column))
      refuse_usage("missing_argument",
                   fmt::format("The file has no column '{}'; it has {}.", said.column, join(names, ", ")), "map");
  for (std::size_t i = 0; i < fields_.size(); ++i)
    if (fields_[i].required && !there.contains(i))
      refuse_usage("missing_argument", fmt::format("The file has no column for {}.", fields_[i].name), fields_[i].name,
                   "Say which of its columns it is: --map COLUMN=FIELD");
}

const std::vector<const Json*>& ImportColumns::values(const Json& record) {
  if (!record.is_object()) refuse_usage("invalid_json", "The line is not a JSON object.");
  values_.assign(fields_.size(), nullptr);
  for (const auto& [name, value] : record.members()) {
    const auto field = field_of(name);
    if (!field || value.is_null() || (value.is_text() && value.text().empty())) continue;
    if (values_[*field]) refuse_second(fields_[*field].name, name);
    values_[*field] = &value;
  }
  return values_;
}

}  // namespace steward::ops
