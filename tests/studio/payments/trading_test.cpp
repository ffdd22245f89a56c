#include <catch2/catch.hpp>
#include <cstdlib>

#include "studio/payments/random_trading.h"

using namespace steward;
using namespace steward::test;

namespace {

// Without these the random years would show little.
constexpr const char* kSeen[] = {"invoices.issue",   "invoices.credit",       "payments.record", "payments.refund",
                                 "payments.reverse", "payments.use-credit",   "deals.deliver",   "deals.refund",
                                 "ledger.payout",    "ledger.confirm-payout", "books.close"};

// STEWARD_LONG=1 draws 10,000 sequences over the three currencies; STEWARD_SEED=N plays that one again.
void trade(const CurrencyKind& currency) {
  const bool is_long = std::getenv("STEWARD_LONG") != nullptr;
  const auto* named = std::getenv("STEWARD_SEED");
  const unsigned sequences = named ? 1 : is_long ? 3'334 : on_postgres() ? 12 : 40;
  const unsigned first = named ? static_cast<unsigned>(std::stoul(named)) : 1;
  std::set<std::string> done;
  for (unsigned seed = first; seed < first + sequences; ++seed) {
    Trading trading(currency, seed);
    std::string story;
    for (int i = 0; i < 15; ++i) {
      story += trading.step() + "\n";
      const auto flaw = trading.flaw();
      CAPTURE(seed, story);
      REQUIRE(flaw == "");
    }
    CAPTURE(seed, story);
    REQUIRE(trading.damage() == "");
    REQUIRE(trading.hledger_flaw() == "");
    done.insert(trading.done().begin(), trading.done().end());
  }
  if (sequences < 40) return;
  for (const char* path : kSeen) {
    CAPTURE(path);
    CHECK(done.contains(path));
  }
}

}  // namespace

TEST_CASE("LG-12: whatever is traded, corrected and paid back in cents, the books agree after every step",
          "[payments][property][slow]") {
  trade({"EUR", 2});
}

TEST_CASE("LG-12: whatever is traded, corrected and paid back in whole yen, the books agree after every step",
          "[payments][property][slow]") {
  trade({"JPY", 0});
}

TEST_CASE("LG-12: whatever is traded, corrected and paid back in thousandths, the books agree after every step",
          "[payments][property][slow]") {
  trade({"KWD", 3});
}
