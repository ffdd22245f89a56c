#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "core/error.h"
#include "core/text.h"
#include "db/backup.h"
#include "ops/argument.h"
#include "ops/declare.h"
#include "ops/files.h"
#include "ops/run.h"
#include "ops/sealed.h"
#include "ops/settings.h"
#include "studio/identity/identity.h"
#include "studio/rates/rates.h"
#include "system/database/database.h"
#include "system/init/init.h"

namespace steward::init {
namespace {

namespace fs = std::filesystem;

struct InitArgs {
  std::optional<ops::Email> admin_email;
  bool solo = false;
};

// What a run made; what was there already stays out of it.
struct Made {
  bool folder = false, database = false, key_file = false, solo = false, admin = false, first_admin = false;
  std::vector<std::string> migrations;
  std::string token;
  bool anything() const { return folder || database || key_file || admin || !migrations.empty(); }
};

void require_admin_email(const std::string& environment, const InitArgs& args) {
  if (environment == "local" || args.admin_email || args.solo) return;
  throw Error{ErrorKind::usage, "missing_argument",
              fmt::format("A {} database needs its first administrator.", environment),
              "Say who: --admin-email you@example.org (or --solo, when you are the only one and own this machine)."}
      .at("admin-email");
}

struct Standing {
  std::optional<database::Identity> identity;
  bool wants_administrator = false, has_secrets = false;
  db::SchemaState state;
};

// Nobody administers; or the shell needs a token, and no administrator has one that works any more.
bool wants_administrator(db::Tx& tx, std::string_view environment) {
  if (!identity::has_administrator(tx)) return true;
  return environment != "local" && !ops::setting_on(tx, "controls.solo") && !identity::administrator_has_token(tx);
}

Standing look_at(const ops::House& house, db::Connection& connection) {
  db::Tx tx(connection, db::Access::read, house.now());
  Standing out;
  out.identity = database::identity_of(tx);
  out.state = db::schema_state(connection, house.migrations());
  if (!out.identity) return out;
  out.wants_administrator = wants_administrator(tx, out.identity->environment);
  out.has_secrets = ops::has_sealed(tx);
  ops::environment_of(tx, house);
  return out;
}

// A key made for secrets that another key locked would only hide that it is missing.
bool make_key_file(const ops::House& house, const Standing& standing) {
  return !standing.has_secrets && ops::Vault::create(house.key_path());
}

void give_controls(ops::Context& context, const InitArgs& args, Made& made) {
  if (!args.solo) return;
  ops::store_setting(context.tx, "controls.solo", "on", false);
  ops::store_setting(context.tx, "controls.two_person", "off", false);
  made.solo = true;
}

void give_administrator(ops::Context& context, const InitArgs& args, Made& made) {
  const auto environment = database::identity_of(context.tx)->environment;
  if (!args.admin_email || !wants_administrator(context.tx, environment)) return;
  made.first_admin = !identity::has_administrator(context.tx);
  made.token = identity::bootstrap_admin(context, args.admin_email->value).text;
  made.admin = true;
}

Json metadata_of(const Made& made, const std::string& environment) {
  return Json{{"environment", environment},
              {"solo", made.solo},
              {"administrator", made.admin},
              {"first_administrator", made.first_admin}};
}

// Everything a database starts with, in one transaction; of two who try at once the second finds it done.
ops::Change settle(ops::Context& context, const InitArgs& args, Made& made) {
  const auto there = database::identity_of(context.tx);
  if (!there) {
    database::record_identity(context.tx, database::environment_for_new(context.house));
    identity::seed_roles(context.tx);
    rates::seed_rates(context.tx);
    give_controls(context, args, made);
    made.database = true;
  }
  give_administrator(context, args, made);
  const auto identity = *database::identity_of(context.tx);
  ops::Change change;
  change.target_type = "database";
  change.target_id = identity.instance_id;
  change.metadata = metadata_of(made, identity.environment);
  change.changed = made.database || made.admin;
  return change;
}

void require_owner(db::Connection& connection) {
  if (connection.owned_by_caller()) return;
  throw Error{ErrorKind::permission, "forbidden",
              "Only the owner of the database may name an administrator at the shell.",
              "Run it as the file's owner; on a server, as the role that owns the tables."};
}

std::string made_sentence(const Made& made, const ops::House& house, const std::string& environment) {
  if (!made.database && made.admin)
    return made.first_admin ? "Named the first administrator."
                            : "Made an administrator's token, since no administrator had one that works.";
  if (made.database) return fmt::format("Made the {} database {}.", environment, house.url.display());
  return made.key_file ? fmt::format("Made the key file {}.", house.key_path()) : "Nothing to do.";
}

Json report(const ops::House& house, const Standing& standing, const Made& made) {
  return Json{{"database", house.url.display()},
              {"environment", standing.identity->environment},
              {"instance_id", standing.identity->instance_id},
              {"key_file", house.key_path()},
              {"key_file_present", ops::file_exists(house.key_path())},
              {"solo", made.solo},
              {"migrations", standing.state.applied.size()},
              {"pending", Json(Json::Array(standing.state.pending.begin(), standing.state.pending.end()))},
              {"created", made.database}};
}

std::string next_of(const Standing& standing, const Made& made) {
  if (!standing.state.pending.empty()) return "steward db migrate";
  if (!made.token.empty())
    return "keep the token in a file of mode 0600, and pass it with --token-file or STEWARD_TOKEN_FILE";
  if (standing.identity->environment != "local" && standing.wants_administrator && !made.solo)
    return "steward init --admin-email you@example.org";
  return "steward settings set business.legal_name 'Your studio'";
}

ops::Change describe(const ops::House& house, const Standing& standing, const Made& made, const InitArgs& args) {
  auto change = made.anything() ? ops::Change{}
                                : ops::Change::none("database", standing.identity->instance_id,
                                                    fmt::format("The {} database {} is there already.",
                                                                standing.identity->environment, house.url.display()),
                                                    {});
  if (made.anything()) change.sentence = made_sentence(made, house, standing.identity->environment);
  change.data = report(house, standing, made);
  change.next = next_of(standing, made);
  if (!made.token.empty()) change.once = Json{{"token", made.token}};
  if (!made.database && args.solo)
    change.warnings.push_back(
        {"not_applied", "--solo holds for a new database only: use steward settings set controls.solo on."});
  if (!made.admin && args.admin_email)
    change.warnings.push_back(
        {"not_applied", "There is an administrator already, so nobody was added: use steward users create."});
  if (!ops::file_exists(house.key_path()))
    change.warnings.push_back(
        {"key_missing",
         fmt::format("The key file {} is missing: bring its copy back with steward keys import.", house.key_path())});
  return change;
}

ops::Change foretell(const ops::House& house, const InitArgs& args) {
  ops::Change change;
  if (db::exists(house.url)) {
    const auto standing =
        look_at(house, *db::open(house.url, {db::Access::read, false, house.busy_timeout, house.log}));
    if (standing.identity) return describe(house, standing, {}, args);
  }
  const auto environment = database::environment_for_new(house);
  require_admin_email(environment, args);
  change.sentence = fmt::format("The {} database {} would be made, with {}.", environment, house.url.display(),
                                count_of(house.migrations().size(), "migration"));
  change.data = Json{{"database", house.url.display()}, {"environment", environment}, {"changes", Json::array()}};
  return change;
}

ops::Change initialise(ops::System& system, const InitArgs& args) {
  const auto& house = system.house;
  if (system.request.dry_run) return foretell(house, args);
  if (!db::exists(house.url)) require_admin_email(database::environment_for_new(house), args);
  Made made;
  made.folder = ops::make_folder_of(house.key_path());
  if (house.url.engine == db::Engine::sqlite && ops::make_folder_of(house.url.location)) made.folder = true;
  const auto connection = system.open(db::Access::write, true);
  auto standing = look_at(house, *connection);
  if (!standing.identity) {
    system.admit_shell(database::environment_for_new(house));
    require_admin_email(system.environment, args);
    made.migrations = db::migrate(*connection, house.migrations(), house.now(), [&](const db::Migration& next) {
      if (house.progress) house.progress(fmt::format("Applying {}", next.name));
    });
  } else {
    system.admit_shell(standing.identity->environment);
  }
  made.key_file = make_key_file(house, standing);
  const bool names_admin = args.admin_email && standing.wants_administrator;
  if (!standing.identity || (names_admin && standing.state.current())) {
    require_owner(*connection);
    system.write_as_admitted(*connection, [&](ops::Context& context) { return settle(context, args, made); });
  }
  if (made.anything()) db::checkpoint(*connection);
  standing = look_at(house, *connection);
  return describe(house, standing, made, args);
}

}  // namespace

void register_operations(ops::Registry& registry) {
  registry.add(
      ops::declare<InitArgs>("init", "Make the database, or say how it stands")
          .option("admin-email", &InitArgs::admin_email,
                  "The first administrator; staging and prod ask for one, and get a token for them")
          .option("solo", &InitArgs::solo,
                  "One person owns this: no token needed by the file's owner, no second person")
          .details("Makes the folder (mode 0700), the database (0600) and its key file, runs the migrations, and adds "
                   "roles and rates. The global flag --env says which environment it records for good; local "
                   "unless said. Safe to repeat: what is there already stays as it is. Where no administrator has a "
                   "token that works any more, --admin-email makes the file's owner one.")
          .open()
          .example("steward init")
          .example("steward init --env prod --admin-email you@example.org")
          .manages(initialise, true));
}

}  // namespace steward::init
