#include "db/postgres/client.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "db/postgres/engine.h"
#include "db/postgres/wire.h"

namespace steward::db::postgres {
namespace {

/// What is this connection's own, or said in another way.
bool is_left_out(std::string_view option) {
  for (const auto* name : {"dbname", "password", "host", "hostaddr", "port", "client_encoding", "target_session_attrs",
                           "fallback_application_name", "replication", "service"})
    if (option == name) return true;
  return false;
}

std::string quoted(const std::string& value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + '\'';
}

std::string percent_encoded(const std::string& text) {
  std::string out;
  for (const char c : text)
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.')
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return out;
}

/// The variables of this process, with the password among them.
class Environment {
 public:
  explicit Environment(const std::string& password) : password_("PGPASSWORD=" + password) {
    for (char** at = environ; *at; ++at)
      if (password.empty() || std::strncmp(*at, "PGPASSWORD=", 11) != 0) all_.push_back(*at);
    if (!password.empty()) all_.push_back(password_.data());
    all_.push_back(nullptr);
  }
  char** data() { return all_.data(); }

 private:
  std::string password_;
  std::vector<char*> all_;
};

struct Descriptors {
  int read = -1, write = -1;
  Descriptors() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) == 0) read = ends[0], write = ends[1];
  }
  ~Descriptors() {
    if (read >= 0) ::close(read);
    end_writing();
  }
  void end_writing() {
    if (write >= 0) ::close(std::exchange(write, -1));
  }
};

std::string all_of(int descriptor) {
  std::string out;
  char piece[4096];
  for (;;) {
    const auto got = ::read(descriptor, piece, sizeof piece);
    if (got > 0) out.append(piece, static_cast<std::size_t>(got));
    if (got == 0 || (got < 0 && errno != EINTR)) return out;
  }
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

[[noreturn]] void missing(const std::string& program) {
  throw Error{
      ErrorKind::precondition, "postgres_client_missing", fmt::format("{} is not installed here.", program),
      "Install PostgreSQL's programs, of the server's version or newer (Debian: apt-get install postgresql-client)."};
}

[[noreturn]] void failed(const std::string& program, std::string said) {
  if (said.find("No space left on device") != std::string::npos)
    throw Error{ErrorKind::temporary, "disk_full", fmt::format("{} found the disk full.", program),
                "Free some space, then try again; nothing was kept."};
  for (auto& c : said)
    if (c == '\n') c = ' ';
  throw Error{ErrorKind::precondition, "postgres_client_failed", fmt::format("{} failed: {}", program, trim(said)),
              "Nothing was kept of it."};
}

}  // namespace

Place Place::of(Connection& connection) {
  const auto& pq = libpq();
  PGconn* raw = wire_of(connection)->raw();
  Place out;
  out.database_ = pq.PQdb(raw);
  PQconninfoOption* all = pq.PQconninfo(raw);
  for (const auto* option = all; option && option->keyword; ++option) {
    if (!option->val || !*option->val) continue;
    const std::string_view name = option->keyword;
    if (name == "password") out.password_ = option->val;
    if (!is_left_out(name)) out.options_.emplace_back(name, option->val);
  }
  pq.PQconninfoFree(all);
  out.options_.emplace_back("host", pq.PQhost(raw));
  out.options_.emplace_back("port", pq.PQport(raw));
  return out;
}

Place Place::in_database(std::string name) const {
  auto out = *this;
  out.database_ = std::move(name);
  return out;
}

std::string Place::conninfo() const {
  auto out = "dbname=" + quoted(database_);
  for (const auto& [name, value] : options_) out += fmt::format(" {}={}", name, quoted(value));
  return out;
}

std::string Place::url() const {
  std::string user, rest;
  for (const auto& [name, value] : options_)
    if (name == "user")
      user = percent_encoded(value);
    else
      rest += fmt::format("{}{}={}", rest.empty() ? "?" : "&", name, percent_encoded(value));
  if (!password_.empty()) user += ":" + percent_encoded(password_);
  return fmt::format("postgresql://{}@/{}{}", user, percent_encoded(database_), rest);
}

void run_client(const std::string& program, const std::vector<std::string>& words, const std::string& password) {
  std::vector<std::string> texts{program};
  texts.insert(texts.end(), words.begin(), words.end());
  std::vector<char*> arguments;
  for (auto& text : texts) arguments.push_back(text.data());
  arguments.push_back(nullptr);

  Descriptors said;
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, said.write, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, said.write, STDERR_FILENO);
  Environment environment(password);
  pid_t child = -1;
  const int refused = ::posix_spawnp(&child, program.c_str(), &actions, nullptr, arguments.data(), environment.data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (refused) missing(program);
  said.end_writing();
  auto text = all_of(said.read);
  const int status = wait_for(child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127 && text.empty()) missing(program);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) failed(program, std::move(text));
}

}  // namespace steward::db::postgres
