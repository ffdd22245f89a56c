// Many processes at once on the same invoices: all answered, none lost, none twice, no lock seen by anybody.
#include <atomic>
#include <cstdlib>
#include <set>

#include <catch2/catch.hpp>

#include "fault/support.h"

using namespace steward;
using namespace steward::test;

namespace {

constexpr int kProcesses = 32, kPayments = 100, kInvoices = 5;

}  // namespace

TEST_CASE("32 processes record 100 payments each on shared invoices: nothing is lost, nothing is twice",
          "[fault][crowd]") {
  Sandbox box;
  std::vector<std::string> invoices;
  for (int i = 0; i < kInvoices; ++i) invoices.push_back(issued_invoice(box, "6400.00"));
  const auto exits = in_processes(kProcesses, [&](int process) {
    for (int payment = 0; payment < kPayments; ++payment) {
      const auto name = std::to_string(process) + "-" + std::to_string(payment);
      const auto done =
          box.steward({"payments", "record", "--invoice", invoices[static_cast<std::size_t>(payment % kInvoices)],
                       "--amount", "1.00", "--reference", name, "--idempotency-key", name, "--json"});
      if (done.exit != 0) {
        fmt::print(stderr, "{}: {}{}\n", name, done.out, done.err);  // Catch hears nothing of what happens here
        return done.exit;
      }
    }
    return 0;
  });
  CHECK(std::set<int>(exits.begin(), exits.end()) == std::set<int>{0});
  CHECK(box.value("SELECT count(*) FROM payments") == "3200");
  CHECK(box.value("SELECT count(DISTINCT reference) FROM payments") == "3200");
  CHECK(box.value("SELECT sum(paid_cents) FROM invoices") == "320000");
  CHECK(box.value("SELECT count(*) FROM invoices WHERE paid_cents = 64000 AND status = 'PARTIALLY_PAID'") == "5");
  CHECK(box.data("audit.verify").at("verdict").text() == "intact");
  CHECK(box.error_code("ledger.check").empty());
}

TEST_CASE("two issuers at once never share a number nor skip one", "[fault][crowd][invoices]") {
  Sandbox box;
  constexpr int kIssuers = 8, kEach = 12;
  std::vector<std::string> drafts;
  for (int i = 0; i < kIssuers * kEach; ++i)
    drafts.push_back(
        box.data("invoices.create", {{"client-email", {"a@b.example"}}, {"amount", {"10.00"}}, {"currency", {"EUR"}}})
            .at("id")
            .text());
  const auto exits = in_processes(kIssuers, [&](int process) {
    for (int i = 0; i < kEach; ++i)
      if (const auto done =
              box.steward({"invoices", "issue", drafts[static_cast<std::size_t>(process * kEach + i)], "--yes"});
          done.exit != 0)
        return done.exit;
    return 0;
  });
  CHECK(std::set<int>(exits.begin(), exits.end()) == std::set<int>{0});
  CHECK(box.value("SELECT count(DISTINCT number) FROM invoices") == std::to_string(kIssuers * kEach));
  CHECK(box.value("SELECT min(number) FROM invoices") == "INV-2026-0001");
  CHECK(box.value("SELECT max(number) FROM invoices") == "INV-2026-0096");
}
