#include <catch2/catch.hpp>

#include "studio/contacts/people.h"

using namespace steward;
using namespace steward::test;

namespace {

Json last_audit(const Sandbox& box) {
  return parse_json(box.value("SELECT metadata FROM audit_log ORDER BY seq DESC LIMIT 1"));
}

}  // namespace

TEST_CASE("a contact is a LEAD with its billing identity, by its address in lower case", "[contacts][operations]") {
  Sandbox box;
  auto args = firm();
  args["name"] = {"Ada Byron"};
  args["email"] = {" ADA@Client.example "};
  const auto record = box.data("contacts.create", args);
  CHECK(record.at("email").text() == kAda);
  CHECK(record.at("status").text() == "LEAD");
  CHECK(record.at("source").text() == "MANUAL");
  CHECK(record.at("country").text() == "GB");
  CHECK(record.at("billing_email").text() == "books@lovelace.example");
  const auto shown = box.data("contacts.show", {{"contact", {"Ada@client.example"}}});
  CHECK(shown.at("address").text() == "12 St James Square\nLondon");
  CHECK(shown.at("missing").items().empty());
  REQUIRE(shown.at("history").items().size() == 1);
  CHECK(shown.at("history").items().at(0).at("from_status").is_null());
  const auto id = record.at("id").text();
  CHECK(box.data("contacts.show", {{"contact", {id.substr(28)}}}).at("email").text() == kAda);
}

TEST_CASE("what is not an address, a country or a person is refused, and nothing is made", "[contacts][operations]") {
  Sandbox box;
  const auto code = [&](ops::RawArgs args) {
    args.insert({"email", {kAda}});
    return box.error_code("contacts.create", args);
  };
  CHECK(code({{"email", {"ada"}}}) == "invalid_email");
  CHECK(code({{"country", {"Germany"}}}) == "invalid_choice");
  CHECK(code({{"billing-email", {"books"}}}) == "invalid_email");
  CHECK(code({{"user", {"nobody@client.example"}}}) == "not_found");
  CHECK(code({{"assigned-to", {"nobody@client.example"}}}) == "not_found");
  CHECK(code({{"legal-name", {" "}}}) == "text_empty");
  CHECK(code({{"source", {"DREAM"}}}) == "invalid_choice");
  CHECK(box.value("SELECT count(*) FROM contacts") == "0");
}

TEST_CASE("an address is one contact, and a user is one", "[contacts][operations]") {
  Sandbox box;
  const auto ada = box.user("ada@studio.example");
  contact(box, kAda, {{"user", {ada}}});
  CHECK(box.refusal("contacts.create", {{"email", {kAda}}}).exit_code() == 5);
  const auto error = box.refusal("contacts.create", {{"email", {"b@client.example"}}, {"user", {ada}}});
  CHECK(error.code() == "duplicate");
  CHECK(error.field() == "user");
  contact(box, "b@client.example");
  CHECK(box.error_code("contacts.update", {{"contact", {"b@client.example"}}, {"user", {ada}}}) == "duplicate");
  CHECK_THROWS_AS(box.sql("UPDATE contacts SET user_id = '" + ada + "'"), Error);
  CHECK(box.run("contacts.update", {{"contact", {kAda}}, {"user", {ada}}}).warnings.at(0).code == "no_change");
}

TEST_CASE("CT-1: the trail tells before and after of what is not about a person, of the rest the names",
          "[contacts][operations]") {
  Sandbox box;
  auto args = firm();
  args["name"] = {"Ada Byron"};
  args["notes"] = {"Calls from ada@home.example"};
  contact(box, kAda, args);
  auto audit = last_audit(box);
  CHECK(audit.at("after").at("country").text() == "GB");
  CHECK(audit.at("after").at("status").text() == "LEAD");
  box.run("contacts.update", {{"contact", {kAda}}, {"country", {"IE"}}, {"legal-name", {"Lovelace plc"}}});
  audit = last_audit(box);
  CHECK(to_text(audit.at("changed")) == R"(["legal_name","country"])");
  CHECK(audit.at("before").at("country").text() == "GB");
  CHECK(audit.at("after").at("country").text() == "IE");
  box.run("contacts.qualify", {{"contact", {kAda}}, {"note", {"ada@home.example is hers"}}});
  CHECK(to_canonical(last_audit(box)) == R"({"after":{"status":"QUALIFIED"},"before":{"status":"LEAD"},"noted":true})");
  contact(box, "a.byron@client.example");
  merged(box, "a.byron@client.example", kAda);
  for (const auto& row : box.rows("SELECT metadata FROM audit_log"))
    for (const char* said : {"@", "Ada", "Lovelace", "James", "123456789", "One person"})
      CHECK(row.front().find(said) == std::string::npos);
}

TEST_CASE("an update of a contact changes what it names and empties what it clears", "[contacts][operations]") {
  Sandbox box;
  contact(box, kAda, firm());
  const auto record =
      box.data("contacts.update", {{"contact", {kAda}}, {"name", {"Ada"}}, {"clear", {"tax-id", "billing-email"}}});
  CHECK(record.at("full_name").text() == "Ada");
  CHECK(record.at("legal_name").text() == "Lovelace Ltd");
  CHECK(record.at("tax_id").is_null());
  CHECK(record.at("billing_email").is_null());
  CHECK(record.at("version").integer() == 2);
}

TEST_CASE("X-19: an update of a version of a contact that is past is refused", "[contacts][operations]") {
  Sandbox box;
  contact(box, kAda);
  box.run("contacts.update", {{"contact", {kAda}}, {"name", {"Ada"}}, {"if-version", {"1"}}});
  CHECK(box.error_code("contacts.update", {{"contact", {kAda}}, {"name", {"B"}}, {"if-version", {"1"}}}) ==
        "stale_version");
}

TEST_CASE("CT-2: a contact walks its table by verbs, and by nothing else", "[contacts][operations]") {
  Sandbox box;
  contact(box, kAda);
  const auto refused = [&](const std::string& verb) {
    return box.error_code("contacts." + verb, {{"contact", {kAda}}, {"note", {"n"}}});
  };
  CHECK(refused("onboard") == "invalid_transition");
  CHECK(refused("activate") == "invalid_transition");
  for (const auto& [verb, status] :
       {std::pair("qualify", "QUALIFIED"), {"onboard", "ONBOARDING"}, {"activate", "ACTIVE"}})
    CHECK(box.data(std::string("contacts.") + verb, {{"contact", {kAda}}}).at("status").text() == status);
  CHECK(refused("qualify") == "invalid_transition");
  CHECK(refused("reopen") == "invalid_transition");
  CHECK(box.run("contacts.activate", {{"contact", {kAda}}}).warnings.at(0).code == "no_change");
  for (const auto* operation : Sandbox::registry().operations_of("contacts"))
    CHECK((operation->path == "contacts.list") == (operation->find("status") != nullptr));
}

TEST_CASE("CT-6: who left comes back as LEAD, with a word why, which its history keeps", "[contacts][operations]") {
  Sandbox box;
  contact(box, kAda);
  box.run("contacts.churn", {{"contact", {kAda}}, {"note", {"Moved away"}}});
  CHECK(box.error_code("contacts.reopen", {{"contact", {kAda}}}) == "missing_argument");
  CHECK(box.error_code("contacts.qualify", {{"contact", {kAda}}}) == "invalid_transition");
  CHECK(box.data("contacts.reopen", {{"contact", {kAda}}, {"note", {"They called"}}}).at("status").text() == "LEAD");
  const auto history = box.data("contacts.show", {{"contact", {kAda}}}).at("history");
  REQUIRE(history.items().size() == 3);
  CHECK(history.items().at(2).at("from_status").text() == "CHURNED");
  CHECK(history.items().at(2).at("note").text() == "They called");
  CHECK_THROWS_AS(box.sql("DELETE FROM contact_status_history"), Error);
  CHECK_THROWS_AS(box.sql("UPDATE contact_status_history SET note = 'x'"), Error);
  CHECK_THROWS_AS(box.sql("DELETE FROM contacts"), Error);
}

TEST_CASE("a list finds contacts by where they stand, what they lack and a piece of their names",
          "[contacts][operations]") {
  Sandbox box;
  const auto mia = box.user("mia@studio.example", {"STAFF"});
  contact(box, kAda, firm());
  contact(box, "bo@client.example", {{"name", {"Bo"}}, {"assigned-to", {mia}}, {"source", {"REFERRAL"}}});
  box.run("contacts.qualify", {{"contact", {"bo@client.example"}}});
  contact(box, "bo2@client.example");
  merged(box, "bo2@client.example", "bo@client.example");
  const auto found = [&](const ops::RawArgs& raw) {
    std::string out;
    const auto records = box.list("contacts.list", raw);
    for (const auto& record : records.items()) out += record.at("email").text().substr(0, 3) + " ";
    return out;
  };
  CHECK(found({}) == "bo@ ada ");
  CHECK(found({{"merged", {"true"}}}) == "bo2 bo@ ada ");
  CHECK(found({{"status", {"QUALIFIED"}}}) == "bo@ ");
  CHECK(found({{"source", {"referral"}}}) == "bo@ ");
  CHECK(found({{"country", {"GB"}}}) == "ada ");
  CHECK(found({{"assigned-to", {"mia@studio.example"}}}) == "bo@ ");
  CHECK(found({{"unassigned", {"true"}}}) == "ada ");
  CHECK(found({{"incomplete", {"true"}}}) == "bo@ ");
  CHECK(found({{"search", {"LOVELACE"}}}) == "ada ");
  CHECK(found({{"since", {"2026-03-03"}}}) == "");
}

TEST_CASE("staff work with contacts, others don't; who looks after one is active staff", "[contacts][operations]") {
  Sandbox box;
  const auto staff = box.token({"*"}, "PERSON", box.user("mia@studio.example", {"STAFF"}));
  const auto client = box.token({"*"}, "PERSON", box.user("cy@client.example", {"CLIENT"}));
  CHECK(box.data("contacts.create", {{"email", {kAda}}}, {staff}).at("source").text() == "MANUAL");
  CHECK(box.error_code("contacts.create", {{"email", {"b@client.example"}}}, {client}) == "forbidden");
  CHECK(box.error_code("contacts.list", {}, {client}) == "forbidden");
  CHECK(box.error_code("contacts.list", {}, {box.token({"intake:*"})}) == "forbidden");
  const auto agent = box.token({"contacts:write"});
  CHECK(box.data("contacts.create", {{"email", {"c@client.example"}}}, {agent}).at("source").text() == "AGENT");
  CHECK(box.error_code("contacts.update", {{"contact", {kAda}}, {"assigned-to", {"cy@client.example"}}}) ==
        "role_missing");
  CHECK(box.data("contacts.update", {{"contact", {kAda}}, {"assigned-to", {"mia@studio.example"}}})
            .at("assigned_to_email")
            .text() == "mia@studio.example");
}
