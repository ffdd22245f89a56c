#pragma once
#include <array>
#include <string_view>

#include "core/instant.h"
#include "core/money.h"
#include "core/transitions.h"

namespace steward::payments {

/// A reversed payment counts nothing (CM-4).
enum class Status { recorded, reversed };
inline constexpr std::array<std::string_view, 2> kStatusNames{"RECORDED", "REVERSED"};
constexpr EnumNames names_of(Status) { return {"status", kStatusNames}; }

inline constexpr Step<Status> kSteps[] = {{Status::recorded, Status::reversed, "reverse"}};
inline constexpr Lifecycle<Status> kLifecycle{"payment", Status::recorded, kSteps};

/// What a payment is held against: an invoice as its own room knows it.
struct Claim {
  std::string_view label;   ///< "Invoice INV-2026-0007"
  std::string_view status;  ///< DRAFT and VOID take no payment
  Money outstanding;
};

/// Errors: conflict "not_payable".
void require_payable(const Claim& claim);
/// Errors: conflict "currency_mismatch".
void require_currency(const Claim& claim, Currency currency);
/// CM-3: no more than is owed, unless the rest is to be the client's credit. Errors: conflict "overpayment" with
/// details.outstanding_cents.
void require_owed(const Claim& claim, const Money& amount);
/// Money that came has come. Errors: usage "in_the_future".
void require_come(Instant paid_at, Instant now);

}  // namespace steward::payments
