// The server is killed, frozen, slow, full or a standby in the middle of a command: the right code within the time
// that was configured, and nothing half done.
#include <signal.h>

#include "fault/postgres_server.h"
#include "fault/resetting_proxy.h"
#include "fault/support.h"

using namespace steward;
using namespace steward::test;

namespace {

constexpr std::chrono::seconds kBusy{2};
/// A server that says nothing is given twice the busy timeout, and a loaded machine some more.
constexpr std::chrono::seconds kWithin{15};

/// A server with steward's database and an invoice on it, whose clients wait for two seconds.
struct Studio {
  PostgresServer server;
  Sandbox box;
  std::string invoice;

  explicit Studio(const std::vector<std::string>& settings = {}) : server(settings) {
    server.start();
    settle_on(server, box);
    invoice = issued_on_server(box, "9000.00");
    std::filesystem::create_directories(box.path("config/steward"));
    box.write("config/steward/config.toml", "[db_options]\nbusy_timeout = \"2s\"\n");
  }
  /// What it answers, in time.
  Process pay(const std::string& name) const { return in_time(payment(invoice, name)); }
  Process in_time(const std::vector<std::string>& words) const {
    const auto start = std::chrono::steady_clock::now();
    auto done = box.steward(words);
    CHECK(std::chrono::steady_clock::now() - start < kWithin);
    INFO(done.out << done.err);
    return done;
  }
  std::string payments() const { return server.sql("SELECT count(*) FROM payments"); }
  /// A payment that waits for the writer's lock, which `holder` has.
  Running waiting(const std::string& name) const {
    auto out = box.start(payment(invoice, name));
    wait_until([&] {
      return server.sql(
                 "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'steward' AND wait_event = "
                 "'advisory'") == "1";
    });
    return out;
  }
  Running hold_writers_lock() const { return server.hold("SELECT pg_advisory_xact_lock(1937012580, 2)"); }
};

void require_refused(const Process& done, int exit, const std::string& code, const std::string& says = {}) {
  INFO(done.out << done.err);
  REQUIRE(done.exit == exit);
  REQUIRE(done.error_code() == code);
  REQUIRE(done.out.find(says) != std::string::npos);
}

}  // namespace

TEST_CASE("whoever waits for a lock on PostgreSQL longer than the busy timeout is told so", "[fault][outage][twins]") {
  const Studio studio;
  const std::vector<std::string> list{"payments", "list", "--json"};
  {
    const auto holder = studio.hold_writers_lock();
    require_refused(studio.pay("a"), 7, "database_locked");
    CHECK(studio.in_time(list).exit == 0);
  }
  const auto holder = studio.server.hold("ALTER TABLE payments ADD COLUMN odd text");
  require_refused(studio.pay("b"), 7, "database_locked");
  require_refused(studio.in_time(list), 7, "database_locked");
  holder.signal(SIGKILL);
  CHECK(studio.pay("a").exit == 0);
  CHECK(studio.payments() == "1");
  require_whole_on(studio.server, studio.box);
}

TEST_CASE("a server that freezes is given up after twice the busy timeout", "[fault][outage][twins]") {
  const Studio studio;
  const auto holder = studio.hold_writers_lock();
  auto running = studio.waiting("a");
  studio.server.signal(SIGSTOP);
  require_refused(running.finish(), 7, "database_unreachable", "said nothing for 4 seconds");
  require_refused(studio.pay("b"), 7, "database_unreachable", "timeout expired");
  studio.server.signal(SIGCONT);
  holder.signal(SIGKILL);
  CHECK(studio.pay("a").exit == 0);
  CHECK(studio.payments() == "1");
  require_whole_on(studio.server, studio.box);
}

TEST_CASE("a server that is killed or restarted under a command keeps nothing of it", "[fault][outage][twins]") {
  Studio studio;
  const auto strike = [&](const std::string& name, const std::function<void()>& how) {
    const auto holder = studio.hold_writers_lock();
    auto running = studio.waiting(name);
    how();
    require_refused(running.finish(), 7, "database_unreachable");
  };
  strike("a", [&] {
    studio.server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'steward'");
  });
  strike("b", [&] {
    ::kill(std::stoi(studio.server.sql("SELECT pid FROM pg_stat_activity WHERE application_name = 'steward'")),
           SIGKILL);
  });
  wait_until([&] { return studio.box.steward({"payments", "list"}).exit == 0; });  // it recovers by itself
  strike("c", [&] { studio.server.stop(); });
  require_refused(studio.pay("d"), 7, "database_unreachable");
  studio.server.start();
  strike("e", [&] { studio.server.kill(); });
  require_refused(studio.pay("f"), 7, "database_unreachable");
  studio.server.start();
  CHECK(studio.payments() == "0");
  CHECK(studio.pay("a").exit == 0);
  require_whole_on(studio.server, studio.box);
}

TEST_CASE("a server without a free connection is a reason to try again", "[fault][outage][twins]") {
  Studio studio({"max_connections=5", "superuser_reserved_connections=4", "max_wal_senders=0"});
  studio.server.sql("CREATE ROLE clerk LOGIN", "postgres");
  const auto holder = studio.server.hold("SELECT 1");
  studio.box.use_database(fmt::format("postgresql:///steward?host={}&user=clerk", studio.server.folder()));
  require_refused(studio.pay("a"), 7, "database_unreachable", "connection slots");
}

TEST_CASE("nobody knows what became of a commit whose server goes away: a key makes the repeat safe",
          "[fault][outage][twins]") {
  const Studio studio({"synchronous_standby_names=nobody", "synchronous_commit=local"});
  // From here on a commit waits for a standby that there is not.
  studio.server.sql("ALTER DATABASE steward SET synchronous_commit = on", "postgres");
  const auto keyless = [&](const std::string& name) {
    return std::vector<std::string>{"payments", "record",      "--invoice", studio.invoice, "--amount",
                                    "1.00",     "--reference", name,        "--json"};
  };
  const auto commits = [&](const std::vector<std::string>& words) {
    auto out = studio.box.start(words);
    wait_until(
        [&] { return studio.server.sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") == "1"; });
    return out;
  };
  const auto each_waiting = [&](const std::string& function) {
    studio.server.sql("SELECT " + function + "(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
  };
  SECTION("it says nothing") {
    require_refused(commits(keyless("a")).finish(), 6, "outcome_unknown", "said nothing");
    each_waiting("pg_terminate_backend");
    require_refused(commits(payment(studio.invoice, "b")).finish(), 7, "outcome_unknown", "said nothing");
    each_waiting("pg_terminate_backend");
  }
  SECTION("its process is ended") {
    auto first = commits(keyless("a"));
    each_waiting("pg_terminate_backend");
    require_refused(first.finish(), 6, "outcome_unknown");
    auto second = commits(payment(studio.invoice, "b"));
    each_waiting("pg_terminate_backend");
    require_refused(second.finish(), 7, "outcome_unknown");
  }
  SECTION("it stops waiting for the standby") {
    auto first = commits(keyless("a"));
    each_waiting("pg_cancel_backend");
    require_refused(first.finish(), 6, "outcome_unknown", "standby");
    auto second = commits(payment(studio.invoice, "b"));
    each_waiting("pg_cancel_backend");
    require_refused(second.finish(), 7, "outcome_unknown", "standby");
  }
  studio.server.sql("ALTER DATABASE steward RESET synchronous_commit", "postgres");
  const auto again = studio.pay("b");
  CHECK(again.exit == 0);
  CHECK(again.out.find("idempotent_replay") != std::string::npos);
  CHECK(studio.payments() == "2");
  CHECK(studio.box.steward({"audit", "verify"}).exit == 0);
}

TEST_CASE("a statement that is given up on a server that froze does not wait for it for ever",
          "[fault][outage][twins]") {
  PostgresServer server;
  server.start();
  const auto connection =
      db::open(db::Url::parse(server.url("postgres")), {db::Access::read, true, std::chrono::milliseconds(500)});
  const auto start = std::chrono::steady_clock::now();
  {
    db::Tx tx(*connection, db::Access::read, {});
    CHECK_THROWS_WITH(tx.each("SELECT repeat('x', 1000) FROM generate_series(1, 1000000)", {},
                              [&](const db::Row&) {
                                server.signal(SIGSTOP);
                                throw std::runtime_error("enough");
                              }),
                      "enough");
  }
  CHECK(std::chrono::steady_clock::now() - start < kWithin);
  server.signal(SIGCONT);
}

TEST_CASE("a connection that is reset under a command leaves nothing of it, and under its commit nobody knows",
          "[fault][outage][twins]") {
  Studio studio({"synchronous_standby_names=nobody", "synchronous_commit=local"});
  const ResettingProxy proxy(studio.server.folder() + "/.s.PGSQL.5432");
  studio.box.use_database(fmt::format("postgresql://steward@127.0.0.1:{}/steward", proxy.port()));
  REQUIRE(studio.pay("before").exit == 0);
  {
    const auto holder = studio.hold_writers_lock();
    auto running = studio.waiting("a");
    proxy.reset();
    require_refused(running.finish(), 7, "database_unreachable");
    holder.signal(SIGKILL);
  }
  CHECK(studio.payments() == "1");
  // From here on a commit waits for a standby that there is not.
  studio.server.sql("ALTER DATABASE steward SET synchronous_commit = on", "postgres");
  auto committing = studio.box.start(payment(studio.invoice, "b"));
  wait_until(
      [&] { return studio.server.sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") == "1"; });
  proxy.reset();
  require_refused(committing.finish(), 7, "outcome_unknown");
  studio.server.sql("ALTER DATABASE steward RESET synchronous_commit", "postgres");
  studio.server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
  for (const auto* name : {"a", "b"}) CHECK(studio.pay(name).exit == 0);
  CHECK(studio.payments() == "3");
  require_whole_on(studio.server, studio.box);
}

TEST_CASE("a standby is read, and is no place to write", "[fault][outage][twins]") {
  Studio studio;
  const auto standby = PostgresServer::standby_of(studio.server, "standby");
  standby->start();
  studio.box.use_database(standby->url());
  CHECK(studio.box.steward({"invoices", "list"}).exit == 0);
  CHECK(studio.box.steward({"audit", "verify"}).exit == 0);
  require_refused(studio.pay("a"), 6, "database_read_only", "standby");
  studio.box.use_database(standby->url("steward", "target_session_attrs=read-write"));
  require_refused(studio.pay("a"), 7, "database_unreachable", "read-only");
}

TEST_CASE("CL-8: the doctor tells a standby's lag on either side, and fails where a commit waits for none",
          "[fault][outage][doctor][twins]") {
  Studio studio({"fsync=on"});
  const auto standby = PostgresServer::standby_of(studio.server, "second");
  standby->start();
  const auto doctor = [&](const PostgresServer& server) {
    studio.box.use_database(server.url());
    return studio.box.steward({"doctor", "--json"});
  };
  const auto says = [&](const Process& told, int exit, const std::string& what) {
    INFO(told.out << told.err);
    CHECK(told.exit == exit);
    CHECK_THAT(told.out, Catch::Contains(what));
  };
  wait_until([&] { return studio.server.sql("SELECT state FROM pg_stat_replication") == "streaming"; });
  says(doctor(studio.server), 0, "standby second is streaming, async, ");
  says(doctor(*standby), 6, "standby is this server, ");  // which takes no write, and that is what fails
  studio.server.sql("ALTER SYSTEM SET synchronous_standby_names = 'second'");
  studio.server.sql("SELECT pg_reload_conf()");
  wait_until([&] { return studio.server.sql("SELECT sync_state FROM pg_stat_replication") == "sync"; });
  says(doctor(studio.server), 0, "standby second is streaming, sync, ");
  studio.server.sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
  studio.server.sql("SELECT pg_reload_conf()");
  wait_until([&] { return studio.server.sql("SELECT sync_state FROM pg_stat_replication") == "async"; });
  says(doctor(studio.server), 6, "none of synchronous_standby_names is connected");
}
