#include "support/pooler.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

#include "support/server_programs.h"

namespace steward::test {
namespace {

constexpr int kPort = 6432;

std::string new_folder() {
  std::string name = "/tmp/steward-pooler-XXXXXX";
  REQUIRE(::mkdtemp(name.data()));
  give_to_server_user(name);
  std::filesystem::permissions(name, std::filesystem::perms{0755});
  return name;
}

// A socket is there a moment before its owner listens.
bool is_listened_to(const std::string& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket.copy(address.sun_path, sizeof address.sun_path - 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  const bool taken = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return taken;
}

Command pooler_command(const std::string& settings) {
  Command command;
  command.program = "setpriv";
  command.words = {"--pdeathsig", "KILL"};
  if (::geteuid() == 0)
    command.words.insert(command.words.end(), {"--reuid", "postgres", "--regid", "postgres", "--clear-groups"});
  command.words.insert(command.words.end(), {"pgbouncer", "-q", settings});
  command.environment = {{"PATH", "/usr/sbin:/usr/bin:/bin"}, {"LC_ALL", "C.UTF-8"}};
  return command;
}

}  // namespace

Pooler::Pooler(const std::string& server) : folder_(new_folder()) {
  const auto users = file("users", "\"steward\" \"\"\n");
  const auto settings =
      file("pooler.ini",
           fmt::format("[databases]\n* = host={}\n[pgbouncer]\nlisten_addr =\nlisten_port = {}\nunix_socket_dir = {}\n"
                       "unix_socket_mode = 0777\nauth_type = trust\nauth_file = {}\npool_mode = transaction\n"
                       "default_pool_size = 3\n",
                       server, kPort, folder_, users));
  running_ = std::make_unique<Running>(pooler_command(settings));
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!is_listened_to(fmt::format("{}/.s.PGSQL.{}", folder_, kPort))) {
    if (running_->ended()) FAIL("pgbouncer ended: " << running_->finish().err);
    if (std::chrono::steady_clock::now() > until) FAIL("pgbouncer does not come up.");
    std::this_thread::yield();
  }
}

Pooler::~Pooler() {
  running_.reset();
  std::error_code none;
  std::filesystem::remove_all(folder_, none);
}

std::string Pooler::url(std::string_view database) const {
  return fmt::format("postgresql:///{}?host={}&port={}&user=steward", database, folder_, kPort);
}

std::string Pooler::file(const std::string& name, const std::string& content) const {
  std::ofstream(folder_ + "/" + name) << content;
  return folder_ + "/" + name;
}

}  // namespace steward::test
