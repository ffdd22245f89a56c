#include "support/postgres.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "support/keeper.h"

namespace steward::test {
namespace {

namespace fs = std::filesystem;

// A socket's path has at most 107 bytes.
constexpr std::size_t kLongestFolder = 80;

// Field 22 of /proc/PID/stat, which makes a number of a process its own for ever. The name before it may hold blanks.
std::string start_time_of(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string text;
  std::getline(file, text);
  text.erase(0, text.rfind(')') + 2);
  for (int field = 3; field < 22; ++field) text.erase(0, text.find(' ') + 1);
  return text.substr(0, text.find(' '));
}

std::string folder_for(pid_t owner) {
  const auto name = fmt::format("steward-postgres-{}-{}", owner, start_time_of(owner));
  const auto folder = fs::temp_directory_path() / name;
  return folder.string().size() > kLongestFolder ? "/tmp/" + name : folder.string();
}

}  // namespace

db::Engine engine() {
  static const auto asked = [] {
    const char* name = std::getenv("STEWARD_TEST_ENGINE");
    return name && std::string_view(name) == "postgres" ? db::Engine::postgres : db::Engine::sqlite;
  }();
  return asked;
}

Postgres& Postgres::server() {
  static Postgres one;
  return one;
}

Postgres::Postgres() : folder_(folder_for(::getppid())) {
  if (fs::exists(folder_)) return;
  folder_ = folder_for(::getpid());
  start_server(folder_, ::getpid());
  own_ = true;
}

Postgres::~Postgres() {
  session_.reset();
  if (own_) stop_server(folder_);
}

PostgresSession& Postgres::session() {
  if (!session_) session_ = std::make_unique<PostgresSession>(url());
  return *session_;
}

std::string Postgres::url(std::string_view database) const {
  return fmt::format("postgresql:///{}?host={}&user=steward", database, folder_);
}

// FILE_COPY: two thirds of the time of WAL_LOG where nothing is synced.
std::string Postgres::create(std::string_view source) {
  static int count = 0;
  auto name = fmt::format("box_{}_{}_{}", ::getpid(), start_time_of(::getpid()), ++count);
  session().script(fmt::format("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, source));
  return name;
}

void Postgres::drop(std::string_view database) {
  session().script(fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", database));
}

void Postgres::require_template(const std::string& name, const std::function<void(const std::string&)>& make) {
  const auto there = [&] {
    return !session().rows(fmt::format("SELECT 1 FROM pg_database WHERE datname = '{}'", name)).empty();
  };
  if (there()) return;
  session().script("SELECT pg_advisory_lock(1)");
  if (!there()) {
    const auto unfinished = create();
    make(url(unfinished));
    // Nobody may be connected to what is copied.
    session().script(fmt::format("ALTER DATABASE {} ALLOW_CONNECTIONS false", unfinished));
    session().script(fmt::format("ALTER DATABASE {} RENAME TO {}", unfinished, name));
  }
  session().script("SELECT pg_advisory_unlock(1)");
}

void start_shared_server() { start_server(folder_for(::getppid()), ::getppid()); }

void stop_shared_server() {
  const auto folder = folder_for(::getppid());
  stop_server(folder);
  if (fs::exists(folder)) throw std::runtime_error("the server left " + folder);
}

}  // namespace steward::test
