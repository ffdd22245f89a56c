// What is wrong with a URL, a role, a password or a host is said plainly, and never with the password.
#include <unistd.h>

#include "db/postgres/errors.h"
#include "fault/postgres_server.h"
#include "fault/support.h"
#include "support/server_programs.h"

using namespace steward;
using namespace steward::test;

namespace {

struct Wrong {
  std::string url;
  int exit;
  std::string code;
};

/// A slim image leaves the translations out.
bool speaks_german() {
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/share/locale/de/LC_MESSAGES", none))
    if (entry.path().filename().string().starts_with("postgres-")) return true;
  return false;
}

}  // namespace

TEST_CASE("each thing that is wrong with a URL has its code and no password is in any sentence",
          "[fault][urls][twins]") {
  PostgresServer server;
  std::ofstream(server.data() + "/pg_hba.conf") << "local all guest scram-sha-256\nlocal all postgres reject\n"
                                                   "local all all trust\n";
  server.start();
  server.sql("CREATE ROLE guest LOGIN PASSWORD 'other'", "postgres");
  server.sql("CREATE ROLE stranger LOGIN", "postgres");
  server.sql("CREATE DATABASE steward; ", "postgres");
  server.sql("REVOKE CONNECT ON DATABASE steward FROM PUBLIC", "postgres");
  const auto at = "host=" + server.folder();
  const std::vector<Wrong> wrongs = {
      {"postgresql://guest:s3cret@/steward?" + at, 6, "database_refused"},
      {"postgresql:///steward?user=guest&password=s3cret&" + at, 6, "database_refused"},
      {"postgresql:///steward?user=guest&p%61ssword=s3cret&" + at, 6, "database_refused"},
      {"postgresql://nobody:s3cret@/steward?" + at, 6, "database_refused"},
      {"postgresql://postgres:s3cret@/steward?" + at, 6, "database_refused"},
      {"postgresql://stranger:s3cret@/steward?" + at, 6, "database_refused"},
      {"postgresql://steward:s3cret@/steward?sslmode=require&host=127.0.0.1&port=1", 7, "database_unreachable"},
      {"postgresql://steward:s3cret@/none?" + at, 6, "no_database"},
      {"postgresql://steward:s3cret@/steward?" + at, 6, "no_database"},
      {"postgresql://steward:s3cret@/steward?host=/nowhere", 7, "database_unreachable"},
      {"postgresql://steward:s3cret@database.invalid/steward", 7, "database_unreachable"},
      {"postgresql://steward:s3cret@127.0.0.1:1/steward", 7, "database_unreachable"},
      {"postgresql://steward:s3cret@127.0.0.1:99999/steward", 2, "invalid_database_url"},
      {"postgresql://steward:s3cret@127.0.0.1:port/steward", 2, "invalid_database_url"},
      {"postgresql://steward:s3cret@h/steward?nonsense=1", 2, "invalid_database_url"},
      {"postgresql://steward:s3cret@h/steward?sslmode=nonsense", 2, "invalid_database_url"},
      {"postgresql://steward:s3cret%@h/steward", 2, "invalid_database_url"},
      {"postgresql://steward:x@s3cret@127.0.0.1/steward", 2, "invalid_database_url"},
      {"postgresql://steward:s3cret/x@127.0.0.1/steward", 2, "invalid_database_url"},
      {"postgresql://[::1/steward?password=s3cret", 2, "invalid_database_url"},
      {"postgresql:///steward?service=nonsense&password=s3cret", 2, "invalid_database_url"},
      {"postgresql://h/steward?target_session_attrs=nonsense&password=s3cret", 2, "invalid_database_url"},
  };
  Sandbox box;
  for (const auto& wrong : wrongs) {
    const Variables at_wrong{{"STEWARD_DB", wrong.url}};
    const auto done = box.steward({"-v", "intake", "list", "--json"}, {}, at_wrong);
    INFO(wrong.url << "\n" << done.out << done.err);
    CHECK(done.exit == wrong.exit);
    CHECK(done.error_code() == wrong.code);
    const auto doctor = box.steward({"doctor"}, {}, at_wrong);
    for (const auto& said : {done.out, done.err, doctor.out, doctor.err})
      CHECK(said.find("s3cret") == std::string::npos);
  }
}

TEST_CASE("what init and the doctor tell of a URL is without its password", "[fault][urls][twins]") {
  PostgresServer server;
  server.start();
  server.sql("CREATE DATABASE steward", "postgres");
  Sandbox box;
  box.use_database(fmt::format("postgresql://steward:s3cret@/steward?host={}&sslpassword=s3cret", server.folder()));
  for (const auto& words : {std::vector<std::string>{"-v", "init", "--solo"},
                            {"-v", "init", "--solo"},
                            {"-v", "doctor"},
                            {"-v", "db", "status"},
                            {"-v", "db", "migrate"},
                            {"-v", "db", "check"}}) {
    const auto done = box.steward(words);
    INFO(words.back() << done.out << done.err);
    CHECK((done.out + done.err).find("s3cret") == std::string::npos);
  }
}

TEST_CASE("what a server refuses in another language is told apart by its SQLSTATE", "[fault][urls][twins]") {
  PostgresServer server({"lc_messages=C.UTF-8"});
  std::ofstream(server.data() + "/pg_hba.conf") << "local all guest scram-sha-256\nlocal all postgres reject\n"
                                                   "local all all trust\n";
  server.speak("de");
  server.start();
  server.sql("CREATE ROLE guest LOGIN PASSWORD 'other'", "postgres");
  server.sql("CREATE ROLE stranger LOGIN", "postgres");
  server.sql("CREATE DATABASE steward", "postgres");
  server.sql("REVOKE CONNECT ON DATABASE steward FROM PUBLIC", "postgres");
  const auto at = "host=" + server.folder();
  Sandbox box;
  const auto refused = [&](const std::string& url, const std::string& code, const std::string& says) {
    const auto done = box.steward({"intake", "list", "--json"}, {}, {{"STEWARD_DB", url}});
    INFO(url << "\n" << done.out << done.err);
    CHECK(done.exit == 6);
    CHECK(done.error_code() == code);
    CHECK_THAT(done.out, !Catch::Contains("s3cret"));
    if (speaks_german()) CHECK_THAT(done.out, Catch::Contains(says));
  };
  if (!speaks_german()) WARN("PostgreSQL's translations are not installed here, so it was asked in English");
  refused("postgresql://guest:s3cret@/steward?" + at, "database_refused", "Passwort-Authentifizierung");
  refused("postgresql://postgres@/steward?" + at, "database_refused", "pg_hba.conf");
  refused("postgresql://nobody@/steward?" + at, "database_refused", "existiert nicht");
  refused("postgresql://stranger@/steward?" + at, "database_refused", "keine Berechtigung");
  refused("postgresql://steward@/none?" + at, "no_database", "existiert nicht");
}

TEST_CASE("the SQLSTATE is read from what libpq says at that verbosity, whatever the language",
          "[fault][urls][twins]") {
  using db::postgres::refused_state;
  CHECK(refused_state("connection to server on socket \"/x/.s.PGSQL.5432\" failed: FATAL:  28P01\n") == "28P01");
  CHECK(refused_state("connection to server at \"a\" failed: timeout expired\n"
                      "connection to server at \"b\" failed: ВАЖНО:  3D000\n") == "3D000");
  CHECK(refused_state("connection to server on socket \"/x\" failed: FATAL:  role \"a\" does not exist\n").empty());
  CHECK(refused_state("connection to server on socket \"/x\" failed: No such file or directory\n").empty());
  CHECK(refused_state("").empty());
}

TEST_CASE("CL-8: the doctor tells whether the way to a server is encrypted", "[fault][urls][doctor][twins]") {
  // An address of this machine that nobody else listens at.
  const auto address = fmt::format("127.78.{}.{}", ::getpid() / 250 % 250 + 1, ::getpid() % 250 + 1);
  PostgresServer server({"listen_addresses=" + address, "ssl=on", "fsync=on"});
  const auto key = server.data() + "/server.key", certificate = server.data() + "/server.crt";
  Command command;
  command.program = "openssl";
  command.words = {"req",   "-x509",         "-newkey", "rsa:2048", "-nodes", "-days",    "2",
                   "-subj", "/CN=localhost", "-keyout", key,        "-out",   certificate};
  command.environment = {{"PATH", "/usr/bin:/bin"}};
  const auto made = run_process(command);
  INFO(made.err);
  REQUIRE(made.exit == 0);
  for (const auto& file : {key, certificate}) give_to_server_user(file);
  std::filesystem::permissions(key, std::filesystem::perms(0600));
  std::filesystem::permissions(server.data(), std::filesystem::perms(0700));
  std::ofstream(server.data() + "/pg_hba.conf") << "local all all trust\nhost all all 127.0.0.0/8 trust\n";
  server.start();
  Sandbox box;
  settle_on(server, box);
  const auto root = box.write("root.crt", content_of(certificate));
  const auto doctor = [&](const std::string& options) {
    const auto url = "postgresql://steward@localhost/steward?hostaddr=" + address + "&" + options;
    return box.steward({"doctor", "--json"}, {}, {{"STEWARD_DB", url}});
  };
  const auto says = [&](const Process& told, const std::string& what) {
    INFO(told.out << told.err);
    CHECK(told.exit == 0);
    CHECK_THAT(told.out, Catch::Contains("tls is " + what));
  };
  says(doctor("sslmode=require"), "on.");
  says(doctor("sslmode=verify-full&sslrootcert=" + root), "on.");
  says(doctor("sslmode=disable"), "off, within this machine.");
  says(box.steward({"doctor", "--json"}), "off, on a Unix socket.");
  // One who is not who the certificate says is not talked to.
  const auto other = box.steward(
      {"intake", "list", "--json"}, {},
      {{"STEWARD_DB", "postgresql://steward@" + address + "/steward?sslmode=verify-full&sslrootcert=" + root}});
  INFO(other.out << other.err);
  CHECK(other.exit == 7);
  CHECK(other.error_code() == "database_unreachable");
  CHECK_THAT(other.out, Catch::Contains("certificate"));
}
