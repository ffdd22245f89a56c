#include <catch2/catch.hpp>

#include "db/tx.h"
#include "ops/run.h"
#include "studio/intake/inquiries.h"
#include "studio/intake/intake.h"
#include "support/example.h"

using namespace steward;
using namespace steward::test;

namespace {

std::string replaced(std::string text, const std::string& word, const std::string& by) {
  return text.replace(text.find(word), word.size(), by);
}

ops::RawArgs about(const std::string& id, ops::RawArgs more = {}) {
  more["intake"] = {id};
  return more;
}

std::string status_of(Sandbox& box, const std::string& id) {
  return box.value("SELECT status FROM intake_requests WHERE id = '" + id + "'");
}

Json history_of(Sandbox& box, const std::string& id) { return box.data("intake.show", about(id)).at("history"); }

// "NEW>TRIAGED TRIAGED>LOST"
std::string steps_of(Sandbox& box, const std::string& id) {
  std::string out;
  const auto history = history_of(box, id);
  for (const auto& row : history.items()) {
    const auto& from = row.at("from_status");
    out += (out.empty() ? "" : " ") + (from.is_null() ? "" : from.text()) + ">" + row.at("to_status").text();
  }
  return out;
}

}  // namespace

TEST_CASE("IK-1: an inquiry is triaged, qualified, booked, lost and reopened, each on record", "[intake][operations]") {
  Sandbox box;
  const auto id = submitted(box);
  const auto seq = box.audit_seq();
  CHECK(box.data("intake.triage", about(id)).at("status").text() == "TRIAGED");
  CHECK(box.data("intake.qualify", about(id)).at("status").text() == "QUALIFIED");
  CHECK(box.data("intake.book", about(id)).at("status").text() == "BOOKED");
  CHECK(box.data("intake.lose", about(id)).at("status").text() == "LOST");
  const auto reopened = box.data("intake.reopen", about(id, {{"note", {"They called back"}}}));
  CHECK(reopened.at("status").text() == "NEW");
  CHECK(reopened.at("version").integer() == 6);
  CHECK(steps_of(box, id) == ">NEW NEW>TRIAGED TRIAGED>QUALIFIED QUALIFIED>BOOKED BOOKED>LOST LOST>NEW");
  CHECK(box.actions(seq) ==
        std::vector<std::string>{"intake.triage", "intake.qualify", "intake.book", "intake.lose", "intake.reopen"});
}

TEST_CASE("IK-1: no step is skipped and none goes back", "[intake][operations]") {
  Sandbox box;
  const auto id = submitted(box);
  const auto refused = [&](const std::string& verb) {
    const auto digest = box.table_digest();
    const auto error = box.refusal("intake." + verb, about(id, {{"note", {"?"}}}));
    CHECK(box.table_digest() == digest);
    CHECK(error.exit_code() == 5);
    return error.code() == "invalid_transition";
  };
  CHECK(refused("qualify"));
  CHECK(refused("book"));
  box.run("intake.lose", about(id));
  for (const char* verb : {"triage", "qualify", "book"}) CHECK(refused(verb));
  box.run("intake.reopen", about(id, {{"note", {"Again"}}}));
  box.run("intake.triage", about(id));
  CHECK(refused("reopen"));
  const auto error = box.refusal("intake.book", about(id));
  CHECK(error.details().at("from").text() == "TRIAGED");
  CHECK(error.details().at("to").text() == "BOOKED");
}

TEST_CASE("IK-1: a lost inquiry is reopened with a word why", "[intake][operations]") {
  Sandbox box;
  const auto id = submitted(box);
  box.run("intake.lose", about(id));
  const auto error = box.refusal("intake.reopen", about(id));
  CHECK(error.code() == "missing_argument");
  CHECK(error.field() == "note");
  CHECK(status_of(box, id) == "LOST");
}

TEST_CASE("asking for the status an inquiry has changes nothing", "[intake][operations]") {
  Sandbox box;
  const auto id = submitted(box);
  box.run("intake.triage", about(id, {{"priority", {"70"}}}));
  const auto digest = box.table_digest();
  CHECK(box.run("intake.triage", about(id)).warnings.at(0).code == "no_change");
  CHECK(box.run("intake.triage", about(id, {{"priority", {"70"}}})).warnings.at(0).code == "no_change");
  CHECK(box.table_digest() == digest);
}

TEST_CASE("IK-5: a note, an owner or a priority without a move is kept in the history", "[intake][operations]") {
  Sandbox box;
  box.user("mia@studio.example", {"MAESTRO"});
  const auto id = submitted(box);
  box.run("intake.triage", about(id));
  const auto noted = box.data("intake.triage", about(id, {{"note", {"Called twice"}}}));
  CHECK(noted.at("version").integer() == 2);
  const auto taken = box.data("intake.triage", about(id, {{"owner", {"mia@studio.example"}}, {"priority", {"80"}}}));
  CHECK(taken.at("owner_email").text() == "mia@studio.example");
  CHECK(taken.at("priority").integer() == 80);
  CHECK(taken.at("version").integer() == 3);
  CHECK(box.data("intake.triage", about(id, {{"clear", {"owner"}}})).at("owner_user_id").is_null());
  CHECK(steps_of(box, id) == ">NEW NEW>TRIAGED TRIAGED>TRIAGED TRIAGED>TRIAGED TRIAGED>TRIAGED");
  CHECK(history_of(box, id).items().at(2).at("note").text() == "Called twice");
}

TEST_CASE("IK-5: the owner is an active member of the staff", "[intake][operations]") {
  Sandbox box;
  const auto id = submitted(box);
  box.user("cy@client.example", {"CLIENT"});
  box.user("sam@studio.example", {"STAFF"});
  box.sql("UPDATE users SET status = 'DISABLED' WHERE email LIKE 'sam%'");
  CHECK(box.error_code("intake.triage", about(id, {{"owner", {"cy@client.example"}}})) == "role_missing");
  CHECK(box.error_code("intake.triage", about(id, {{"owner", {"sam@studio.example"}}})) == "user_not_active");
  CHECK(box.error_code("intake.triage", about(id, {{"owner", {"no@studio.example"}}})) == "not_found");
  CHECK(status_of(box, id) == "NEW");
  for (const char* role : {"ADMIN", "SUPER_ADMIN", "MAESTRO", "STAFF"}) {
    const auto email = to_lower(role) + "@studio.example";
    box.user(email, {role});
    CHECK(box.data("intake.triage", about(id, {{"owner", {email}}})).at("owner_email").text() == email);
  }
}

TEST_CASE("IK-5: what is noted stays, and is shown with the inquiry", "[intake][operations]") {
  Sandbox box;
  const auto id = submitted(box);
  const auto answer = box.data("intake.note", about(id, {{"text", {"Prefers mornings.\nNo Fridays."}}}));
  CHECK(answer.at("status").text() == "NEW");
  const auto notes = box.data("intake.show", about(id)).at("notes");
  REQUIRE(notes.items().size() == 1);
  CHECK(notes.items().at(0).at("note").text() == "Prefers mornings.\nNo Fridays.");
  CHECK(notes.items().at(0).at("actor").text() == "operator:tester");
  CHECK(box.actions().back() == "intake.note");
  CHECK_THROWS_AS(box.sql("UPDATE intake_notes SET note = 'x'"), Error);
  CHECK_THROWS_AS(box.sql("DELETE FROM intake_status_history"), Error);
}

TEST_CASE("an inquiry is named by its id or the tail of it", "[intake][operations]") {
  Sandbox box;
  const auto id = submitted(box);
  CHECK(box.data("intake.show", about(id.substr(id.size() - 6))).at("id").text() == id);
  CHECK(box.error_code("intake.show", about(id.substr(id.size() - 5))) == "not_found");
  CHECK(box.error_code("intake.show", about("0193c000-0000-7000-8000-000000000001")) == "not_found");
}

TEST_CASE("a deal books its inquiry: QUALIFIED moves, BOOKED stays, anything else is refused", "[intake][operations]") {
  Sandbox box;
  const auto id = submitted(box);
  const auto house = box.house();
  const auto book = [&] {
    auto connection = box.connect();
    db::Tx tx(*connection, db::Access::write, box.now());
    ops::Vault vault(house.key_path());
    ops::Actor actor;
    actor.id = "operator:tester";
    ops::Request request;
    request.request_id = new_uuid(box.now().ms);
    ops::Context context{tx, house, *Sandbox::registry().find("intake.book"), request, actor, vault, {}, false};
    intake::book_intake(context, intake::find_intake(tx, intake::IntakeId{id}));
    tx.commit();
  };
  const auto seq = box.audit_seq();
  CHECK_THROWS_AS(book(), Error);
  box.run("intake.triage", about(id));
  CHECK_THROWS_AS(book(), Error);
  box.run("intake.qualify", about(id));
  book();
  CHECK(status_of(box, id) == "BOOKED");
  const auto digest = box.table_digest();
  book();
  CHECK(box.table_digest() == digest);
  CHECK(steps_of(box, id) == ">NEW NEW>TRIAGED TRIAGED>QUALIFIED QUALIFIED>BOOKED");
  CHECK(box.actions(seq).size() == 2);
}

TEST_CASE("X-12: whoever decides on an inquiry that has moved meanwhile is told so", "[intake][operations]") {
  Sandbox box;
  const auto id = submitted(box);
  box.run("intake.triage", about(id));
  box.run("intake.qualify", about(id));
  auto connection = box.connect();
  db::Tx tx(*connection, db::Access::write, box.now());
  const auto house = box.house();
  ops::Vault vault(house.key_path());
  ops::Actor actor;
  ops::Request request;
  ops::Context context{tx, house, *Sandbox::registry().find("intake.book"), request, actor, vault, {}, false};
  auto stale = intake::find_intake(tx, intake::IntakeId{id});
  stale.version -= 1;
  try {
    intake::book_intake(context, stale);
    FAIL("not refused");
  } catch (const Error& error) {
    CHECK(error.code() == "stale_version");
  }
}

TEST_CASE("what an inquiry asks for can be said later, while it is handled", "[intake][operations]") {
  Sandbox box;
  const auto id = submitted(box);
  offer_on_sale(box, "course");
  offer_on_sale(box, "closed");
  box.run("offers.deactivate", {{"offer", {"closed"}}});
  CHECK(box.error_code("intake.triage", about(id, {{"offer", {"closed"}}})) == "offer_inactive");
  CHECK(box.error_code("intake.triage", about(id, {{"offer", {"none"}}})) == "not_found");
  CHECK(status_of(box, id) == "NEW");
  CHECK(box.data("intake.triage", about(id, {{"offer", {"course"}}})).at("offer_slug").text() == "course");
  CHECK(box.run("intake.triage", about(id, {{"offer", {"course"}}})).warnings.at(0).code == "no_change");
}

TEST_CASE("a deal that an inquiry names no offer for says how to name one", "[intake][deals][operations]") {
  Sandbox box;
  const auto id = submitted(box);
  box.run("intake.triage", about(id));
  box.run("intake.qualify", about(id));
  const auto error = box.refusal("deals.create", {{"intake", {id}}});
  CHECK(error.code() == "offer_missing");
  box.run("offers.create", {{"slug", {"course"}},
                            {"title", {"A"}},
                            {"summary", {"A"}},
                            {"audience", {"BOTH"}},
                            {"delivery-mode", {"ONLINE"}},
                            {"price", {"100.00"}},
                            {"currency", {"EUR"}}});
  const auto advice = parsed_example(replaced(error.hint(), "SLUG", "course"));
  box.run(advice.operation->path, advice.raw);
  CHECK(box.data("deals.create", {{"intake", {id}}}).at("offer_slug").text() == "course");
}
