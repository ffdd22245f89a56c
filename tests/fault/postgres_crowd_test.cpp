// Many processes at once on one PostgreSQL database: all answered, none lost, none twice.
#include <set>

#include "fault/postgres_server.h"
#include "fault/support.h"

using namespace steward;
using namespace steward::test;

TEST_CASE("a crowd records payments on shared invoices on PostgreSQL: nothing is lost, nothing is twice",
          "[fault][crowd][twins]") {
  const int processes = long_run() ? 32 : 16, payments = long_run() ? 100 : 15;
  constexpr int kInvoices = 5;
  PostgresServer server({"max_connections=50"});
  server.start();
  Sandbox box;
  settle_on(server, box);
  std::vector<std::string> invoices;
  for (int i = 0; i < kInvoices; ++i) invoices.push_back(issued_on_server(box, "6400.00"));
  const auto exits = in_processes(processes, [&](int process) {
    for (int i = 0; i < payments; ++i) {
      const auto name = fmt::format("{}-{}", process, i);
      const auto done = box.steward(payment(invoices[static_cast<std::size_t>(i % kInvoices)], name));
      if (done.exit == 0) continue;
      fmt::print(stderr, "{}: {}{}\n", name, done.out, done.err);  // Catch hears nothing of what happens here
      return done.exit;
    }
    return 0;
  });
  CHECK(std::set<int>(exits.begin(), exits.end()) == std::set<int>{0});
  const auto all = std::to_string(processes * payments);
  CHECK(server.sql("SELECT count(*) || ' ' || count(DISTINCT reference) FROM payments") == all + " " + all);
  CHECK(server.sql("SELECT sum(paid_cents) FROM invoices") == all + "00");
  CHECK(server.sql("SELECT count(DISTINCT paid_cents) FROM invoices") == "1");
  require_whole_on(server, box);
}

TEST_CASE("16 issuers at once on PostgreSQL never share a number nor skip one", "[fault][crowd][twins]") {
  constexpr int kIssuers = 16, kEach = 4;
  PostgresServer server;
  server.start();
  Sandbox box;
  settle_on(server, box);
  std::vector<std::string> drafts;
  for (int i = 0; i < kIssuers * kEach; ++i) {
    const auto made = box.steward(
        {"invoices", "create", "--client-email", "a@b.example", "--amount", "10.00", "--currency", "EUR", "--json"});
    REQUIRE(made.exit == 0);
    drafts.push_back(made.json().at("data").at("id").text());
  }
  const auto exits = in_processes(kIssuers, [&](int process) {
    for (int i = 0; i < kEach; ++i)
      if (const auto done =
              box.steward({"invoices", "issue", drafts[static_cast<std::size_t>(process * kEach + i)], "--yes"});
          done.exit != 0)
        return done.exit;
    return 0;
  });
  CHECK(std::set<int>(exits.begin(), exits.end()) == std::set<int>{0});
  CHECK(server.sql("SELECT count(DISTINCT number) || ' ' || min(number) || ' ' || max(number) FROM invoices") ==
        "64 INV-2026-0001 INV-2026-0064");
  require_whole_on(server, box);
}

TEST_CASE("one idempotency key that 8 use at once on PostgreSQL is done once and answered to all",
          "[fault][crowd][twins]") {
  PostgresServer server;
  server.start();
  Sandbox box;
  settle_on(server, box);
  const auto invoice = issued_on_server(box, "100.00");
  std::vector<Running> all;
  for (int i = 0; i < 8; ++i) all.push_back(box.start(payment(invoice, "once")));
  std::set<std::string> ids;
  std::size_t replays = 0;
  for (auto& one : all) {
    const auto done = one.finish();
    INFO(done.out << done.err);
    REQUIRE(done.exit == 0);
    ids.insert(done.json().at("data").at("id").text());
    replays += done.out.find("idempotent_replay") != std::string::npos;
  }
  CHECK(ids.size() == 1);
  CHECK(replays == 7);
  CHECK(server.sql("SELECT count(*) FROM payments") == "1");
  require_whole_on(server, box);
}
