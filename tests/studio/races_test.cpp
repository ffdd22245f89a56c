// Two processes that decide on one record at once: exactly one of them wins, and what is left adds up.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "studio/commerce.h"
#include "studio/deals/atelier.h"

using namespace steward;
using namespace steward::test;

namespace {

constexpr int kLost = 5;  // conflict

using Deed = std::function<void(Sandbox&)>;

// Starts all at the same moment; each answers the exit code that the shell would.
std::vector<int> at_once(Sandbox& box, const std::vector<Deed>& deeds) {
  const auto count = static_cast<int>(deeds.size());
  const auto ready = [&](int i) { return box.path("ready-" + std::to_string(i)); };
  auto codes = in_processes(count, [&](int i) {
    box.write("ready-" + std::to_string(i), "");
    for (int other = 0; other < count; ++other)
      while (!std::filesystem::exists(ready(other))) std::this_thread::yield();
    try {
      deeds[static_cast<std::size_t>(i)](box);
      return 0;
    } catch (const Error& error) {
      return error.exit_code();
    }
  });
  for (int i = 0; i < count; ++i) std::filesystem::remove(ready(i));
  return codes;
}

// Of two that exclude each other.
void require_one_winner(Sandbox& box, const Deed& one, const Deed& other) {
  auto codes = at_once(box, {one, other});
  std::ranges::sort(codes);
  CHECK(codes == std::vector<int>{0, kLost});
}

Deed calls(std::string path, ops::RawArgs raw) {
  return [path = std::move(path), raw = std::move(raw)](Sandbox& box) { box.run(path, raw); };
}

std::string audited(Sandbox& box, const std::string& actions) {
  return box.value("SELECT count(*) FROM audit_log WHERE action IN (" + actions + ")");
}

constexpr int kRounds = 6;

}  // namespace

TEST_CASE("X-12: of accepting and declining one proposal at once, one holds", "[races][proposals]") {
  Sandbox box;
  for (int i = 0; i < kRounds; ++i) {
    const auto number = sent_proposal(box);
    require_one_winner(box, calls("proposals.accept", {{"proposal", {number}}}),
                       calls("proposals.decline", {{"proposal", {number}}}));
  }
  CHECK(audited(box, "'proposals.accept', 'proposals.decline'") == std::to_string(kRounds));
  CHECK(box.value("SELECT count(*) FROM proposal_status_history WHERE from_status = 'SENT'") ==
        std::to_string(kRounds));
}

TEST_CASE("CM-5, X-12: of paying and voiding one invoice at once, one holds", "[races][payments]") {
  Sandbox box;
  for (int i = 0; i < kRounds; ++i) {
    const auto number = issued_invoice(box);
    require_one_winner(box, calls("payments.record", {{"invoice", {number}}, {"amount", {"40.00"}}}),
                       calls("invoices.void", {{"invoice", {number}}, {"reason", {"x"}}}));
  }
  CHECK(box.error_code("ledger.check").empty());
}

TEST_CASE("CM-3, X-12: two payments of the whole amount at once are one payment", "[races][payments]") {
  Sandbox box;
  for (int i = 0; i < kRounds; ++i) {
    const auto number = issued_invoice(box);
    const auto pay_all = calls("payments.record", {{"invoice", {number}}, {"amount", {"100.00"}}});
    require_one_winner(box, pay_all, pay_all);
  }
  CHECK(box.value("SELECT sum(paid_cents) FROM invoices") == std::to_string(kRounds * 100'00));
}

TEST_CASE("CM-3: one idempotency key used by many at once records one payment, and all get its answer",
          "[races][payments]") {
  Sandbox box;
  const auto number = issued_invoice(box);
  const Deed pay = [&](Sandbox& each) {
    Call call;
    call.key = "bank-line-1";
    each.run("payments.record", {{"invoice", {number}}, {"amount", {"40.00"}}}, call);
  };
  CHECK(at_once(box, {pay, pay, pay, pay}) == std::vector<int>(4, 0));
  CHECK(box.value("SELECT count(*) FROM payments") == "1");
}

TEST_CASE("CM-6, X-12: two invoices of all that a proposal agreed are not both drafted", "[races][invoices]") {
  Sandbox box;
  for (int i = 0; i < kRounds; ++i) {
    const auto create = calls("invoices.create", {{"proposal", {accepted_proposal(box)}}});
    require_one_winner(box, create, create);
  }
}

TEST_CASE("DL-10, X-12: two deals are not made of one intake", "[races][deals]") {
  Atelier box;
  for (int i = 0; i < kRounds; ++i) {
    const auto create = calls("deals.create", {{"intake", {box.intake()}}});
    require_one_winner(box, create, create);
  }
  CHECK(box.value("SELECT count(*) FROM deals") == std::to_string(kRounds));
}

TEST_CASE("DL-5, X-12: a deal delivered by two at once earns once", "[races][deals]") {
  Atelier box;
  const auto deal = box.started(100'001, true);
  const auto deliver = calls("deals.deliver", {{"deal", {deal}}});
  CHECK(at_once(box, {deliver, deliver}) == std::vector<int>{0, 0});  // the second is told no_change
  CHECK(audited(box, "'deals.deliver'") == "1");
  CHECK(box.entries(deal) == "PROVIDER_PAYOUT 60000, REFERRER_COMMISSION 4000, PLATFORM_REVENUE 36001");
}

TEST_CASE("DL-7, X-12: of approving a deal and giving it to somebody else at once, no approval outlives its assignment",
          "[races][deals]") {
  Atelier box;
  for (int i = 0; i < kRounds; ++i) {
    const auto deal = box.assigned();
    const auto codes =
        at_once(box, {calls("deals.approve", {{"deal", {deal}}}),
                      calls("deals.assign", {{"deal", {deal}}, {"provider", {box.pavel}}, {"maestro", {box.ines}}})});
    CHECK(codes == std::vector<int>{0, 0});  // either order is legal
  }
  CHECK(box.error_code("deals.check").empty());
}

TEST_CASE("LG-5, X-12: of approving and voiding one entry at once, what holds is in its history", "[races][ledger]") {
  Atelier box;
  for (int i = 0; i < kRounds; ++i) {
    const auto entry = box.entry(box.delivered(100'00), "PROVIDER_PAYOUT");
    const auto codes = at_once(box, {calls("ledger.approve", {{"entry", {entry}}}),
                                     calls("ledger.void", {{"entry", {entry}}, {"reason", {"x"}}})});
    CHECK(codes[1] == 0);  // an approved entry may still be voided; a void one is never approved
    CHECK((codes[0] == 0 || codes[0] == kLost));
    CHECK(box.entry_status(entry) == "VOID");
  }
  CHECK(box.error_code("ledger.check").empty());
}

TEST_CASE("LG-6, X-12: two who pay one entry out at once start one payout", "[races][ledger]") {
  Atelier box;
  for (int i = 0; i < kRounds; ++i) {
    const auto entry = box.approved_entry(box.delivered(100'00));
    const auto payout = calls("ledger.payout", {{"entry", {entry}}, {"expect-total", {"60.00 EUR"}}});
    require_one_winner(box, payout, payout);
  }
  CHECK(box.value("SELECT count(*) FROM payouts") == std::to_string(kRounds));
  CHECK(box.error_code("ledger.check").empty());
}

TEST_CASE("LG-5, X-12: of voiding an entry and paying it out at once, one holds", "[races][ledger]") {
  Atelier box;
  for (int i = 0; i < kRounds; ++i) {
    const auto entry = box.approved_entry(box.delivered(100'00));
    require_one_winner(box, calls("ledger.payout", {{"entry", {entry}}, {"expect-total", {"60.00 EUR"}}}),
                       calls("ledger.void", {{"entry", {entry}}, {"reason", {"x"}}}));
  }
  CHECK(box.error_code("ledger.check").empty());
}

TEST_CASE("LG-6, X-12: of confirming and failing one payout at once, one holds", "[races][ledger]") {
  Atelier box;
  for (int i = 0; i < kRounds; ++i) {
    const auto entry = box.approved_entry(box.delivered(100'00));
    box.run("ledger.payout", {{"entry", {entry}}, {"expect-total", {"60.00 EUR"}}});
    require_one_winner(box, calls("ledger.confirm-payout", {{"entry", {entry}}}),
                       calls("ledger.fail-payout", {{"entry", {entry}}, {"reason", {"x"}}}));
  }
  CHECK(box.error_code("ledger.check").empty());
}

TEST_CASE("CM-4, X-12: of starting a deal and taking its payment back at once, one holds", "[races][deals]") {
  Atelier box;
  for (int i = 0; i < kRounds; ++i) {
    const auto deal = box.approved();
    const auto draft = text(box.data("invoices.create", {{"deal", {deal}}}), "id");
    box.run("invoices.issue", {{"invoice", {draft}}});
    const auto payment = pay(box, draft, "2500.00");
    require_one_winner(box, calls("deals.start", {{"deal", {deal}}}),
                       calls("payments.reverse", {{"payment", {payment}}, {"reason", {"x"}}}));
  }
  CHECK(box.error_code("deals.check").empty());
  CHECK(box.error_code("ledger.check").empty());
}
