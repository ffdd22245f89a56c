#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "db/migrations.h"
#include "studio/commerce.h"
#include "studio/deals/atelier.h"
#include "support/example.h"

using namespace steward;
using namespace steward::test;

namespace {

// The item of that key; null when nothing of the kind waits.
Json waiting(Sandbox& box, std::string_view key) {
  const auto agenda = box.data("status").at("waiting");
  for (const auto& item : agenda.items())
    if (item.at("key").text() == key) return item;
  return {};
}

bool asks_for_passphrase(const std::string& command) { return command.starts_with("steward keys export"); }

// Runs a command of the agenda as a person would type it, without keeping what it does.
Process rehearse(const Sandbox& box, const std::string& command) {
  auto words = words_of(command);
  const auto form = parsed_example(command).operation->form;
  if (form == ops::Operation::Form::write || form == ops::Operation::Form::manage) {
    words.emplace_back("--dry-run");
    words.emplace_back("--yes");
  }
  const std::string typed = "correct horse battery\ncorrect horse battery\n";
  return asks_for_passphrase(command) ? box.steward_on_terminal(words, typed) : box.steward(words);
}

}  // namespace

TEST_CASE("contract 9: all that waits in the season is on the agenda, with a command that runs as it stands",
          "[agenda][operations]") {
  Sandbox box(World::season);
  std::set<std::string> keys;
  const auto agenda = box.data("status").at("waiting");
  for (const auto& item : agenda.items()) {
    keys.insert(item.at("key").text());
    const auto command = item.at("command").text();
    const auto ran = rehearse(box, command);
    CAPTURE(command, ran.out, ran.err);
    CHECK(ran.exit == 0);
    CHECK(item.at("count").integer() > 0);
  }
  CHECK(keys == std::set<std::string>{"approvals_pending", "intake_new", "intake_triaged", "proposals_draft",
                                      "proposals_expiring", "proposals_expired", "invoices_draft", "invoices_overdue",
                                      "deals_queued", "deals_assigned", "deals_paid", "deals_delivered",
                                      "deals_disputed", "ledger_earned", "ledger_approved", "ledger_paying",
                                      "backup_stale", "bank_lines_unmatched", "key_copy_missing"});
}

TEST_CASE("what was agreed and not invoiced is on the agenda until an invoice of it stands", "[agenda][operations]") {
  Atelier box;
  const auto deal = box.approved();
  accepted_proposal(box);
  for (const char* key : {"deals_approved", "proposals_accepted"}) {
    const auto item = waiting(box, key);
    REQUIRE(item.is_object());
    CHECK(item.at("count").integer() == 1);
    const auto made = parsed_example(item.at("command").text());
    const auto invoice = text(box.data(made.operation->path, made.raw), "id");
    CHECK(waiting(box, key).is_null());
    box.run("invoices.void", {{"invoice", {invoice}}, {"reason", {"x"}}});
    CHECK(waiting(box, key).is_object());
  }
}

TEST_CASE("a payout's command carries the total of the entry it names", "[agenda][operations]") {
  Atelier box;
  box.offer("yen", 1'001, "JPY");
  box.approved_entry(box.delivered(1'001, false, "yen"));
  const auto command = waiting(box, "ledger_approved").at("command").text();
  CHECK(command.ends_with("--expect-total \"600 JPY\""));
  const auto payout = parsed_example(command);
  box.run(payout.operation->path, payout.raw);
  CHECK(waiting(box, "ledger_approved").is_null());
  CHECK(waiting(box, "ledger_paying").at("count").integer() == 1);
}

TEST_CASE("one payout of two entries is one to confirm", "[agenda][operations]") {
  Atelier box;
  const auto one = box.approved_entry(box.delivered(100'00)), two = box.approved_entry(box.delivered(100'00));
  box.run("ledger.payout", {{"entry", {one, two}}, {"expect-total", {"120.00 EUR"}}});
  CHECK(waiting(box, "ledger_paying").at("count").integer() == 1);
}

TEST_CASE("DL-11: what a dispute freezes is not asked for, the dispute is", "[agenda][operations]") {
  Atelier box;
  const auto deal = box.delivered(100'00);
  box.approved_entry(deal);
  CHECK(waiting(box, "ledger_earned").is_object());
  CHECK(waiting(box, "ledger_approved").is_object());
  box.run("deals.dispute", {{"deal", {deal}}, {"reason", {"x"}}});
  CHECK(waiting(box, "ledger_earned").is_null());
  CHECK(waiting(box, "ledger_approved").is_null());
  CHECK(waiting(box, "deals_disputed").at("command").text().starts_with("steward deals settle "));
}

TEST_CASE("a client who withdrew takes his deal off the agenda", "[agenda][operations]") {
  Atelier box;
  const auto deal = box.queued();
  CHECK(waiting(box, "deals_queued").is_object());
  const auto intake = box.value("SELECT intake_id FROM deals");
  box.run("intake.lose", {{"intake", {intake}}, {"note", {"Withdrew"}}});
  CHECK(waiting(box, "deals_queued").is_null());
}

TEST_CASE("pending migrations are the first thing on the agenda", "[agenda][operations]") {
  Sandbox box;
  auto known = db::compiled_migrations(engine());
  auto next = known.back();
  next.seq += 1;
  next.name = "9999_next";
  next.sha256 = std::string(64, '0');
  known.push_back(next);
  box.use_migrations(known);
  const auto first = box.data("status").at("waiting").items().front();
  CHECK(first.at("key").text() == "migrations_pending");
  CHECK(first.at("command").text() == "steward db migrate");
}

TEST_CASE("CM-8: an invoice is on the agenda from the day after it was due, in studio.timezone",
          "[agenda][operations]") {
  Sandbox box;
  box.run("settings.set", {{"key", {"studio.timezone"}}, {"value", {"America/New_York"}}});
  box.run("invoices.issue", {{"invoice", {draft_invoice(box)}}, {"due", {"2026-03-10"}}});
  box.at("2026-03-11T03:59:59Z");  // 23:59:59 of the 10th there, summer time since the 8th
  CHECK(waiting(box, "invoices_overdue").is_null());
  box.at("2026-03-11T04:00:00Z");
  CHECK(waiting(box, "invoices_overdue").is_object());
}

TEST_CASE("at a narrow terminal no command of the agenda is cut", "[agenda][binary]") {
  Sandbox box(World::season);
  const auto shown = box.steward_on_terminal({}, {}, 60).out;
  const auto agenda = box.data("status").at("waiting");
  for (const auto& item : agenda.items()) {
    CAPTURE(item.at("command").text(), shown);
    CHECK(shown.find(item.at("command").text()) != std::string::npos);
    CHECK(shown.find(item.at("what").text()) != std::string::npos);
  }
}

TEST_CASE("bare steward is steward status", "[agenda][binary]") {
  Sandbox box(World::season);
  const auto bare = box.steward({}), named = box.steward({"status"});
  CHECK(bare.exit == 0);
  CHECK(bare.out == named.out);
  CHECK(to_canonical(box.steward({"--json"}).json().at("data")) ==
        to_canonical(box.steward({"status", "--json"}).json().at("data")));
}
