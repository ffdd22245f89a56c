#include "ops/checks.h"

#include "ops/declare.h"
#include "studio/deals/operations.h"

namespace steward::deals {
namespace {

// A history ends where it arrived once more often than it left; that needs no order among rows of one instant.
constexpr ops::Check kChecks[] = {
    {"delivered_earned", "Each delivered deal has ledger entries",
     R"sql(
       SELECT d.id, 'is ' || d.status || ' without ledger entries' FROM deals d
        WHERE d.status IN ('DELIVERED', 'CLOSED')
          AND NOT EXISTS (SELECT 1 FROM ledger_entries e WHERE e.deal_id = d.id AND e.status <> 'VOID')
     )sql"},
    {"paid_by_payment", "Each deal from PAID on has a payment",
     R"sql(
       SELECT d.id, 'is ' || d.status || ' without a payment' FROM deals d
        WHERE d.status IN ('PAID', 'IN_PROGRESS', 'DELIVERED', 'CLOSED')
          AND NOT EXISTS (SELECT 1 FROM deal_payments p WHERE p.deal_id = d.id AND p.status = 'PAID')
     )sql"},
    {"payment_applied", "Each approved deal with money is PAID",
     R"sql(
       SELECT d.id, 'is approved and has money, yet is not PAID' FROM deals d
        WHERE d.status = 'MAESTRO_APPROVED'
          AND EXISTS (SELECT 1 FROM deal_payments p WHERE p.deal_id = d.id AND p.status = 'PAID')
     )sql"},
    {"payment_known", "Each paid invoice of a deal is a payment of it",
     R"sql(
       SELECT i.deal_id, 'does not know that invoice ' || coalesce(i.number, CAST(i.id AS text)) || ' is PAID' FROM invoices i
        WHERE i.deal_id IS NOT NULL AND i.status = 'PAID' AND i.credited_cents < i.amount_cents
          AND NOT EXISTS (SELECT 1 FROM deal_payments p WHERE p.invoice_id = i.id AND p.deal_id = i.deal_id
                             AND p.status IN ('PAID', 'REFUNDED'))
     )sql"},
    {"approval_current", "Each approval is of the present assignment",
     R"sql(
       SELECT d.id, 'its approval is of another assignment' FROM deals d
        WHERE d.approval_id IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM deal_status_history h
                           WHERE h.id = d.approval_id AND h.deal_id = d.id AND h.to_status = 'MAESTRO_APPROVED'
                             AND NOT EXISTS (SELECT 1 FROM deal_status_history n WHERE n.deal_id = d.id
                                                AND n.new_provider_user_id IS NOT NULL AND n.changed_at > h.changed_at))
     )sql"},
    {"assignment_recorded", "Each deal's provider and maestro are those of its last assignment",
     R"sql(
       SELECT d.id, 'its people are not those of its last assignment' FROM deals d
        WHERE d.provider_user_id IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM deal_status_history h
                           WHERE h.deal_id = d.id AND h.new_provider_user_id = d.provider_user_id
                             AND h.new_maestro_user_id = d.maestro_user_id
                             AND NOT EXISTS (SELECT 1 FROM deal_status_history n WHERE n.deal_id = d.id
                                                AND n.new_provider_user_id IS NOT NULL AND n.changed_at > h.changed_at))
     )sql"},
    {"approver", "No deal was approved by its provider",
     R"sql(
       SELECT id, 'was approved by its provider' FROM deals WHERE approved_by = provider_user_id
     )sql"},
    {"people", "Provider, maestro and referrer are different people",
     R"sql(
       SELECT id, 'its provider is its maestro or its referrer' FROM deals
        WHERE provider_user_id = maestro_user_id OR provider_user_id = referrer_user_id
     )sql"},
    {"history", "Each deal's stage is where its history ends",
     R"sql(
       SELECT d.id, 'is ' || d.status || ', its history ends elsewhere' FROM deals d
        WHERE 1 <> (SELECT coalesce(sum(CASE WHEN h.to_status = d.status THEN 1 ELSE 0 END
                                        - CASE WHEN h.from_status = d.status THEN 1 ELSE 0 END), 0)
                      FROM deal_status_history h WHERE h.deal_id = d.id)
     )sql"},
    {"intake_booked", "Each deal's intake is BOOKED, or was until the client withdrew",
     R"sql(
       SELECT d.id, 'its intake is ' || i.status FROM deals d JOIN intake_requests i ON i.id = d.intake_id
        WHERE i.status <> 'BOOKED'
          AND NOT EXISTS (SELECT 1 FROM intake_status_history h
                           WHERE h.intake_request_id = i.id AND h.from_status = 'BOOKED' AND h.to_status <> 'BOOKED')
     )sql"},
};

Json check(ops::Context& context, const ops::NoArgs&) { return ops::run_checks(context.tx, kChecks, "The deals"); }

}  // namespace

void register_checks(ops::Registry& registry) {
  registry.add(ops::declare<ops::NoArgs>("deals.check", "Check that deals, their people, payments and entries agree")
                   .details("Exit 6 (check_failed) with the report in details when anything is wrong. Changes nothing.")
                   .needs("deals:read")
                   .example("steward deals check")
                   .returns(ops::kCheckColumns)
                   .shows(check));
}

void register_operations(ops::Registry& registry) {
  registry.add(kLifecycle);
  register_reads(registry);
  register_creation(registry);
  register_moves(registry);
  register_disputes(registry);
  register_checks(registry);
}

}  // namespace steward::deals
