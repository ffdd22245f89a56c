#include "support/keeper.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <thread>

#include "support/server_programs.h"

namespace steward::test {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kPatience{60};

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what + ": " + std::strerror(errno)); }

/// A descriptor that becomes readable when the process has ended; glibc 2.36 declares its function for C only.
int watch(pid_t process) { return static_cast<int>(::syscall(SYS_pidfd_open, process, 0)); }

/// The keeper's own work; everything it holds lies in one folder.
class Keeper {
 public:
  explicit Keeper(std::string folder) : folder_(std::move(folder)) {}

  void start_up() {
    if (const auto made = run_process(initdb_command(folder_ + "/data")); made.exit != 0)
      throw std::runtime_error("initdb failed: " + made.err);
    // Beside the socket, where the server's user can read it.
    const auto preloaded = folder_ + "/no_fsync.so";
    fs::copy_file(STEWARD_NO_FSYNC, preloaded);
    auto command = server_command(folder_, {"max_connections=120", "wal_level=minimal", "max_wal_senders=0",
                                            "checkpoint_timeout=1d", "shared_buffers=64MB"});
    command.environment["LD_PRELOAD"] = preloaded;
    server_.emplace(command);
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (!takes_connections(folder_)) {
      if (server_->ended()) throw std::runtime_error("the server ended: " + server_->finish().err);
      if (std::chrono::steady_clock::now() > until) throw std::runtime_error("the server does not get ready");
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  // Immediate: nobody needs what is in it. As subreaper, the keeper outlives every process of the server.
  void shut_down() {
    if (server_ && !server_->ended()) server_->signal(SIGQUIT);
    while (::waitpid(-1, nullptr, 0) > 0 || errno == EINTR) continue;
    std::error_code none;
    fs::remove_all(folder_, none);
  }

 private:
  std::string folder_;
  std::optional<Running> server_;
};

std::string log_of(const std::string& folder) { return folder + "/log"; }
std::string pid_file_of(const std::string& folder) { return folder + "/keeper.pid"; }

// No descriptor of the one who started it stays open: ctest waits for the end of its tests' output.
void detach(const std::string& folder, int keep_a, int keep_b) {
  ::setsid();
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::prctl(PR_SET_NAME, "steward-keeper");
  const int log = ::open(log_of(folder).c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  const int null = ::open("/dev/null", O_RDONLY);
  if (log < 0 || null < 0 || ::dup2(null, 0) < 0 || ::dup2(log, 1) < 0 || ::dup2(log, 2) < 0) ::_exit(1);
  for (int fd = 3; fd < 1024; ++fd)
    if (fd != keep_a && fd != keep_b) ::close(fd);
  if (::chdir("/") != 0) ::_exit(1);
}

// The signals that ask it to go are read, not handled.
int stop_signals() {
  sigset_t asked;
  ::sigemptyset(&asked);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&asked, number);
  ::sigprocmask(SIG_BLOCK, &asked, nullptr);
  return ::signalfd(-1, &asked, SFD_CLOEXEC);
}

void say(int to, const std::string& word) {
  if (::write(to, word.data(), word.size()) < 0) return;  // then whoever asked is gone, and the keeper soon too
}

[[noreturn]] void keep(const std::string& folder, int owner, int answer) {
  detach(folder, owner, answer);
  const int asked = stop_signals();
  try {
    Keeper keeper(folder);
    try {
      keeper.start_up();
      say(answer, "ready");
      ::close(answer);
      pollfd waiting[] = {{owner, POLLIN, 0}, {asked, POLLIN, 0}};
      while (::poll(waiting, 2, -1) < 0) continue;
    } catch (const std::exception& error) {
      say(answer, fmt::format("{}\n{}", error.what(), content_of(log_of(folder))));
    }
    keeper.shut_down();
  } catch (const std::exception& error) {
    say(answer, error.what());
  }
  ::_exit(0);
}

void make_folder(const std::string& folder) {
  if (::mkdir(folder.c_str(), 0755) != 0) fail(folder);
  give_to_server_user(folder);
}

std::string whole(int fd) {
  std::string out;
  char buffer[4096];
  for (ssize_t n = 0; (n = ::read(fd, buffer, sizeof buffer)) > 0;) out.append(buffer, static_cast<std::size_t>(n));
  return out;
}

}  // namespace

void start_server(const std::string& folder, pid_t owner) {
  const int watched = watch(owner);
  int pipe[2];
  if (watched < 0 || ::pipe2(pipe, O_CLOEXEC) != 0) fail("watching the owner");
  make_folder(folder);
  const pid_t keeper = ::fork();
  if (keeper < 0) fail("fork");
  if (keeper == 0) keep(folder, watched, pipe[1]);
  ::close(watched);
  ::close(pipe[1]);
  std::ofstream(pid_file_of(folder)) << keeper;
  const auto answer = whole(pipe[0]);
  ::close(pipe[0]);
  if (answer != "ready") {
    std::error_code none;
    fs::remove_all(folder, none);
    throw std::runtime_error("PostgreSQL for the tests: " + answer);
  }
}

void stop_server(const std::string& folder) {
  const pid_t keeper = std::atoi(content_of(pid_file_of(folder)).c_str());
  if (keeper <= 0) return;
  const int watched = watch(keeper);
  if (watched < 0) return;
  ::kill(keeper, SIGTERM);
  pollfd waiting{watched, POLLIN, 0};
  ::poll(&waiting, 1, static_cast<int>(std::chrono::milliseconds(kPatience).count()));
  ::close(watched);
}

}  // namespace steward::test
