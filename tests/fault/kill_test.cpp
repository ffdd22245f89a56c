// kill -9 at a random moment, over a mixed workload and over what takes longer: what was acknowledged is there, nothing
// is half there, and the next run works.
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <random>

#include <catch2/catch.hpp>

#include "db/transfer.h"
#include "fault/support.h"

using namespace steward;
using namespace steward::test;

namespace {

constexpr int kInvoices = 4;

int rounds() { return long_run() ? 10'000 : 300; }

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
  require_whole(box);
  // Each payment has its audit row, its key and its share of the invoice's total, or none of them.
  REQUIRE(box.value("SELECT count(*) FROM payments") ==
          box.value("SELECT count(*) FROM audit_log WHERE action = 'payments.record'"));
  REQUIRE(box.value("SELECT count(*) FROM payments") == box.value("SELECT count(*) FROM idempotency_keys"));
  REQUIRE(box.value("SELECT coalesce(sum(amount_cents), 0) FROM payments") ==
          box.value("SELECT sum(paid_cents) FROM invoices"));
  REQUIRE(box.value("SELECT count(*) FROM intake_requests") == box.value("SELECT count(*) FROM intake_status_history"));
}

/// One command and what must hold of it wherever it was killed.
struct Victim {
  std::vector<std::string> words;
  std::function<void()> judge;  ///< finds the old state or the new one
  std::set<std::string> names;  ///< what the folder holds once the command was run again
};

void kill_often(Sandbox& box, const Scene& scene, const Victim& victim) {
  std::mt19937 random(20261122);
  const auto start = std::chrono::steady_clock::now();
  REQUIRE(box.steward(victim.words).exit == 0);
  const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start);
  std::uniform_int_distribution<int> microseconds(0, static_cast<int>(whole.count()));
  const int rounds = long_run() ? 500 : 20;
  int killed = 0;
  for (int round = 0; round < rounds; ++round) {
    scene.reset();
    auto running = box.start(victim.words);
    spin_until(std::chrono::steady_clock::now() + std::chrono::microseconds(microseconds(random)));
    running.signal(SIGKILL);
    const auto ended = running.finish();
    CAPTURE(round, ended.exit, ended.out, ended.err);
    REQUIRE((ended.exit == 0 || ended.exit == 128 + SIGKILL));
    killed += ended.exit != 0;
    require_whole(box);
    victim.judge();
    const auto again = box.steward(victim.words, {}, {{"STEWARD_NOW", "2026-03-02T09:05:00Z"}});
    INFO(again.out << again.err);
    REQUIRE(again.exit == 0);
    require_whole(box);
    victim.judge();
    require_no_strays(scene, victim.names);
  }
  CHECK(killed > rounds / 5);
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

TEST_CASE("a killed backup leaves a backup that restores, the old one or the new one", "[fault][kill][sqlite]") {
  Sandbox box;
  populate(box);
  Scene scene(box);
  const auto file = scene.path("b.db");
  REQUIRE(box.steward({"db", "backup", "--to", file}).exit == 0);
  issued_invoice(box);
  scene.keep();
  kill_often(box, scene,
             {{"db", "backup", "--to", file, "--yes"},
              [&] {
                const auto restored = box.steward({"db", "restore", "--from", file, "--dry-run"});
                INFO(restored.err);
                REQUIRE(restored.exit == 0);
              },
              {"steward.db", "steward.db.key", "b.db", "b.db.manifest.json"}});
}

TEST_CASE("a killed restore leaves the old content or the new one", "[fault][kill][sqlite]") {
  Sandbox box;
  populate(box);
  Scene scene(box);
  const auto file = scene.path("b.db");
  REQUIRE(box.steward({"db", "backup", "--to", file}).exit == 0);
  issued_invoice(box);
  scene.keep();
  const auto before = manifest_of(box);
  const std::string kept = "steward.db.replaced-.bak";
  kill_often(box, scene,
             {{"db", "restore", "--from", file, "--yes"},
              [&] {
                const bool same = manifest_of(box) == before;
                REQUIRE((same || (box.value("SELECT count(*) FROM invoices WHERE number IS NOT NULL") == "0" &&
                                  box.actions().back() == "db.restore")));
              },
              {"steward.db", "steward.db.key", "b.db", "b.db.manifest.json", kept, kept + ".manifest.json"}});
}

TEST_CASE("a killed copy leaves nothing, an empty database or a whole one, and the next copy finishes it",
          "[fault][kill][sqlite]") {
  Sandbox box(World::season);
  const auto whole = db::without_migrations(manifest_of(box));
  const auto file = box.path("copy.db");
  std::mt19937 random(20261122);
  const auto start = std::chrono::steady_clock::now();
  REQUIRE(box.steward({"db", "copy", "--to", box.path("timed.db")}).exit == 0);
  const auto one = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start);
  std::uniform_int_distribution<int> microseconds(0, static_cast<int>(one.count()));
  const int rounds = long_run() ? 500 : 20;
  int killed = 0;
  for (int round = 0; round < rounds; ++round) {
    for (const auto* beside : {"", "-wal", "-shm", "-journal"}) std::filesystem::remove(file + beside);
    auto running = box.start({"db", "copy", "--to", file});
    spin_until(std::chrono::steady_clock::now() + std::chrono::microseconds(microseconds(random)));
    running.signal(SIGKILL);
    const auto ended = running.finish();
    CAPTURE(round, ended.exit, ended.err);
    REQUIRE((ended.exit == 0 || ended.exit == 128 + SIGKILL));
    killed += ended.exit != 0;
    const auto again = box.steward({"db", "copy", "--to", file, "--json"});
    INFO(again.out);
    // Killed after its commit, it has nothing left to do.
    REQUIRE((again.exit == 0 || again.json().at("errors").items().front().at("details").at("same").boolean()));
    REQUIRE(db::without_migrations(manifest_of_file(file)) == whole);
  }
  CHECK(killed > rounds / 5);
}

TEST_CASE("a killed migration leaves the old schema or the new one", "[fault][kill][sqlite]") {
  Sandbox box(World::older);
  populate(box);
  Scene scene(box);
  const auto before = manifest_of(box);
  const auto newest = db::compiled_migrations(db::Engine::sqlite);
  const auto backup = "steward.db.before-" + newest.back().name.substr(0, 4) + ".bak";
  kill_often(box, scene,
             {{"db", "migrate"},
              [&] {
                const bool same = manifest_of(box) == before;
                REQUIRE((same || (box.value("SELECT max(seq) FROM app_migrations") == std::to_string(newest.size()) &&
                                  box.actions() == std::vector<std::string>{"db.migrate"})));
              },
              {"steward.db", "steward.db.key", backup, backup + ".manifest.json"}});
}

TEST_CASE("a killed rotation of keys leaves every secret readable", "[fault][kill][keys][sqlite]") {
  Sandbox box;
  for (const auto* key : {"business.iban", "business.tax_id"})
    box.run("settings.set", {{"key", {key}}, {"value", {"DE02120300000000202051"}}});
  Scene scene(box);
  kill_often(box, scene,
             {{"keys", "rotate", "--yes"},
              [&] {
                REQUIRE(box.data("settings.show", {{"key", {"business.iban"}}}).at("value").text() ==
                        "DE02120300000000202051");
              },
              {"steward.db", "steward.db.key"}});
}

TEST_CASE("a killed import leaves all of the file or nothing of it", "[fault][kill][intake][sqlite]") {
  Sandbox box;
  Scene scene(box);
  constexpr int kLines = 500;
  std::string lines;
  for (int i = 0; i < kLines; ++i)
    lines += fmt::format(R"({{"audience":"INDIVIDUAL","contact_name":"N","contact_email":"n{}@x.example","goals":"G"}})"
                         "\n",
                         i);
  const auto file = box.write("in.jsonl", lines);
  const auto count = [&](const std::string& table) { return box.value("SELECT count(*) FROM " + table); };
  kill_often(box, scene,
             {{"intake", "import", "--file", file},
              [&] {
                const auto inquiries = count("intake_requests");
                REQUIRE((inquiries == "0" || inquiries == std::to_string(kLines)));
                REQUIRE(count("intake_status_history") == inquiries);
                REQUIRE(count("audit_log") == (inquiries == "0" ? "0" : "1"));
              },
              {"steward.db", "steward.db.key"}});
}
