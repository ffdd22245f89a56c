#include "support/postgres_studio.h"

#include <catch2/catch.hpp>

#include "db/url.h"

namespace steward::test {

PostgresStudio::PostgresStudio() : name_(Postgres::server().create()), owner_(name_ + "_owner"), role_(name_ + "_app") {
  auto& server = Postgres::server();
  PostgresSession(server.url())
      .script("CREATE ROLE " + owner_ + " LOGIN CREATEROLE; ALTER DATABASE " + name_ + " OWNER TO " + owner_);
  const auto made = as(owner_, {"init"});
  INFO(made.err);
  REQUIRE(made.exit == 0);
}

PostgresStudio::~PostgresStudio() {
  auto& server = Postgres::server();
  server.drop(name_);
  PostgresSession(server.url()).script("DROP ROLE IF EXISTS " + role_ + "; DROP ROLE " + owner_);
}

std::string PostgresStudio::url_of(const std::string& role) const {
  auto out = Postgres::server().url(name_);
  const std::string superuser = "user=steward";
  return out.replace(out.find(superuser), superuser.size(), "user=" + role);
}

void PostgresStudio::grant() {
  const auto granted = as(owner_, {"db", "migrate", "--grant-to", role_});
  INFO(granted.err);
  REQUIRE(granted.exit == 0);
  administer("ALTER ROLE " + role_ + " LOGIN");
}

Process PostgresStudio::as(const std::string& role, const std::vector<std::string>& words,
                           const std::string& input) const {
  return steward(words, input, {{"STEWARD_DB", url_of(role)}, {"STEWARD_KEY_FILE", path("studio.key")}});
}

ops::House PostgresStudio::house_of(const std::string& role) const {
  auto out = house();
  out.url = db::Url::parse(url_of(role));
  out.key_file = path("studio.key");
  return out;
}

PostgresSession PostgresStudio::session(const std::string& role) const { return PostgresSession(url_of(role)); }

std::string PostgresStudio::refusal(const std::string& role, const std::string& statements) const {
  auto session = this->session(role);
  session.script("BEGIN");
  return session.refusal(statements);
}

void PostgresStudio::administer(const std::string& statements) const {
  PostgresSession(Postgres::server().url(name_)).script(statements);
}

}  // namespace steward::test
