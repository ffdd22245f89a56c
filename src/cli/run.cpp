#include "cli/run.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sodium.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "cli/completion.h"
#include "cli/config.h"
#include "cli/help.h"
#include "cli/output.h"
#include "cli/parse.h"
#include "cli/progress.h"
#include "cli/reference.h"
#include "core/error.h"
#include "core/id.h"
#include "core/secrets.h"
#include "core/text.h"
#include "ops/files.h"
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
  house.fixed_now = config.now;
  house.environment = config.env;
  house.login = login_name();
  house.configuration = json_of(config);
  if (!globals.quiet && ::isatty(2)) house.progress = [&progress](const std::string& line) { progress.say(line); };
  if (globals.verbose) house.log = [](const std::string& line) { fmt::print(stderr, "{}\n", line); };
  return house;
}

// A person at a terminal can be asked; a pipe, cron and CI can't.
std::function<bool(const std::string&)> asker(bool quiet) {
  if (quiet || !::isatty(0) || !::isatty(2)) return {};
  return [](const std::string& question) {
    fmt::print(stderr, "{} [y/N] ", question);
    std::fflush(stderr);
    char answer[16] = {};
    return std::fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y');
  };
}

// The same, of which the terminal shows nothing.
std::function<std::string(const std::string&)> secret_asker(bool quiet) {
  if (quiet || !::isatty(0) || !::isatty(2)) return {};
  return [](const std::string& question) {
    fmt::print(stderr, "{}: ", question);
    std::fflush(stderr);
    termios shown{}, hidden{};
    ::tcgetattr(0, &shown);
    hidden = shown;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(0, TCSADRAIN, &hidden);
    std::string answer;
    for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar()) answer += static_cast<char>(c);
    ::tcsetattr(0, TCSADRAIN, &shown);
    fmt::print(stderr, "\n");
    return answer;
  };
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

std::vector<std::string> subjects_of(const Parsed& parsed) {
  auto out = parsed.subjects;
  if (!parsed.globals.from) return out;
  const auto text = ops::read_file(*parsed.globals.from);
  for (const auto line : split(text, '\n'))
    if (const auto subject = trim(line); !subject.empty()) out.emplace_back(subject);
  return out;
}

struct Invocation {
  const ops::House& house;
  ops::Request request;
  Output output;
  RenderOptions render;
};

int run_one(const Invocation& call, Stdout& out) {
  const auto renderer = make_renderer(call.output, call.render, out);
  try {
    const auto answer = ops::run(call.house, call.request, renderer.get());
    if (answer.streamed)
      renderer->listed(answer);
    else
      renderer->answer(answer);
    return 0;
  } catch (const Error& error) {
    renderer->failed(error);
    return error.exit_code();
  } catch (const std::exception& bug) {
    renderer->failed(Error{ErrorKind::defect, "defect", bug.what()});
    return 1;
  }
}

ops::Request request_about(const ops::Request& command, const std::vector<std::string>& subjects, std::size_t at) {
  auto request = command;
  request.raw[command.operation->subject()->name] = {subjects[at]};
  request.batch = {subjects, at};
  return request;
}

// Several subjects: each is its own transaction with its own result; one envelope holds them all, the exit code is the
// worst.
int run_each(Invocation call, const std::vector<std::string>& subjects, Stdout& out) {
  if (call.output != Output::json) {
    int worst = 0;
    for (std::size_t i = 0; i < subjects.size(); ++i) {
      auto one = call;
      one.request = request_about(call.request, subjects, i);
      worst = std::max(worst, run_one(one, out));
    }
    return worst;
  }
  int worst = 0;
  Json results = Json::array(), errors = Json::array(), warnings = Json::array();
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    const auto subject = without_token_secrets(subjects[i]);
    const auto request = request_about(call.request, subjects, i);
    try {
      const auto answer = ops::run(call.house, request, nullptr);
      const auto warned = json_of(answer.warnings);
      for (const auto& warning : warned.items()) warnings.push(warning);
      results.push(Json{{"subject", subject}, {"ok", true}, {"data", answer.data}, {"message", answer.sentence}});
    } catch (const Error& error) {
      auto json = json_of(error);
      json.set("subject", subject);
      errors.push(json);
      results.push(Json{{"subject", subject}, {"ok", false}, {"data", Json()}, {"message", error.what()}});
      worst = std::max(worst, error.exit_code());
    }
  }
  const auto& env = call.house.seen_environment;
  const Json envelope{{"command", call.render.command},
                      {"env", env.empty() ? call.house.environment.value_or("local") : env},
                      {"data", std::move(results)},
                      {"warnings", std::move(warnings)},
                      {"errors", std::move(errors)},
                      {"request_id", call.render.request_id},
                      {"ok", worst == 0}};
  out.write(to_text(envelope) + "\n");
  out.flush();
  return worst;
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
  if (parsed.operation->form == ops::Operation::Form::list)
    request.list = list_request(parsed.globals, config.output, screen);
  if (request.dry_run && !parsed.operation->writes_database)
    refuse_usage("unsupported_flag",
                 fmt::format("{} changes nothing, so there is no dry run of it.", parsed.operation->words()),
                 "dry-run");
  RenderOptions render{parsed.operation->path, request_id, &house, screen, parsed.globals.quiet, false};
  Invocation call{house, std::move(request), config.output, std::move(render)};
  const auto subjects = subjects_of(parsed);
  if (subjects.size() == 1) call.request.raw[parsed.operation->subject()->name] = subjects;
  return subjects.size() > 1 ? run_each(std::move(call), subjects, out) : run_one(call, out);
}

bool asks_for_json(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--json" || words[i] == "-ojson" || words[i] == "--output=json") return true;
    if ((words[i] == "-o" || words[i] == "--output") && i + 1 < words.size()) return words[i + 1] == "json";
  }
  const char* variable = std::getenv("STEWARD_OUTPUT");
  return variable && std::string_view(variable) == "json";
}

// What went wrong before there was an operation to run, or while its answer was written.
int report(const Error& error, const std::vector<std::string>& words, const std::string& command,
           const std::string& request_id, Stdout& out) {
  ops::House house;
  RenderOptions render{command, request_id, &house, {}, false, false};
  try {
    make_renderer(asks_for_json(words) ? Output::json : Output::table, std::move(render), out)->failed(error);
  } catch (const Error& unwritable) {
    print_error(unwritable, {}, request_id);
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

void settle_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  // An interrupted write was not committed; the next open rolls it back.
  std::signal(SIGINT, [](int) { ::_exit(130); });
}

}  // namespace

int run(ops::Registry& registry, const std::vector<std::string>& words) {
  settle_signals();
  Stdout out;
  std::string command, request_id;
  try {
    if (sodium_init() < 0) throw Error{ErrorKind::defect, "defect", "libsodium can't be initialised."};
    request_id = new_uuid(system_now().ms);
    if (words.size() == 1 && (words[0] == "--help" || words[0] == "-h" || words[0] == "help")) {
      out.write(root_help(registry));
      return 0;
    }
    if (!words.empty() && words[0] == "__complete") {
      out.write(complete(registry, {words.begin() + 1, words.end()}));
      return 0;
    }
    if (words.size() == 2 && words[0] == "__docs") return write_documents(registry, words[1]);
    auto parsed = parse(registry, words);
    command = parsed.operation ? parsed.operation->path : parsed.group;
    if (parsed.globals.version) parsed.operation = registry.find("version");
    if (parsed.globals.help || (!parsed.operation && !parsed.group.empty())) {
      out.write(help_for(registry, parsed));
      return 0;
    }
    if (!parsed.operation) parsed.operation = registry.find("status");
    if (!parsed.operation) {
      out.write(root_help(registry));
      return 0;
    }
    const auto config = resolve(parsed.globals);
    return run_operation(registry, parsed, config, look_at_screen(parsed.globals.no_color), request_id, out);
  } catch (const Error& error) {
    return report(error, words, command, request_id, out);
  } catch (const std::exception& bug) {
    return report(Error{ErrorKind::defect, "defect", bug.what()}, words, command, request_id, out);
  }
}

}  // namespace steward::cli
