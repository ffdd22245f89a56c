#include "support/keeper.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
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
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

namespace steward::test {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRoot = "/usr/lib/postgresql";
constexpr std::chrono::seconds kPatience{60};
constexpr auto kPath = "PATH=/usr/bin:/bin", kLocale = "LC_ALL=C.UTF-8";

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what + ": " + std::strerror(errno)); }

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream out;
  out << file.rdbuf();
  return std::move(out).str();
}

/// A descriptor that becomes readable when the process has ended; glibc 2.36 declares its function for C only.
int watch(pid_t process) { return static_cast<int>(::syscall(SYS_pidfd_open, process, 0)); }

// PostgreSQL will not run as root.
struct User {
  uid_t uid = ::geteuid();
  gid_t gid = ::getegid();
  bool other = false;
};

User server_user() {
  if (::geteuid() != 0) return {};
  for (const char* name : {"postgres", "nobody"})
    if (const auto* found = ::getpwnam(name)) return {found->pw_uid, found->pw_gid, true};
  throw std::runtime_error("no unprivileged user to run PostgreSQL as");
}

std::string programs() {
  int newest = 0;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(kRoot, none))
    if (fs::exists(entry.path() / "bin/postgres"))
      newest = std::max(newest, std::atoi(entry.path().filename().c_str()));
  if (!newest) throw std::runtime_error("no PostgreSQL server in /usr/lib/postgresql (scripts/deps --tests)");
  return fmt::format("{}/{}/bin/", kRoot, newest);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

pid_t start(std::vector<std::string> words, std::vector<std::string> variables, const User& user) {
  auto argv = pointers(words), envp = pointers(variables);
  const pid_t pid = ::fork();
  if (pid < 0) fail("fork");
  if (pid > 0) return pid;
  if (user.other && (::setgroups(0, nullptr) != 0 || ::setgid(user.gid) != 0 || ::setuid(user.uid) != 0)) ::_exit(126);
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);  // an immediate shutdown, should the keeper itself be killed
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(argv[0], argv.data(), envp.data());
  ::_exit(127);
}

/// The keeper's own work; everything it holds lies in one folder.
class Keeper {
 public:
  explicit Keeper(std::string folder) : folder_(std::move(folder)), data_(folder_ + "/data"), user_(server_user()) {}

  void start_up() {
    const auto bin = programs();
    const pid_t initdb = start({bin + "initdb", "--pgdata", data_, "--username=steward", "--auth=trust",
                                "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"},
                               {kPath, kLocale}, user_);
    int status = 0;
    if (::waitpid(initdb, &status, 0) != initdb || status != 0) throw std::runtime_error("initdb failed");
    // Beside the socket, where the server's user can read it.
    const auto preloaded = folder_ + "/no_fsync.so";
    fs::copy_file(STEWARD_NO_FSYNC, preloaded);
    server_ = start(server_words(bin), {kPath, kLocale, "LD_PRELOAD=" + preloaded}, user_);
    wait_until_ready();
  }

  // Immediate: nobody needs what is in it. As subreaper, the keeper outlives every process of the server.
  void shut_down() {
    if (server_ > 0) ::kill(server_, SIGQUIT);
    while (::waitpid(-1, nullptr, 0) > 0 || errno == EINTR) continue;
    std::error_code none;
    fs::remove_all(folder_, none);
  }

 private:
  std::vector<std::string> server_words(const std::string& bin) const {
    std::vector<std::string> words{bin + "postgres", "-D", data_};
    for (const auto* setting :
         {"listen_addresses=", "unix_socket_permissions=0777", "max_connections=120", "wal_level=minimal",
          "max_wal_senders=0", "checkpoint_timeout=1d", "autovacuum=off", "shared_buffers=64MB"})
      words.insert(words.end(), {"-c", setting});
    words.insert(words.end(), {"-c", "unix_socket_directories=" + folder_});
    return words;
  }

  // As pg_ctl does.
  void wait_until_ready() const {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (content_of(data_ + "/postmaster.pid").find("\nready") == std::string::npos) {
      if (::waitpid(server_, nullptr, WNOHANG) != 0) throw std::runtime_error("the server ended");
      if (std::chrono::steady_clock::now() > until) throw std::runtime_error("the server does not get ready");
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  std::string folder_, data_;
  User user_;
  pid_t server_ = -1;
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
  const auto user = server_user();
  if (::mkdir(folder.c_str(), 0755) != 0) fail(folder);
  if (user.other && ::chown(folder.c_str(), user.uid, user.gid) != 0) fail(folder);
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
