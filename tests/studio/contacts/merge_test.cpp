#include <catch2/catch.hpp>
#include <set>

#include "studio/contacts/people.h"
#include "studio/intake/inquiries.h"

using namespace steward;
using namespace steward::test;

namespace {

constexpr auto kOther = "a.byron@client.example";

// Two contacts of one person, an inquiry of each; of the other one everything is known.
struct Twice : Sandbox {
  Twice() {
    first = submitted(*this, {{"email", {kAda}}, {"name", {"Ada"}}});
    second = submitted(*this, {{"email", {kOther}}, {"name", {"Ada Byron"}}});
    auto more = firm();
    more["contact"] = {kOther};
    more["notes"] = {"Prefers mornings"};
    run("contacts.update", more);
  }
  Json shown(const std::string& email) { return data("contacts.show", {{"contact", {email}}}); }
  std::string contact_of(const std::string& intake) {
    return value("SELECT c.email FROM intake_requests i JOIN contacts c ON c.id = i.contact_id WHERE i.id = '" +
                 intake + "'");
  }
  std::string error_of_unmerge(const std::string& email) {
    return error_code("contacts.unmerge", {{"contact", {email}}});
  }
  std::string first, second;
};

// A contact without what every change of it counts up.
std::string as_it_is(Json record) {
  for (const char* name : {"version", "updated_at", "history", "merges", "intakes"}) record.set(name, Json());
  return to_text(record);
}

}  // namespace

TEST_CASE("CT-7: a merge moves the inquiries, fills what is empty, and says why", "[contacts][merge]") {
  Twice box;
  const auto answer = merged(box, kOther, kAda);
  CHECK(answer.sentence == "Merged contact a.byron@client.example into ada@client.example, with 1 inquiry.");
  CHECK(box.contact_of(box.second) == kAda);
  const auto survivor = box.shown(kAda);
  CHECK(survivor.at("full_name").text() == "Ada");
  CHECK(survivor.at("notes").text() == "Prefers mornings");
  CHECK(survivor.at("legal_name").text() == "Lovelace Ltd");
  CHECK(survivor.at("intakes").items().size() == 2);
  const auto& merge = survivor.at("merges").items().at(0);
  CHECK(merge.at("from_email").text() == kOther);
  CHECK(merge.at("reason").text() == "One person");
  CHECK(to_text(merge.at("moved")) == "{\"intake_requests\":[\"" + box.second + "\"]}");
  CHECK(to_text(merge.at("filled")) == R"(["notes","legal_name","address","country","tax_id","billing_email"])");
  CHECK(to_text(merge.at("kept")) == R"(["full_name"])");
  CHECK(answer.warnings.at(0).message ==
        "Not taken over of a.byron@client.example, as ada@client.example has its own: full_name.");
  CHECK(survivor.at("history").items().back().at("note").text() == "Took over a.byron@client.example: One person");
  const auto gone = box.shown(kOther);
  CHECK(gone.at("merged_into_email").text() == kAda);
  CHECK(gone.at("intakes").items().empty());
  CHECK(box.data("intake.show", {{"intake", {box.second}}}).at("contact").at("email").text() == kAda);
}

TEST_CASE("CT-7: unmerge restores exactly what the merge moved and filled", "[contacts][merge]") {
  Twice box;
  const auto ada = as_it_is(box.shown(kAda)), other = as_it_is(box.shown(kOther));
  merged(box, kOther, kAda);
  const auto later = submitted(box, {{"email", {kOther}}, {"goals", {"Asked since"}}});
  box.run("contacts.unmerge", {{"contact", {kOther}}, {"note", {"Two people"}}});
  CHECK(as_it_is(box.shown(kAda)) == ada);
  CHECK(as_it_is(box.shown(kOther)) == other);
  CHECK(box.contact_of(box.first) == kAda);
  CHECK(box.contact_of(box.second) == kOther);
  CHECK(box.contact_of(later) == kAda);  // it came while they were one
  const auto merge = box.shown(kOther).at("merges").items().at(0);
  CHECK(merge.at("undone_note").text() == "Two people");
  CHECK(merge.at("undone_at").text() == "2026-03-02T09:00:00.000Z");
  CHECK(box.run("contacts.unmerge", {{"contact", {kOther}}}).warnings.at(0).code == "no_change");
  merged(box, kOther, kAda);  // and again
  CHECK(box.shown(kOther).at("merges").items().size() == 2);
}

TEST_CASE("CT-7: a merge is not taken back once what it filled has changed, and the refusal says what",
          "[contacts][merge]") {
  Twice box;
  merged(box, kOther, kAda);
  box.run("contacts.update", {{"contact", {kAda}}, {"address", {"Elsewhere"}}, {"name", {"A. Byron"}}});
  const auto digest = box.table_digest();
  const auto error = box.refusal("contacts.unmerge", {{"contact", {kOther}}});
  CHECK(error.code() == "merge_settled");
  CHECK(error.exit_code() == 5);
  CHECK(std::string(error.what()).find("address came with it and changed since") != std::string::npos);
  CHECK(box.table_digest() == digest);
  box.run("contacts.update", {{"contact", {kAda}}, {"address", {"12 St James Square\nLondon"}}});
  box.run("contacts.unmerge", {{"contact", {kOther}}});
  CHECK(box.shown(kAda).at("full_name").text() == "A. Byron");
}

TEST_CASE("CT-7: what was filled and is gone already does not hold a merge in place", "[contacts][merge]") {
  Twice box;
  merged(box, kOther, kAda);
  box.run("contacts.update", {{"contact", {kAda}}, {"clear", {"notes", "tax-id"}}});
  box.run("contacts.unmerge", {{"contact", {kOther}}});
  CHECK(text_at(box.shown(kAda), "legal_name") == "");
  CHECK(text_at(box.shown(kOther), "notes") == "Prefers mornings");
}

TEST_CASE("CT-7: merges are taken back from the last one", "[contacts][merge]") {
  Twice box;
  contact(box, "c@client.example");
  merged(box, kOther, kAda);
  merged(box, kAda, "c@client.example");
  CHECK(box.contact_of(box.second) == "c@client.example");
  CHECK(box.error_of_unmerge(kOther) == "merge_settled");
  box.run("contacts.unmerge", {{"contact", {kAda}}});
  box.run("contacts.unmerge", {{"contact", {kOther}}});
  CHECK(box.contact_of(box.first) == kAda);
  CHECK(box.contact_of(box.second) == kOther);
}

TEST_CASE("CT-7: an inquiry that went elsewhere holds a merge in place", "[contacts][merge]") {
  Twice box;
  const auto third = contact(box, "c@client.example");
  merged(box, kOther, kAda);
  box.sql("UPDATE intake_requests SET contact_id = '" + third + "' WHERE id = '" + box.second + "'");
  const auto digest = box.table_digest();
  CHECK(box.error_of_unmerge(kOther) == "merge_settled");
  CHECK(box.table_digest() == digest);
}

TEST_CASE("CT-7: a user that another contact has now holds a merge in place", "[contacts][merge]") {
  Twice box;
  const auto user = box.user("ada@studio.example");
  box.run("contacts.update", {{"contact", {kOther}}, {"user", {user}}});
  merged(box, kOther, kAda);
  CHECK(box.shown(kAda).at("user_id").text() == user);
  CHECK(box.shown(kOther).at("user_id").text() == user);
  box.run("contacts.update", {{"contact", {kAda}}, {"clear", {"user"}}});
  contact(box, "c@client.example", {{"user", {user}}});
  CHECK(box.error_of_unmerge(kOther) == "merge_settled");
}

TEST_CASE("a merged contact stands still, and its address means the survivor", "[contacts][merge]") {
  Twice box;
  contact(box, "c@client.example");
  merged(box, kOther, kAda);
  CHECK(box.error_code("contacts.update", {{"contact", {kOther}}, {"name", {"x"}}}) == "contact_merged");
  CHECK(box.error_code("contacts.qualify", {{"contact", {kOther}}}) == "contact_merged");
  CHECK(box.error_code("contacts.create", {{"email", {kOther}}}) == "duplicate");
  const auto into = [&](const char* from, const char* to) {
    return box.error_code("contacts.merge", {{"contact", {from}}, {"into", {to}}, {"reason", {"r"}}});
  };
  CHECK(into(kOther, "c@client.example") == "contact_merged");
  CHECK(into("c@client.example", kOther) == "contact_merged");
  CHECK(into(kAda, kAda) == "conflicting_arguments");
  CHECK(merged(box, kOther, kAda).warnings.at(0).code == "no_change");
  const auto intake = submitted(box, {{"email", {kOther}}, {"goals", {"Again"}}});
  CHECK(box.contact_of(intake) == kAda);
}

TEST_CASE("what a merge recorded is never changed, and taken back once", "[contacts][merge]") {
  Twice box;
  merged(box, kOther, kAda);
  CHECK_THROWS_AS(box.sql("UPDATE contact_merges SET reason = 'x'"), Error);
  CHECK_THROWS_AS(box.sql("DELETE FROM contact_merges"), Error);
  box.run("contacts.unmerge", {{"contact", {kOther}}});
  CHECK_THROWS_AS(box.sql("UPDATE contact_merges SET undone_note = 'x'"), Error);
}

TEST_CASE("every column that refers to a contact follows a merge, or is of the contacts' own",
          "[contacts][merge][sqlite]") {
  Sandbox box;
  std::set<std::string> own{"contacts.merged_into_id", "contact_status_history.contact_id",
                            "contact_merges.from_contact_id", "contact_merges.into_contact_id"};
  own.insert("intake_requests.contact_id");  // what kReferences in merges.cpp lists
  for (const auto& row : box.rows("SELECT m.name || '.' || f.\"from\" FROM sqlite_schema m"
                                  " JOIN pragma_foreign_key_list(m.name) f WHERE f.\"table\" = 'contacts'"))
    CHECK(own.contains(row.front()));
}

TEST_CASE("a merge and its taking back go through the binary, with their exit codes", "[contacts][merge][binary]") {
  Twice box;
  const auto ran = box.steward({"contacts", "merge", kOther, "--into", kAda, "--reason", "One person", "--json"});
  CHECK(ran.exit == 0);
  CHECK(parse_json(ran.out).at("data").at("email").text() == kAda);
  box.run("contacts.update", {{"contact", {kAda}}, {"notes", {"Evenings"}}});
  const auto refused = box.steward({"contacts", "unmerge", kOther});
  CHECK(refused.exit == 5);
  CHECK(refused.err.find("notes came with it and changed since") != std::string::npos);
  CHECK(box.steward({"contact", "show", kOther}).out.find("ada@client.example") != std::string::npos);
}
