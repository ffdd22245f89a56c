#include <catch2/catch.hpp>

#include "studio/rates/rates.h"
#include "support/sandbox.h"

using namespace steward;
using namespace steward::test;

namespace {

int bp_at(Sandbox& box, rates::RateName name, std::string_view at) {
  auto connection = box.connect(db::Access::read);
  db::Tx tx(*connection, db::Access::read, box.now());
  return rates::current_rate(tx, name, parse_instant(at)).bp;
}

constexpr auto kProvider = rates::RateName::provider;
constexpr auto kReferrer = rates::RateName::referrer;

}  // namespace

TEST_CASE("a new database splits 6000 to the provider and 400 to the referrer, at any time", "[rates][operations]") {
  Sandbox box;
  CHECK(bp_at(box, kProvider, "1999-01-01T00:00:00Z") == 6000);
  CHECK(bp_at(box, kReferrer, "2030-01-01T00:00:00Z") == 400);
}

TEST_CASE("seeding the rates again leaves what was set since", "[rates][operations]") {
  Sandbox box;
  box.run("rates.set", {{"rate", {"PROVIDER"}}, {"bp", {"5000"}}});
  const auto digest = box.table_digest();
  auto connection = box.connect();
  db::Tx tx(*connection, db::Access::write, box.now());
  rates::seed_rates(tx);
  tx.commit();
  CHECK(box.table_digest() == digest);
}

TEST_CASE("a database without rates says so", "[rates][operations]") {
  Sandbox box;
  auto connection = box.connect(db::Access::read);
  db::Tx tx(*connection, db::Access::read, box.now());
  CHECK_THROWS_AS(rates::current_rate(tx, kProvider, Instant{-1}), Error);
}

TEST_CASE("a rate takes over at its instant and the one before it stays as it was", "[rates][operations]") {
  Sandbox box;
  const auto record =
      box.data("rates.set", {{"rate", {"provider"}}, {"bp", {"6500"}}, {"from", {"2026-04-01T00:00:00Z"}}});
  CHECK(record.at("rate_bp").integer() == 6500);
  CHECK_FALSE(record.at("in_force").boolean());
  CHECK(bp_at(box, kProvider, "2026-03-31T23:59:59Z") == 6000);
  CHECK(bp_at(box, kProvider, "2026-04-01T00:00:00Z") == 6500);
  CHECK(box.actions().back() == "rates.set");
  CHECK(box.list("rates.list", {{"name", {"PROVIDER"}}}).items().size() == 2);
  CHECK(box.list("rates.list", {{"since", {"2026-01-01"}}}).items().size() == 1);
  CHECK(box.list("rates.list", {{"until", {"2026-01-01"}}}).items().size() == 2);
}

TEST_CASE("X-12: the two rates stay within the whole at every instant to come, not only now", "[rates][operations]") {
  Sandbox box;
  box.run("rates.set", {{"rate", {"REFERRER"}}, {"bp", {"3000"}}, {"from", {"2026-06-01"}}});
  CHECK(box.error_code("rates.set", {{"rate", {"PROVIDER"}}, {"bp", {"7001"}}}) == "rates_exceed_whole");
  box.run("rates.set", {{"rate", {"PROVIDER"}}, {"bp", {"6000"}}, {"from", {"2026-05-01"}}});
  box.run("rates.set", {{"rate", {"PROVIDER"}}, {"bp", {"7000"}}});
  CHECK(bp_at(box, kProvider, "2026-06-01T00:00:00Z") == 7000);
  CHECK(bp_at(box, kReferrer, "2026-06-01T00:00:00Z") == 3000);
}

TEST_CASE("rates are append-only: no past, no second value for an instant, no UPDATE", "[rates][operations]") {
  Sandbox box;
  CHECK(box.error_code("rates.set", {{"rate", {"PROVIDER"}}, {"bp", {"1"}}, {"from", {"2026-03-01"}}}) ==
        "in_the_past");
  box.run("rates.set", {{"rate", {"PROVIDER"}}, {"bp", {"5000"}}});
  CHECK(box.error_code("rates.set", {{"rate", {"PROVIDER"}}, {"bp", {"5001"}}}) == "duplicate");
  CHECK_THROWS_AS(box.sql("UPDATE rates SET rate_bp = 1"), Error);
  CHECK_THROWS_AS(box.sql("DELETE FROM rates"), Error);
}

TEST_CASE("setting the rate that holds already changes nothing", "[rates][operations]") {
  Sandbox box;
  const auto digest = box.table_digest();
  const auto answer = box.run("rates.set", {{"rate", {"PROVIDER"}}, {"bp", {"6000"}}});
  CHECK(answer.warnings.at(0).code == "no_change");
  CHECK(box.table_digest() == digest);
}

TEST_CASE("setting a rate is an administrator's, reading it also a maestro's", "[rates][operations]") {
  Sandbox box;
  const auto maestro = box.token({"*"}, "PERSON", box.user("mia@studio.example", {"MAESTRO"}));
  CHECK(box.error_code("rates.set", {{"rate", {"PROVIDER"}}, {"bp", {"1"}}}, {maestro}) == "forbidden");
  CHECK(box.list("rates.list", {}, {maestro}).items().size() == 2);
  const auto id = box.user("ada@studio.example", {"ADMIN"});
  const auto record = box.data("rates.set", {{"rate", {"PROVIDER"}}, {"bp", {"10"}}}, {box.token({"*"}, "PERSON", id)});
  CHECK(record.at("created_by").text() == id);
  CHECK(record.at("created_by_email").text() == "ada@studio.example");
}
