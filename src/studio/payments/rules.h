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

/// What a payment row is: money that came, money that went back, or a client's credit that moved from one invoice
/// (OUT) to another (IN).
enum class Kind { received, refund, credit_out, credit_in };
inline constexpr std::array<std::string_view, 4> kKindNames{"RECEIVED", "REFUND", "CREDIT_OUT", "CREDIT_IN"};
constexpr EnumNames names_of(Kind) { return {"kind", kKindNames}; }

/// Whether it adds to what its invoice holds, or takes from it.
constexpr bool adds(Kind kind) { return kind == Kind::received || kind == Kind::credit_in; }

inline constexpr Step<Status> kSteps[] = {{Status::recorded, Status::reversed, "reverse"}};
inline constexpr Lifecycle<Status> kLifecycle{"payment", Status::recorded, kSteps};

/// What a payment is held against: an invoice as its own room knows it.
struct Claim {
  std::string_view label;   ///< "Invoice INV-2026-0007"
  std::string_view status;  ///< DRAFT and VOID take no payment
  Money outstanding;
  bool credited_in_full = false;
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
/// Money goes back once it came. Errors: usage "out_of_range".
void require_after(Instant paid_at, Instant came_at);

/// Only money that came, and counts, goes back: no more than is left of it.
/// Errors: conflict "not_refundable"; conflict "over_refunded" (details.remaining_cents).
void require_refundable(Kind kind, Status status, const Money& remaining, const Money& amount, std::string_view label);

/// A client's credit is what an invoice holds beyond what it asks for. Errors: conflict "no_credit"
/// (details.credit_cents).
void require_credit(const Money& credit, const Money& amount, std::string_view label);

/// What others were made from stays. Errors: conflict "payment_in_use".
void require_unused(bool used, std::string_view label);

}  // namespace steward::payments
