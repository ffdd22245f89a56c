// kill -9 at a random moment over a mixed workload: what was acknowledged is there, nothing is half there.
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <random>

#include <catch2/catch.hpp>

#include "support/sandbox.h"

using namespace steward;
using namespace steward::test;

namespace {

constexpr int kInvoices = 4;

int rounds() { return std::getenv("STEWARD_LONG") ? 10'000 : 300; }

struct Workload {
  Sandbox box;
  std::vector<std::string> invoices;
  std::string offer = "inquiry";

  Workload() {
    box.run("offers.create", {{"slug", {offer}},
                              {"title", {"Inquiry"}},
                              {"summary", {"S"}},
                              {"audience", {"BOTH"}},
                              {"delivery-mode", {"ONLINE"}},
                              {"price", {"100.00"}},
                              {"currency", {"EUR"}},
                              {"duration", {"4 h"}}});
    box.run("offers.activate", {{"offer", {offer}}});
    for (int i = 0; i < kInvoices; ++i) {
      const auto made = box.data(
          "invoices.create", {{"client-email", {"a@b.example"}}, {"amount", {"9000000.00"}}, {"currency", {"EUR"}}});
      invoices.push_back(box.data("invoices.issue", {{"invoice", {made.at("id").text()}}}).at("number").text());
    }
  }

  /// One write of the workload; `n` makes it unlike every other.
  std::vector<std::string> words(int n, unsigned kind) const {
    const auto text = std::to_string(n);
    switch (kind % 4) {
      case 0:
        return {"intake",     "submit",     "--name",  "N" + text,     "--email", "n" + text + "@b.example",
                "--audience", "individual", "--goals", "Goal " + text, "--offer", offer,
                "--json"};
      case 1:
        return {"invoices",   "create", "--client-email", "c" + text + "@b.example", "--amount", "12.34",
                "--currency", "EUR",    "--json"};
      default:
        return {"payments",          "record",   "--invoice",   invoices[static_cast<std::size_t>(n) % invoices.size()],
                "--amount",          "0.01",     "--reference", "r" + text,
                "--idempotency-key", "k" + text, "--json"};
    }
  }
};

void spin_until(std::chrono::steady_clock::time_point moment) {
  while (std::chrono::steady_clock::now() < moment) {
  }
}

// A server ends what a killed client began in its own time.
void wait_for_the_dead(const Sandbox& box) {
  while (on_postgres() && box.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                                    "backend_type = 'client backend' AND pid <> pg_backend_pid()") != "0") {
  }
}

void check_whole(Sandbox& box) {
  wait_for_the_dead(box);
  REQUIRE(box.damage().empty());
  REQUIRE(box.data("audit.verify").at("verdict").text() == "intact");
  REQUIRE(box.error_code("ledger.check").empty());
  // Each payment has its audit row, its key and its share of the invoice's total, or none of them.
  REQUIRE(box.value("SELECT count(*) FROM payments") ==
          box.value("SELECT count(*) FROM audit_log WHERE action = 'payments.record'"));
  REQUIRE(box.value("SELECT count(*) FROM payments") == box.value("SELECT count(*) FROM idempotency_keys"));
  REQUIRE(box.value("SELECT coalesce(sum(amount_cents), 0) FROM payments") ==
          box.value("SELECT sum(paid_cents) FROM invoices"));
  REQUIRE(box.value("SELECT count(*) FROM intake_requests") == box.value("SELECT count(*) FROM intake_status_history"));
}

}  // namespace

TEST_CASE("kill -9 at a random moment loses nothing that was acknowledged and leaves nothing half done",
          "[fault][kill]") {
  Workload world;
  std::mt19937 random(20261122);
  // Anywhere between the start of two writes and well after their end, however fast this machine is.
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 5; ++i) REQUIRE(world.box.steward(world.words(1'000'000 + i, 1)).exit == 0);
  const auto one = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start) / 5;
  std::uniform_int_distribution<int> microseconds(0, 4 * static_cast<int>(one.count()));
  std::vector<std::string> acknowledged;
  int killed = 0;
  for (int round = 0; round < rounds(); ++round) {
    auto other = world.box.start(world.words(2 * round, random()));
    auto running = world.box.start(world.words(2 * round + 1, random()));
    spin_until(std::chrono::steady_clock::now() + std::chrono::microseconds(microseconds(random)));
    running.signal(SIGKILL);
    other.signal(SIGKILL);
    for (auto* writer : {&running, &other}) {
      const auto ended = writer->finish();
      INFO(ended.out << ended.err);
      REQUIRE((ended.exit == 0 || ended.exit == 128 + SIGKILL));
      killed += ended.exit != 0;
      if (ended.exit == 0) acknowledged.push_back(ended.json().at("data").at("id").text());
    }
    check_whole(world.box);
  }
  for (const auto& id : acknowledged) {
    CAPTURE(id);
    REQUIRE(world.box.value("SELECT (SELECT count(*) FROM payments WHERE id = '" + id +
                            "') + (SELECT count(*) FROM invoices WHERE id = '" + id +
                            "') + (SELECT count(*) FROM intake_requests WHERE id = '" + id + "')") == "1");
  }
  // The moments were well chosen: many died, many lived.
  CHECK(killed > rounds() / 10);
  CHECK(acknowledged.size() > static_cast<std::size_t>(rounds() / 10));
}
