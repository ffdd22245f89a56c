// The server's disk is full in the middle of a command: the rows' disk and the log's.
#include "fault/postgres_server.h"
#include "fault/small_disk.h"
#include "fault/support.h"
#include "support/server_programs.h"

using namespace steward;
using namespace steward::test;
namespace fs = std::filesystem;

namespace {

constexpr int kLines = 5'000;

/// Far more inquiries than the disk has room for.
std::string inquiries(const Sandbox& box) {
  std::string out;
  for (int i = 0; i < kLines; ++i)
    out += fmt::format(
        R"({{"audience":"INDIVIDUAL","contact_name":"N {0}","contact_email":"n{0}@x.example","goals":"{1}"}})"
        "\n",
        i, std::string(600, 'g'));
  return box.write("inquiries.jsonl", out);
}

Process imports(const Sandbox& box, const std::string& file) {
  return box.steward({"intake", "import", "--file", file, "--idempotency-key", "all", "--json"});
}

/// A disk that belongs to the server's user.
struct ServerDisk : SmallDisk {
  ServerDisk(const std::string& folder, const char* size) : SmallDisk(folder, size) { give_to_server_user(folder); }
};

}  // namespace

TEST_CASE("a server whose disk is full refuses with disk_full, keeps nothing of it, and goes on once there is room",
          "[fault][disk][twins]") {
  REQUIRE(may_mount());  // CI runs as root; so must whoever runs this
  PostgresServer server;
  const ServerDisk disk(server.folder() + "/disk", "24m");
  const auto space = disk.path("space");
  fs::create_directory(space);
  give_to_server_user(space);
  server.start();
  server.sql("CREATE TABLESPACE small LOCATION '" + space + "'", "postgres");
  server.sql("CREATE DATABASE steward TABLESPACE small", "postgres");
  Sandbox box;
  box.use_database(server.url());
  REQUIRE(box.steward({"init", "--solo"}).exit == 0);
  const auto invoice = issued_on_server(box, "9000.00");

  disk.leave(1 << 20);
  const auto refused = imports(box, inquiries(box));
  INFO(refused.out << refused.err);
  CHECK(refused.exit == 7);
  CHECK(refused.error_code() == "disk_full");
  CHECK(server.sql("SELECT count(*) FROM intake_requests") == "0");
  CHECK(server.sql("SELECT count(*) FROM audit_log WHERE action = 'intake.import'") == "0");

  disk.clear();
  disk.leave(0);
  int acknowledged = 0;
  Process last;
  for (; acknowledged < 500; ++acknowledged) {
    last = box.steward(payment(invoice, fmt::format("p{}", acknowledged)));
    if (last.exit != 0) break;
  }
  INFO(last.out << last.err);
  CHECK(last.exit == 7);
  CHECK(last.error_code() == "disk_full");
  CHECK(server.sql("SELECT count(*) FROM payments") == std::to_string(acknowledged));
  CHECK(box.steward({"invoices", "show", invoice}).exit == 0);

  disk.clear();
  CHECK(box.steward(payment(invoice, fmt::format("p{}", acknowledged))).exit == 0);
  CHECK(server.sql("SELECT count(*) FROM payments") == std::to_string(acknowledged + 1));
  require_whole_on(server, box);
}

TEST_CASE("what a server does not answer because its log has no room left is not there, and is once it has",
          "[fault][disk][twins]") {
  REQUIRE(may_mount());
  PostgresServer server({"min_wal_size=2MB", "max_wal_size=2MB", "restart_after_crash=off"});
  REQUIRE(server.run("pg_resetwal", {"--wal-segsize=1", server.data()}).exit == 0);
  const ServerDisk disk(server.folder() + "/disk", "24m");
  const auto log = disk.path("log");
  fs::copy(server.data() + "/pg_wal", log, fs::copy_options::recursive);
  for (const auto& entry : fs::recursive_directory_iterator(log)) give_to_server_user(entry.path());
  give_to_server_user(log);
  fs::remove_all(server.data() + "/pg_wal");
  fs::create_symlink(log, server.data() + "/pg_wal");
  server.start();
  Sandbox box;
  settle_on(server, box);
  const auto invoice = issued_on_server(box, "9000.00");
  REQUIRE(box.steward(payment(invoice, "before")).exit == 0);
  disk.leave(0);
  const auto file = inquiries(box);
  const auto last = imports(box, file);
  INFO(last.out << last.err);
  CHECK(last.exit == 7);
  // Whether the server still says so itself depends on where in it the log is full.
  CHECK((last.error_code() == "disk_full" || last.error_code() == "database_unreachable"));
  disk.clear();
  server.kill();
  server.start();
  CHECK(server.sql("SELECT count(*) FROM intake_requests") == "0");
  CHECK(server.sql("SELECT count(*) FROM payments") == "1");
  const auto again = imports(box, file);
  INFO(again.out << again.err);
  CHECK(again.exit == 0);
  CHECK(box.steward(payment(invoice, "after")).exit == 0);
  require_whole_on(server, box);
}
