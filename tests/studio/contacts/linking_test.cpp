#include <catch2/catch.hpp>

#include "studio/contacts/people.h"
#include "studio/intake/inquiries.h"

using namespace steward;
using namespace steward::test;

namespace {

std::string contact_of(const Sandbox& box, const std::string& intake) {
  return box.value("SELECT contact_id FROM intake_requests WHERE id = '" + intake + "'");
}

}  // namespace

TEST_CASE("IK-4: an inquiry makes its contact in the same transaction, and both show the link", "[contacts][intake]") {
  Sandbox box;
  const auto seq = box.audit_seq();
  const auto intake = submitted(box);
  CHECK(box.actions(seq) == std::vector<std::string>{"intake.submit"});
  const auto shown = box.data("contacts.show", {{"contact", {kAda}}});
  CHECK(shown.at("source").text() == "FORM");
  CHECK(shown.at("status").text() == "LEAD");
  CHECK(shown.at("full_name").text() == "Ada Byron");
  CHECK(shown.at("intakes").items().at(0).at("id").text() == intake);
  CHECK(shown.at("history").items().at(0).at("operation").text() == "intake.submit");
  const auto record = box.data("intake.show", {{"intake", {intake}}});
  CHECK(record.at("contact_id").text() == shown.at("id").text());
  CHECK(record.at("contact").at("email").text() == kAda);
  CHECK(record.at("contact").at("status").text() == "LEAD");
  CHECK(box.run("intake.submit", inquiry({{"goals", {"Dry"}}, {"email", {"d@x.example"}}}), {.dry_run = true})
            .data.find("changes"));
  CHECK(box.value("SELECT count(*) FROM contacts") == "1");
}

TEST_CASE("9: a known contact is kept as it is, and gets a full name only when it has none", "[contacts][intake]") {
  Sandbox box;
  const auto id = contact(box, kAda);
  box.run("contacts.churn", {{"contact", {kAda}}});
  CHECK(contact_of(box, submitted(box)) == id);
  auto record = box.data("contacts.show", {{"contact", {kAda}}});
  CHECK(record.at("full_name").text() == "Ada Byron");
  CHECK(record.at("status").text() == "CHURNED");
  CHECK(record.at("source").text() == "MANUAL");
  const auto version = record.at("version").integer();
  submitted(box, {{"name", {"A. B."}}, {"goals", {"Another"}}});
  record = box.data("contacts.show", {{"contact", {kAda}}});
  CHECK(record.at("full_name").text() == "Ada Byron");
  CHECK(record.at("version").integer() == version);
}

TEST_CASE("imported inquiries have their contacts too", "[contacts][intake]") {
  Sandbox box;
  const auto file = box.write(
      "in.jsonl", R"({"audience":"INDIVIDUAL","contact_name":"Bo","contact_email":"bo@x.example","goals":"One"})"
                  "\n"
                  R"({"audience":"INDIVIDUAL","contact_name":"Bo","contact_email":"bo@x.example","goals":"Two"})"
                  "\n");
  box.run("intake.import", {{"file", {file}}});
  CHECK(box.data("contacts.show", {{"contact", {"bo@x.example"}}}).at("intakes").items().size() == 2);
}

TEST_CASE("inquiries from before there were contacts are linked by one command, or with the contact that is made",
          "[contacts][intake]") {
  Sandbox box;
  const auto one = submitted(box), two = submitted(box, {{"goals", {"Another"}}, {"name", {"A. B."}}});
  const auto third = submitted(box, {{"email", {"c@client.example"}}});
  const auto kept = contact_of(box, third);
  box.sql("UPDATE intake_requests SET contact_id = NULL");
  const auto waits = box.steward({"status", "--json"});
  CHECK(waits.out.find("steward contacts link-intake") != std::string::npos);
  const auto answer = box.run("contacts.link-intake");
  CHECK(box.steward({"status", "--json"}).out.find("link-intake") == std::string::npos);
  CHECK(answer.sentence == "Linked 3 inquiries to 2 contacts.");
  CHECK(contact_of(box, third) == kept);
  CHECK(contact_of(box, one) == contact_of(box, two));
  CHECK(box.run("contacts.link-intake").warnings.at(0).code == "no_change");
  const auto old = submitted(box, {{"email", {"d@client.example"}}});
  box.sql_without_rules(
      "UPDATE intake_requests SET contact_id = NULL WHERE contact_email = 'd@client.example';"
      "DELETE FROM contact_status_history; DELETE FROM contacts WHERE email = 'd@client.example'");
  const auto made = contact(box, "d@client.example");
  CHECK(contact_of(box, old) == made);
}
