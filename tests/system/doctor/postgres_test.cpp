#include <catch2/catch.hpp>

#include "support/postgres_studio.h"

using namespace steward;
using namespace steward::test;

namespace {

/// "warn role is …" for each line about the engine; whether the doctor is content or not.
std::string engine_lines(const Process& run) {
  const auto all = run.json();
  const auto& checks = all.at("errors").items().empty() ? all.at("data").at("checks")
                                                        : all.at("errors").items().front().at("details").at("checks");
  std::string out;
  for (const auto& check : checks.items())
    if (check.at("name").text() == "engine") out += check.at("level").text() + " " + check.at("detail").text() + "\n";
  return out;
}

}  // namespace

TEST_CASE("CL-8: the doctor says which role it runs as, and finds the application's role well",
          "[doctor][postgres][twins]") {
  PostgresStudio studio;
  studio.grant();
  const auto app = studio.as(studio.role(), {"doctor", "--json"});
  CAPTURE(app.out);
  CHECK(app.exit == 0);
  const auto told = engine_lines(app);
  for (const auto& says :
       {"ok role is " + studio.role() + ", the application's.", std::string("ok tls is off, on a Unix socket."),
        std::string("ok synchronous_commit is on, on this server alone."), std::string("ok fsync is on.")})
    CHECK_THAT(told, Catch::Contains(says));
  CHECK_THAT(engine_lines(studio.as(studio.owner(), {"doctor", "--json"})),
             Catch::Contains("ok role is " + studio.owner() + ", which owns the schema"));
  CHECK_THAT(engine_lines(studio.as("steward", {"doctor", "--json"})),
             Catch::Contains("warn role is steward, a superuser"));
}

TEST_CASE("CL-8: the doctor warns of a role that may do more than the commands need", "[doctor][postgres][twins]") {
  PostgresStudio studio;
  studio.grant();
  studio.administer("GRANT DELETE ON audit_log TO " + studio.role());
  const auto run = studio.as(studio.role(), {"doctor", "--json"});
  CHECK(run.exit == 0);
  CHECK_THAT(engine_lines(run), Catch::Contains("warn role is " + studio.role() + ", and it may DELETE audit_log"));
}

TEST_CASE("CL-8: the doctor fails a server that answers before the disk has it", "[doctor][postgres][twins]") {
  PostgresStudio studio;
  studio.grant();
  studio.administer("ALTER ROLE " + studio.role() + " SET synchronous_commit = off");
  const auto run = studio.as(studio.role(), {"doctor", "--json"});
  CHECK(run.exit == 6);
  CHECK_THAT(engine_lines(run), Catch::Contains("fail synchronous_commit is off"));
}
