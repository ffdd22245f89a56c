#include "support/server_programs.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace steward::test {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRoot = "/usr/lib/postgresql";

const std::string& programs() {
  static const auto found = [] {
    int newest = 0;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(kRoot, none))
      if (fs::exists(entry.path() / "bin/postgres"))
        newest = std::max(newest, std::atoi(entry.path().filename().c_str()));
    if (!newest) throw std::runtime_error("no PostgreSQL server in /usr/lib/postgresql (scripts/deps --tests)");
    return fmt::format("{}/{}/bin/", kRoot, newest);
  }();
  return found;
}

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

}  // namespace

Command server_program(const std::string& program, std::vector<std::string> words) {
  Command out;
  out.program = "setpriv";
  out.words = {"--pdeathsig", "QUIT"};
  if (const auto user = server_user(); user.other)
    out.words.insert(out.words.end(),
                     {"--reuid", std::to_string(user.uid), "--regid", std::to_string(user.gid), "--clear-groups"});
  out.words.push_back(programs() + program);
  out.words.insert(out.words.end(), std::make_move_iterator(words.begin()), std::make_move_iterator(words.end()));
  out.environment = {{"PATH", "/usr/bin:/bin"}, {"LC_ALL", "C.UTF-8"}};
  out.folder = "/";
  return out;
}

Command initdb_command(const std::string& data) {
  return server_program("initdb", {"-D", data, "-U", "steward", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8",
                                   "--no-sync", "--no-instructions"});
}

Command server_command(const std::string& folder, const std::vector<std::string>& settings) {
  std::vector<std::string> words{"-D", folder + "/data", "-c", "unix_socket_directories=" + folder};
  // mmap: a server that is killed leaves no shared memory behind that its folder does not hold.
  for (const auto* setting :
       {"listen_addresses=", "unix_socket_permissions=0777", "autovacuum=off", "dynamic_shared_memory_type=mmap"})
    words.insert(words.end(), {"-c", setting});
  for (const auto& setting : settings) words.insert(words.end(), {"-c", setting});
  return server_program("postgres", std::move(words));
}

// As pg_ctl does.
bool takes_connections(const std::string& folder) {
  const auto state = content_of(folder + "/data/postmaster.pid");
  return state.find("\nready") != std::string::npos || state.find("\nstandby") != std::string::npos;
}

void give_to_server_user(const std::string& folder) {
  const auto user = server_user();
  if (user.other && ::chown(folder.c_str(), user.uid, user.gid) != 0) throw std::runtime_error("chown " + folder);
}

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream out;
  out << file.rdbuf();
  return std::move(out).str();
}

}  // namespace steward::test
