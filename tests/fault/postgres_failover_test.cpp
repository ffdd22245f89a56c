// The primary is killed under its writers and the standby takes over: what was acknowledged is there, and what was
// tried again happened once.
#include <signal.h>
#include <algorithm>

#include <random>
#include <set>

#include "fault/postgres_server.h"
#include "fault/support.h"

using namespace steward;
using namespace steward::test;

namespace {

constexpr int kClients = 4;

/// A client that records payments one after the other until the file `stop` is there, each under a key of its own and
/// again and again while steward says "try again". Writes down what was acknowledged.
int pay_until(const Sandbox& box, const std::string& invoice, const std::string& prefix) {
  std::ofstream acknowledged(box.path(prefix));
  for (int i = 0; !std::filesystem::exists(box.path("stop")); ++i) {
    const auto name = fmt::format("{}-{}", prefix, i);
    for (int tries = 0;; ++tries) {
      const auto done = box.steward(payment(invoice, name, "0.01"));
      if (done.exit == 0) break;
      if (done.exit == 7 && tries < 1000) continue;
      fmt::print(stderr, "{}: {}{}\n", name, done.out, done.err);
      return done.exit;
    }
    acknowledged << name << std::endl;
  }
  return 0;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

class Pair {
 public:
  Pair() : primary_(std::make_unique<PostgresServer>(std::vector<std::string>{"wal_level=replica"})) {
    primary_->start();
    settle_on(*primary_, box);
    invoice_ = issued_on_server(box, "9000000.00");
  }

  void fail_over(int round, bool primary_first) {
    const auto standby_name = fmt::format("standby{}", round);
    auto standby = PostgresServer::standby_of(*primary_, standby_name);
    standby->start();
    primary_->sql(fmt::format("ALTER SYSTEM SET synchronous_standby_names = '{}'", standby_name));
    primary_->sql("SELECT pg_reload_conf()");
    wait_until(
        [&] { return primary_->sql("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == "1"; });
    const auto& first = primary_first ? *primary_ : *standby;
    const auto& second = primary_first ? *standby : *primary_;
    box.use_database(fmt::format("postgresql:///steward?host={},{}&user=steward&target_session_attrs=read-write",
                                 first.folder(), second.folder()));
    std::filesystem::remove(box.path("stop"));
    std::vector<std::string> names;
    for (int i = 0; i < kClients; ++i) names.push_back(fmt::format("r{}c{}", round, i));
    auto& server = *primary_;
    const auto before = std::stoi(server.sql("SELECT count(*) FROM payments"));
    const auto exits = in_processes(kClients + 1, [&](int process) {
      if (process < kClients) return pay_until(box, invoice_, names[static_cast<std::size_t>(process)]);
      const auto more_than = [&](PostgresServer& at, int payments) {
        return [&at, payments] { return std::stoi(at.sql("SELECT count(*) FROM payments")) > payments; };
      };
      wait_until(more_than(server, before + 2 * kClients));
      server.signal(SIGKILL);
      const auto start = std::chrono::steady_clock::now();
      standby->promote();
      wait_until(more_than(*standby, std::stoi(standby->sql("SELECT count(*) FROM payments")) + kClients));
      std::ofstream(box.path("stop"));
      const auto took = std::chrono::steady_clock::now() - start;
      if (std::getenv("STEWARD_FIGURES"))
        fmt::print(stderr, "from the kill to {} more payments: {} ms\n", kClients,
                   std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
      return 0;
    });
    REQUIRE(std::set<int>(exits.begin(), exits.end()) == std::set<int>{0});
    primary_ = std::move(standby);
    judge(names);
    primary_->sql("ALTER SYSTEM RESET synchronous_standby_names");
    primary_->sql("SELECT pg_reload_conf()");
  }

  Sandbox box;

 private:
  void judge(const std::vector<std::string>& names) {
    box.use_database(primary_->url());
    for (const auto& name : names) {
      const auto acknowledged = lines_of(box.read(name));
      const auto kept =
          lines_of(primary_->sql(fmt::format("SELECT reference FROM payments WHERE reference LIKE '{}-%'", name)));
      REQUIRE(std::set<std::string>(kept.begin(), kept.end()) ==
              std::set<std::string>(acknowledged.begin(), acknowledged.end()));
      REQUIRE(kept.size() == acknowledged.size());
    }
    require_whole_on(*primary_, box);
  }

  std::unique_ptr<PostgresServer> primary_;
  std::string invoice_;
};

}  // namespace

TEST_CASE("clients go on through a failover: what was acknowledged is there, what was repeated happened once",
          "[fault][failover][twins]") {
  Pair pair;
  for (int round = 0; round < 5; ++round) pair.fail_over(round, true);
}

TEST_CASE("clients whose URL names the standby first go on through a failover as well", "[fault][failover][twins]") {
  Pair pair;
  for (int round = 0; round < 5; ++round) pair.fail_over(round, false);
}
