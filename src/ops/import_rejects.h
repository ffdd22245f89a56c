#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/charset.h"
#include "core/error.h"
#include "ops/files.h"

namespace steward::ops {

/// Whether a column or member is one that only a file of rejects has: an import passes over it, so that such a file
/// is mended and imported again as it is.
bool is_reject_column(std::string_view name);

/// The lines that an import refused, in the form of its own file, in UTF-8 (which a mark says where that file was in
/// another charset, so that it is imported by the same words): CSV with the same columns, or JSON lines,
/// each with reject_line, reject_reason and, of what could not be read at all, reject_original.
class Rejects {
 public:
  Rejects(const std::string& path, const std::optional<Charset>& of_source);

  /// The file is CSV, of these columns.
  void columns(const std::vector<std::string>& names, char delimiter);
  /// A line that was read, `record` as the file has it.
  void add(std::int64_t line, const Json& record, const Error& why);
  /// One that could not be read.
  void add_unread(std::int64_t line, std::string_view original, const Error& why);

  /// Stands in place once it is committed.
  std::shared_ptr<StagedFile> file() const { return file_; }

 private:
  void write(std::int64_t line, const Json& record, std::string_view original, const Error& why);

  std::shared_ptr<StagedFile> file_;
  std::vector<std::string> columns_;  ///< none: JSON lines
  char delimiter_ = ',';
};

}  // namespace steward::ops
