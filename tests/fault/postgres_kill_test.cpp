// kill -9 of steward itself at random moments while it writes to PostgreSQL: no lock stays, nothing is half there.
#include <signal.h>

#include <random>
#include <thread>

#include "fault/postgres_server.h"
#include "fault/support.h"

using namespace steward;
using namespace steward::test;

TEST_CASE("kill -9 of a writer on PostgreSQL leaves no lock and nothing half done, and loses nothing acknowledged",
          "[fault][kill][twins]") {
  PostgresServer server;
  server.start();
  Sandbox box;
  settle_on(server, box);
  const auto invoice = issued_on_server(box, "9000000.00");
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 5; ++i) REQUIRE(box.steward(payment(invoice, "w" + std::to_string(i))).exit == 0);
  const auto one = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start) / 5;
  std::mt19937 random(20261122);
  std::uniform_int_distribution<int> microseconds(0, 3 * static_cast<int>(one.count()));
  const int rounds = long_run() ? 5'000 : 50;
  int killed = 0, lived = 0;
  for (int round = 0; round < rounds; ++round) {
    std::vector<Running> writers;
    const auto name = [&](int i) { return fmt::format("{}-{}", round, i); };
    for (int i = 0; i < 2; ++i) writers.push_back(box.start(payment(invoice, name(i))));
    const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(microseconds(random));
    while (std::chrono::steady_clock::now() < until) continue;
    for (const auto& writer : writers) writer.signal(SIGKILL);
    for (int i = 0; i < 2; ++i) {
      const auto ended = writers[static_cast<std::size_t>(i)].finish();
      INFO(ended.out << ended.err);
      REQUIRE((ended.exit == 0 || ended.exit == 128 + SIGKILL));
      ++(ended.exit == 0 ? lived : killed);
      if (ended.exit == 0)
        REQUIRE(server.sql("SELECT count(*) FROM payments WHERE reference = '" + name(i) + "'") == "1");
    }
    wait_until([&] { return server.sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == "0"; });
    // Whatever became of it, the same again under its key leaves exactly one.
    const auto again = box.steward(payment(invoice, name(0)));
    INFO(again.out << again.err);
    REQUIRE(again.exit == 0);
    REQUIRE(server.sql("SELECT count(*) FROM payments WHERE reference = '" + name(0) + "'") == "1");
  }
  require_whole_on(server, box);
  CHECK(killed > rounds / 10);
  CHECK(lived > rounds / 10);
}

TEST_CASE("kill -9 of a restore on PostgreSQL at any moment leaves the old content or the new, and nothing between",
          "[fault][kill][restore][twins]") {
  PostgresServer server;
  server.start();
  Sandbox box;
  settle_on(server, box);
  const auto invoice = issued_on_server(box, "9000.00");
  REQUIRE(box.steward(payment(invoice, "backed-up")).exit == 0);
  const auto file = box.path("b.dump");
  REQUIRE(box.steward({"db", "backup", "--to", file}).exit == 0);
  const auto later = [&] { return box.steward(payment(invoice, "later")); };
  REQUIRE(later().exit == 0);
  const std::vector<std::string> words{"db", "restore", "--from", file, "--yes"};
  const auto start = std::chrono::steady_clock::now();
  REQUIRE(box.steward(words).exit == 0);
  const auto whole = std::chrono::steady_clock::now() - start;
  const int rounds = long_run() ? 200 : 6;
  for (int round = 0; round < rounds; ++round) {
    REQUIRE(later().exit == 0);
    const auto before = manifest_of(box);
    const auto running = box.start(words);
    const auto until = std::chrono::steady_clock::now() + whole * round / rounds;
    while (std::chrono::steady_clock::now() < until) std::this_thread::yield();
    running.signal(SIGKILL);
    wait_until([&] { return server.sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == "0"; });
    const auto payments = server.sql("SELECT string_agg(reference, ' ' ORDER BY reference) FROM payments");
    INFO("round " << round << ": " << payments);
    if (payments == "backed-up later")
      REQUIRE(manifest_of(box) == before);
    else
      REQUIRE(payments == "backed-up");
    require_whole_on(server, box);
  }
  const auto done = box.steward(words);
  INFO(done.out << done.err);
  REQUIRE(done.exit == 0);
  REQUIRE(server.sql("SELECT string_agg(reference, ' ') FROM payments") == "backed-up");
  REQUIRE(server.sql("SELECT count(*) FROM pg_database WHERE datname LIKE 'steward\\_%'") == "0");
}
