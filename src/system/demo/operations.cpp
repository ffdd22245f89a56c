#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "core/error.h"
#include "ops/declare.h"
#include "ops/run.h"
#include "system/demo/demo.h"
#include "system/demo/season.h"

namespace steward::demo {
namespace {

struct DemoArgs {
  std::optional<ops::FilePath> to;
};

std::string scratch_database() {
  std::string folder = (std::filesystem::temp_directory_path() / "steward-demo-XXXXXX").string();
  if (!::mkdtemp(folder.data()))
    throw Error{ErrorKind::precondition, "file_unwritable",
                fmt::format("No scratch folder can be made in {}.", std::filesystem::temp_directory_path().string())};
  return folder + "/steward.db";
}

ops::House scratch_house(const ops::House& house, const DemoArgs& args) {
  auto out = house;
  out.url = db::Url::parse(args.to ? args.to->value : scratch_database());
  if (db::exists(out.url))
    throw Error{ErrorKind::conflict, "duplicate", fmt::format("There is a database at {} already.", out.url.display()),
                "Name a file that does not exist yet."};
  if (out.url.engine == db::Engine::sqlite) out.key_file.clear();  // on a server there is no place beside it
  out.environment.reset();
  out.log = {};
  return out;
}

void initialise(const ops::House& house) {
  ops::Request request;
  request.operation = &require_operation(house, "init");
  request.yes = true;
  request.request_id = new_uuid(house.now().ms);
  ops::run(house, request, nullptr);
}

ops::Change demo(ops::System& system, const DemoArgs& args) {
  auto house = scratch_house(system.house, args);
  const auto steps = read_season(house.now());
  auto past = house;
  past.fixed_now = steps.front().at;
  initialise(past);
  Season(house).play(steps);
  system.environment = "local";
  ops::Change out;
  auto agenda = collect(house, "status");
  out.data = Json{{"database", house.url.display()},
                  {"steps", steps.size()},
                  {"agenda", agenda.at("waiting")},
                  {"aging", collect(house, "invoices.aging")},
                  {"ledger", collect(house, "ledger.balance")},
                  {"try", fmt::format("steward --db {} status", house.url.display())}};
  return out;
}

}  // namespace

void register_operations(ops::Registry& registry) {
  registry.add(ops::declare<DemoArgs>("demo", "Fill a scratch database with a realistic season and show it")
                   .option("to", &DemoArgs::to, "Where to make it; a new folder among the temporary ones if left out")
                   .details("The season is played through the same commands that a person types, each at its own time.")
                   .open()
                   .example("steward demo --to ./demo.db")
                   .manages(demo, false));
}

}  // namespace steward::demo
