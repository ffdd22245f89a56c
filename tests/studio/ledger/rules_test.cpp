#include "studio/ledger/rules.h"

#include <catch2/catch.hpp>
#include <random>

#include "core/refusal.h"

using namespace steward;
using namespace steward::ledger;
using test::refusal_code;

namespace {

const auto kEur = Currency::parse("EUR");

Entry entry(std::string id, std::int64_t cents, Status status = Status::approved, std::string beneficiary = "p") {
  Entry out{.id = std::move(id),
            .deal_id = "d",
            .type = EntryType::provider_payout,
            .status = status,
            .amount = {cents, kEur},
            .beneficiary = std::move(beneficiary),
            .beneficiary_email = "p@atelier.example",
            .rate_bp = 6000};
  return out;
}

std::vector<std::string> codes(const std::vector<Entry>& entries) {
  std::vector<std::string> out;
  const auto problems = payout_problems(entries);
  for (const auto& problem : problems.items()) out.push_back(problem.at("id").text() + " " + problem.at("code").text());
  return out;
}

// floor(a * b / 10000) the long way, digit by digit of b.
std::int64_t floor_share(std::int64_t amount, int bp) {
  return static_cast<std::int64_t>(static_cast<__int128>(amount) * bp / 10000);
}

}  // namespace

TEST_CASE("LG-1: shares are rounded down and the remainder is the platform's", "[ledger][rules]") {
  const auto [basis, provider_bp, referrer_bp, provider, referrer, platform] =
      GENERATE(table<std::int64_t, int, int, std::int64_t, std::int64_t, std::int64_t>({
          {250'000, 6000, 400, 150'000, 10'000, 90'000},
          {100, 2900, 0, 29, 0, 71},  // 0.29 x 100 is 28 in binary floating point
          {1, 6000, 400, 0, 0, 1},
          {0, 6000, 400, 0, 0, 0},
          {999, 3333, 3333, 332, 332, 335},
          {100, 10000, 0, 100, 0, 0},
          {kMaxMinor, 6000, 4000, 5'404'319'552'844'594, 3'602'879'701'896'396, 1},
      }));
  CAPTURE(basis, provider_bp, referrer_bp);
  const auto shares = shares_of({basis, kEur}, provider_bp, referrer_bp);
  CHECK(shares.provider.minor == provider);
  CHECK(shares.referrer.minor == referrer);
  CHECK(shares.platform.minor == platform);
}

TEST_CASE("LG-1: whatever the amount and the rates, the shares are the amount to the minor unit", "[ledger][rules]") {
  std::mt19937_64 random(20260302);
  std::uniform_int_distribution<std::int64_t> any(0, kMaxMinor), small(0, 100'000);
  std::uniform_int_distribution<int> rate(0, 10'000);
  for (int i = 0; i < 20'000; ++i) {
    const auto basis = i % 2 == 0 ? any(random) : small(random);
    const int provider_bp = rate(random);
    const int referrer_bp = std::uniform_int_distribution<int>(0, 10'000 - provider_bp)(random);
    const auto shares = shares_of({basis, kEur}, provider_bp, referrer_bp);
    const bool exact = shares.provider + shares.referrer + shares.platform == Money{basis, kEur};
    const bool floored = shares.provider.minor == floor_share(basis, provider_bp) &&
                         shares.referrer.minor == floor_share(basis, referrer_bp);
    if (exact && floored && shares.platform.minor >= 0) continue;
    CAPTURE(basis, provider_bp, referrer_bp);
    REQUIRE(exact);
    REQUIRE(floored);
    REQUIRE(shares.platform.minor >= 0);
  }
}

TEST_CASE("LG-5: what is claimed is neither voided nor claimed again, and what is PAID stays", "[ledger][rules]") {
  CHECK_FALSE(kLifecycle.allows(Status::paying, Status::voided));
  CHECK_FALSE(kLifecycle.allows(Status::paying, Status::paying));
  for (const auto& step : kSteps) {
    CHECK(step.from != Status::paid);
    CHECK(step.from != Status::voided);
  }
}

TEST_CASE("LG-4: nobody approves what he receives himself", "[ledger][rules]") {
  CHECK(refusal_code([] { require_other_than_beneficiary(entry("e", 1), "p"); }) == "forbidden");
  CHECK_NOTHROW(require_other_than_beneficiary(entry("e", 1), "other"));
  CHECK_NOTHROW(require_other_than_beneficiary(entry("e", 1), std::nullopt));
  auto platform = entry("e", 1);
  platform.beneficiary.reset();
  CHECK_NOTHROW(require_other_than_beneficiary(platform, "p"));
  CHECK_NOTHROW(require_other_than_beneficiary(platform, std::nullopt));
}

TEST_CASE("LG-4: the same person is recognised behind any token, and an operator by his name", "[ledger][rules]") {
  auto by_user = entry("e", 1);
  by_user.approved_by = "ada";
  by_user.approved_actor = "ada";
  CHECK(approved_by_same(by_user, "ada", "ada"));
  CHECK_FALSE(approved_by_same(by_user, "otto", "otto"));
  CHECK_FALSE(approved_by_same(by_user, std::nullopt, "operator:root"));
  auto by_operator = entry("e", 1);
  by_operator.approved_actor = "operator:root";
  CHECK(approved_by_same(by_operator, std::nullopt, "operator:root"));
  CHECK_FALSE(approved_by_same(by_operator, std::nullopt, "operator:guest"));
  CHECK_FALSE(approved_by_same(by_operator, "ada", "ada"));
}

TEST_CASE("LG-3: every reason against a payout is named, by entry", "[ledger][rules]") {
  CHECK(codes({entry("a", 1), entry("b", 2)}).empty());
  auto other_currency = entry("c", 3);
  other_currency.amount = {3, Currency::parse("USD")};
  auto disputed = entry("d", 4);
  disputed.disputed = true;
  auto platform = entry("e", 5);
  platform.beneficiary.reset();
  CHECK(codes({entry("a", 1), entry("b", 2, Status::earned), other_currency, disputed, platform,
               entry("f", 6, Status::approved, "q"), entry("a", 1)}) ==
        std::vector<std::string>{"a repeated_argument", "b invalid_transition", "c currency_mismatch",
                                 "d deal_disputed", "e no_beneficiary", "f other_beneficiary", "a repeated_argument"});
}

TEST_CASE("a claw-back subtracts from what is paid out", "[ledger][rules]") {
  auto clawback = entry("c", 30);
  clawback.type = EntryType::clawback;
  CHECK(total_of({entry("a", 100), clawback}).minor == 70);
  CHECK(total_of({clawback}).minor == -30);
}

TEST_CASE("LG-8: the least that is paid out is kept by currency", "[ledger][rules]") {
  const auto usd = Currency::parse("USD"), jpy = Currency::parse("JPY");
  CHECK(minimum_in("50.00 USD, 45.00 EUR", kEur) == Money{4500, kEur});
  CHECK(minimum_in("50.00 USD, 45.00 EUR", usd) == Money{5000, usd});
  CHECK_FALSE(minimum_in("50.00 USD, 45.00 EUR", jpy));
  CHECK_FALSE(minimum_in("", kEur));
}

TEST_CASE("only what a person is owed can be voided by itself", "[ledger][rules]") {
  for (const auto type : {EntryType::provider_payout, EntryType::referrer_commission}) {
    auto owed = entry("e", 1);
    owed.type = type;
    CHECK_NOTHROW(require_voidable(owed));
  }
  for (const auto type : {EntryType::platform_revenue, EntryType::clawback}) {
    auto derived = entry("e", 1);
    derived.type = type;
    CHECK(refusal_code([&] { require_voidable(derived); }) == "not_voidable");
  }
}
