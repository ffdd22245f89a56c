#include <fmt/format.h>

#include "core/error.h"
#include "core/text.h"
#include "ops/declare.h"
#include "ops/deliver.h"
#include "ops/files.h"
#include "ops/run.h"
#include "ops/sealed.h"
#include "ops/settings.h"
#include "system/database/database.h"
#include "system/keys/copy.h"
#include "system/keys/keys.h"

namespace steward::keys {
namespace {

constexpr std::size_t kShortestPassphrase = 12;
constexpr auto kForgetCopy = "DELETE FROM settings WHERE key = $1";

constexpr ops::Column kShowColumns[] = {{"file"},
                                        {"key_id"},
                                        {"public_key"},
                                        {"available", {}, ops::Kind::boolean},
                                        {"last_exported_at", {}, ops::Kind::instant}};
constexpr ops::Column kFileColumns[] = {{"file"}, {"key_id"}};
constexpr ops::Column kRenewColumns[] = {{"file"}, {"lost", {}, ops::Kind::json}};
constexpr ops::Column kRotateColumns[] = {{"file"}, {"key_id"}, {"fields", {}, ops::Kind::integer}};

struct ExportArgs {
  ops::NewFile to;
  std::optional<ops::FilePath> passphrase_file;
};
struct ImportArgs {
  ops::FilePath from;
  std::optional<ops::FilePath> passphrase_file;
};

// From the file, else from the person at the terminal: a new one twice, so that it is what was meant.
std::string asked_passphrase(const ops::Request& request, bool anew) {
  if (!request.ask_secret)
    throw Error{ErrorKind::usage, "missing_argument", "Nobody is at the terminal to ask for the passphrase.",
                "Name a file that holds it: --passphrase-file FILE."}
        .at("passphrase-file");
  auto out = request.ask_secret("Passphrase");
  if (anew && out.size() >= kShortestPassphrase && request.ask_secret("The same again") != out)
    refuse_usage("conflicting_arguments", "The two passphrases are not the same; nothing was written.",
                 "passphrase-file", "Try again.");
  return out;
}

std::string passphrase_of(const ops::Request& request, const std::optional<ops::FilePath>& file, bool anew) {
  const auto text = file ? ops::read_file(file->value, 4096) : asked_passphrase(request, anew);
  const auto out = trim(text);
  if (out.size() < kShortestPassphrase)
    refuse_usage("out_of_range", fmt::format("A passphrase has {} characters or more.", kShortestPassphrase),
                 "passphrase-file");
  return std::string(out);
}

Json show(ops::Context& context, const ops::NoArgs&) {
  auto& vault = context.vault;
  const bool there = vault.available();
  const auto exported = database::last_done(context.tx, database::kLastKeyExport);
  return Json{{"file", vault.key_file()},
              {"key_id", there ? Json(vault.key_id()) : Json()},
              {"public_key", there ? Json(vault.public_key()) : Json()},
              {"available", there},
              {"last_exported_at", exported ? Json(to_text(*exported)) : Json()}};
}

ops::Change change_of(ops::Context& context, std::string sentence) {
  ops::Change out;
  out.target_type = "key";
  out.target_id = context.vault.key_id();
  out.sentence = std::move(sentence);
  out.data = Json{{"file", context.vault.key_file()}, {"key_id", context.vault.key_id()}};
  out.metadata = Json{{"key_id", context.vault.key_id()}};
  return out;
}

// Who may comes before what is asked, and nobody is asked under a lock.
void admit(ops::System& system, db::Connection& connection) {
  db::Tx tx(connection, db::Access::read, system.house.now());
  system.admit(tx);
}

ops::Change export_key(ops::System& system, const ExportArgs& args) {
  const auto passphrase = passphrase_of(system.request, args.passphrase_file, true);
  auto connection = system.open(db::Access::write);
  admit(system, *connection);
  if (ops::file_exists(args.to.value) && !ops::is_stream(args.to.value))
    system.confirm(fmt::format("{} exists. Replace it?", args.to.value));
  return system.write(*connection, [&](ops::Context& context) {
    auto out = change_of(context, fmt::format("Wrote a protected copy of the key file to {}.", args.to.value));
    ops::store_setting(context.tx, database::kLastKeyExport, to_text(context.now()), false);
    out.data.set("file", args.to.value);
    out.next = "Keep the copy and the passphrase apart, and neither on this machine.";
    const auto copy = protect(ops::read_file(context.vault.key_file()), passphrase);
    ops::deliver(out, args.to.value, copy, !system.request.dry_run);
    return out;
  });
}

// Never over another key: what it encrypted could not be read any more.
void put_key_file(const std::string& path, const std::string& content) {
  if (!ops::file_exists(path)) return ops::replace_file(path, content);
  if (ops::read_file(path) != content)
    throw Error{ErrorKind::conflict, "duplicate", fmt::format("There is another key file at {} already.", path),
                "Move it away first; fields that it encrypted need it."};
}

ops::Change import_key(ops::System& system, const ImportArgs& args) {
  const auto copy = ops::read_file(args.from.value, 1 << 20);
  const auto content = reveal(copy, passphrase_of(system.request, args.passphrase_file, false));
  auto connection = system.open(db::Access::write);
  return system.write(*connection, [&](ops::Context& context) {
    if (!system.request.dry_run) put_key_file(context.vault.key_file(), content);
    return change_of(context, fmt::format("The key file is at {}.", context.vault.key_file()));
  });
}

// Every field where it stands, as it reads now.
std::vector<ops::SealedValue> opened_fields(ops::Context& context) {
  std::vector<ops::SealedValue> out;
  ops::each_sealed(context.tx, [&](const ops::SealedValue& value) {
    out.push_back({value.column, value.row, context.vault.open(value.text, value.place())});
  });
  return out;
}

// All is read before the file is touched. Then the new key goes in front of it first: until the fields are rewritten
// the old one, still in the file, reads them.
ops::Change rotate(ops::System& system, const ops::NoArgs&) {
  auto connection = system.open(db::Access::write);
  admit(system, *connection);
  system.confirm("A new key will encrypt every sensitive field. Go ahead?");
  return system.write(*connection, [&](ops::Context& context) {
    const auto fields = opened_fields(context);
    const auto old_key = context.vault.key_id();
    if (!system.request.dry_run) ops::Vault::add_key(context.vault.key_file());
    ops::Vault fresh(context.vault.key_file());
    for (const auto& field : fields) ops::reseal(context.tx, field, fresh.seal(field.text, field.place()));
    context.tx.exec(kForgetCopy, {database::kLastKeyExport});  // a copy made before does not hold the new key
    ops::Change out;
    out.target_type = "key";
    out.target_id = fresh.key_id();
    out.sentence =
        fmt::format("Key {} encrypts from now on; {} re-encrypted.", fresh.key_id(), count_of(fields.size(), "field"));
    out.data = Json{{"file", fresh.key_file()}, {"key_id", fresh.key_id()}, {"fields", fields.size()}};
    out.metadata = Json{
        {"before", Json{{"key_id", old_key}}}, {"after", Json{{"key_id", fresh.key_id()}}}, {"fields", fields.size()}};
    out.next = "steward keys export --to steward-key.copy";
    return out;
  });
}

std::vector<std::string> lost_keys(ops::Context& context) {
  auto out = ops::keys_in_use(context.tx);
  if (context.vault.available()) std::erase_if(out, [&](const std::string& id) { return context.vault.holds(id); });
  return out;
}

ops::Change renewed(ops::Context& context, bool dry_run) {
  const auto file = context.vault.key_file();
  const auto lost = lost_keys(context);
  const bool there = context.vault.available();
  const Json answer{{"file", file}, {"lost", Json(Json::Array(lost.begin(), lost.end()))}};
  if (there && lost.empty())
    return ops::Change::none("key", context.vault.key_id(), "The key file holds every key that is in use.", answer);
  for (const auto& id : lost) ops::give_up_key(context.tx, id);
  if (!there && !dry_run) ops::Vault::create(file);
  ops::Change out;
  out.target_type = "key";
  out.target_id = there || !dry_run ? context.vault.key_id() : std::string("new");
  out.sentence = fmt::format("{}; {} given up. Take down anew what they encrypted.",
                             there ? "The key file stays" : "Made a new key file", count_of(lost.size(), "lost key"));
  out.data = out.metadata = answer;
  out.next = "steward doctor";
  return out;
}

ops::Change renew(ops::System& system, const ops::NoArgs&) {
  auto connection = system.open(db::Access::write);
  admit(system, *connection);
  system.confirm("Whatever only a lost key can read is given up for good. Go ahead?");
  return system.write(*connection, [&](ops::Context& context) { return renewed(context, system.request.dry_run); });
}

}  // namespace

std::size_t try_fields(ops::Context& context) {
  std::size_t out = 0;
  ops::each_sealed(context.tx, [&](const ops::SealedValue& value) {
    context.vault.open(value.text, value.place());
    ++out;
  });
  return out;
}

void register_operations(ops::Registry& registry) {
  registry.add(ops::declare<ops::NoArgs>("keys.show", "Show which key encrypts and when it was last copied")
                   .needs("keys:read")
                   .example("steward keys show")
                   .returns(kShowColumns)
                   .shows(show));
  registry.add(ops::declare<ExportArgs>("keys.export", "Write a passphrase-protected copy of the key file")
                   .option("to", &ExportArgs::to, "Where to write it")
                   .option("passphrase-file", &ExportArgs::passphrase_file,
                           "File that holds the passphrase; - reads standard input, and a terminal is asked if absent")
                   .details("The passphrase has 12 characters or more. The agenda asks for a copy until there is one.")
                   .needs("keys:admin")
                   .risk(ops::Risk::high)
                   .example("steward keys export --to key-copy.json --passphrase-file passphrase.txt")
                   .returns(kFileColumns)
                   .manages(export_key, true));
  registry.add(ops::declare<ImportArgs>("keys.import", "Bring the key file back from its copy")
                   .option("from", &ImportArgs::from, "The copy")
                   .option("passphrase-file", &ImportArgs::passphrase_file,
                           "File that holds the passphrase; - reads standard input, and a terminal is asked if absent")
                   .details("Another key file in its place is never overwritten.")
                   .needs("keys:admin")
                   .risk(ops::Risk::high)
                   .example("steward keys import --from key-copy.json --passphrase-file passphrase.txt")
                   .returns(kFileColumns)
                   .manages(import_key, true));
  registry.add(ops::declare<ops::NoArgs>("keys.renew", "Go on with another key file where the old one is lost for good")
                   .details("Makes a key file where there is none. What only a lost key could read stays unreadable, "
                            "and can be taken down anew; until then steward encrypts nothing beside it, so that a "
                            "wrong key file does no harm. Look for a copy first: steward keys import.")
                   .needs("keys:admin")
                   .risk(ops::Risk::high)
                   .example("steward keys renew --yes")
                   .returns(kRenewColumns)
                   .manages(renew, true));
  registry.add(
      ops::declare<ops::NoArgs>("keys.rotate", "Encrypt every sensitive field under a new key")
          .details("Older keys stay in the file, so that older backups can be read. A copy that was exported before "
                   "does not hold the new key: export another one.")
          .needs("keys:admin")
          .risk(ops::Risk::high)
          .example("steward keys rotate --yes")
          .returns(kRotateColumns)
          .manages(rotate, true));
}

}  // namespace steward::keys
