#include "fault/postgres_server.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <thread>

#include "support/server_programs.h"

namespace steward::test {
namespace {

namespace fs = std::filesystem;

bool alive(pid_t pid) {
  const auto stat = content_of(fmt::format("/proc/{}/stat", pid));
  const auto name_ends = stat.rfind(") ");
  return name_ends != std::string::npos && stat[name_ends + 2] != 'Z';
}

// The socket's path must stay under 108 bytes, so it is not the sandbox's folder.
std::string fresh_folder() {
  std::string pattern = "/tmp/steward-server-XXXXXX";
  if (!::mkdtemp(pattern.data())) throw std::runtime_error("no folder in /tmp");
  give_to_server_user(pattern);
  fs::permissions(pattern, fs::perms(0755));
  return pattern;
}

}  // namespace

void wait_until(const std::function<bool()>& so) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!so()) {
    REQUIRE(std::chrono::steady_clock::now() < until);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

PostgresServer::PostgresServer(Unmade) : folder_(fresh_folder()) {}

PostgresServer::PostgresServer(std::vector<std::string> settings) : PostgresServer(Unmade{}) {
  settings_ = std::move(settings);
  const auto made = run_process(initdb_command(data()));
  INFO(made.err);
  REQUIRE(made.exit == 0);
}

std::unique_ptr<PostgresServer> PostgresServer::standby_of(const PostgresServer& primary, const std::string& name) {
  std::unique_ptr<PostgresServer> out(new PostgresServer(Unmade{}));
  out->settings_ = primary.settings_;
  const auto from = fmt::format("host={} user=steward application_name={}", primary.folder(), name);
  const auto made =
      out->run("pg_basebackup", {"-d", from, "-D", out->data(), "-R", "-X", "stream", "-c", "fast", "--no-sync"});
  INFO(made.err);
  REQUIRE(made.exit == 0);
  return out;
}

PostgresServer::~PostgresServer() {
  if (postmaster_) {
    signal(SIGCONT);
    kill();
  }
  std::error_code none;
  fs::remove_all(folder_, none);
}

Process PostgresServer::run(const std::string& program, std::vector<std::string> words) const {
  return run_process(server_program(program, std::move(words)));
}

void PostgresServer::start(const std::vector<std::string>& settings) {
  std::vector<std::string> all{"fsync=off", "shared_buffers=16MB", "wal_retrieve_retry_interval=50ms",
                               "client_connection_check_interval=50ms", "max_wal_size=256MB"};
  all.insert(all.end(), settings_.begin(), settings_.end());
  all.insert(all.end(), settings.begin(), settings.end());
  fs::remove(data() + "/postmaster.pid");
  auto command = server_command(folder_, all);
  if (!language_.empty()) command.environment["LANGUAGE"] = language_;
  postmaster_ = std::make_unique<Running>(command);
  wait_until([&] {
    if (postmaster_->ended()) FAIL("the server ended: " << postmaster_->finish().err);
    return takes_connections(folder_);
  });
}

std::vector<pid_t> PostgresServer::processes() const {
  std::vector<pid_t> out{postmaster_->pid()};
  std::istringstream children(content_of(fmt::format("/proc/{0}/task/{0}/children", postmaster_->pid())));
  for (pid_t child = 0; children >> child;) out.push_back(child);
  return out;
}

void PostgresServer::signal(int number) const {
  for (const auto pid : processes()) ::kill(pid, number);
}

void PostgresServer::kill() {
  postmaster_->signal(SIGSTOP);  // it starts no other meanwhile
  const auto all = processes();
  for (const auto pid : all) ::kill(pid, SIGKILL);
  postmaster_->finish();
  postmaster_ = nullptr;
  wait_until([&] { return std::ranges::none_of(all, alive); });
}

void PostgresServer::stop() {
  postmaster_->signal(SIGINT);
  CHECK(postmaster_->finish().exit == 0);
  postmaster_ = nullptr;
}

void PostgresServer::promote() {
  const auto done = run("pg_ctl", {"-D", data(), "-s", "-w", "promote"});
  INFO(done.err);
  REQUIRE(done.exit == 0);
}

std::string PostgresServer::url(const std::string& database, const std::string& options) const {
  return fmt::format("postgresql:///{}?host={}&user=steward{}{}", database, folder_, options.empty() ? "" : "&",
                     options);
}

std::string PostgresServer::sql(const std::string& statements, const std::string& database) const {
  const auto done = run("psql", {"-XAtqw", "-v", "ON_ERROR_STOP=1", "-c", statements, url(database)});
  INFO(done.err);
  REQUIRE(done.exit == 0);
  return done.out.substr(0, done.out.find_last_not_of('\n') + 1);
}

Running PostgresServer::hold(const std::string& statements) const {
  static int count = 0;
  const auto name = fmt::format("holder{}", ++count);
  auto command = server_program("psql", {"-XAtqw", "-c", "BEGIN; " + statements + "; SELECT pg_sleep(300)", url()});
  command.environment["PGAPPNAME"] = name;
  Running out(command);
  wait_until([&] {
    return sql("SELECT wait_event FROM pg_stat_activity WHERE application_name = '" + name + "'") == "PgSleep";
  });
  return out;
}

void settle_on(const PostgresServer& server, Sandbox& box) {
  server.sql("CREATE DATABASE steward", "postgres");
  box.use_database(server.url());
  const auto made = box.steward({"init", "--solo"});
  INFO(made.err);
  REQUIRE(made.exit == 0);
}

std::string issued_on_server(const Sandbox& box, const std::string& amount) {
  const auto data_of = [&](const std::vector<std::string>& words) {
    const auto done = box.steward(words);
    INFO(done.out << done.err);
    REQUIRE(done.exit == 0);
    return done.json().at("data");
  };
  const auto draft = data_of(
      {"invoices", "create", "--client-email", "a@b.example", "--amount", amount, "--currency", "EUR", "--json"});
  return data_of({"invoices", "issue", draft.at("id").text(), "--yes", "--json"}).at("number").text();
}

std::vector<std::string> payment(const std::string& invoice, const std::string& name, const std::string& amount) {
  return {"payments",    "record", "--invoice",         invoice, "--amount", amount,
          "--reference", name,     "--idempotency-key", name,    "--json"};
}

void require_whole_on(const PostgresServer& server, const Sandbox& box) {
  for (const auto& check : {std::vector<std::string>{"audit", "verify"}, {"ledger", "check"}}) {
    const auto done = box.steward(check);
    INFO(done.out << done.err);
    REQUIRE(done.exit == 0);
  }
  REQUIRE(server.sql("SELECT count(*) FROM payments") ==
          server.sql("SELECT count(*) FROM audit_log WHERE action = 'payments.record'"));
  REQUIRE(server.sql("SELECT count(*) FROM payments") ==
          server.sql("SELECT count(*) FROM idempotency_keys WHERE operation = 'payments.record'"));
  REQUIRE(server.sql("SELECT coalesce(sum(amount_cents), 0) FROM payments") ==
          server.sql("SELECT coalesce(sum(paid_cents), 0) FROM invoices"));
}

}  // namespace steward::test
