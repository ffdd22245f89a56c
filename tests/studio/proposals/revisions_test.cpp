// Revisions of what was sent, and what shows that one was accepted.

#include <catch2/catch.hpp>

#include "ops/encoding.h"
#include "studio/commerce.h"

using namespace steward;
using namespace steward::test;

namespace {

std::string revised(Sandbox& box, const std::string& of, const std::string& amount) {
  return text(box.data("proposals.revise", {{"proposal", {of}}, {"amount", {amount}}}), "id");
}

std::string status(Sandbox& box, const std::string& proposal) {
  return text(box.data("proposals.show", {{"proposal", {proposal}}}), "status");
}

}  // namespace

TEST_CASE("a revision is a draft of its own, and sending it ends the one before", "[proposals][operations]") {
  Sandbox box;
  const auto first = sent_proposal(box, "100.00");
  const auto second = revised(box, first, "90.00");
  CHECK(status(box, first) == "SENT");
  const auto draft = box.data("proposals.show", {{"proposal", {second}}});
  CHECK(number(draft, "revision") == 2);
  CHECK(text(draft, "replaces_number") == first);
  CHECK(text(draft, "title") == "Two days on site");
  box.run("proposals.send", {{"proposal", {second}}});
  CHECK(status(box, first) == "EXPIRED");
  CHECK(status(box, second) == "SENT");
  CHECK(box.error_code("proposals.accept", {{"proposal", {first}}}) == "invalid_transition");
  CHECK(box.error_code("proposals.accept", {{"proposal", {second}}}).empty());
  CHECK(number(box.data("invoices.create", {{"proposal", {second}}}), "amount_cents") == 9'000);
}

TEST_CASE("a draft is changed and not revised, and what was accepted is agreed", "[proposals][operations]") {
  Sandbox box;
  CHECK(box.error_code("proposals.revise", {{"proposal", {draft_proposal(box)}}}) == "not_revisable");
  CHECK(box.error_code("proposals.revise", {{"proposal", {accepted_proposal(box)}}}) == "not_revisable");
}

TEST_CASE("a revision whose first was accepted meanwhile is not sent", "[proposals][operations]") {
  Sandbox box;
  const auto first = sent_proposal(box);
  const auto second = revised(box, first, "90.00");
  box.run("proposals.accept", {{"proposal", {first}}});
  CHECK(box.error_code("proposals.send", {{"proposal", {second}}}) == "not_revisable");
  CHECK(status(box, second) == "DRAFT");
}

TEST_CASE("what shows that a proposal was accepted is kept with it, and stays", "[proposals][operations]") {
  Sandbox box;
  const auto mail = box.write("yes.eml", "Subject: Yes\n\nWe accept.\n");
  const auto answer = box.data("proposals.accept", {{"proposal", {sent_proposal(box)}},
                                                    {"by", {"Ada Client"}},
                                                    {"evidence", {"Her mail of today"}},
                                                    {"evidence-file", {mail}}});
  CHECK(text(answer, "accepted_by") == "Ada Client");
  CHECK(text(answer, "evidence") == "Her mail of today");
  CHECK(text(answer, "evidence_hash") == ops::blake2b_hex("Subject: Yes\n\nWe accept.\n"));
  CHECK_THROWS(box.sql("UPDATE proposals SET evidence = 'another' WHERE status = 'ACCEPTED'"));
}

TEST_CASE("a proposal whose evidence can't be read is not accepted", "[proposals][operations]") {
  Sandbox box;
  const auto sent = sent_proposal(box);
  CHECK(box.error_code("proposals.accept", {{"proposal", {sent}}, {"evidence-file", {box.path("nowhere")}}}) ==
        "file_unreadable");
  CHECK(status(box, sent) == "SENT");
}
