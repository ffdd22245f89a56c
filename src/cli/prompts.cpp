#include "cli/prompts.h"

#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "cli/diagnostics.h"

namespace steward::cli {
namespace {

// The terminal as it was before it stopped to show what is typed; a signal's handler looks here.
termios g_shown;
volatile std::sig_atomic_t g_hidden = 0;

bool can_ask(bool quiet) { return !quiet && ::isatty(0) && ::isatty(2); }

void show_typing() {
  if (g_hidden) ::tcsetattr(0, TCSADRAIN, &g_shown);
  g_hidden = 0;
}

void hide_typing() {
  if (::tcgetattr(0, &g_shown) != 0) return;
  g_hidden = 1;
  auto hidden = g_shown;
  hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  ::tcsetattr(0, TCSADRAIN, &hidden);  // what was typed ahead, or by a script, stays
}

std::string typed_line() {
  std::string line;
  for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar()) line += static_cast<char>(c);
  return line;
}

}  // namespace

std::function<bool(const std::string&)> asker(bool quiet) {
  if (!can_ask(quiet)) return {};
  return [](const std::string& question) {
    diagnose(question + " [y/N] ");
    const auto answer = typed_line();
    return answer.starts_with('y') || answer.starts_with('Y');
  };
}

std::function<std::string(const std::string&)> secret_asker(bool quiet) {
  if (!can_ask(quiet)) return {};
  return [](const std::string& question) {
    diagnose(question + ": ");
    hide_typing();
    auto answer = typed_line();
    show_typing();
    diagnose("\n");
    return answer;
  };
}

void settle_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // the write fails instead, and is told and undone like any other
  std::signal(SIGINT, [](int) {
    show_typing();
    ::_exit(130);
  });
  std::signal(SIGTERM, [](int number) {  // dies of it all the same, once the handler returns
    show_typing();
    std::signal(number, SIG_DFL);
    std::raise(number);
  });
}

}  // namespace steward::cli
