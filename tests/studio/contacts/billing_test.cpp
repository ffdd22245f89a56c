#include "studio/contacts/billing.h"

#include <catch2/catch.hpp>

#include "ops/run.h"
#include "studio/contacts/people.h"

using namespace steward;
using namespace steward::test;

namespace {

// What a room sees inside its own operation.
template <class Look>
auto inside(const Sandbox& box, Look look) {
  const auto connection = box.connect(db::Access::read);
  db::Tx tx(*connection, db::Access::read, box.now());
  return look(tx);
}

std::vector<std::string> missing(const Sandbox& box, const std::string& email, bool tax_id = false) {
  return inside(box, [&](db::Tx& tx) { return contacts::missing_of_contact(tx, email, tax_id); });
}

using Missing = std::vector<std::string>;

}  // namespace

TEST_CASE("what a contact lacks for a document is told by name, and a tax number only where it is asked for",
          "[contacts][billing]") {
  Sandbox box;
  CHECK(missing(box, kAda) == Missing{"contact"});
  contact(box, kAda, {{"country", {"GB"}}});
  CHECK(missing(box, "ADA@client.example") == Missing{"legal_name", "address"});
  CHECK(missing(box, kAda, true) == Missing{"legal_name", "address", "tax_id"});
  auto more = firm();
  more["contact"] = {kAda};
  box.run("contacts.update", more);
  CHECK(missing(box, kAda, true).empty());
}

TEST_CASE(
    "a contact is billed under its legal name and billing address, else under its own; a merged one as the survivor",
    "[contacts][billing]") {
  Sandbox box;
  const auto identity = [&](const std::string& email) {
    return inside(box, [&](db::Tx& tx) { return contacts::contact_identity(tx, email); });
  };
  CHECK_FALSE(identity(kAda));
  contact(box, kAda, {{"name", {"Ada Byron"}}});
  auto ada = identity(kAda);
  REQUIRE(ada);
  CHECK(ada->legal_name == "Ada Byron");
  CHECK(ada->email == kAda);
  CHECK(ada->tax_id == "");
  contact(box, "old@client.example", firm());
  merged(box, kAda, "old@client.example");
  ada = identity(kAda);
  CHECK(ada->name == "Ada Byron");
  CHECK(ada->legal_name == "Lovelace Ltd");
  CHECK(ada->address == "12 St James Square\nLondon");
  CHECK(ada->country == "GB");
  CHECK(ada->tax_id == "GB123456789");
  CHECK(ada->email == "books@lovelace.example");
  CHECK(missing(box, kAda).empty());
}

TEST_CASE("what the business lacks for a document is told by its settings, without the key", "[contacts][billing]") {
  Sandbox box;
  const auto lacks = [&] { return inside(box, [](db::Tx& tx) { return contacts::missing_of_business(tx); }); };
  CHECK(lacks() == Missing{"business.legal_name", "business.address", "business.country", "business.tax_id"});
  const auto set = [&](const char* key, const char* value) {
    box.run("settings.set", {{"key", {key}}, {"value", {value}}});
  };
  set("business.legal_name", "Atelier Nord GmbH");
  set("business.tax_id", "DE123456789");
  CHECK(lacks() == Missing{"business.address", "business.country"});
  set("business.address", "Lindenstraße 4\n04109 Leipzig");
  set("business.country", "DE");
  CHECK(lacks().empty());
}

TEST_CASE("the business is billed from as its settings say, the encrypted ones in the clear", "[contacts][billing]") {
  Sandbox box;
  for (const auto& [key, value] : {std::pair("business.legal_name", "Atelier Nord GmbH"),
                                   {"business.address", "Lindenstraße 4"},
                                   {"business.country", "DE"},
                                   {"business.tax_id", "DE123456789"},
                                   {"business.email", "office@atelier.example"}})
    box.run("settings.set", {{"key", {key}}, {"value", {value}}});
  const auto house = box.house();
  const auto connection = box.connect(db::Access::read);
  db::Tx tx(*connection, db::Access::read, box.now());
  ops::Vault vault(house.key_path());
  const ops::Operation operation;
  const ops::Request request;
  const ops::Actor actor;
  ops::Context context{tx, house, operation, request, actor, vault, {}};
  const auto business = contacts::business_identity(context);
  CHECK(business.name == "");
  CHECK(business.legal_name == "Atelier Nord GmbH");
  CHECK(business.address == "Lindenstraße 4");
  CHECK(business.country == "DE");
  CHECK(business.tax_id == "DE123456789");
  CHECK(business.email == "office@atelier.example");
}
