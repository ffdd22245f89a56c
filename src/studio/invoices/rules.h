#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/instant.h"
#include "core/money.h"
#include "core/transitions.h"

namespace steward::invoices {

enum class Status { draft, issued, partially_paid, paid, voided };
inline constexpr std::array<std::string_view, 5> kStatusNames{"DRAFT", "ISSUED", "PARTIALLY_PAID", "PAID", "VOID"};
constexpr EnumNames names_of(Status) { return {"status", kStatusNames}; }

/// What was paid is nobody's to say: those arcs are walked by payments and their reversals only (CM-2, CM-4).
inline constexpr Step<Status> kSteps[] = {
    {Status::draft, Status::issued, "issue"},
    {Status::draft, Status::voided, "void"},
    {Status::issued, Status::partially_paid, "payment"},
    {Status::issued, Status::paid, "payment"},
    {Status::issued, Status::voided, "void"},
    {Status::partially_paid, Status::paid, "payment"},
    {Status::partially_paid, Status::paid, "credit note"},
    {Status::partially_paid, Status::issued, "payment reversed"},
    {Status::paid, Status::partially_paid, "payment reversed"},
    {Status::paid, Status::issued, "payment reversed"},
    {Status::partially_paid, Status::issued, "refund"},
    {Status::paid, Status::partially_paid, "refund"},
    {Status::paid, Status::issued, "refund"},
};
inline constexpr Lifecycle<Status> kLifecycle{"invoice", Status::draft, kSteps};

/// The status of an issued invoice that asks for `asked_cents` (its amount less its credit notes) and holds
/// `paid_cents` of the client's money (CM-2). Without money it stays ISSUED, however much of it was credited.
Status status_for(std::int64_t asked_cents, std::int64_t paid_cents);

constexpr bool is_open(Status status) { return status == Status::issued || status == Status::partially_paid; }

/// A draft may be changed; what was issued stays as it is (CM-8). `label` is "Invoice INV-2026-0007".
/// Errors: conflict "immutable".
void require_draft(Status status, std::string_view label);

/// CM-5: what received money, or was credited, is not voided away. Errors: conflict "payments_received", "credited",
/// "invalid_transition".
void require_voidable(Status status, const Money& paid, std::int64_t credited_cents, std::string_view label);

/// Only what was issued and not voided is credited, and no more than it asked for.
/// Errors: conflict "not_creditable", "overcredited".
void require_creditable(Status status, const Money& asked, const Money& credit, std::string_view label);

/// The numbers of a year are in the order of its dates: `last` is the date of the year's last invoice, if any. A date
/// after the studio's today is refused: one of tomorrow's would hold up every invoice of today.
/// Errors: usage "in_the_future"; conflict "back_dated".
void require_document_date(Date date, Date today, const std::optional<Date>& last);
/// Errors: usage "due_before_issue".
void require_due(Date issue, Date due);

/// What an invoice is raised from: it may ask its client for what is agreed and not yet invoiced (CM-6).
struct Bound {
  std::string label;         ///< "Proposal PRO-2026-0001"
  std::string client_email;  ///< whom it may be raised for
  Money agreed, invoiced;    ///< in one currency; `invoiced` by other invoices that are not VOID, less credits
  Money remaining() const { return agreed - invoiced; }
};

/// Errors: conflict "client_mismatch", "currency_mismatch", "overinvoiced" (details.remaining_cents).
void require_within(const Bound& bound, std::string_view client_email, const Money& amount);
/// The most that every bound admits. Errors: conflict "currency_mismatch" between them, "overinvoiced" when one is used
/// up.
Money remaining_within(const std::vector<Bound>& bounds);

}  // namespace steward::invoices
