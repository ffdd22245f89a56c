#include <fmt/format.h>

#include "core/error.h"
#include "core/text.h"
#include "db/backup.h"
#include "db/open.h"
#include "ops/declare.h"
#include "ops/run.h"
#include "system/demo/demo.h"
#include "system/demo/season.h"

namespace steward::demo {
namespace {

struct DemoArgs {
  std::optional<ops::FilePath> to;
};

std::string scratch_database() { return make_scratch_folder() + "/steward.db"; }

ops::House scratch_house(const ops::House& house, const DemoArgs& args) {
  auto out = house;
  out.url = db::Url::parse(args.to ? args.to->value : scratch_database());
  if (db::exists(out.url))
    throw Error{ErrorKind::conflict, "duplicate", fmt::format("There is a database at {} already.", out.url.display()),
                "Name a file that does not exist yet: steward demo --to FILE."}
        .at("to");
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

// The same records with fewer members: the tour is for people.
Json with_only(const Json& records, std::initializer_list<std::string_view> names) {
  Json out = Json::array();
  for (const auto& record : records.items()) {
    Json one = Json::object();
    for (const auto name : names) one.set(std::string(name), record.at(name));
    out.push(std::move(one));
  }
  return out;
}

// A balance's rows, where nobody's money is the studio's.
Json balance_of(const ops::House& house) {
  auto out = with_only(collect(house, "ledger.balance"),
                       {"beneficiary_email", "currency", "status", "entries", "amount_cents", "amount"});
  Json named = Json::array();
  for (auto row : out.items()) {
    if (row.at("beneficiary_email").is_null()) row.set("beneficiary_email", "(the studio)");
    named.push(std::move(row));
  }
  return named;
}

// Where to go from here: what there is to see, and the command that shows it.
Json tour(const ops::House& house) {
  constexpr std::pair<std::string_view, std::string_view> kStops[] = {
      {"The agenda again", "steward"},
      {"Inquiries, in any script", "steward intake list --search 田中"},
      {"Deals in every stage", "steward deals list"},
      {"Who pays late", "steward invoices list --overdue"},
      {"An invoice, its payments and its history", "steward invoices show {}"},
      {"What an agent may not do alone", "steward approvals list"},
      {"Who did what", "steward audit list --limit 10"},
      {"That nobody changed the record of it", "steward audit verify"},
  };
  const auto paid = collect(house, "invoices.list", {{"status", {"PARTIALLY_PAID"}}});
  const auto number = paid.items().empty() ? std::string() : paid.items().front().at("number").text();
  Json out = Json::array();
  for (const auto& [what, command] : kStops)
    out.push(Json{{"what", what}, {"command", fmt::format(fmt::runtime(command), number)}});
  return out;
}

ops::Change demo(ops::System& system, const DemoArgs& args) {
  auto house = scratch_house(system.house, args);
  const auto steps = read_season(house.now());
  auto past = house;
  past.fixed_now = steps.front().at;
  initialise(past);
  Season(house).play(steps);
  db::checkpoint(*db::open(house.url, {db::Access::write}));
  system.environment = "local";
  ops::Change out;
  out.data = Json{{"agenda", collect(house, "status").at("waiting")},
                  {"aging", collect(house, "invoices.aging")},
                  {"ledger", balance_of(house)},
                  {"try", tour(house)},
                  {"steps", steps.size()},
                  {"database", house.url.display()},
                  {"use", fmt::format("export STEWARD_DB={}", shell_word(house.url.display()))}};
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
