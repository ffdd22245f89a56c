#include "support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "core/error.h"

namespace steward::test {
namespace {

constexpr int kCannotStart = 127;

[[noreturn]] void fail(const char* what) { throw std::runtime_error(std::string(what) + ": " + std::strerror(errno)); }

int unnamed_file(const char* name, const std::string& content = {}) {
  const int fd = ::memfd_create(name, MFD_CLOEXEC);
  if (fd < 0) fail("memfd_create");
  for (std::size_t done = 0; done < content.size();) {
    const auto n = ::write(fd, content.data() + done, content.size() - done);
    if (n < 0) fail("write");
    done += static_cast<std::size_t>(n);
  }
  ::lseek(fd, 0, SEEK_SET);
  return fd;
}

std::string whole(int fd) {
  std::string text;
  char buffer[65536];
  for (off_t at = 0;;) {
    const auto n = ::pread(fd, buffer, sizeof buffer, at);
    if (n <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(n));
    at += n;
  }
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// In the child: everything was allocated before the fork.
[[noreturn]] void become(const char* program, char** words, char** environment, const char* folder) {
  ::signal(SIGPIPE, SIG_DFL);
  if (*folder && ::chdir(folder) != 0) ::_exit(kCannotStart);
  ::execvpe(program, words, environment);
  ::_exit(kCannotStart);
}

struct Prepared {
  explicit Prepared(const Command& command) {
    words.push_back(command.program);
    words.insert(words.end(), command.words.begin(), command.words.end());
    for (const auto& [name, value] : command.environment) variables.push_back(name + "=" + value);
    argv = pointers(words);
    envp = pointers(variables);
  }
  std::vector<std::string> words, variables;
  std::vector<char*> argv, envp;
};

int exit_of(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

}  // namespace

Json Process::json() const {
  try {
    return parse_json(out);
  } catch (const Error& error) {
    FAIL("standard output is not one JSON value (" << error.what() << "), exit " << exit << ":\n"
                                                   << out << "\n"
                                                   << err);
    throw;
  }
}

std::string Process::error_code() const {
  const auto envelope = json();
  const auto* errors = envelope.find("errors");
  return errors && !errors->items().empty() ? errors->items().front().at("code").text() : "";
}

Running::Running(const Command& command) : until_(std::chrono::steady_clock::now() + command.limit) {
  Prepared child(command);
  const int in = unnamed_file("in", command.input);
  out_ = unnamed_file("out");
  err_ = unnamed_file("err");
  const int to = command.out.value_or(out_);
  pid_ = ::fork();
  if (pid_ < 0) fail("fork");
  if (pid_ == 0) {
    if (::dup2(in, 0) < 0 || ::dup2(to, 1) < 0 || ::dup2(err_, 2) < 0) ::_exit(kCannotStart);
    become(command.program.c_str(), child.argv.data(), child.envp.data(), command.folder.c_str());
  }
  ::close(in);
}

Running::Running(Running&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      out_(std::exchange(other.out_, -1)),
      err_(std::exchange(other.err_, -1)),
      until_(other.until_),
      status_(other.status_) {}

Running::~Running() {
  if (pid_ > 0 && !ended()) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (out_ >= 0) ::close(out_);
  if (err_ >= 0) ::close(err_);
}

void Running::signal(int number) const { ::kill(pid_, number); }

bool Running::ended() {
  int status = 0;
  if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
  return status_.has_value();
}

Process Running::finish() {
  for (auto pause = std::chrono::microseconds{200}; !ended();
       pause = std::min(pause * 2, std::chrono::microseconds{5000})) {
    if (std::chrono::steady_clock::now() > until_) ::kill(pid_, SIGKILL);
    std::this_thread::sleep_for(pause);
  }
  return {exit_of(*status_), whole(out_), whole(err_)};
}

Process run_process(const Command& command) { return Running(command).finish(); }

Process run_on_terminal(const Command& command, const std::string& typed, int columns) {
  Prepared child(command);
  winsize size{24, static_cast<unsigned short>(columns), 0, 0};
  int terminal = -1;
  const pid_t pid = ::forkpty(&terminal, nullptr, nullptr, &size);
  if (pid < 0) fail("forkpty");
  if (pid == 0) become(command.program.c_str(), child.argv.data(), child.envp.data(), command.folder.c_str());
  if (!typed.empty() && ::write(terminal, typed.data(), typed.size()) < 0) fail("write");
  Process out;
  const auto until = std::chrono::steady_clock::now() + command.limit;
  char buffer[4096];
  for (;;) {  // the read fails once the last holder of the terminal's other side is gone
    pollfd waiting{terminal, POLLIN, 0};
    const auto n = ::poll(&waiting, 1, 100) > 0 ? ::read(terminal, buffer, sizeof buffer) : 0;
    if (n < 0 || (n == 0 && (waiting.revents & POLLHUP))) break;
    for (ssize_t i = 0; i < n; ++i)
      if (buffer[i] != '\r') out.out += buffer[i];
    if (std::chrono::steady_clock::now() > until) ::kill(pid, SIGKILL);
  }
  ::close(terminal);
  int status = 0;
  ::waitpid(pid, &status, 0);
  out.exit = exit_of(status);
  return out;
}

std::vector<int> in_processes(int count, const std::function<int(int)>& body) {
  std::vector<pid_t> pids;
  for (int i = 0; i < count; ++i) {
    const pid_t pid = ::fork();
    if (pid < 0) fail("fork");
    if (pid == 0) {
      int code = 99;
      try {
        code = body(i);
      } catch (...) {  // the exit code says so
      }
      ::_exit(code);
    }
    pids.push_back(pid);
  }
  std::vector<int> codes;
  for (const pid_t pid : pids) {
    int status = 0;
    ::waitpid(pid, &status, 0);
    codes.push_back(exit_of(status));
  }
  return codes;
}

}  // namespace steward::test
