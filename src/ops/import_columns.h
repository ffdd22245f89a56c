#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "ops/import.h"

namespace steward::ops {

/// Which column, or member of a line's object, is which field: the one of its own name, unless --map says otherwise.
class ImportColumns {
 public:
  /// Errors: usage "unknown_argument" at "map" for a field there is not, "conflicting_arguments" for one that is mapped
  /// twice.
  ImportColumns(const std::vector<ColumnMap>& map, const std::vector<ImportBatch::Field>& fields);

  /// What the header of CSV must be. Errors: usage "unknown_argument" for a column that is no field, "missing_argument"
  /// for a required field without a column, or a mapped column that is not there, "conflicting_arguments" for two of
  /// one field.
  void require_header(const std::vector<std::string>& names) const;

  /// The value of each field, null where there is none. It stands until the record goes or this is called again.
  /// Errors: as require_header, and usage "invalid_json" for what is no object.
  const std::vector<const Json*>& values(const Json& record);

 private:
  /// Nullopt: it is left out. Errors: usage "unknown_argument".
  std::optional<std::size_t> field_of(std::string_view column) const;
  std::optional<std::size_t> find(std::string_view field) const;

  const std::vector<ColumnMap>& map_;
  const std::vector<ImportBatch::Field>& fields_;
  std::vector<const Json*> values_;
  bool others_left_out_ = false;
};

}  // namespace steward::ops
