#include <catch2/catch.hpp>

#include "studio/intake/inquiries.h"

using namespace steward;
using namespace steward::test;

TEST_CASE("an inquiry is NEW, with the first row of its history and one audit row", "[intake][operations]") {
  Sandbox box;
  const auto seq = box.audit_seq();
  const auto answer = box.run("intake.submit", inquiry({{"email", {" ADA@Client.example "}}}));
  CHECK(answer.data.at("status").text() == "NEW");
  CHECK(answer.data.at("contact_email").text() == "ada@client.example");
  CHECK(answer.data.at("priority").integer() == 50);
  CHECK(answer.next.starts_with("steward intake triage "));
  CHECK(box.actions(seq) == std::vector<std::string>{"intake.submit"});
  const auto history = box.data("intake.show", {{"intake", {answer.data.at("id").text()}}}).at("history");
  REQUIRE(history.items().size() == 1);
  CHECK(history.items().at(0).at("from_status").is_null());
  CHECK(history.items().at(0).at("to_status").text() == "NEW");
  CHECK(history.items().at(0).at("actor").text() == "operator:tester");
}

TEST_CASE("X-17: the audit of an inquiry holds no address, no name and no goals", "[intake][operations]") {
  Sandbox box;
  const auto id = submitted(box);
  box.run("intake.note", {{"intake", {id}}, {"text", {"Prefers mornings"}}});
  box.run("intake.triage", {{"intake", {id}}, {"note", {"Prefers mornings"}}});
  for (const auto& audited : box.rows("SELECT metadata FROM audit_log"))
    for (const char* said : {"ada", "Byron", "questions", "mornings"})
      CHECK(audited[0].find(said) == std::string::npos);
}

TEST_CASE("IK-2: a team's organisation and timeline are kept, and asked for", "[intake][operations]") {
  Sandbox box;
  for (const char* audience : {"ORGANIZATION", "TEAM", "ENTERPRISE"}) {
    const ops::RawArgs whole{{"audience", {audience}},
                             {"goals", {audience}},
                             {"organization", {"Lovelace Ltd"}},
                             {"timeline", {"This year"}}};
    CHECK(box.data("intake.submit", inquiry(whole)).at("organization_name").text() == "Lovelace Ltd");
    auto without = whole;
    without["organization"] = {};
    CHECK(box.refusal("intake.submit", inquiry(without)).field() == "organization");
    without = whole;
    without["timeline"] = {};
    CHECK(box.refusal("intake.submit", inquiry(without)).field() == "timeline");
  }
}

TEST_CASE("IK-3: an address must be one, and an offer must be on sale", "[intake][operations]") {
  Sandbox box;
  CHECK(box.error_code("intake.submit", inquiry({{"email", {"ada@"}}})) == "invalid_email");
  CHECK(box.error_code("intake.submit", inquiry({{"offer", {"no-such"}}})) == "not_found");
  offer_on_sale(box, "course");
  CHECK(box.data("intake.submit", inquiry({{"offer", {"Course"}}})).at("offer_slug").text() == "course");
  box.run("offers.deactivate", {{"offer", {"course"}}});
  const auto error = box.refusal("intake.submit", inquiry({{"offer", {"course"}}, {"goals", {"Another"}}}));
  CHECK(error.code() == "offer_inactive");
  CHECK(error.exit_code() == 5);
  CHECK(box.run("intake.submit", inquiry({{"offer", {"course"}}})).warnings.at(0).code == "no_change");
}

TEST_CASE("IK-3: the same goals from the same address within a day are one inquiry", "[intake][operations]") {
  Sandbox box;
  const auto first = submitted(box);
  const auto digest = box.table_digest();
  const auto again =
      box.run("intake.submit", inquiry({{"goals", {"learn to  ask\nbetter questions."}}, {"name", {"A. B."}}}));
  CHECK(again.data.at("id").text() == first);
  CHECK(again.warnings.at(0).code == "no_change");
  CHECK(box.table_digest() == digest);
  CHECK(submitted(box, {{"goals", {"Something else"}}}) != first);
  CHECK(submitted(box, {{"email", {"bea@client.example"}}}) != first);
  box.at("2026-03-03T08:59:59Z");
  CHECK(submitted(box) == first);
  box.at("2026-03-03T09:00:00Z");
  CHECK(submitted(box) != first);
}

TEST_CASE("IK-3: one address makes ten inquiries a day, and the count survives the process", "[intake][operations]") {
  Sandbox box;
  for (int i = 0; i < 10; ++i) submitted(box, {{"goals", {"Goal " + std::to_string(i)}}});
  const auto digest = box.table_digest();
  CHECK(box.error_code("intake.submit", inquiry({{"goals", {"Goal 10"}}})) == "quota_reached");
  CHECK(box.table_digest() == digest);
  CHECK_NOTHROW(submitted(box, {{"goals", {"Goal 3"}}}));
  CHECK_NOTHROW(submitted(box, {{"email", {"bea@client.example"}}}));
  box.at("2026-03-03T09:00:01Z");
  CHECK_NOTHROW(submitted(box, {{"goals", {"Goal 10"}}}));
}

TEST_CASE("IK-4: a referral code that nobody has is kept with the reason, not dropped", "[intake][operations]") {
  Sandbox box;
  const auto answer = box.run("intake.submit", inquiry({{"referral", {"SPRING-25"}}}));
  CHECK(answer.data.at("referral_code").text() == "SPRING-25");
  CHECK(answer.data.at("attribution_error").text() == "unknown_code");
  CHECK(answer.data.at("referrer_user_id").is_null());
  CHECK(answer.warnings.at(0).code == "attribution_error");
  CHECK(box.data("intake.submit", inquiry({{"goals", {"No code"}}})).at("attribution_error").is_null());
}

TEST_CASE("a list finds inquiries by status, offer, owner, time and text", "[intake][operations]") {
  Sandbox box;
  offer_on_sale(box, "course");
  const auto mia = box.user("mia@studio.example", {"MAESTRO"});
  const auto first = submitted(box, {{"offer", {"course"}}, {"priority", {"90"}}});
  submitted(box, {{"goals", {"Something with 100% certainty"}}, {"name", {"Bea"}}});
  box.run("intake.triage", {{"intake", {first}}, {"owner", {"mia@studio.example"}}});
  const auto count = [&](const ops::RawArgs& raw) { return box.list("intake.list", raw).items().size(); };
  CHECK(count({}) == 2);
  CHECK(count({{"status", {"triaged"}}}) == 1);
  CHECK(count({{"offer", {"course"}}}) == 1);
  CHECK(count({{"owner", {mia}}}) == 1);
  CHECK(count({{"unassigned", {"true"}}}) == 1);
  CHECK(count({{"audience", {"TEAM"}}}) == 0);
  CHECK(count({{"search", {"BEA"}}}) == 1);
  CHECK(count({{"search", {"100%"}}}) == 1);
  CHECK(count({{"search", {"1%0"}}}) == 0);
  CHECK(count({{"since", {"2026-03-02"}}, {"until", {"2026-03-03"}}}) == 2);
  CHECK(count({{"until", {"2026-03-02"}}}) == 0);
  Call sorted;
  sorted.list.sort = "priority:desc";
  CHECK(box.list("intake.list", {}, sorted).items().at(0).at("id").text() == first);
}

TEST_CASE("inquiries are for administrators, maestros and staff", "[intake][operations]") {
  Sandbox box;
  submitted(box);
  const auto list_as = [&](const std::string& role) {
    const auto id = box.user(to_lower(role) + "@studio.example", {role});
    return box.error_code("intake.list", {}, {box.token({"*"}, "PERSON", id)});
  };
  for (const char* role : {"ADMIN", "MAESTRO", "STAFF"}) CHECK(list_as(role).empty());
  for (const char* role : {"USER", "APPRENTICE", "CLIENT"}) CHECK(list_as(role) == "forbidden");
}
