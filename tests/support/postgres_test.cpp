#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "support/keeper.h"
#include "support/postgres.h"

using namespace steward::test;
namespace fs = std::filesystem;

namespace {

bool answers(const std::string& folder) {
  try {
    return PostgresSession("host=" + folder + " user=steward dbname=postgres").rows("SELECT 1").size() == 1;
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace

TEST_CASE("a server goes with its owner, even one that is killed, and leaves nothing", "[support][postgres]") {
  const auto folder = Postgres::server().folder() + "/other";
  const pid_t owner = ::fork();
  if (owner == 0) {
    try {
      start_server(folder, ::getpid());
      ::pause();
    } catch (const std::runtime_error&) {  // the other one sees its end
    }
    ::_exit(1);
  }
  while (!answers(folder)) {
    REQUIRE(::waitpid(owner, nullptr, WNOHANG) == 0);
    std::this_thread::yield();
  }
  struct stat status {};
  REQUIRE(::stat((folder + "/data").c_str(), &status) == 0);
  CHECK(status.st_uid != 0);
  ::kill(owner, SIGKILL);
  ::waitpid(owner, nullptr, 0);
  while (fs::exists(folder)) std::this_thread::yield();
  CHECK_FALSE(answers(folder));
}

TEST_CASE("a server that can't start says why, and leaves nothing", "[support][postgres]") {
  const auto folder = Postgres::server().folder() + "/" + std::string(100, 'x');  // too long for a socket
  CHECK_THROWS_WITH(start_server(folder, ::getpid()), Catch::Contains("too long"));
  CHECK_FALSE(fs::exists(folder));
}

TEST_CASE("a template is made once, and its copies are databases of their own", "[support][postgres]") {
  auto& server = Postgres::server();
  const auto name = "template_of_" + std::to_string(::getpid());
  int made = 0;
  for (int i = 0; i < 2; ++i)
    server.require_template(name, [&](const std::string& url) {
      ++made;
      PostgresSession(url).script("CREATE TABLE things AS SELECT 7 AS n");
    });
  CHECK(made == 1);
  const auto one = server.create(name), two = server.create(name);
  PostgresSession first(server.url(one)), second(server.url(two));
  first.script("DELETE FROM things");
  CHECK(second.rows("SELECT n FROM things") == std::vector<std::vector<std::string>>{{"7"}});
  server.drop(one);  // whoever is connected
  CHECK_THROWS_AS(first.rows("SELECT 1"), std::runtime_error);
  server.drop(two);
}
