#include <catch2/catch.hpp>

#include "studio/deals/atelier.h"

using namespace steward;
using namespace steward::test;

namespace {

ops::RawArgs package(const std::string& name, const ops::RawArgs& more = {}) {
  ops::RawArgs out{{"offer", {"workshop"}}, {"name", {name}}, {"scope", {"What it contains"}}};
  for (const auto& [key, texts] : more) out[key] = texts;
  return out;
}

}  // namespace

TEST_CASE("OF-5: a package has a price in the offer's currency, or one in words, or none", "[offers][packages]") {
  Atelier box;
  box.offer("yen", 100, "JPY");
  CHECK(box.data("offers.packages.add", package("Half", {{"price", {"1250.50"}}})).at("price").text() == "1250.50");
  const auto yen = box.data("offers.packages.add", package("Half", {{"offer", {"yen"}}, {"price", {"50"}}}));
  CHECK(yen.at("currency").text() == "JPY");
  CHECK(yen.at("price_cents").integer() == 50);
  CHECK(box.error_code("offers.packages.add", package("X", {{"offer", {"yen"}}, {"price", {"50.5"}}})) ==
        "invalid_money");
  CHECK(box.error_code("offers.packages.add", package("X", {{"price", {"0"}}})) == "invalid_money");
  const auto words = box.data("offers.packages.add", package("House", {{"price-label", {"on request"}}}));
  CHECK(words.at("price_cents").is_null());
  CHECK(words.at("currency").is_null());
  CHECK(box.error_code("offers.packages.add", package("X", {{"price", {"1"}}, {"price-label", {"one"}}})) ==
        "conflicting_arguments");
}

TEST_CASE("OF-5: an offer has each package once", "[offers][packages]") {
  Atelier box;
  box.offer("yen", 100, "JPY");
  box.run("offers.packages.add", package("Half"));
  const auto error = box.refusal("offers.packages.add", package("Half"));
  CHECK(error.code() == "duplicate");
  CHECK(error.exit_code() == 5);
  box.run("offers.packages.add", package("Half", {{"offer", {"yen"}}}));
  CHECK_THROWS_AS(box.sql("INSERT INTO offer_packages (id, offer_id, name, scope, created_at, updated_at) SELECT"
                          " '01930000-0000-7000-8000-000000000000', offer_id, name, scope, created_at, updated_at"
                          " FROM offer_packages LIMIT 1"),
                  Error);
}

TEST_CASE("an offer is shown with its packages in their order", "[offers][packages]") {
  Atelier box;
  box.run("offers.packages.add", package("Last", {{"sort-order", {"200"}}}));
  box.run("offers.packages.add", package("Usual"));
  box.run("offers.packages.add", package("First", {{"sort-order", {"1"}}}));
  std::string names;
  const auto shown = box.data("offers.show", {{"offer", {"workshop"}}}).at("packages");
  for (const auto& one : shown.items()) names += one.at("name").text() + " ";
  CHECK(names == "First Usual Last ");
}

TEST_CASE("X-10: a package that is removed stays on record, and its name is free again", "[offers][packages]") {
  Atelier box;
  const auto id = box.data("offers.packages.add", package("Half")).at("id").text();
  const auto removed = box.data("offers.packages.remove", {{"package", {id.substr(28)}}});
  CHECK_FALSE(removed.at("removed_at").is_null());
  CHECK(box.run("offers.packages.remove", {{"package", {id}}}).warnings.at(0).code == "no_change");
  CHECK(box.list("offers.packages.list", {{"offer", {"workshop"}}}).items().empty());
  CHECK(box.list("offers.packages.list", {{"removed", {"true"}}}).items().size() == 1);
  CHECK(box.data("offers.show", {{"offer", {"workshop"}}}).at("packages").items().empty());
  box.run("offers.packages.add", package("Half"));
  CHECK_THROWS_AS(box.sql("DELETE FROM offer_packages"), Error);
}
