#include "ops/targets.h"

#include <fmt/format.h>

#include <filesystem>
#include <vector>

#include "core/error.h"
#include "ops/files.h"

namespace steward::ops {
namespace {

// The files that a command is told to write.
struct Target {
  std::string field, file;
};

std::vector<Target> written_files(const Request& request) {
  std::vector<Target> out;
  for (const auto& param : request.operation->params)
    if (const auto given = request.raw.find(param.name);
        param.type.file == TypeInfo::File::written && given != request.raw.end())
      for (const auto& file : given->second) out.push_back({param.name, file});
  return out;
}

}  // namespace

std::optional<std::string> file_to_replace(const Request& request) {
  for (const auto& [field, file] : written_files(request)) {
    std::error_code none;
    if (!is_stream(file) && std::filesystem::is_regular_file(file, none)) return file;
  }
  return std::nullopt;
}

void require_other_target(const House& house, const Request& request) {
  for (const auto& [field, file] : written_files(request))
    if (house.stands_on(file))
      refuse_usage("invalid_target", fmt::format("{} is the database's own file, or its key file.", file), field,
                   "Name another file.");
}

}  // namespace steward::ops
