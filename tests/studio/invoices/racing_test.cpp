#include <catch2/catch.hpp>
#include <set>

#include "studio/commerce.h"

using namespace steward;
using namespace steward::test;

namespace {

constexpr int kProcesses = 4, kEach = 15;

// Every number of the year, in order, with a row each; "" when there are exactly those of 1 to `count`.
std::string flaw_in_numbers(Sandbox& box, int count) {
  const auto rows = box.rows("SELECT number FROM invoices WHERE number IS NOT NULL ORDER BY number");
  if (static_cast<int>(rows.size()) != count) return fmt::format("{} numbers", rows.size());
  for (int i = 0; i < count; ++i)
    if (rows[static_cast<std::size_t>(i)].front() != fmt::format("INV-2026-{:04}", i + 1))
      return rows[static_cast<std::size_t>(i)].front();
  return "";
}

}  // namespace

TEST_CASE("CM-8: issuers at once share no number and skip none", "[invoices][operations][slow]") {
  Sandbox box;
  std::vector<std::vector<std::string>> drafts(kProcesses);
  for (auto& of : drafts)
    for (int i = 0; i < kEach; ++i) of.push_back(draft_invoice(box));
  const auto exits = in_processes(kProcesses, [&](int process) {
    for (const auto& draft : drafts[static_cast<std::size_t>(process)])
      box.run("invoices.issue", {{"invoice", {draft}}});
    return 0;
  });
  CHECK(exits == std::vector<int>(kProcesses, 0));
  CHECK(flaw_in_numbers(box, kProcesses * kEach).empty());
}

TEST_CASE("CM-8: of issuers of one draft at once, one gives it a number", "[invoices][operations][slow]") {
  Sandbox box;
  const auto draft = draft_invoice(box);
  in_processes(kProcesses, [&](int) {
    box.run("invoices.issue", {{"invoice", {draft}}});
    return 0;
  });
  CHECK(flaw_in_numbers(box, 1).empty());
  CHECK(box.value("SELECT count(*) FROM audit_log WHERE action = 'invoices.issue'") == "1");
}

TEST_CASE("CM-8: an issuer that fails after taking its number leaves it to the next", "[invoices][operations]") {
  Sandbox box;
  issued_invoice(box);
  const auto draft = draft_invoice(box);
  CHECK(box.error_code("invoices.issue", {{"invoice", {draft}}, {"date", {"2026-03-01"}}}) == "back_dated");
  box.run("invoices.issue", {{"invoice", {draft}}}, {.dry_run = true});
  CHECK(issued_invoice(box) == "INV-2026-0002");
  CHECK(flaw_in_numbers(box, 2).empty());
}
