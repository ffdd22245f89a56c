#include <catch2/catch.hpp>

#include "studio/commerce.h"

using namespace steward;
using namespace steward::test;

TEST_CASE("a proposal is drafted, sent with a number and an expiry, and accepted", "[proposals][operations]") {
  Sandbox box;
  const auto draft = draft_proposal(box, "2400.00");
  const auto sent = box.run("proposals.send", {{"proposal", {draft}}});
  CHECK(text(sent.data, "number") == "PRO-2026-0001");
  CHECK(text(sent.data, "status") == "SENT");
  CHECK(text(sent.data, "amount") == "2400.00");
  CHECK(text(sent.data, "expires_at") == "2026-04-01T09:00:00.000Z");  // proposals.valid_days is 30
  CHECK(sent.sentence ==
        "Sent PRO-2026-0001 to ada@client.example for 2400.00 EUR; it stands until 2026-04-01 09:00Z.");
  CHECK(sent.next == "steward proposals accept PRO-2026-0001");
  box.run("proposals.accept", {{"proposal", {"pro-2026-0001"}}, {"note", {"By phone"}}});
  const auto shown = box.data("proposals.show", {{"proposal", {draft.substr(24)}}});
  CHECK(text(shown, "status") == "ACCEPTED");
  CHECK(path_of(shown) == "DRAFT SENT ACCEPTED");
  CHECK(text(shown.at("history").items().back(), "note") == "By phone");
  CHECK(box.actions() == std::vector<std::string>{"proposals.create", "proposals.send", "proposals.accept"});
}

TEST_CASE("sending asks first, accepting does not", "[proposals][operations]") {
  Sandbox box;
  const auto draft = draft_proposal(box);
  Call call;
  call.yes = false;
  CHECK(box.error_code("proposals.send", {{"proposal", {draft}}}, call) == "confirmation_needed");
  CHECK(box.value("SELECT count(*) FROM document_counters") == "0");
  const auto number = text(box.data("proposals.send", {{"proposal", {draft}}}), "number");
  CHECK(text(box.data("proposals.accept", {{"proposal", {number}}}, call), "status") == "ACCEPTED");
}

TEST_CASE("an inquiry lends a proposal its client and its link", "[proposals][operations]") {
  Sandbox box;
  const auto intake = raw_intake(box, "grace@client.example");
  const ops::RawArgs args{{"title", {"T"}}, {"amount", {"9"}}, {"currency", {"EUR"}}, {"intake", {intake}}};
  const auto made = box.data("proposals.create", args);
  CHECK(text(made, "client_email") == "grace@client.example");
  CHECK(text(made, "intake_request_id") == intake);
  auto other = args;
  other["client-email"] = {"Billing@Client.Example"};
  CHECK(text(box.data("proposals.create", other), "client_email") == "billing@client.example");
  other.erase("intake");
  other.erase("client-email");
  CHECK(box.error_code("proposals.create", other) == "missing_argument");
}

TEST_CASE("CM-7: what expired is not accepted, at the very instant", "[proposals][operations]") {
  Sandbox box;
  const auto number = sent_proposal(box);
  box.at("2026-04-01T09:00:00Z");
  const auto error = box.refusal("proposals.accept", {{"proposal", {number}}});
  CHECK(error.exit_code() == 5);
  CHECK(error.code() == "proposal_expired");
  box.at("2026-04-01T08:59:59Z");
  CHECK(text(box.data("proposals.accept", {{"proposal", {number}}}), "status") == "ACCEPTED");
}

TEST_CASE("CM-7: expire-due ends all that is past its expiry, in one audited transaction", "[proposals][operations]") {
  Sandbox box;
  const auto first = sent_proposal(box), second = sent_proposal(box), third = sent_proposal(box);
  draft_proposal(box);
  box.run("proposals.update", {{"proposal", {third}}, {"expires", {"2026-05-01"}}});
  box.at("2026-04-01T09:00:00Z");
  const auto seq = box.audit_seq();
  const auto done = box.data("proposals.expire-due");
  CHECK(number(done, "expired") == 2);
  CHECK(text(done.at("proposals").items().at(1), "number") == second);
  CHECK(box.actions(seq) == std::vector<std::string>{"proposals.expire-due"});
  CHECK(number(parse_json(box.value("SELECT metadata FROM audit_log ORDER BY seq DESC LIMIT 1")), "count") == 2);
  CHECK(path_of(box.data("proposals.show", {{"proposal", {first}}})) == "DRAFT SENT EXPIRED");
  CHECK(box.value("SELECT count(*) FROM proposals WHERE status = 'SENT'") == "1");
  CHECK(number(box.data("proposals.expire-due"), "expired") == 0);
  CHECK(box.actions(seq).size() == 1);
}

TEST_CASE("an expiry given as a date counts to its end in studio.timezone", "[proposals][operations]") {
  Sandbox box;
  box.sql(
      "INSERT INTO settings (key, value, updated_at) VALUES ('studio.timezone', 'Pacific/Auckland',"
      " '2026-01-01T00:00:00.000Z')");
  const auto draft = draft_proposal(box);
  const auto dated = box.data("proposals.update", {{"proposal", {draft}}, {"expires", {"2026-06-30"}}});
  CHECK(text(dated, "expires_at") == "2026-06-30T12:00:00.000Z");
  CHECK(box.error_code("proposals.update", {{"proposal", {draft}}, {"expires", {"2026-03-01"}}}) == "in_the_past");
}

TEST_CASE("a proposal that went past its expiry as a draft is not sent", "[proposals][operations]") {
  Sandbox box;
  const auto draft = draft_proposal(box);
  box.run("proposals.update", {{"proposal", {draft}}, {"expires", {"+2d"}}});
  box.at("2026-03-10T09:00:00Z");
  CHECK(box.error_code("proposals.send", {{"proposal", {draft}}}) == "proposal_expired");
  box.run("proposals.update", {{"proposal", {draft}}, {"expires", {"+2d"}}});
  CHECK(text(box.data("proposals.send", {{"proposal", {draft}}}), "expires_at") == "2026-03-12T09:00:00.000Z");
}

TEST_CASE("a draft can be changed; of a sent proposal only the expiry, and of an answered one nothing",
          "[proposals][operations]") {
  Sandbox box;
  const auto draft = draft_proposal(box);
  const auto changed =
      box.data("proposals.update", {{"proposal", {draft}}, {"amount", {"1234.567"}}, {"currency", {"KWD"}}});
  CHECK(number(changed, "amount_cents") == 1234567);
  CHECK(number(changed, "version") == 2);
  CHECK(box.error_code("proposals.update", {{"proposal", {draft}}, {"currency", {"JPY"}}}) == "missing_argument");
  CHECK(box.error_code("proposals.update", {{"proposal", {draft}}}) == "missing_argument");
  CHECK(box.error_code("proposals.update", {{"proposal", {draft}}, {"title", {"T"}}, {"if-version", {"1"}}}) ==
        "stale_version");
  const auto same = box.run("proposals.update", {{"proposal", {draft}}, {"title", {"Two days on site"}}});
  REQUIRE(same.warnings.size() == 1);
  CHECK(same.warnings.front().code == "no_change");

  const auto sent = text(box.data("proposals.send", {{"proposal", {draft}}}), "number");
  CHECK(box.error_code("proposals.update", {{"proposal", {sent}}, {"amount", {"1"}}}) == "immutable");
  CHECK(text(box.data("proposals.update", {{"proposal", {sent}}, {"expires", {"+90d"}}}), "expires_at") ==
        "2026-05-31T09:00:00.000Z");
  box.run("proposals.decline", {{"proposal", {sent}}});
  CHECK(box.error_code("proposals.update", {{"proposal", {sent}}, {"expires", {"+99d"}}}) == "immutable");
  CHECK_THROWS_AS(box.sql("UPDATE proposals SET amount_cents = 1"), Error);
}

TEST_CASE("a state that is held already is no change; a move that is none is refused", "[proposals][operations]") {
  Sandbox box;
  const auto draft = draft_proposal(box);
  CHECK(box.error_code("proposals.accept", {{"proposal", {draft}}}) == "invalid_transition");
  const auto sent = accepted_proposal(box);
  const auto seq = box.audit_seq();
  box.at("2026-09-01T00:00:00Z");  // long after its expiry: it is accepted all the same
  const auto again = box.run("proposals.accept", {{"proposal", {sent}}});
  REQUIRE(again.warnings.size() == 1);
  CHECK(again.warnings.front().code == "no_change");
  CHECK(box.audit_seq() == seq);
  const auto error = box.refusal("proposals.decline", {{"proposal", {sent}}});
  CHECK(error.code() == "invalid_transition");
  CHECK(error.what() == "Proposal " + sent + " is ACCEPTED and cannot become DECLINED.");
}

TEST_CASE("numbers of proposals are gapless, and drafts and drops take none", "[proposals][operations]") {
  Sandbox box;
  const auto dropped = draft_proposal(box);
  box.run("proposals.decline", {{"proposal", {dropped}}});
  CHECK(sent_proposal(box) == "PRO-2026-0001");
  CHECK(sent_proposal(box) == "PRO-2026-0002");
  CHECK(box.value("SELECT count(*) FROM proposals WHERE status = 'DECLINED' AND number IS NULL") == "1");
}

TEST_CASE("proposals are listed by status, client, inquiry and text", "[proposals][operations]") {
  Sandbox box;
  const auto sent = sent_proposal(box);
  draft_proposal(box);
  const auto intake = raw_intake(box, "grace@client.example");
  box.run("proposals.create",
          {{"title", {"Über alles"}}, {"amount", {"9"}}, {"currency", {"JPY"}}, {"intake", {intake}}});
  CHECK(box.list("proposals.list").items().size() == 3);
  CHECK(box.list("proposals.list", {{"status", {"sent"}}}).items().size() == 1);
  CHECK(box.list("proposals.list", {{"client", {"grace@client.example"}}}).items().size() == 1);
  CHECK(box.list("proposals.list", {{"intake", {intake}}}).items().size() == 1);
  CHECK(text(box.list("proposals.list", {{"search", {sent}}}).items().at(0), "number") == sent);
  CHECK(box.list("proposals.list", {{"since", {"2026-03-03"}}}).items().empty());
}

TEST_CASE("nothing that is past its expiry is no change, and leaves no audit row", "[proposals][operations]") {
  Sandbox box;
  const auto seq = box.audit_seq();
  const auto answer = box.run("proposals.expire-due");
  REQUIRE(answer.warnings.size() == 1);
  CHECK(answer.warnings.front().code == "no_change");
  CHECK(answer.data.at("expired").integer() == 0);
  CHECK(box.audit_seq() == seq);
}

TEST_CASE("CM-8: at 23:30 UTC on New Year's Eve a number is of the year that the studio's own clock shows",
          "[proposals][invoices][operations]") {
  const auto [zone, year] = GENERATE(table<std::string, std::string>(
      {{"Europe/Paris", "2027"}, {"America/New_York", "2026"}, {"UTC", "2026"}, {"Asia/Tokyo", "2027"}}));
  CAPTURE(zone);
  Sandbox box;
  box.run("settings.set", {{"key", {"studio.timezone"}}, {"value", {zone}}});
  box.at("2026-12-31T23:30:00Z");
  CHECK(sent_proposal(box) == "PRO-" + year + "-0001");
  CHECK(issued_invoice(box) == "INV-" + year + "-0001");
  const auto shown = invoice(box, "INV-" + year + "-0001");
  CHECK(text(shown, "issue_date") == (year == "2027" ? "2027-01-01" : "2026-12-31"));
  CHECK(text(shown, "due_date") == (year == "2027" ? "2027-01-31" : "2027-01-30"));
}

TEST_CASE("CM-7: a date's expiry is the studio's midnight, also over a change of the clocks",
          "[proposals][operations]") {
  Sandbox box;
  box.run("settings.set", {{"key", {"studio.timezone"}}, {"value", {"Europe/Paris"}}});
  const auto expiry = [&](const std::string& date) {
    const auto draft = draft_proposal(box);
    return text(box.data("proposals.update", {{"proposal", {draft}}, {"expires", {date}}}), "expires_at");
  };
  CHECK(expiry("2026-03-28") == "2026-03-28T23:00:00.000Z");
  CHECK(expiry("2026-03-29") == "2026-03-29T22:00:00.000Z");  // the clocks went forward that night
  CHECK(expiry("2026-10-25") == "2026-10-25T23:00:00.000Z");
}
