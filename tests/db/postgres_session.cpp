#include "db/postgres_session.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <thread>

#include "support/process.h"

namespace steward::test {
namespace {

namespace fs = std::filesystem;

// Debian keeps the programs of each version in a folder of its own.
std::string newest_binaries() {
  std::vector<std::pair<int, std::string>> found;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql"))
    found.emplace_back(std::atoi(version.path().filename().c_str()), version.path() / "bin");
  return std::ranges::max(found).second;
}

std::string new_folder() {
  std::string name = (fs::temp_directory_path() / "steward-pg-XXXXXX").string();
  if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
  return name;
}

class Server {
 public:
  Server() : folder_(new_folder()), binaries_(newest_binaries()) {
    if (::geteuid() == 0)
      if (const auto* user = ::getpwnam("postgres"))
        if (::chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0) throw std::runtime_error("chown");
    const auto made = run_process(program("initdb", {"-D", data(), "-U", "steward", "--auth-local=trust", "-E", "UTF8",
                                                     "--auth-host=reject", "--locale=C.UTF-8", "--no-sync"}));
    if (made.exit != 0) throw std::runtime_error("initdb: " + made.err);
    running_.emplace(
        program("postgres", {"-D", data(), "-c", "listen_addresses=", "-c", "unix_socket_directories=" + folder_, "-c",
                             "unix_socket_permissions=0777", "-c", "fsync=off", "-c", "full_page_writes=off"}));
    while (PQping(where().c_str()) != PQPING_OK) {
      if (running_->ended()) throw std::runtime_error("postgres: " + running_->finish().err);
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
  }
  ~Server() {
    running_->signal(SIGQUIT);  // at once, and no memory segments left behind
    running_->finish();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  std::string where() const { return fmt::format("host={} user=steward dbname=postgres", folder_); }

 private:
  std::string data() const { return folder_ + "/data"; }

  // Root may not run it; and it goes when this process does, however that ends.
  Command program(const std::string& name, const std::vector<std::string>& words) const {
    Command command;
    command.program = "setpriv";
    command.words = {"--pdeathsig", "QUIT"};
    command.environment = {{"PATH", "/usr/bin:/bin"}, {"LC_ALL", "C.UTF-8"}};
    command.folder = folder_;
    if (::geteuid() == 0)
      for (const auto* word : {"--reuid", "postgres", "--regid", "postgres", "--clear-groups"})
        command.words.emplace_back(word);
    command.words.push_back(binaries_ + "/" + name);
    command.words.insert(command.words.end(), words.begin(), words.end());
    return command;
  }

  std::string folder_, binaries_;
  std::optional<Running> running_;
};

std::string without_end(std::string_view message) {
  return std::string(message.substr(0, message.find_last_not_of('\n') + 1));
}

PGconn* handle(void* connection) { return static_cast<PGconn*>(connection); }

using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

Answer run(void* connection, const std::string& sql) {
  Answer answer(PQexec(handle(connection), sql.c_str()), &PQclear);
  const auto status = PQresultStatus(answer.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    const auto* message = PQresultErrorField(answer.get(), PG_DIAG_MESSAGE_PRIMARY);
    throw std::runtime_error(message ? message : without_end(PQerrorMessage(handle(connection))));
  }
  return answer;
}

}  // namespace

std::string server() {
  static const Server one;
  return one.where();
}

void PostgresSession::Closer::operator()(void* connection) const { PQfinish(handle(connection)); }

PostgresSession::PostgresSession(const std::string& where) : connection_(PQconnectdb(where.c_str())) {
  if (PQstatus(handle(connection_.get())) != CONNECTION_OK)
    throw std::runtime_error(without_end(PQerrorMessage(handle(connection_.get()))));
  script("SET client_min_messages = warning");
}

PostgresSession PostgresSession::in_scratch() {
  PostgresSession session(server());
  session.script("BEGIN; CREATE SCHEMA scratch; SET LOCAL search_path = scratch");
  return session;
}

void PostgresSession::script(const std::string& statements) { run(connection_.get(), statements); }

std::vector<std::vector<std::string>> PostgresSession::rows(const std::string& query) {
  const auto answer = run(connection_.get(), query);
  std::vector<std::vector<std::string>> out;
  for (int row = 0; row < PQntuples(answer.get()); ++row) {
    auto& cells = out.emplace_back();
    for (int column = 0; column < PQnfields(answer.get()); ++column)
      cells.emplace_back(PQgetvalue(answer.get(), row, column));
  }
  return out;
}

std::string PostgresSession::refusal(const std::string& statements) {
  script("SAVEPOINT before");
  std::string message;
  try {
    script(statements);
  } catch (const std::runtime_error& error) {
    message = error.what();
  }
  script("ROLLBACK TO SAVEPOINT before");
  return message;
}

}  // namespace steward::test
