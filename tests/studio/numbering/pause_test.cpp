#include <algorithm>
#include <catch2/catch.hpp>

#include "studio/commerce.h"
#include "studio/numbering/numbering.h"

using namespace steward;
using namespace steward::test;

namespace {

/// What a restore does to the numbers.
void pause(const Sandbox& box) {
  auto connection = box.connect();
  db::Tx tx(*connection, db::Access::write, box.now());
  numbering::pause(tx);
  tx.commit();
}

ops::RawArgs at(const std::string& number, const std::string& year = "") {
  ops::RawArgs out{{"number", {number}}};
  if (!year.empty()) out["year"] = {year};
  return out;
}

bool waits(Sandbox& box, std::string_view key) {
  const auto waiting = box.data("status").at("waiting");
  return std::ranges::any_of(waiting.items(), [&](const auto& item) { return text(item, "key") == key; });
}

std::string counter(const Sandbox& box) { return box.value("SELECT next FROM document_counters WHERE series = 'INV'"); }

}  // namespace

TEST_CASE("contract 7: while numbering is paused no invoice and no proposal takes a number, and the way on is named",
          "[numbering][pause]") {
  Sandbox box;
  issued_invoice(box);
  pause(box);
  const auto invoice = draft_invoice(box), proposal = draft_proposal(box);
  const auto refused = box.refusal("invoices.issue", {{"invoice", {invoice}}});
  CHECK(refused.code() == "numbering_paused");
  CHECK(refused.exit_code() == 6);
  CHECK_THAT(refused.what(), Catch::Contains("INV-2026-0001"));
  CHECK_THAT(refused.hint(), Catch::Contains("steward invoices confirm-number N"));
  CHECK(refused.details().at("next").integer() == 2);
  CHECK_THAT(box.refusal("proposals.send", {{"proposal", {proposal}}}).hint(),
             Catch::Contains("steward proposals confirm-number N"));
  CHECK(counter(box) == "2");
  CHECK(box.value("SELECT count(*) FROM invoices WHERE number IS NOT NULL") == "1");
}

TEST_CASE("contract 7: a confirmed number is the next one given, each series by itself", "[numbering][pause]") {
  Sandbox box;
  issued_invoice(box);
  pause(box);
  const auto answer = box.run("invoices.confirm-number", at("5"));
  CHECK(text(answer.data, "next") == "INV-2026-0005");
  CHECK(text(answer.data, "last") == "INV-2026-0001");
  CHECK(number(answer.data, "lost") == 3);
  CHECK_THAT(answer.sentence, Catch::Contains("INV-2026-0005") && Catch::Contains("3 numbers"));
  CHECK(issued_invoice(box) == "INV-2026-0005");
  CHECK(issued_invoice(box) == "INV-2026-0006");
  CHECK(box.error_code("proposals.send", {{"proposal", {draft_proposal(box)}}}) == "numbering_paused");
  box.run("proposals.confirm-number", at("1"));
  CHECK(sent_proposal(box) == "PRO-2026-0001");
}

TEST_CASE("a number that the database has given already can't be confirmed", "[numbering][pause]") {
  Sandbox box;
  issued_invoice(box);
  issued_invoice(box);
  pause(box);
  const auto refused = box.refusal("invoices.confirm-number", at("2"));
  CHECK(refused.code() == "number_taken");
  CHECK(refused.exit_code() == 5);
  CHECK(refused.details().at("next").integer() == 3);
  CHECK(box.error_code("invoices.issue", {{"invoice", {draft_invoice(box)}}}) == "numbering_paused");
  box.run("invoices.confirm-number", at("3"));
  CHECK(issued_invoice(box) == "INV-2026-0003");
}

TEST_CASE("a number is for saying after a restore only, and for correcting until one was taken", "[numbering][pause]") {
  Sandbox box;
  issued_invoice(box);
  CHECK(box.error_code("invoices.confirm-number", at("9")) == "not_paused");
  CHECK(box.error_code("invoices.confirm-number", at("2")) == "");
  CHECK(box.actions().back() == "invoices.issue");  // it was so already
  pause(box);
  box.run("invoices.confirm-number", at("900"));
  box.run("invoices.confirm-number", at("9"));
  const auto again = box.run("invoices.confirm-number", at("9"));
  CHECK(again.warnings.front().code == "no_change");
  CHECK(issued_invoice(box) == "INV-2026-0009");
  CHECK(box.error_code("invoices.confirm-number", at("12")) == "not_paused");
  CHECK(issued_invoice(box) == "INV-2026-0010");
  CHECK(box.data("db.check").items().size() > 6);
}

TEST_CASE("db check knows the numbers that a restore lost from a gap", "[numbering][pause][check]") {
  Sandbox box;
  issued_invoice(box);
  pause(box);
  box.run("invoices.confirm-number", at("4"));
  issued_invoice(box);
  issued_invoice(box);
  CHECK(box.error_code("db.check") == "");
  box.sql("UPDATE document_counters SET next = 9");
  const auto last = issued_invoice(box);
  CHECK(last == "INV-2026-0009");
  const auto refused = box.refusal("db.check");
  CHECK_THAT(refused.what(), Catch::Contains("invoices.numbers"));
  CHECK_THAT(to_text(refused.details()), Catch::Contains("INV-2026-0009") && !Catch::Contains("INV-2026-0004"));
}

TEST_CASE("a pause is of every year up to the restore, and of none after it", "[numbering][pause]") {
  Sandbox box;
  box.at("2026-12-20T09:00:00Z");
  pause(box);
  CHECK(box.error_code("invoices.issue", {{"invoice", {draft_invoice(box)}}, {"date", {"2025-12-31"}}}) ==
        "numbering_paused");
  box.run("invoices.confirm-number", at("7", "2025"));
  CHECK(text(box.data("invoices.issue", {{"invoice", {draft_invoice(box)}}, {"date", {"2025-12-31"}}}), "number") ==
        "INV-2025-0007");
  CHECK(box.error_code("invoices.issue", {{"invoice", {draft_invoice(box)}}}) == "numbering_paused");
  box.at("2027-01-02T09:00:00Z");
  CHECK(issued_invoice(box) == "INV-2027-0001");
}

TEST_CASE("a restore on the last day of a year pauses the year that has begun elsewhere", "[numbering][pause]") {
  Sandbox box;
  box.at("2026-12-31T12:00:00Z");
  pause(box);
  box.at("2027-01-01T12:00:00Z");
  CHECK(box.error_code("invoices.issue", {{"invoice", {draft_invoice(box)}}}) == "numbering_paused");
  CHECK(waits(box, "invoice_numbers_paused"));
}

TEST_CASE("a restore pauses again what was confirmed after the one before", "[numbering][pause]") {
  Sandbox box;
  issued_invoice(box);
  pause(box);
  box.run("invoices.confirm-number", at("4"));
  issued_invoice(box);
  pause(box);
  CHECK(box.error_code("invoices.issue", {{"invoice", {draft_invoice(box)}}}) == "numbering_paused");
  box.run("invoices.confirm-number", at("8"));
  CHECK(issued_invoice(box) == "INV-2026-0008");
  CHECK(box.error_code("db.check") == "");
}

TEST_CASE("the agenda asks for the numbers of a restored database until they are confirmed", "[numbering][pause]") {
  Sandbox box;
  CHECK_FALSE(waits(box, "invoice_numbers_paused"));
  pause(box);
  CHECK(waits(box, "invoice_numbers_paused"));
  box.run("invoices.confirm-number", at("1"));
  CHECK_FALSE(waits(box, "invoice_numbers_paused"));
  CHECK(waits(box, "proposal_numbers_paused"));
  box.run("proposals.confirm-number", at("1"));
  CHECK_FALSE(waits(box, "proposal_numbers_paused"));
}

TEST_CASE("confirming a number is of high risk: a person is told what it means, an agent's call waits",
          "[numbering][pause]") {
  Sandbox box;
  issued_invoice(box);
  pause(box);
  std::string asked;
  Call call;
  call.yes = false;
  call.confirm = [&](const std::string& question) { return asked = question, false; };
  CHECK(box.error_code("invoices.confirm-number", at("5"), call) == "confirmation_needed");
  CHECK_THAT(asked, Catch::Contains("INV-2026-0005") && Catch::Contains("3 numbers"));
  Call agent;
  agent.token = box.token({"invoices:write"});
  CHECK(box.error_code("invoices.confirm-number", at("5"), agent) == "approval_required");
  CHECK(box.error_code("invoices.issue", {{"invoice", {draft_invoice(box)}}}) == "numbering_paused");
}

TEST_CASE("invoices stay in the order of their dates across numbers that a restore lost", "[numbering][pause]") {
  Sandbox box;
  box.data("invoices.issue", {{"invoice", {draft_invoice(box)}}, {"date", {"2026-03-02"}}});
  pause(box);
  box.run("invoices.confirm-number", at("5"));
  CHECK(box.error_code("invoices.issue", {{"invoice", {draft_invoice(box)}}, {"date", {"2026-03-01"}}}) ==
        "back_dated");
}
