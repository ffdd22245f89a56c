// Through Debian's pgbouncer in transaction mode, where each transaction may meet another server process.
#include <signal.h>

#include <set>

#include "fault/postgres_server.h"
#include "fault/support.h"

using namespace steward;
using namespace steward::test;

namespace {

/// A pgbouncer before a server, with nothing set but what its manual asks for.
class Pooler {
 public:
  explicit Pooler(const PostgresServer& server) : folder_(server.folder()) {
    const auto users = file("pooler.users", "\"steward\" \"\"\n");
    const auto settings = file("pooler.ini", fmt::format("[databases]\n* = host={0}\n[pgbouncer]\nlisten_addr =\n"
                                                         "listen_port = 6432\nunix_socket_dir = {0}\n"
                                                         "unix_socket_mode = 0777\nauth_type = trust\nauth_file = {1}\n"
                                                         "pool_mode = transaction\ndefault_pool_size = 3\n",
                                                         folder_, users));
    Command command;
    command.program = "setpriv";
    command.words = {"--pdeathsig", "KILL"};
    if (::geteuid() == 0)
      command.words.insert(command.words.end(), {"--reuid", "postgres", "--regid", "postgres", "--clear-groups"});
    command.words.insert(command.words.end(), {"pgbouncer", "-q", settings});
    command.environment = {{"PATH", "/usr/sbin:/usr/bin:/bin"}, {"LC_ALL", "C.UTF-8"}};
    running_ = std::make_unique<Running>(command);
    wait_until([&] {
      if (running_->ended()) FAIL("pgbouncer ended: " << running_->finish().err);
      return std::filesystem::exists(folder_ + "/.s.PGSQL.6432");
    });
  }
  std::string url() const { return fmt::format("postgresql:///steward?host={}&port=6432&user=steward", folder_); }

 private:
  std::string file(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ + "/" + name) << content;
    return folder_ + "/" + name;
  }
  std::string folder_;
  std::unique_ptr<Running> running_;
};

}  // namespace

TEST_CASE("every kind of command works through pgbouncer in transaction mode, many at once too",
          "[fault][pooler][twins]") {
  PostgresServer server;
  server.start({"fsync=on"});  // the doctor would find fault with less
  server.sql("CREATE DATABASE steward", "postgres");
  const Pooler pooler(server);
  Sandbox box;
  box.use_database(pooler.url());
  const auto done = [&](const std::vector<std::string>& words) {
    const auto ended = box.steward(words);
    INFO(words.front() << " " << words.at(1) << ": " << ended.out << ended.err);
    REQUIRE(ended.exit == 0);
    return ended;
  };
  done({"init", "--solo"});
  done({"db", "migrate"});
  const auto invoice = issued_on_server(box, "9000.00");
  auto rehearsed = payment(invoice, "p");
  rehearsed.emplace_back("--dry-run");
  CHECK(done(rehearsed).json().at("data").at("changes").items().size() > 3);
  CHECK(server.sql("SELECT count(*) FROM payments") == "0");

  const auto exits = in_processes(12, [&](int process) {
    for (int i = 0; i < 5; ++i)
      for (const auto& words :
           {payment(invoice, fmt::format("{}-{}", process, i)), std::vector<std::string>{"invoices", "show", invoice}})
        if (const auto ended = box.steward(words); ended.exit != 0) {
          fmt::print(stderr, "{}{}\n", ended.out, ended.err);
          return ended.exit;
        }
    return 0;
  });
  CHECK(std::set<int>(exits.begin(), exits.end()) == std::set<int>{0});
  CHECK(server.sql("SELECT count(DISTINCT reference) FROM payments") == "60");

  server.sql(
      "INSERT INTO intake_requests (id, audience, contact_name, contact_email, goals, goals_hash, status, version, "
      "created_at, "
      "updated_at) SELECT gen_random_uuid(), 'INDIVIDUAL', 'N', 'n' || i || '@x.example', 'G', repeat('0', 64), 'NEW', "
      "1, now(), "
      "now() FROM generate_series(1, 10000) i");
  const auto all = done({"intake", "list", "-o", "ndjson"}).out;
  CHECK(std::ranges::count(all, '\n') == 10'000);
  const auto page = done({"intake", "list", "--limit", "7000", "--json"}).json();
  CHECK(page.at("data").items().size() == 7'000);
  const auto rest =
      done({"intake", "list", "--limit", "7000", "--after", page.at("page").at("next").text(), "--json"}).json();
  CHECK(rest.at("data").items().size() == 3'000);

  for (const auto& words : {std::vector<std::string>{"audit", "verify"},
                            {"ledger", "check"},
                            {"db", "check"},
                            {"db", "status"},
                            {"doctor", "--json"}})
    done(words);
  CHECK(server.sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == "0");
}
