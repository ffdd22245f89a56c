#include "studio/agenda/items.h"

namespace steward::agenda {
namespace {

constexpr Item kItems[] = {
    {"approvals_pending", "request for approval", "requests for approval", "steward approvals show {}",
     "SELECT count(*), min(CAST(id AS text)) FROM action_proposals WHERE status = 'PENDING' AND expires_at > {now}"},
    {"intake_new", "inquiry to triage", "inquiries to triage", "steward intake triage {}",
     "SELECT count(*), min(CAST(id AS text)) FROM intake_requests WHERE status = 'NEW'"},
    {"intake_triaged", "inquiry to qualify", "inquiries to qualify", "steward intake qualify {}",
     "SELECT count(*), min(CAST(id AS text)) FROM intake_requests WHERE status = 'TRIAGED'"},
    {"intake_unlinked", "inquiry without its contact", "inquiries without their contacts",
     "steward contacts link-intake", "SELECT count(*), '' FROM intake_requests WHERE contact_id IS NULL"},
    {"proposals_draft", "proposal to send", "proposals to send", "steward proposals send {}",
     "SELECT count(*), min(CAST(id AS text)) FROM proposals WHERE status = 'DRAFT' AND (expires_at IS NULL OR "
     "expires_at > {now})"},
    {"proposals_expiring", "proposal about to expire", "proposals about to expire", "steward proposals show {}",
     "SELECT count(*), min(number) FROM proposals WHERE status = 'SENT' AND expires_at > {now} AND expires_at <= "
     "{soon}"},
    {"proposals_expired", "proposal past its expiry", "proposals past their expiry", "steward proposals expire-due",
     "SELECT count(*), min(number) FROM proposals WHERE status = 'SENT' AND expires_at <= {now}"},
    {"proposals_accepted", "accepted proposal to invoice", "accepted proposals to invoice",
     "steward invoices create --proposal {}",
     "SELECT count(*), min(p.number) FROM proposals p WHERE p.status = 'ACCEPTED' AND NOT EXISTS (SELECT 1 FROM "
     "invoices i WHERE i.proposal_id = p.id AND i.status <> 'VOID')"},
    {"numbering_paused", "number to confirm after a restore", "numbers to confirm after a restore",
     "steward invoices confirm-number --help", "SELECT count(*), '' FROM settings WHERE key = 'numbering.paused_at'"},
    {"invoices_draft", "invoice to issue", "invoices to issue", "steward invoices issue {}",
     "SELECT count(*), min(CAST(id AS text)) FROM invoices WHERE status = 'DRAFT'"},
    {"invoices_overdue", "invoice overdue", "invoices overdue", "steward invoices show {}",
     "SELECT count(*), min(number) FROM invoices WHERE status IN ('ISSUED', 'PARTIALLY_PAID') AND due_date < {today}"
     " AND paid_cents < amount_cents - credited_cents"},
    {"bank_lines_unmatched", "bank line to match", "bank lines to match", "steward payments lines show {}",
     "SELECT count(*), min(CAST(id AS text)) FROM bank_lines WHERE status = 'UNMATCHED' AND amount_cents > 0"},
    // Whom a deal goes to is for a person to say, so these lead to what there is to decide on. Whoever withdrew takes
    // his deal along.
    {"deals_queued", "deal to assign", "deals to assign", "steward deals show {}",
     "SELECT count(*), min(CAST(d.id AS text)) FROM deals d JOIN intake_requests i ON i.id = d.intake_id WHERE "
     "d.status = 'QUEUED' AND i.status <> 'LOST'"},
    {"deals_assigned", "deal to approve", "deals to approve", "steward deals approve {}",
     "SELECT count(*), min(CAST(d.id AS text)) FROM deals d JOIN intake_requests i ON i.id = d.intake_id WHERE "
     "d.status = 'ASSIGNED' AND i.status <> 'LOST'"},
    {"deals_approved", "deal to invoice", "deals to invoice", "steward invoices create --deal {}",
     "SELECT count(*), min(CAST(d.id AS text)) FROM deals d JOIN intake_requests i ON i.id = d.intake_id WHERE "
     "d.status = 'MAESTRO_APPROVED' AND i.status <> 'LOST' AND NOT EXISTS (SELECT 1 FROM invoices v WHERE v.deal_id = "
     "d.id AND v.status <> 'VOID')"},
    {"deals_paid", "paid deal to start", "paid deals to start", "steward deals start {}",
     "SELECT count(*), min(CAST(id AS text)) FROM deals WHERE status = 'PAID'"},
    {"deals_delivered", "delivered deal to close", "delivered deals to close", "steward deals close {}",
     "SELECT count(*), min(CAST(id AS text)) FROM deals WHERE status = 'DELIVERED'"},
    {"deals_disputed", "dispute to settle", "disputes to settle", "steward deals settle {}",
     "SELECT count(*), min(CAST(id AS text)) FROM deals WHERE dispute_opened_at IS NOT NULL"},
    // What a dispute freezes waits for the dispute (DL-11).
    {"ledger_earned", "ledger entry to approve", "ledger entries to approve", "steward ledger approve {}",
     "SELECT count(*), min(CAST(e.id AS text)) FROM ledger_entries e JOIN deals d ON d.id = e.deal_id WHERE e.status = "
     "'EARNED' AND e.entry_type <> 'CLAWBACK' AND d.dispute_opened_at IS NULL"},
    // A backup does not know what was paid after it.
    {"payouts_unsure", "payout to look up at the bank first, after a restore",
     "payouts to look up at the bank first, after a restore", "steward ledger list --status APPROVED",
     "SELECT count(*), '' FROM ledger_entries e WHERE e.status IN ('APPROVED', 'PAYING') AND e.beneficiary_user_id IS "
     "NOT NULL AND EXISTS (SELECT 1 FROM settings WHERE key = 'numbering.paused_through' AND value >= "
     "substr(CAST({today} AS text), 1, 4)) AND NOT EXISTS (SELECT 1 FROM settings WHERE key = "
     "'numbering.confirmed.INV-' || substr(CAST({today} AS text), 1, 4))"},
    // While payouts.tax_data is required, whoever lacks it is asked for it first, and not paid.
    {"payees_incomplete", "payee to ask for tax data, before a payout", "payees to ask for tax data, before a payout",
     "steward ledger payees show {}",
     "SELECT count(DISTINCT u.id), min(u.email) FROM ledger_entries e JOIN deals d ON d.id = e.deal_id JOIN users u ON "
     "u.id = e.beneficiary_user_id WHERE e.status = 'APPROVED' AND e.entry_type <> 'CLAWBACK' AND d.dispute_opened_at "
     "IS NULL AND EXISTS (SELECT 1 FROM settings WHERE key = 'payouts.tax_data' AND value = 'required') AND NOT EXISTS "
     "(SELECT 1 FROM payout_tax_info t WHERE t.user_id = u.id AND t.tax_id IS NOT NULL)"},
    {"ledger_approved", "ledger entry to pay out", "ledger entries to pay out",
     "steward ledger payout {} --expect-total \"{total}\"",
     "SELECT count(*), min(CAST(e.id AS text)) FROM ledger_entries e JOIN deals d ON d.id = e.deal_id WHERE e.status = "
     "'APPROVED' AND e.entry_type <> 'CLAWBACK' AND e.beneficiary_user_id IS NOT NULL AND d.dispute_opened_at IS NULL "
     "AND (NOT EXISTS (SELECT 1 FROM settings WHERE key = 'payouts.tax_data' AND value = 'required') OR EXISTS (SELECT "
     "1 FROM payout_tax_info t WHERE t.user_id = e.beneficiary_user_id AND t.tax_id IS NOT NULL))",
     "SELECT amount_cents, currency FROM ledger_entries WHERE id = $1"},
    {"ledger_paying", "payout to confirm", "payouts to confirm", "steward ledger confirm-payout {}",
     "SELECT count(DISTINCT payout_id), min(CAST(id AS text)) FROM ledger_entries WHERE status = 'PAYING'"},
    {"invoice_numbers_paused", "series of invoice numbers to confirm", "series of invoice numbers to confirm",
     "steward invoices confirm-number N",
     "SELECT count(*), '' FROM settings WHERE key = 'numbering.paused_through' AND value >= "
     "substr(CAST({today} AS text), 1, 4) AND NOT EXISTS (SELECT 1 FROM settings WHERE key = "
     "'numbering.confirmed.INV-' || substr(CAST({today} AS text), 1, 4))"},
    {"proposal_numbers_paused", "series of proposal numbers to confirm", "series of proposal numbers to confirm",
     "steward proposals confirm-number N",
     "SELECT count(*), '' FROM settings WHERE key = 'numbering.paused_through' AND value >= "
     "substr(CAST({today} AS text), 1, 4) AND NOT EXISTS (SELECT 1 FROM settings WHERE key = "
     "'numbering.confirmed.PRO-' || substr(CAST({today} AS text), 1, 4))"},
    {"backup_stale", "week without a verified backup", "weeks without a verified backup",
     "steward db backup --to steward-{today}.db",
     "SELECT count(*), '' FROM db_identity WHERE NOT EXISTS (SELECT 1 FROM settings WHERE key = "
     "'backup.last_verified_at' AND value > {stale})"},
    {"key_copy_missing", "key file without a copy", "key files without a copy",
     "steward keys export --to steward-key.copy",
     "SELECT count(*), '' FROM db_identity WHERE NOT EXISTS (SELECT 1 FROM settings WHERE key = "
     "'keys.last_exported_at')"},
};

}  // namespace

std::span<const Item> items() { return kItems; }

}  // namespace steward::agenda
