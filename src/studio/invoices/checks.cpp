#include "ops/checks.h"

#include <fmt/format.h>

#include "ops/declare.h"
#include "studio/invoices/operations.h"
#include "studio/numbering/numbering.h"

namespace steward::invoices {
namespace {

// Every number of ours with its series; other programs' keep any shape.
std::string given_numbers() {
  const auto of = [](const numbering::Series& series, std::string_view table) {
    return fmt::format("SELECT '{}' AS series, d.number, d.year, d.n FROM ({}) d", series.code,
                       numbering::own_numbers(series, table));
  };
  return of(numbering::kInvoices, "invoices") + " UNION ALL " + of(numbering::kCreditNotes, "credit_notes");
}

// What invoices say of their payments and taxes is `ledger check`'s.
std::span<const ops::Check> checks() {
  static const auto kGaps = fmt::format(R"sql(
    WITH given AS ({}),
         pairs AS (SELECT number, n, lag(n) OVER (PARTITION BY series, year ORDER BY n) AS before FROM given)
    SELECT number, 'the one before it is number ' || CAST(before AS text) FROM pairs
     WHERE n <> before + 1 AND NOT EXISTS (SELECT 1 FROM settings WHERE key = 'numbering.resumed.' || number)
     ORDER BY number)sql",
                                        given_numbers());
  static const auto kBehind = fmt::format(R"sql(
    WITH given AS ({})
    SELECT c.series || '-' || CAST(c.year AS text), 'the counter says ' || CAST(c.next AS text) FROM document_counters c
     WHERE c.next <= (SELECT coalesce(max(g.n), 0) FROM given g
                       WHERE g.series = c.series AND g.year = CAST(c.year AS text))
     ORDER BY c.series, c.year)sql",
                                          given_numbers());
  static const ops::Check kChecks[] = {
      {"numbers", "The numbers of a year have no gap but those that a restore or an import of older invoices left.",
       kGaps},
      {"counters", "The counter of a year stands behind its last number.", kBehind},
  };
  return kChecks;
}

Json check(ops::Context& context, const ops::NoArgs&) { return ops::run_checks(context.tx, checks(), "The invoices"); }

}  // namespace

void register_checks(ops::Registry& registry) {
  registry.add(ops::declare<ops::NoArgs>("invoices.check", "Check that no number of a year is missing")
                   .details("Of invoices and credit notes; what they say of their payments and taxes is for ledger "
                            "check. Numbers that a restore or an import of older invoices left out are none. Exit 6 "
                            "(check_failed) with the report in details when anything is wrong. Changes nothing.")
                   .needs("invoices:read")
                   .example("steward invoices check")
                   .returns(ops::kCheckColumns)
                   .shows(check));
}

}  // namespace steward::invoices
