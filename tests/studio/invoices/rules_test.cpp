#include "studio/invoices/rules.h"

#include <catch2/catch.hpp>

#include "core/refusal.h"

using namespace steward;
using namespace steward::invoices;
using steward::test::refusal;
using steward::test::refusal_code;

namespace {

constexpr Status kAll[] = {Status::draft, Status::issued, Status::partially_paid, Status::paid, Status::voided};
const auto kEur = Currency::parse("EUR");

Money eur(std::int64_t cents) { return {cents, kEur}; }
Date day(std::string_view text) { return parse_date(text); }

Bound proposal(std::int64_t agreed, std::int64_t invoiced = 0) {
  return {"Proposal PRO-2026-0001", "ada@client.example", eur(agreed), eur(invoiced)};
}

}  // namespace

TEST_CASE("a void invoice never moves again, and nothing becomes a draft", "[invoices][rules]") {
  for (const auto status : kAll) {
    CAPTURE(to_text(status));
    CHECK_FALSE(kLifecycle.allows(Status::voided, status));
    CHECK_FALSE(kLifecycle.allows(status, Status::draft));
  }
}

TEST_CASE("CM-2: what is paid is reached by money and credit notes alone", "[invoices][rules]") {
  const std::vector<std::string_view> money{"payment", "payment reversed", "refund", "credit note"};
  for (const auto& step : kSteps) {
    CAPTURE(to_text(step.from), to_text(step.to));
    const bool about_money = step.to == Status::paid || step.to == Status::partially_paid ||
                             step.from == Status::paid || step.from == Status::partially_paid;
    CHECK(about_money == (std::ranges::find(money, step.verb) != money.end()));
  }
}

TEST_CASE("CM-2, CM-4: the payments that count decide the status, upward and downward", "[invoices][rules]") {
  const auto [paid, expected] = GENERATE(table<std::int64_t, Status>(
      {{0, Status::issued}, {1, Status::partially_paid}, {9999, Status::partially_paid}, {10000, Status::paid}}));
  CHECK(status_for(10000, paid) == expected);
}

TEST_CASE("CM-5: what received money is not voided", "[invoices][rules]") {
  for (const auto status : {Status::issued, Status::partially_paid, Status::paid}) {
    const auto error = refusal([&] { require_voidable(status, eur(1), 0, "Invoice INV-2026-0007"); });
    REQUIRE(error);
    CHECK(error->exit_code() == 5);
    CHECK(error->code() == "payments_received");
    CHECK(error->what() == std::string("Invoice INV-2026-0007 has received 0.01 EUR and cannot be voided."));
  }
  CHECK(refusal_code([] { require_voidable(Status::issued, eur(0), 0, "It"); }).empty());
  CHECK(refusal_code([] { require_voidable(Status::draft, eur(0), 0, "It"); }).empty());
}

TEST_CASE("CM-8: only a draft is changed", "[invoices][rules]") {
  for (const auto status : kAll)
    CHECK(refusal_code([&] { require_draft(status, "It"); }) == (status == Status::draft ? "" : "immutable"));
}

TEST_CASE("CM-8: dates follow the numbers, and none lies ahead", "[invoices][rules]") {
  const auto today = day("2026-03-02");
  const auto code = [&](std::string_view date, std::optional<Date> last) {
    return refusal_code([&] { require_document_date(day(date), today, last); });
  };
  CHECK(code("2026-03-02", {}).empty());
  CHECK(code("2026-03-03", {}) == "in_the_future");
  CHECK(code("2026-01-01", {}).empty());
  CHECK(code("2026-02-01", day("2026-02-01")).empty());
  CHECK(code("2026-01-31", day("2026-02-01")) == "back_dated");
}

TEST_CASE("an invoice is due on its day or later", "[invoices][rules]") {
  CHECK(refusal_code([] { require_due(day("2026-03-02"), day("2026-03-02")); }).empty());
  CHECK(refusal_code([] { require_due(day("2026-03-02"), day("2026-03-01")); }) == "due_before_issue");
}

TEST_CASE("CM-6: client, currency and what is left bound an invoice", "[invoices][rules]") {
  const auto code = [](const Bound& bound, std::string_view client, const Money& amount) {
    return refusal_code([&] { require_within(bound, client, amount); });
  };
  CHECK(code(proposal(100), "ada@client.example", eur(100)).empty());
  CHECK(code(proposal(100, 40), "ada@client.example", eur(60)).empty());
  CHECK(code(proposal(100, 40), "ada@client.example", eur(61)) == "overinvoiced");
  CHECK(code(proposal(100), "bob@client.example", eur(1)) == "client_mismatch");
  CHECK(code(proposal(100), "ada@client.example", {1, Currency::parse("USD")}) == "currency_mismatch");
  const auto error = refusal([] { require_within(proposal(100, 40), "ada@client.example", eur(61)); });
  REQUIRE(error);
  CHECK(error->details().at("remaining_cents").integer() == 60);
}

TEST_CASE("CM-6: of several bounds the narrowest counts", "[invoices][rules]") {
  CHECK(remaining_within({proposal(100, 40), proposal(50)}) == eur(50));
  CHECK(refusal_code([] { remaining_within({proposal(100), proposal(50, 50)}); }) == "overinvoiced");
}
