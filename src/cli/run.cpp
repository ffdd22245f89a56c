#include "cli/run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "cli/completion.h"
#include "cli/config.h"
#include "cli/diagnostics.h"
#include "cli/help.h"
#include "cli/output.h"
#include "cli/parse.h"
#include "cli/progress.h"
#include "cli/prompts.h"
#include "cli/reference.h"
#include "core/charset.h"
#include "core/error.h"
#include "core/id.h"
#include "core/secrets.h"
#include "core/text.h"
#include "ops/encoding.h"
#include "ops/files.h"
#include "ops/idempotency.h"
#include "ops/run.h"

namespace steward::cli {
namespace {

constexpr std::int64_t kJsonPage = 100;

std::string login_name() {
  const auto* entry = ::getpwuid(::geteuid());
  return entry ? entry->pw_name : fmt::format("uid-{}", ::geteuid());
}

ops::House make_house(ops::Registry& registry, const Config& config, const Globals& globals, Progress& progress) {
  ops::House house;
  house.registry = &registry;
  house.url = db::Url::parse(config.db);
  house.busy_timeout = config.busy_timeout;
  house.key_file = config.key_file;
  house.data_folder = config.data_folder;
  house.fixed_now = config.now;
  house.environment = config.env;
  house.login = login_name();
  house.document_logo = config.document_logo;
  house.document_font = config.document_font;
  house.configuration = json_of(config);
  if (!globals.quiet && ::isatty(2)) house.progress = [&progress](const std::string& line) { progress.say(line); };
  if (globals.verbose) house.log = [](const std::string& line) { diagnose(line + "\n"); };
  return house;
}

std::int64_t parse_limit(const std::string& text) {
  try {
    return ops::parse_whole(text, 1, 1'000'000'000);
  } catch (Error& error) {
    error.at("limit");
    throw;
  }
}

ops::ListRequest list_request(const Globals& globals, Output output, const Screen& screen) {
  ops::ListRequest out;
  if (globals.limit && globals.all)
    refuse_usage("conflicting_arguments", "Either --limit or --all: a list ends somewhere or it does not.", "limit");
  out.limit_chosen = globals.limit.has_value();
  if (globals.limit)
    out.limit = parse_limit(*globals.limit);
  else if (!globals.all && output == Output::json)
    out.limit = kJsonPage;
  else if (!globals.all && output == Output::table)
    out.limit = screen.terminal ? static_cast<std::int64_t>(std::max<std::size_t>(screen.height, 10) - 4) : kJsonPage;
  out.after = globals.after.value_or("");
  out.sort = globals.sort.value_or("");
  if (globals.columns)
    for (const auto name : split(*globals.columns, ',')) out.columns.emplace_back(trim(name));
  out.table = output == Output::table;
  out.total = globals.total || (output == Output::table && out.limit);
  return out;
}

// What a list prints above its handles with `--columns id -o csv`, so that it can be piped into a command as it is.
bool is_header(std::string_view line) {
  constexpr std::array<std::string_view, 4> kHandles{"id", "number", "slug", "email"};
  return std::ranges::find(kHandles, line) != kHandles.end();
}

std::vector<std::string> subjects_of(const Parsed& parsed) {
  auto out = parsed.subjects;
  if (!parsed.globals.from) return out;
  const auto text = ops::read_file(*parsed.globals.from);
  auto lines = std::string_view(text);
  if (lines.starts_with(kByteOrderMark)) lines.remove_prefix(kByteOrderMark.size());
  bool first = true;
  for (const auto line : split(lines, '\n')) {
    const auto subject = trim(line);
    if (!subject.empty() && !(first && is_header(subject))) out.emplace_back(subject);
    first = false;
  }
  return out;
}

// Standard input has one reader; the second would find it empty.
void require_one_reader(const Parsed& parsed) {
  std::vector<std::string> readers;
  if (parsed.globals.token_file == "-") readers.emplace_back("--token-file");
  if (parsed.globals.from == "-") readers.emplace_back("--from");
  for (const auto& param : parsed.operation->params)
    if (const auto given = parsed.raw.find(param.name);
        param.type.file == ops::TypeInfo::File::read && given != parsed.raw.end())
      for (const auto& file : given->second)
        if (file == "-") readers.push_back("--" + param.name);
  if (readers.size() > 1)
    refuse_usage("conflicting_arguments", fmt::format("Standard input can't be read by {}.", join(readers, " and ")),
                 {}, "Give one of them a file.");
}

struct Invocation {
  const ops::House& house;
  ops::Request request;
};

int run_one(const Invocation& call, Renderer& renderer) {
  try {
    const auto answer = ops::run(call.house, call.request, &renderer);
    if (answer.streamed)
      renderer.listed(answer);
    else
      renderer.answer(answer);
    return 0;
  } catch (const Error& error) {
    renderer.failed(error);
    return error.exit_code();
  } catch (const std::exception& bug) {
    renderer.failed(Error{ErrorKind::defect, "defect", bug.what()});
    return 1;
  }
}

// A list of subjects that turned out to be empty is no mistake: there was nothing to do today.
int told_of_none(const ops::House& house, Renderer& renderer) {
  ops::Answer answer;
  answer.data = Json(Json::Array{});
  answer.environment = house.seen_environment;
  answer.warnings.push_back({"no_change", "Nothing was named."});
  renderer.answer(answer);
  return 0;
}

using Subjects = std::shared_ptr<const std::vector<std::string>>;

ops::Request request_about(const ops::Request& command, const Subjects& subjects, std::size_t at) {
  auto request = command;
  request.raw[command.operation->subject()->name] = {subjects->at(at)};
  request.batch = {subjects, at};
  return request;
}

// Several subjects: each is its own transaction with its own result; the exit code is the worst.
int run_each(const Invocation& call, const Subjects& subjects, Renderer& renderer) {
  int worst = 0;
  for (std::size_t i = 0; i < subjects->size(); ++i) {
    renderer.about(without_token_secrets(subjects->at(i)));
    worst = std::max(worst, run_one({call.house, request_about(call.request, subjects, i)}, renderer));
  }
  renderer.told_all();
  return worst;
}

// A file's lines and an answer in JSON would be one text that is neither.
void require_one_writer(const Parsed& parsed, Output output) {
  if (output == Output::table) return;
  for (const auto& param : parsed.operation->params)
    if (const auto given = parsed.raw.find(param.name); param.type.file == ops::TypeInfo::File::written &&
                                                        given != parsed.raw.end() &&
                                                        std::ranges::any_of(given->second, ops::is_standard_output))
      refuse_usage("unsupported_combination", "Standard output can't take the file and its answer as well.", param.name,
                   "Name a file, or leave --output out.");
}

int run_operation(ops::Registry& registry, const Parsed& parsed, const Config& config, const Screen& screen,
                  const std::string& request_id, Stdout& out) {
  Progress progress;
  const auto house = make_house(registry, config, parsed.globals, progress);
  ops::Request request;
  request.operation = parsed.operation;
  request.raw = parsed.raw;
  request.dry_run = parsed.globals.dry_run;
  request.yes = parsed.globals.yes;
  request.idempotency_key = parsed.globals.idempotency_key;
  request.token = config.token;
  request.request_id = request_id;
  request.confirm = asker(parsed.globals.quiet);
  request.ask_secret = secret_asker(parsed.globals.quiet);
  if (config.output == Output::table) request.take_text = [&out](std::string_view piece) { out.write(piece); };
  if (parsed.operation->form == ops::Operation::Form::list)
    request.list = list_request(parsed.globals, config.output, screen);
  if (request.dry_run && !parsed.operation->writes_database)
    refuse_usage("unsupported_flag",
                 fmt::format("{} changes nothing, so there is no dry run of it.", parsed.operation->words()),
                 "dry-run");
  const auto renderer =
      make_renderer(config.output, {parsed.operation->path, request_id, &house, screen, parsed.globals.quiet}, out);
  Invocation call{house, std::move(request)};
  const auto subjects = subjects_of(parsed);
  if (subjects.empty() && parsed.globals.from) return told_of_none(house, *renderer);
  if (subjects.size() > 1) return run_each(call, std::make_shared<const std::vector<std::string>>(subjects), *renderer);
  if (subjects.size() == 1) call.request.raw[parsed.operation->subject()->name] = subjects;
  return run_one(call, *renderer);
}

bool asks_for_json(const std::vector<std::string>& words) {
  const auto is_json = [](std::string_view format) { return to_lower(format) == "json"; };
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    const std::string_view word = words[i];
    if (word == "--json" || word == "--json=true") return true;
    if (word.starts_with("--output=")) return is_json(word.substr(9));
    if (word.starts_with("-o") && word.size() > 2) return is_json(word.substr(2));
    if ((word == "-o" || word == "--output") && i + 1 < words.size()) return is_json(words[i + 1]);
  }
  const char* variable = std::getenv("STEWARD_OUTPUT");
  return variable && is_json(variable);
}

// What has no operation to run: a refusal of the words themselves, or help.
std::unique_ptr<Renderer> plain_renderer(const std::vector<std::string>& words, const std::string& command,
                                         const std::string& request_id, Stdout& out) {
  static const ops::House none;
  return make_renderer(asks_for_json(words) ? Output::json : Output::table, {command, request_id, &none, {}, false},
                       out);
}

// What went wrong before there was an operation to run, or while its answer was written.
int report(const Error& error, const std::vector<std::string>& words, const std::string& command,
           const std::string& request_id, Stdout& out) {
  try {
    plain_renderer(words, command, request_id, out)->failed(error);
  } catch (const Error& unwritable) {
    print_error(unwritable, request_id);
  }
  return error.exit_code();
}

std::string help_for(ops::Registry& registry, const Parsed& parsed) {
  if (parsed.operation) return operation_help(*parsed.operation);
  if (!parsed.group.empty()) return group_help(registry, parsed.group, parsed.verbs);
  return root_help(registry);
}

// scripts/docs: the committed documents that are made from the registry.
int write_documents(ops::Registry& registry, const std::string& folder) {
  ops::replace_file(folder + "/reference.md", reference_markdown(registry));
  ops::replace_file(folder + "/lifecycles.md", lifecycles_markdown(registry));
  ops::replace_file(folder + "/errors.md", errors_markdown());
  return 0;
}

// "steward help invoices issue" is "steward invoices issue --help".
std::vector<std::string> with_help_as_flag(std::vector<std::string> words) {
  if (words.empty() || words.front() != "help") return words;
  words.erase(words.begin());
  words.emplace_back("--help");
  return words;
}

// `command` is told as soon as it is known, for the errors of what comes after.
int carry_out(ops::Registry& registry, const std::vector<std::string>& typed, std::string& command,
              const std::string& request_id, Stdout& out) {
  if (!typed.empty() && typed[0] == "__complete") {
    out.write(complete(registry, {typed.begin() + 1, typed.end()}));
    return 0;
  }
  if (typed.size() == 2 && typed[0] == "__docs") return write_documents(registry, typed[1]);
  const auto words = with_help_as_flag(typed);
  auto parsed = parse(registry, words);
  command = parsed.operation ? parsed.operation->path : parsed.group;
  if (parsed.globals.version) parsed.operation = registry.find("version");
  if (!parsed.operation && parsed.group.empty() && !parsed.globals.help) parsed.operation = registry.find("status");
  if (parsed.globals.help || !parsed.operation) {
    ops::Answer help;
    help.data = Json{{"text", help_for(registry, parsed)}};
    plain_renderer(words, command, request_id, out)->answer(help);
    return 0;
  }
  require_one_reader(parsed);
  const auto config = resolve(parsed.globals);
  require_one_writer(parsed, config.output);
  return run_operation(registry, parsed, config, look_at_screen(parsed.globals.no_color), request_id, out);
}

// Whoever closes one of the three would have the next file or socket take its number, and what is printed would go
// there. Standard output stays one that can't be written, and says so.
void keep_standard_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(descriptor, F_GETFD) < 0) ::open("/dev/null", descriptor == STDERR_FILENO ? O_WRONLY : O_RDONLY);
}

}  // namespace

int run(ops::Registry& registry, const std::vector<std::string>& words) {
  keep_standard_descriptors();
  settle_signals();
  Stdout out;
  std::string command, request_id;
  try {
    if (sodium_init() < 0) throw Error{ErrorKind::defect, "defect", "libsodium can't be initialised."};
    request_id = new_uuid(system_now().ms);
    const auto code = carry_out(registry, words, command, request_id, out);
    out.flush();
    return code;
  } catch (const Error& error) {
    return report(error, words, command, request_id, out);
  } catch (const std::exception& bug) {
    return report(Error{ErrorKind::defect, "defect", bug.what()}, words, command, request_id, out);
  }
}

}  // namespace steward::cli
