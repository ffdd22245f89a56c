#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "core/transitions.h"

namespace steward::deals {

/// The stages of a deal. PAID is derived from money received, never asked for (DL-1), and REFUNDED from money that went
/// back in full.
enum class Status { queued, assigned, maestro_approved, paid, in_progress, delivered, closed, refunded };
inline constexpr std::array<std::string_view, 8> kStatusNames{
    "QUEUED", "ASSIGNED", "MAESTRO_APPROVED", "PAID", "IN_PROGRESS", "DELIVERED", "CLOSED", "REFUNDED"};
constexpr EnumNames names_of(Status) { return {"status", kStatusNames}; }

enum class PaymentStatus { created, paid, refunded, failed };
inline constexpr std::array<std::string_view, 4> kPaymentStatusNames{"CREATED", "PAID", "REFUNDED", "FAILED"};
constexpr EnumNames names_of(PaymentStatus) { return {"payment status", kPaymentStatusNames}; }

/// DL-3: work before payment is no arc. DL-7: an assignment may be made anew until the money is there.
inline constexpr Step<Status> kSteps[] = {
    {Status::queued, Status::assigned, "assign"},
    {Status::assigned, Status::assigned, "assign"},
    {Status::assigned, Status::maestro_approved, "approve"},
    {Status::maestro_approved, Status::assigned, "assign"},
    {Status::maestro_approved, Status::paid, "payment"},
    {Status::paid, Status::maestro_approved, "payment reversed"},
    {Status::paid, Status::in_progress, "start"},
    {Status::paid, Status::delivered, "deliver"},
    {Status::in_progress, Status::delivered, "deliver"},
    {Status::delivered, Status::closed, "close"},
    {Status::paid, Status::refunded, "refund"},
    {Status::in_progress, Status::refunded, "refund"},
    {Status::delivered, Status::refunded, "refund"},
    {Status::closed, Status::refunded, "refund"},
};
inline constexpr Lifecycle<Status> kLifecycle{"deal", Status::queued, kSteps};

/// Delivered work whose ledger entries stand.
constexpr bool is_delivered(Status status) { return status == Status::delivered || status == Status::closed; }

/// Who takes part in a deal: users' ids.
struct Party {
  std::string provider;                 ///< does the work
  std::string maestro;                  ///< answers for it
  std::optional<std::string> referrer;  ///< brought the client
};

/// DL-6, RF-3: nobody supervises himself, and nobody is paid for referring a client to himself.
/// Errors: conflict "same_person" at "maestro" or "provider".
void require_different_people(const Party& party);

/// Who calls, in the eyes of one deal.
struct Caller {
  std::optional<std::string> user_id;
  bool is_person = false;
  bool is_admin = false;  ///< ADMIN, SUPER_ADMIN, or an operator with every role
};

/// DL-6: a deal is approved by its own maestro or an ADMIN, and never by its provider.
/// Errors: permission "forbidden".
void require_approver(const Caller& caller, const std::string& provider, const std::string& maestro,
                      std::string_view label);

/// Work is reported by who does it or answers for it, or by an ADMIN. A token that is no person's was given the scope
/// for just that.
/// Errors: permission "forbidden".
void require_part_in(const Caller& caller, const std::optional<std::string>& provider,
                     const std::optional<std::string>& maestro, std::string_view label);

/// "Deal 3fa09b12": a deal has no number, so it is named by the tail that its commands accept.
std::string label_of(std::string_view id);

}  // namespace steward::deals
