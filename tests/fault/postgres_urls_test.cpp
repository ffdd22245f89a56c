// What is wrong with a URL, a role, a password or a host is said plainly, and never with the password.
#include "fault/postgres_server.h"
#include "fault/support.h"

using namespace steward;
using namespace steward::test;

namespace {

struct Wrong {
  std::string url;
  int exit;
  std::string code;
};

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
