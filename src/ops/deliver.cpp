#include "ops/deliver.h"

#include <fmt/format.h>

#include <filesystem>

#include "core/error.h"
#include "ops/consent.h"
#include "ops/files.h"

namespace steward::ops {

void deliver(Change& change, const std::string& to, std::string_view content, bool keep) {
  if (!is_standard_output(to)) {
    if (keep) replace_file(to, content);
    return;
  }
  change.sentence.clear();
  change.next.clear();
  change.data = Json{{"text", std::string(content)}};
}

std::string file_for(const Context& context, const std::string& to, const std::string& name) {
  std::error_code none;
  if (!std::filesystem::is_directory(to, none)) {
    const auto& batch = context.request.batch;
    if (batch && batch->subjects->size() > 1)
      refuse_usage("unsupported_combination", fmt::format("{} can't take the files of several records.", to), "to",
                   "Name a folder that is there.");
    return to;
  }
  auto file = (std::filesystem::path(to) / name).string();
  if (context.house.stands_on(file))
    refuse_usage("invalid_target", fmt::format("{} is the database's own file, or its key file.", file), "to",
                 "Name another folder.");
  if (file_exists(file)) require_confirmation(context.request, fmt::format("{} exists. Replace it?", file));
  return file;
}

}  // namespace steward::ops
