#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/commands.h"
#include "cli/reference.h"
#include "core/error.h"
#include "core/text.h"
#include "ops/declare.h"
#include "ops/files.h"
#include "ops/run.h"

namespace steward::cli {
namespace {

struct ManArgs {
  std::optional<ops::Text<100>> topic;
  std::optional<ops::NewFile> to;
};

ops::Change print_page(const std::vector<ManPage>& pages, const std::string& topic) {
  for (const auto& page : pages)
    if (page.name == topic + ".1" || page.name == fmt::format("steward-{}.1", topic)) {
      ops::Change out;
      out.data = Json{{"text", page.roff}};
      return out;
    }
  throw Error{ErrorKind::not_found, "not_found", fmt::format("There is no manual page '{}'.", topic),
              "steward man --to DIR writes them all."};
}

ops::Change man(ops::System& system, const ManArgs& args) {
  const auto pages = man_pages(*system.house.registry);
  if (!args.to) return print_page(pages, args.topic ? args.topic->value : "steward");
  const std::filesystem::path folder(args.to->value);
  const auto there = std::ranges::count_if(
      pages, [&](const ManPage& page) { return ops::file_exists((folder / page.name).string()); });
  if (there > 0)
    system.confirm(fmt::format("{} in {}. Replace them?", count_of(static_cast<std::size_t>(there), "manual page"),
                               folder.string()));
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  ops::Change out;
  Json files = Json::array();
  for (const auto& page : pages) {
    ops::replace_file((folder / page.name).string(), page.roff);
    files.push((folder / page.name).string());
  }
  out.sentence = fmt::format("Wrote {} manual pages to {}.", pages.size(), folder.string());
  out.data = Json{{"files", std::move(files)}};
  out.next = fmt::format("man -M {} steward, once they lie in a man1 folder", folder.string());
  return out;
}

}  // namespace

void register_man(ops::Registry& registry) {
  registry.add(ops::declare<ManArgs>("man", "Print a manual page, or write them all")
                   .positional("topic", &ManArgs::topic, "A group; steward itself if left out")
                   .option("to", &ManArgs::to, "Folder to write every page to")
                   .open()
                   .example("steward man invoices")
                   .manages(man, false));
}

}  // namespace steward::cli
