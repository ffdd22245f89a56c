#include "ops/checks.h"

#include "ops/declare.h"
#include "studio/ledger/operations.h"

namespace steward::ledger {
namespace {

// LG-12 and what the other rules promise, each as a query for what breaks it: the record's id, and what is wrong.
// `value / 10000 * rate + value % 10000 * rate / 10000` is floor(value * rate / 10000) without leaving 64 bits.
// A history ends where it arrived once more often than it left; that needs no order among rows of one instant.
constexpr ops::Check kChecks[] = {
    {"deal_sums", "Per delivered deal, what was earned less claw-backs is the money collected, net of tax",
     R"sql(
       WITH earned AS (
         SELECT deal_id, CAST(sum(CASE WHEN entry_type = 'CLAWBACK' THEN -amount_cents ELSE amount_cents END) AS bigint) AS cents
           FROM ledger_entries WHERE status <> 'VOID' GROUP BY deal_id),
       collected AS (
         SELECT deal_id, CAST(sum(amount_cents - tax_cents - refunded_cents + refunded_tax_cents) AS bigint) AS cents
           FROM deal_payments WHERE status = 'PAID' GROUP BY deal_id)
       SELECT d.id, 'earned ' || CAST(coalesce(e.cents, 0) AS text) || ', collected ' || CAST(coalesce(c.cents, 0) AS text)
         FROM deals d LEFT JOIN earned e ON e.deal_id = d.id LEFT JOIN collected c ON c.deal_id = d.id
        WHERE d.status IN ('DELIVERED', 'CLOSED', 'REFUNDED') AND coalesce(e.cents, 0) <> coalesce(c.cents, 0)
     )sql"},
    {"only_delivered", "Only delivered deals have entries that count",
     R"sql(
       SELECT e.id, 'its deal is ' || d.status FROM ledger_entries e JOIN deals d ON d.id = e.deal_id
        WHERE e.status <> 'VOID' AND d.status NOT IN ('DELIVERED', 'CLOSED', 'REFUNDED')
     )sql"},
    {"shares", "Each share is its deal's rate of its basis, rounded down",
     R"sql(
       SELECT e.id, 'is ' || CAST(e.amount_cents AS text) || ' of ' || CAST(e.basis_cents AS text) || ' at '
              || CAST(coalesce(e.rate_bp, -1) AS text) || ' basis points'
         FROM ledger_entries e JOIN deals d ON d.id = e.deal_id
        WHERE e.status <> 'VOID' AND e.entry_type IN ('PROVIDER_PAYOUT', 'REFERRER_COMMISSION')
          AND (e.rate_bp IS NULL
               OR e.rate_bp <> CASE WHEN e.entry_type = 'PROVIDER_PAYOUT' THEN d.provider_rate_bp ELSE d.referrer_rate_bp END
               OR e.amount_cents <> e.basis_cents / 10000 * e.rate_bp + e.basis_cents % 10000 * e.rate_bp / 10000)
     )sql"},
    {"currencies", "Entries and deal payments are in their deal's currency",
     R"sql(
       SELECT e.id, 'is in ' || e.currency || ', its deal in ' || d.agreed_currency
         FROM ledger_entries e JOIN deals d ON d.id = e.deal_id WHERE e.currency <> d.agreed_currency
       UNION ALL
       SELECT p.id, 'is in ' || p.currency || ', its deal in ' || d.agreed_currency
         FROM deal_payments p JOIN deals d ON d.id = p.deal_id WHERE p.currency <> d.agreed_currency
     )sql"},
    {"paid_once", "Each PAID entry has exactly one confirmed payout",
     R"sql(
       WITH confirmed AS (
         SELECT m.entry_id, count(*) AS times FROM payout_entries m JOIN payouts p ON p.id = m.payout_id
          WHERE p.status = 'CONFIRMED' GROUP BY m.entry_id)
       SELECT e.id, 'is ' || e.status || ' with ' || CAST(coalesce(c.times, 0) AS text) || ' confirmed payouts'
         FROM ledger_entries e LEFT JOIN confirmed c ON c.entry_id = e.id
        WHERE coalesce(c.times, 0) <> CASE WHEN e.status = 'PAID' THEN 1 ELSE 0 END
     )sql"},
    {"claims", "Each claimed entry belongs to a payout in the same stage",
     R"sql(
       SELECT e.id, 'is ' || e.status || ', its payout ' || coalesce(p.status, 'missing')
         FROM ledger_entries e LEFT JOIN payouts p ON p.id = e.payout_id
        WHERE (e.status = 'PAYING' AND coalesce(p.status, '') <> 'STARTED')
           OR (e.status = 'PAID' AND coalesce(p.status, '') <> 'CONFIRMED')
           OR (e.status NOT IN ('PAYING', 'PAID') AND e.payout_id IS NOT NULL)
           OR (e.payout_id IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM payout_entries m WHERE m.payout_id = e.payout_id AND m.entry_id = e.id))
       UNION ALL
       SELECT p.id, 'is STARTED, but not every entry of it is PAYING'
         FROM payouts p WHERE p.status = 'STARTED' AND EXISTS (
           SELECT 1 FROM payout_entries m JOIN ledger_entries e ON e.id = m.entry_id
            WHERE m.payout_id = p.id AND (e.status <> 'PAYING' OR e.payout_id <> p.id))
     )sql"},
    {"payout_totals", "Each payout's total is the sum of its entries, of one person and currency",
     R"sql(
       WITH parts AS (
         SELECT m.payout_id,
                CAST(sum(CASE WHEN e.entry_type = 'CLAWBACK' THEN -m.amount_cents ELSE m.amount_cents END) AS bigint) AS cents,
                sum(CASE WHEN m.amount_cents <> e.amount_cents OR e.currency <> p.currency
                           OR e.beneficiary_user_id IS DISTINCT FROM p.beneficiary_user_id THEN 1 ELSE 0 END) AS strangers
           FROM payout_entries m JOIN ledger_entries e ON e.id = m.entry_id JOIN payouts p ON p.id = m.payout_id
          GROUP BY m.payout_id)
       SELECT p.id, 'totals ' || CAST(p.total_cents AS text) || ', its entries ' || CAST(coalesce(t.cents, 0) AS text)
         FROM payouts p LEFT JOIN parts t ON t.payout_id = p.id
        WHERE p.total_cents <> coalesce(t.cents, 0) OR t.strangers IS NULL OR t.strangers > 0
     )sql"},
    {"approvals", "Nobody approved what he receives himself",
     R"sql(
       SELECT id, 'was approved by its beneficiary' FROM ledger_entries
        WHERE approved_by_user_id = beneficiary_user_id AND status <> 'VOID'
     )sql"},
    {"clawbacks", "No entry is taken back beyond its amount, nor from a payout that was not made",
     R"sql(
       WITH taken AS (
         SELECT adjusts_entry_id AS entry_id, CAST(sum(amount_cents) AS bigint) AS cents
           FROM ledger_entries WHERE entry_type = 'CLAWBACK' AND status <> 'VOID' GROUP BY adjusts_entry_id)
       SELECT e.id, CAST(t.cents AS text) || ' taken back of ' || CAST(e.amount_cents AS text) || ', ' || e.status
         FROM taken t JOIN ledger_entries e ON e.id = t.entry_id WHERE t.cents > e.amount_cents OR e.status <> 'PAID'
     )sql"},
    {"history", "Each entry's status is where its history ends",
     R"sql(
       SELECT e.id, 'is ' || e.status || ', its history ends elsewhere' FROM ledger_entries e
        WHERE 1 <> (SELECT coalesce(sum(CASE WHEN h.to_status = e.status THEN 1 ELSE 0 END
                                        - CASE WHEN h.from_status = e.status THEN 1 ELSE 0 END), 0)
                      FROM ledger_status_history h WHERE h.ledger_entry_id = e.id)
     )sql"},
    {"invoice_sums", "Each invoice's paid amount is the sum of its payments that count",
     R"sql(
       WITH counted AS (
         SELECT invoice_id, CAST(sum(CASE WHEN kind IN ('RECEIVED', 'CREDIT_IN') THEN amount_cents ELSE -amount_cents END) AS bigint)
                AS cents
           FROM payments WHERE status = 'RECORDED' GROUP BY invoice_id)
       SELECT i.id, 'says ' || CAST(i.paid_cents AS text) || ', its payments ' || CAST(coalesce(c.cents, 0) AS text)
         FROM invoices i LEFT JOIN counted c ON c.invoice_id = i.id WHERE i.paid_cents <> coalesce(c.cents, 0)
       UNION ALL
       SELECT p.id, 'is in ' || p.currency || ', its invoice in ' || i.currency
         FROM payments p JOIN invoices i ON i.id = p.invoice_id WHERE p.currency <> i.currency
     )sql"},
    {"invoice_taxes", "Each invoice is its net and its taxes, which are its lines'",
     R"sql(
       WITH taxed AS (
         SELECT invoice_id, CAST(sum(net_cents) AS bigint) AS net, CAST(sum(tax_cents) AS bigint) AS tax
           FROM invoice_taxes GROUP BY invoice_id),
       lined AS (
         SELECT invoice_id, CAST(sum(net_cents) AS bigint) AS net FROM invoice_lines GROUP BY invoice_id)
       SELECT i.id, 'is ' || CAST(i.amount_cents AS text) || ' with ' || CAST(i.tax_cents AS text) || ' tax, its taxes make '
              || CAST(t.net AS text) || ' and ' || CAST(t.tax AS text) || ', its lines ' || CAST(l.net AS text)
         FROM invoices i JOIN taxed t ON t.invoice_id = i.id JOIN lined l ON l.invoice_id = i.id
        WHERE i.amount_cents <> t.net + t.tax OR i.tax_cents <> t.tax OR t.net <> l.net
     )sql"},
    {"credit_notes", "Each invoice's credited amount is the sum of its credit notes, net and tax",
     R"sql(
       WITH credited AS (
         SELECT invoice_id, CAST(sum(amount_cents) AS bigint) AS cents FROM credit_notes GROUP BY invoice_id),
       taxed AS (
         SELECT credit_note_id, CAST(sum(net_cents) AS bigint) AS net, CAST(sum(tax_cents) AS bigint) AS tax
           FROM credit_note_taxes GROUP BY credit_note_id)
       SELECT i.id, 'says ' || CAST(i.credited_cents AS text) || ', its credit notes ' || CAST(coalesce(c.cents, 0) AS text)
         FROM invoices i LEFT JOIN credited c ON c.invoice_id = i.id WHERE i.credited_cents <> coalesce(c.cents, 0)
       UNION ALL
       SELECT n.id, 'is ' || CAST(n.amount_cents AS text) || ', its taxes make ' || CAST(coalesce(t.net + t.tax, 0) AS text)
         FROM credit_notes n LEFT JOIN taxed t ON t.credit_note_id = n.id
        WHERE n.amount_cents <> coalesce(t.net + t.tax, 0) OR n.tax_cents <> coalesce(t.tax, 0)
     )sql"},
    {"invoice_status", "Each invoice's status follows from what was paid and credited",
     R"sql(
       SELECT id, 'is ' || status || ' with ' || CAST(paid_cents AS text) || ' of ' || CAST(amount_cents AS text)
         FROM invoices
        WHERE (status IN ('DRAFT', 'ISSUED', 'VOID') AND paid_cents > 0)
           OR (status = 'PARTIALLY_PAID' AND (paid_cents = 0 OR paid_cents >= amount_cents - credited_cents))
           OR (status = 'PAID' AND (paid_cents = 0 OR paid_cents < amount_cents - credited_cents))
     )sql"},
    {"deal_payments", "Each payment of a deal is an invoice of it, paid in full",
     R"sql(
       SELECT p.id, 'is ' || p.status || ', its invoice ' || i.status || ' over ' || CAST(i.amount_cents AS text)
         FROM deal_payments p JOIN invoices i ON i.id = p.invoice_id
        WHERE p.status = 'PAID' AND (i.status <> 'PAID' OR i.currency <> p.currency
                                     OR i.amount_cents - i.credited_cents <> p.amount_cents - p.refunded_cents
                                     OR i.deal_id IS DISTINCT FROM p.deal_id)
       UNION ALL
       SELECT i.id, 'is PAID, but its deal does not know'
         FROM invoices i WHERE i.status = 'PAID' AND i.deal_id IS NOT NULL AND i.credited_cents < i.amount_cents
          AND NOT EXISTS (SELECT 1 FROM deal_payments p WHERE p.invoice_id = i.id AND p.status IN ('PAID', 'REFUNDED'))
     )sql"},
};

Json check(ops::Context& context, const ops::NoArgs&) { return ops::run_checks(context.tx, kChecks, "The ledger"); }

}  // namespace

void register_checks(ops::Registry& registry) {
  registry.add(ops::declare<ops::NoArgs>("ledger.check", "Check that money collected, earned and paid out agree")
                   .details("Exit 6 (check_failed) with the report in details when anything is wrong. Changes nothing.")
                   .needs("ledger:read")
                   .example("steward ledger check")
                   .returns(ops::kCheckColumns)
                   .shows(check));
}

}  // namespace steward::ledger
