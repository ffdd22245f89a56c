// Through Debian's pgbouncer in transaction mode, where each transaction may meet another server process.
#include <set>

#include "fault/postgres_server.h"
#include "fault/support.h"
#include "support/pooler.h"

using namespace steward;
using namespace steward::test;

TEST_CASE("every kind of command works through pgbouncer in transaction mode, many at once too",
          "[fault][pooler][twins]") {
  PostgresServer server;
  server.start({"fsync=on"});  // the doctor would find fault with less
  server.sql("CREATE DATABASE steward", "postgres");
  const Pooler pooler(server.folder());
  Sandbox box;
  box.use_database(pooler.url("steward"));
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
