#include "ops/targets.h"

#include <fmt/format.h>

#include <filesystem>
#include <vector>

#include "core/error.h"
#include "ops/files.h"

namespace steward::ops {
namespace {

std::vector<std::string> written_files(const Request& request) {
  const auto* to = request.operation->find("to");
  const auto given = request.raw.find("to");
  if (!to || to->type.file != TypeInfo::File::written || given == request.raw.end()) return {};
  return given->second;
}

}  // namespace

std::optional<std::string> file_to_replace(const Request& request) {
  for (const auto& file : written_files(request)) {
    std::error_code none;
    if (!is_stream(file) && std::filesystem::is_regular_file(file, none)) return file;
  }
  return std::nullopt;
}

void require_other_target(const House& house, const Request& request) {
  for (const auto& file : written_files(request))
    if (house.stands_on(file))
      refuse_usage("invalid_target", fmt::format("{} is the database's own file, or its key file.", file), "to",
                   "Name another file.");
}

}  // namespace steward::ops
