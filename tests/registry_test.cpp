// Walks the registry and holds every operation to what each must have and do, whichever room it lives in.

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "core/text.h"
#include "ops/column.h"
#include "ops/encoding.h"
#include "support/example.h"

using namespace steward;
using namespace steward::test;
using Form = ops::Operation::Form;

namespace {

// One line an objection, so that a run names all there are.
class Objections {
 public:
  ~Objections() {
    INFO(text_);
    CHECK(text_.empty());
  }
  void unless(bool fine, const std::string& path, const std::string& what) {
    if (!fine) text_ += path + ": " + what + "\n";
  }

 private:
  std::string text_;
};

std::vector<const ops::Operation*> operations(std::initializer_list<Form> forms) {
  std::vector<const ops::Operation*> out;
  for (const auto* operation : Sandbox::registry().all())
    if (std::ranges::count(forms, operation->form)) out.push_back(operation);
  return out;
}

constexpr auto kAllForms = {Form::list, Form::show, Form::write, Form::manage};

bool has_season() {
  return Sandbox::registry().find("demo") && Sandbox::registry().find("init") &&
         Sandbox::registry().find("settings.set");
}

std::unique_ptr<Sandbox> world() { return std::make_unique<Sandbox>(has_season() ? World::season : World::empty); }

// An operation's first example that can be done in this world.
std::optional<Example> example_for(Sandbox& box, const ops::Operation& operation, std::string& why) {
  for (const auto& line : operation.examples)
    if (auto found = fitted(box, parsed_example(line), why)) return found;
  return std::nullopt;
}

// "TABLE OP" -> how often, of a dry run's data.changes.
std::map<std::string, int> foretold(const Json& data) {
  std::map<std::string, int> out;
  for (const auto& change : data.at("changes").items()) {
    const auto* count = change.find("count");  // an import's changes are counted
    out[change.at("table").text() + " " + change.at("op").text()] += count ? static_cast<int>(count->integer()) : 1;
  }
  return out;
}

std::string listed(const std::map<std::string, int>& counts) {
  std::string out;
  for (const auto& [what, count] : counts) out += what + " x" + std::to_string(count) + "; ";
  return out;
}

// What a repeat may not show again is what the first answer said once.
bool same_but_for_secrets(const Json& first, const Json& repeat) {
  if (!first.is_object() || !repeat.is_object()) return to_canonical(first) == to_canonical(repeat);
  return std::ranges::all_of(repeat.members(), [&](const auto& member) {
    const auto* before = first.find(member.first);
    return before && to_canonical(*before) == to_canonical(member.second);
  });
}

bool warned(const ops::Answer& answer, std::string_view code) {
  return std::ranges::any_of(answer.warnings, [&](const auto& warning) { return warning.code == code; });
}

// Bytes and names of everything in the folder.
std::string folder_digest(const Sandbox& box) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(box.folder()))
    if (entry.is_regular_file()) files[entry.path().string()] = ops::blake2b_hex(box.read(entry.path().string()));
  std::string out;
  for (const auto& [name, hash] : files) out += name + " " + hash + "\n";
  return out;
}

// What the season's database must be for an operation to have something to do.
void prepare(const Sandbox& box, const ops::Operation& operation) {
  if (operation.path == "contacts.link-intake")  // as after migration 0012
    box.sql("UPDATE intake_requests SET contact_id = NULL WHERE status = 'LOST'");
  if (operation.path.ends_with(".confirm-number"))  // as after a restore
    box.sql("INSERT INTO settings VALUES ('numbering.paused_through', '2026', false, '2026-01-01T00:00:00.000Z')");
}

void check_write(const ops::Operation& operation, Objections& objections) {
  const auto say = [&](bool fine, const std::string& what) { objections.unless(fine, operation.path, what); };
  auto box = world();
  prepare(*box, operation);
  std::string why;
  const auto example = example_for(*box, operation, why);
  if (!example) return say(!has_season(), "no example can be run: " + why);

  Call call;
  call.key = "once";
  call.dry_run = true;
  const auto before = box->snapshot();
  const auto seq = box->audit_seq();
  const auto rehearsal = box->run(operation.path, example->raw, call);
  say(differences(before, box->snapshot()).empty(), "its dry run changes something");

  call.dry_run = false;
  const auto first = box->run(operation.path, example->raw, call);
  const auto after = box->snapshot();
  const auto done = differences(before, after);
  say(foretold(rehearsal.data) == done,
      "its dry run foretold " + listed(foretold(rehearsal.data)) + "but it did " + listed(done));
  const auto actions = box->actions(seq);
  say(std::ranges::count(actions, operation.path) == 1,
      "it left " + std::to_string(std::ranges::count(actions, operation.path)) + " audit rows of its own");
  say(actions.size() == 1 || operation.path == "approvals.approve",
      "it left more than one audit row: " + join(actions, ", "));
  say(!first.sentence.empty() && first.sentence.ends_with('.'), "its sentence has no end: " + first.sentence);

  for (const auto& row : box->rows("SELECT metadata FROM audit_log WHERE seq > " + std::to_string(seq)))
    say(row.front().find('@') == std::string::npos, "its audit row holds an e-mail address: " + row.front());

  const auto repeat = box->run(operation.path, example->raw, call);
  say(same_but_for_secrets(first.data, repeat.data), "a repeat under its key answers something else");
  say(warned(repeat, "idempotent_replay"), "a repeat under its key does not say that it is one");
  say(differences(after, box->snapshot()).empty(), "a repeat under its key changes something");
  const auto other = other_input(operation, example->raw);
  if (other)
    say(box->error_code(operation.path, *other, call) == "idempotency_conflict",
        "other input under its key is no conflict");
}

}  // namespace

TEST_CASE("every operation says what it does, who may, and shows how", "[registry]") {
  Objections objections;
  for (const auto* operation : operations(kAllForms)) {
    const auto say = [&](bool fine, const std::string& what) { objections.unless(fine, operation->path, what); };
    const auto& summary = operation->summary;
    say(!summary.empty() && summary.size() <= 72, "its summary has " + std::to_string(summary.size()) + " characters");
    say(!summary.empty() && std::isupper(static_cast<unsigned char>(summary[0])),
        "its summary does not begin with a capital");
    say(!summary.ends_with('.'), "its summary ends with a full stop");
    say(!operation->examples.empty(), "it has no example");
    const bool touches_records = operation->form != Form::manage;
    say(!touches_records || operation->open || !operation->scope.empty(), "it needs no scope");
    say(operation->scope.empty() || operation->scope.find(':') != std::string::npos,
        "its scope has no verb: " + operation->scope);
    say(operation->form != Form::list || !operation->columns.empty(), "it lists no columns");
    const bool reads = operation->form == Form::list || operation->form == Form::show;
    say(!reads || operation->risk == ops::Risk::low, "reading is never of high risk");
    say(!operation->open || reads || operation->form == Form::manage, "a write is open to everyone");
    say(!reads || operation->scope.empty() || operation->scope.ends_with(":read"), "a read needs " + operation->scope);
    say(operation->form != Form::write || !operation->scope.ends_with(":read"), "a write needs " + operation->scope);
    say(std::set(operation->roles.begin(), operation->roles.end()).size() == operation->roles.size(),
        "it names a role twice");
    for (const auto role : {ops::Role::admin, ops::Role::super_admin})
      say(std::ranges::count(operation->roles, role) == 0, "ADMIN and SUPER_ADMIN need no mention");
  }
}

TEST_CASE("every argument has a name of its own, help, and a shape", "[registry]") {
  Objections objections;
  for (const auto* operation : operations(kAllForms)) {
    std::set<std::string> names;
    for (const auto& param : operation->params) {
      const auto say = [&](bool fine, const std::string& what) {
        objections.unless(fine, operation->path + " " + param.name, what);
      };
      say(names.insert(param.name).second, "is declared twice");
      say(param.name == to_lower(param.name) && param.name.find('_') == std::string::npos, "is not spelled like-this");
      say(!param.help.empty() && !param.help.ends_with('.'), "has no help, or help that ends with a full stop");
      say(param.help.empty() || !std::islower(static_cast<unsigned char>(param.help[0])),
          "has help that begins with a small letter");
      say(param.flag || !param.type.label.empty(), "has no label");
      say(!param.flag || (!param.required && !param.positional), "is a flag and required");
    }
    int positionals = 0;
    for (const auto& param : operation->params) positionals += param.positional && param.repeated ? 1 : 0;
    objections.unless(positionals <= 1, operation->path, "it has two repeated positionals");
  }
}

TEST_CASE("every example parses, and is an example of its own command", "[registry]") {
  Objections objections;
  for (const auto* operation : operations(kAllForms))
    for (const auto& line : operation->examples) {
      try {
        const auto example = parsed_example(line);
        objections.unless(example.operation == operation, operation->path,
                          "is not what this is an example of: " + line);
        ops::parse_args(*example.operation, example.raw);
      } catch (const Error& error) {
        objections.unless(false, operation->path, line + ": " + error.what());
      }
    }
}

TEST_CASE("every call survives the way to JSON and back", "[registry]") {
  Objections objections;
  for (const auto* operation : operations(kAllForms))
    for (const auto& line : operation->examples) {
      const auto raw = parsed_example(line).raw;
      const auto again = ops::raw_args_of(*operation, parse_json(to_text(ops::json_of(*operation, raw))));
      auto kept = raw;
      std::erase_if(kept, [&](const auto& given) {
        return operation->find(given.first) && operation->find(given.first)->secret;
      });
      objections.unless(again == kept, operation->path, "loses something: " + to_text(ops::json_of(*operation, raw)));
    }
}

TEST_CASE("every update refuses a stale version, which its show prints", "[registry]") {
  Objections objections;
  for (const auto* operation : operations({Form::write})) {
    if (!operation->path.ends_with(".update")) continue;
    objections.unless(operation->find("if-version") != nullptr, operation->path, "it has no --if-version");
    const auto* show = Sandbox::registry().find(operation->path.substr(0, operation->path.size() - 6) + "show");
    objections.unless(show && std::ranges::count(show->columns, std::string_view("version"), &ops::Column::name) == 1,
                      operation->path, "its show prints no version");
  }
}

TEST_CASE("what is of high risk is proposed by an agent and a job, and done by a person who confirms", "[registry]") {
  Objections objections;
  for (const auto* operation : operations({Form::write})) {
    if (operation->risk != ops::Risk::high) continue;
    const auto box = world();
    std::string why;
    const auto example = example_for(*box, *operation, why);
    if (!example) continue;  // the test below says so
    const auto say = [&](bool fine, const std::string& what) { objections.unless(fine, operation->path, what); };
    say(box->error_code(operation->path, example->raw, {.yes = false}) == "confirmation_needed", "nobody confirms it");
    for (const auto* kind : {"AGENT", "JOB"}) {
      const auto before = box->snapshot();
      const auto code = box->error_code(operation->path, example->raw, {.token = box->token({"*"}, kind)});
      // To decide on a request is a person's, and is not even proposed.
      const bool decides = operation->path == "approvals.approve" || operation->path == "approvals.deny";
      say(code == (decides ? "forbidden" : "approval_required"), std::string(kind) + " gets " + code);
      auto changed = differences(before, box->snapshot());
      for (const auto* filing : {"action_proposals insert", "audit_log insert", "audit_heads update",
                                 "service_tokens insert", "service_tokens update"})
        changed.erase(filing);
      say(changed.empty(), std::string(kind) + " changes " + listed(changed));
    }
  }
}

TEST_CASE("every write leaves one audit row, repeats as one, and is foretold by its dry run", "[registry]") {
  Objections objections;
  for (const auto* operation : operations({Form::write})) {
    try {
      check_write(*operation, objections);
    } catch (const Error& error) {
      objections.unless(false, operation->path, error.code() + ": " + error.what());
    }
  }
}

TEST_CASE("every read runs as its example shows, and leaves no trace in any table", "[registry]") {
  Objections objections;
  const auto box = world();
  const auto digest = box->table_digest();
  for (const auto* operation : operations({Form::list, Form::show})) {
    std::string why;
    if (!example_for(*box, *operation, why))
      objections.unless(!has_season(), operation->path, "no example can be run: " + why);
    objections.unless(box->table_digest() == digest, operation->path, "it changes the database");
  }
}

TEST_CASE("every read of the binary leaves every file as it was, byte for byte", "[registry][binary]") {
  Objections objections;
  const auto box = world();
  for (const auto* operation : operations({Form::list, Form::show})) {
    std::string why;
    auto example = example_for(*box, *operation, why);
    if (!example) continue;  // the test above says so
    const auto before = folder_digest(*box);
    example->words.push_back("--json");
    const auto ran = box->steward(example->words);
    objections.unless(ran.exit == 0, operation->path, "exits " + std::to_string(ran.exit) + ": " + ran.out + ran.err);
    // A file that the call itself names is what it was asked for.
    for (const auto& param : operation->params)
      if (const auto to = example->raw.find(param.name);
          param.type.file == ops::TypeInfo::File::written && to != example->raw.end())
        std::filesystem::remove(to->second.front());
    objections.unless(folder_digest(*box) == before, operation->path, "it changes a file");
  }
}
