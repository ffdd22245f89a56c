#include <catch2/catch.hpp>

#include "support/sandbox.h"

using namespace steward;
using namespace steward::test;

namespace {

using Table = std::vector<std::vector<std::string>>;

constexpr auto kHeader = "slug,title,summary,audience,delivery_mode,price,currency,duration\n";
const std::string kLab = "lab,Lab,Listening.,BOTH,HYBRID,2500.00,EUR,4 hours\n";

ops::RawArgs file(Sandbox& box, const std::string& rows) {
  return {{"file", {box.write("offers.csv", kHeader + rows)}}};
}

}  // namespace

TEST_CASE("OF-3: an offer of a file is on sale with its price and its first price on record, or waits for one",
          "[offers][import]") {
  Sandbox box;
  const auto seq = box.audit_seq();
  const auto data = box.data("offers.import", file(box, kLab + "walk,Walk,Outside.,group,in_person,,,\n"));
  CHECK(data.at("imported").integer() == 2);
  CHECK(box.rows("SELECT slug, status, price_cents, duration_label, refund_policy_key FROM offers ORDER BY slug") ==
        Table{{"lab", "ACTIVE", "250000", "4 hours", "standard"}, {"walk", "INACTIVE", "", "", "standard"}});
  CHECK(box.rows("SELECT to_cents, currency, reason FROM offer_price_history") ==
        Table{{"250000", "EUR", "First price"}});
  CHECK(box.actions(seq) == std::vector<std::string>{"offers.import"});
}

TEST_CASE("the same file of offers again changes nothing, and a line that differs is refused", "[offers][import]") {
  Sandbox box;
  CHECK(box.data("offers.import", file(box, kLab + kLab)).at("unchanged").integer() == 1);
  const auto digest = box.table_digest();
  CHECK(box.data("offers.import", file(box, kLab)).at("unchanged").integer() == 1);
  const auto error = box.refusal("offers.import", file(box, "lab,Lab,Listening.,BOTH,HYBRID,2600.00,EUR,4 hours\n"));
  CHECK(error.details().at("lines").items().at(0).at("code").text() == "duplicate");
  CHECK(box.table_digest() == digest);
}

TEST_CASE("bad lines of offers are named and keep the file out", "[offers][import]") {
  Sandbox box;
  const auto error =
      box.refusal("offers.import", file(box, kLab + "b,B,S.,BOTH,HYBRID,1.00,,\nc,C,S.,NOBODY,HYBRID,,,\n"
                                                    "d,D,S.,BOTH,HYBRID,1.001,EUR,\n"));
  CHECK(error.details().at("count").integer() == 3);
  CHECK(error.details().at("lines").items().at(0).at("field").text() == "currency");
  CHECK(box.value("SELECT count(*) FROM offers") == "0");
}

TEST_CASE("a file of offers is taken in at the shell", "[offers][import][cli]") {
  Sandbox box;
  box.write("o.csv", kHeader + kLab);
  const auto ran = box.steward({"offers", "import", "--file", box.path("o.csv")});
  CHECK(ran.exit == 0);
  CHECK_THAT(ran.out, Catch::Contains("Took in 1 offer"));
}
