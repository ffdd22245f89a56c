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
    {"proposals_expiring", "proposal about to expire", "proposals about to expire", "steward proposals show {}",
     "SELECT count(*), min(number) FROM proposals WHERE status = 'SENT' AND expires_at > {now} AND expires_at <= "
     "{soon}"},
    {"proposals_expired", "proposal past its expiry", "proposals past their expiry", "steward proposals expire-due",
     "SELECT count(*), min(number) FROM proposals WHERE status = 'SENT' AND expires_at <= {now}"},
    {"invoices_draft", "invoice to issue", "invoices to issue", "steward invoices issue {}",
     "SELECT count(*), min(CAST(id AS text)) FROM invoices WHERE status = 'DRAFT'"},
    {"invoices_overdue", "invoice overdue", "invoices overdue", "steward invoices show {}",
     "SELECT count(*), min(number) FROM invoices WHERE status IN ('ISSUED', 'PARTIALLY_PAID') AND due_date < {today}"},
    {"deals_queued", "deal to assign", "deals to assign", "steward deals assign {} --provider USER --maestro USER",
     "SELECT count(*), min(CAST(id AS text)) FROM deals WHERE status = 'QUEUED'"},
    {"deals_assigned", "deal to approve", "deals to approve", "steward deals approve {}",
     "SELECT count(*), min(CAST(id AS text)) FROM deals WHERE status = 'ASSIGNED'"},
    {"deals_paid", "paid deal to start", "paid deals to start", "steward deals start {}",
     "SELECT count(*), min(CAST(id AS text)) FROM deals WHERE status = 'PAID'"},
    {"deals_delivered", "delivered deal to close", "delivered deals to close", "steward deals close {}",
     "SELECT count(*), min(CAST(id AS text)) FROM deals WHERE status = 'DELIVERED'"},
    {"ledger_earned", "ledger entry to approve", "ledger entries to approve", "steward ledger approve {}",
     "SELECT count(*), min(CAST(id AS text)) FROM ledger_entries WHERE status = 'EARNED'"},
    {"ledger_approved", "ledger entry to pay out", "ledger entries to pay out",
     "steward ledger payout {} --expect-total TOTAL",
     "SELECT count(*), min(CAST(id AS text)) FROM ledger_entries WHERE status = 'APPROVED' AND beneficiary_user_id IS "
     "NOT NULL"},
    {"ledger_paying", "payout to confirm", "payouts to confirm", "steward ledger confirm-payout {}",
     "SELECT count(*), min(CAST(id AS text)) FROM ledger_entries WHERE status = 'PAYING'"},
    {"backup_stale", "week without a verified backup", "weeks without a verified backup", "steward db backup --to FILE",
     "SELECT count(*), '' FROM db_identity WHERE NOT EXISTS (SELECT 1 FROM settings WHERE key = "
     "'backup.last_verified_at' AND value > {stale})"},
    {"key_copy_missing", "key file without a copy", "key files without a copy",
     "steward keys export --to FILE --passphrase-file FILE",
     "SELECT count(*), '' FROM db_identity WHERE NOT EXISTS (SELECT 1 FROM settings WHERE key = "
     "'keys.last_exported_at')"},
};

}  // namespace

std::span<const Item> items() { return kItems; }

}  // namespace steward::agenda
