#include <catch2/catch.hpp>

#include "studio/offers/offers.h"
#include "support/sandbox.h"

using namespace steward;
using namespace steward::test;

namespace {

ops::RawArgs listening_lab(ops::RawArgs more = {}) {
  ops::RawArgs out{
      {"slug", {"listening-lab"}}, {"title", {"Listening lab"}},     {"summary", {"Asking before answering."}},
      {"audience", {"both"}},      {"delivery-mode", {"in-person"}}, {"price", {"2500.00"}},
      {"currency", {"EUR"}},       {"duration", {"4 hours"}}};
  for (auto& [name, texts] : more)
    if (texts.empty())
      out.erase(name);
    else
      out[name] = texts;
  return out;
}

ops::RawArgs offer(ops::RawArgs more = {}) {
  more["offer"] = {"listening-lab"};
  return more;
}

// A deal made of the offer, as far as the database asks for one.
void sell(Sandbox& box) {
  box.sql(R"sql(
    INSERT INTO intake_requests (id, audience, contact_name, contact_email, goals, goals_hash, status, created_at, updated_at)
    VALUES ('0193c000-0000-7000-8000-000000000001', 'INDIVIDUAL', 'Ada', 'ada@client.example', 'Ask',
            '0000000000000000000000000000000000000000000000000000000000000000', 'BOOKED', '2026-03-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z');
    INSERT INTO deals (id, intake_id, offer_slug, agreed_price_cents, agreed_currency, provider_rate_bp, referrer_rate_bp,
                       provider_rate_id, referrer_rate_id, status, created_at, updated_at)
    SELECT '0193c000-0000-7000-8000-000000000002', '0193c000-0000-7000-8000-000000000001', 'listening-lab', 250000, 'EUR',
           6000, 400, p.id, r.id, 'QUEUED', '2026-03-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z'
      FROM rates p, rates r WHERE p.name = 'PROVIDER' AND r.name = 'REFERRER'
  )sql");
}

}  // namespace

TEST_CASE("an offer with a price is on sale at once, unless it is held back", "[offers][operations]") {
  Sandbox box;
  const auto record = box.data("offers.create", listening_lab());
  CHECK(record.at("status").text() == "ACTIVE");
  CHECK(record.at("price_cents").integer() == 250000);
  CHECK(record.at("price").text() == "2500.00");
  CHECK(record.at("delivery_mode").text() == "IN_PERSON");
  CHECK(record.at("version").integer() == 1);
  CHECK(box.actions().back() == "offers.create");
  const auto held = box.data("offers.create", listening_lab({{"slug", {"later"}}, {"inactive", {"true"}}}));
  CHECK(held.at("status").text() == "INACTIVE");
}

TEST_CASE("OF-3: an offer without a price waits until it has one or is free", "[offers][operations]") {
  Sandbox box;
  const auto answer = box.run("offers.create", listening_lab({{"price", {}}, {"currency", {}}}));
  CHECK(answer.data.at("status").text() == "INACTIVE");
  CHECK(answer.data.at("price_cents").is_null());
  CHECK(answer.next == "steward offers reprice listening-lab --price P --reason R");
  CHECK(box.error_code("offers.activate", offer()) == "no_price");
  box.run("offers.reprice", offer({{"free", {"true"}}, {"reason", {"For the neighbours"}}}));
  const auto free = box.data("offers.activate", offer());
  CHECK(free.at("is_free").boolean());
  CHECK(free.at("status").text() == "ACTIVE");
}

TEST_CASE("OF-3: free and priced exclude each other, and a price of 0 is no price", "[offers][operations]") {
  Sandbox box;
  CHECK(box.error_code("offers.create", listening_lab({{"free", {"true"}}})) == "conflicting_arguments");
  CHECK(box.error_code("offers.create", listening_lab({{"price", {"0"}}})) == "invalid_money");
  CHECK(box.error_code("offers.create", listening_lab({{"price", {"1.001"}}})) == "invalid_money");
  CHECK(box.error_code("offers.create", listening_lab({{"currency", {}}})) == "missing_argument");
  CHECK(box.error_code("offers.reprice", offer({{"reason", {"?"}}})) == "missing_argument");
  box.run("offers.create", listening_lab());
  CHECK_THROWS_AS(box.sql("UPDATE offers SET price_cents = 0"), Error);
  CHECK_THROWS_AS(box.sql("UPDATE offers SET is_free = true"), Error);
}

TEST_CASE("a slug is taken once, in any case", "[offers][operations]") {
  Sandbox box;
  box.run("offers.create", listening_lab());
  const auto digest = box.table_digest();
  const auto error = box.refusal("offers.create", listening_lab({{"slug", {"LISTENING-lab"}}}));
  CHECK((error.code() == "duplicate" || error.code() == "invalid_slug"));
  CHECK(box.error_code("offers.create", listening_lab()) == "duplicate");
  CHECK(box.table_digest() == digest);
}

TEST_CASE("an offer is found by slug in any case, by id and by the tail of an id", "[offers][operations]") {
  Sandbox box;
  const auto id = box.data("offers.create", listening_lab()).at("id").text();
  for (const auto& handle : {std::string("Listening-Lab"), id, id.substr(28)})
    CHECK(box.data("offers.show", {{"offer", {handle}}}).at("id").text() == id);
  CHECK(box.error_code("offers.show", {{"offer", {"nothing-such"}}}) == "not_found");
  auto connection = box.connect(db::Access::read);
  db::Tx tx(*connection, db::Access::read, box.now());
  CHECK(offers::find_offer(tx, "LISTENING-LAB").id.text == id);
  CHECK_THROWS_AS(offers::find_offer(tx, "nothing-such"), Error);
}

TEST_CASE("an update changes what it names and empties what it clears", "[offers][operations]") {
  Sandbox box;
  box.run("offers.create", listening_lab({{"booking-url", {"https://studio.example/lab"}}}));
  const auto record = box.data("offers.update", offer({{"title", {"Lab"}},
                                                       {"audience", {"GROUP"}},
                                                       {"outcome", {"You ask.", "You wait."}},
                                                       {"clear", {"booking-url"}}}));
  CHECK(record.at("title").text() == "Lab");
  CHECK(record.at("summary").text() == "Asking before answering.");
  CHECK(record.at("booking_url").is_null());
  CHECK(record.at("outcomes_json").items().at(1).text() == "You wait.");
  CHECK(record.at("version").integer() == 2);
  const auto audit = parse_json(box.value("SELECT metadata FROM audit_log ORDER BY seq DESC LIMIT 1"));
  CHECK(audit.at("changed").items().size() == 4);
  CHECK(audit.at("before").at("audience").text() == "BOTH");
  CHECK(to_text(audit).find("Lab") == std::string::npos);
}

TEST_CASE("X-19: an update of a version that is past is refused", "[offers][operations]") {
  Sandbox box;
  box.run("offers.create", listening_lab());
  box.run("offers.update", offer({{"title", {"Lab"}}, {"if-version", {"1"}}}));
  CHECK(box.error_code("offers.update", offer({{"title", {"Lab 2"}}, {"if-version", {"1"}}})) == "stale_version");
  CHECK(box.error_code("offers.reprice", offer({{"price", {"1"}}, {"reason", {"r"}}, {"if-version", {"1"}}})) ==
        "stale_version");
}

TEST_CASE("asking an offer to be what it is changes nothing", "[offers][operations]") {
  Sandbox box;
  box.run("offers.create", listening_lab());
  const auto digest = box.table_digest();
  CHECK(box.run("offers.activate", offer()).warnings.at(0).code == "no_change");
  CHECK(box.run("offers.update", offer({{"title", {"Listening lab"}}})).warnings.at(0).code == "no_change");
  CHECK(box.run("offers.reprice", offer({{"price", {"2500"}}, {"reason", {"r"}}})).warnings.at(0).code == "no_change");
  CHECK(box.table_digest() == digest);
}

TEST_CASE("OF-1: an offer is never deleted but put away, and what refers to it stays", "[offers][operations]") {
  Sandbox box;
  box.run("offers.create", listening_lab());
  sell(box);
  CHECK(box.data("offers.deactivate", offer()).at("status").text() == "INACTIVE");
  CHECK(box.value("SELECT offer_slug FROM deals") == "listening-lab");
  for (const auto* operation : Sandbox::registry().operations_of("offers"))
    CHECK(operation->path.find("delete") == std::string::npos);
  CHECK_THROWS_AS(box.sql("DELETE FROM offers"), Error);
  CHECK(box.data("offers.activate", offer()).at("status").text() == "ACTIVE");
}

TEST_CASE("OF-2: every price an offer had is on record, with the reason and who changed it", "[offers][operations]") {
  Sandbox box;
  const auto ada = box.user("ada@studio.example", {"ADMIN"});
  box.run("offers.create", listening_lab());
  box.at("2026-04-01T00:00:00Z");
  box.run("offers.reprice", offer({{"price", {"2800.00"}}, {"reason", {"Longer course"}}}),
          {box.token({"offers:write"}, "PERSON", ada)});
  const auto prices = box.data("offers.show", offer()).at("history");
  REQUIRE(prices.items().size() == 2);
  const auto& last = prices.items().at(1);
  CHECK(last.at("from").text() == "2500.00");
  CHECK(last.at("to").text() == "2800.00");
  CHECK(last.at("reason").text() == "Longer course");
  CHECK(last.at("effective_at").text() == "2026-04-01T00:00:00.000Z");
  CHECK(last.at("changed_by_email").text() == "ada@studio.example");
  CHECK(last.at("operation").text() == "offers.reprice");
  CHECK_THROWS_AS(box.sql("UPDATE offer_price_history SET to_cents = 1"), Error);
  CHECK_THROWS_AS(box.sql("DELETE FROM offer_price_history"), Error);
  const auto audit = parse_json(box.value("SELECT metadata FROM audit_log ORDER BY seq DESC LIMIT 1"));
  CHECK(audit.at("before").at("price_cents").integer() == 250000);
  CHECK(audit.at("after").at("price_cents").integer() == 280000);
}

TEST_CASE("a price changes only when a person confirms it", "[offers][operations]") {
  Sandbox box;
  box.run("offers.create", listening_lab());
  const auto digest = box.table_digest();
  Call silent;
  silent.yes = false;
  const auto raw = offer({{"price", {"1.00"}}, {"reason", {"r"}}});
  CHECK(box.error_code("offers.reprice", raw, silent) == "confirmation_needed");
  CHECK(box.table_digest() == digest);
  std::string asked;
  silent.confirm = [&](const std::string& question) {
    asked = question;
    return true;
  };
  CHECK(box.data("offers.reprice", raw, silent).at("price_cents").integer() == 100);
  CHECK(asked == "Repriced offer listening-lab from 2500.00 EUR to 1.00 EUR. Go ahead?");
}

TEST_CASE("OF-4: an offer keeps its currency once it was sold; until then it may change", "[offers][operations]") {
  Sandbox box;
  box.run("offers.create", listening_lab());
  box.at("2026-04-01T00:00:00Z");
  const auto yen = offer({{"price", {"300000"}}, {"currency", {"JPY"}}, {"reason", {"Moved to Osaka"}}});
  CHECK(box.data("offers.reprice", yen).at("currency").text() == "JPY");
  const auto prices = box.data("offers.show", offer()).at("history");
  REQUIRE(prices.items().size() == 3);
  CHECK(prices.items().at(1).at("currency").text() == "EUR");
  CHECK(prices.items().at(1).at("to_cents").is_null());
  CHECK(prices.items().at(2).at("from_cents").is_null());
  CHECK(prices.items().at(2).at("to").text() == "300000");
  sell(box);
  const auto euro = offer({{"price", {"1.00"}}, {"currency", {"EUR"}}, {"reason", {"Back"}}});
  CHECK(box.error_code("offers.reprice", euro) == "currency_mismatch");
  CHECK_THROWS_AS(box.sql("UPDATE offers SET currency = 'EUR'"), Error);
  CHECK(
      box.data("offers.reprice", offer({{"price", {"310000"}}, {"reason", {"Dearer"}}})).at("price_cents").integer() ==
      310000);
}

TEST_CASE("OF-4: a proposal or a priced package of an offer holds its currency, a removed one does not",
          "[offers][operations]") {
  Sandbox box;
  box.run("offers.create", listening_lab());
  const auto package = box.data("offers.packages.add",
                                offer({{"name", {"Half day"}}, {"scope", {"Four hours"}}, {"price", {"1250.00"}}}));
  const auto yen = offer({{"price", {"300000"}}, {"currency", {"JPY"}}, {"reason", {"Moved to Osaka"}}});
  const auto error = box.refusal("offers.reprice", yen);
  CHECK(error.code() == "currency_mismatch");
  CHECK(std::string(error.what()).find("has a package in EUR") != std::string::npos);
  CHECK_THROWS_AS(box.sql("UPDATE offers SET currency = 'JPY'"), Error);
  CHECK(box.error_code("offers.reprice", offer({{"price", {"2600.00"}}, {"reason", {"Dearer"}}})) == "");
  box.run("offers.packages.remove", {{"package", {package.at("id").text()}}});
  CHECK(box.data("offers.reprice", yen).at("currency").text() == "JPY");
  box.run("proposals.create", {{"title", {"Lab"}},
                               {"amount", {"300000"}},
                               {"currency", {"JPY"}},
                               {"offer", {"listening-lab"}},
                               {"client-email", {"ada@client.example"}}});
  const auto euro = offer({{"price", {"2500.00"}}, {"currency", {"EUR"}}, {"reason", {"Back"}}});
  CHECK(std::string(box.refusal("offers.reprice", euro).what()).find("has a proposal in JPY") != std::string::npos);
  CHECK_THROWS_AS(box.sql("UPDATE offers SET currency = 'EUR'"), Error);
}

TEST_CASE("OF-2: a price is changed for a reason, or not at all", "[offers][operations]") {
  Sandbox box;
  box.run("offers.create", listening_lab());
  CHECK(box.error_code("offers.reprice", offer({{"price", {"2800.00"}}})) == "missing_argument");
  CHECK(box.error_code("offers.reprice", offer({{"price", {"2800.00"}}, {"reason", {" "}}})) == "text_empty");
  CHECK(box.data("offers.show", offer()).at("history").items().size() == 1);
}

TEST_CASE("a list finds what is for both under either, and by status and text", "[offers][operations]") {
  Sandbox box;
  box.run("offers.create", listening_lab());
  box.run("offers.create", listening_lab({{"slug", {"circle"}},
                                          {"title", {"Circle"}},
                                          {"audience", {"GROUP"}},
                                          {"delivery-mode", {"HYBRID"}},
                                          {"inactive", {"true"}}}));
  const auto count = [&](const ops::RawArgs& raw) { return box.list("offers.list", raw).items().size(); };
  CHECK(count({}) == 2);
  CHECK(count({{"audience", {"INDIVIDUAL"}}}) == 1);
  CHECK(count({{"audience", {"GROUP"}}}) == 2);
  CHECK(count({{"delivery-mode", {"ONLINE"}}}) == 1);
  CHECK(count({{"delivery-mode", {"IN_PERSON"}}}) == 2);
  CHECK(count({{"status", {"INACTIVE"}}}) == 1);
  CHECK(count({{"search", {"CIRC"}}}) == 1);
  CHECK(count({{"since", {"2026-03-03"}}}) == 0);
  CHECK(count({{"until", {"2026-03-03"}}}) == 2);
}

TEST_CASE("an offer that says nothing of its duration goes on sale with a warning", "[offers][operations]") {
  Sandbox box;
  const auto answer = box.run("offers.create", listening_lab({{"duration", {}}}));
  CHECK(answer.data.at("status").text() == "ACTIVE");
  CHECK(answer.warnings.at(0).code == "incomplete");
}

TEST_CASE("anyone with a role reads offers, administrators write them", "[offers][operations]") {
  Sandbox box;
  box.run("offers.create", listening_lab());
  const auto token = box.token({"*"}, "PERSON", box.user("cy@client.example", {"CLIENT"}));
  CHECK(box.list("offers.list", {}, {token}).items().size() == 1);
  CHECK(box.error_code("offers.deactivate", offer(), {token}) == "forbidden");
}
