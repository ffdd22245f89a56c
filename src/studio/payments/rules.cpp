#include "studio/payments/rules.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/moment.h"

namespace steward::payments {

void require_payable(const Claim& claim) {
  if (claim.credited_in_full)
    refuse_conflict("not_payable", fmt::format("{} is credited in full and takes no payment.", claim.label),
                    "Record the payment on the invoice that it is for.");
  if (claim.status != "DRAFT" && claim.status != "VOID") return;
  throw Error{ErrorKind::conflict, "not_payable",
              fmt::format("{} is {} and takes no payment.", claim.label, claim.status),
              claim.status == "DRAFT" ? "Issue it first." : "Record the payment on the invoice that replaced it."}
      .at("invoice")
      .with(Json{{"status", claim.status}});
}

void require_currency(const Claim& claim, Currency currency) {
  if (claim.outstanding.currency == currency) return;
  throw Error{ErrorKind::conflict, "currency_mismatch",
              fmt::format("{} is in {}, not in {}.", claim.label, claim.outstanding.currency.code(), currency.code())}
      .at("currency");
}

void require_owed(const Claim& claim, const Money& amount) {
  if (amount <= claim.outstanding) return;
  throw Error{
      ErrorKind::conflict, "overpayment",
      fmt::format("{} is more than {} owes, which is {}.", to_text(amount), claim.label, to_text(claim.outstanding)),
      "Look whether it was recorded before; --allow-credit keeps what is too much as the client's credit."}
      .at("amount")
      .with(Json{{"outstanding_cents", claim.outstanding.minor},
                 {"outstanding", decimal_text(claim.outstanding)},
                 {"currency", claim.outstanding.currency.code()}});
}

void require_come(Instant paid_at, Instant now) {
  if (paid_at <= now) return;
  refuse_usage("in_the_future", fmt::format("{} is ahead: money is recorded once it came.", moment_text(paid_at)),
               "paid-at", "Leave --paid-at out for money that came now.");
}

void require_after(Instant paid_at, Instant came_at) {
  if (paid_at >= came_at) return;
  refuse_usage("out_of_range",
               fmt::format("{} is before the money came, {}.", moment_text(paid_at), moment_text(came_at)), "paid-at",
               "Name the moment when it went out.");
}

void require_refundable(Kind kind, Status status, const Money& remaining, const Money& amount, std::string_view label) {
  if (kind != Kind::received || status != Status::recorded)
    refuse_conflict("not_refundable",
                    fmt::format("{} is {}: only money that came, and counts, goes back.", label,
                                status == Status::recorded ? to_text(kind) : to_text(status)),
                    "steward payments list --invoice INV names those that can be refunded.");
  if (amount <= remaining) return;
  throw Error{ErrorKind::conflict, "over_refunded",
              fmt::format("{} is more than is left of it, which is {}.", to_text(amount), to_text(remaining)),
              "Refund at most that."}
      .at("amount")
      .with(Json{{"remaining_cents", remaining.minor}, {"currency", remaining.currency.code()}});
}

void require_credit(const Money& credit, const Money& amount, std::string_view label) {
  if (credit.minor > 0 && amount <= credit) return;
  throw Error{ErrorKind::conflict, "no_credit",
              credit.minor == 0
                  ? fmt::format("{} holds no credit of the client's.", label)
                  : fmt::format("{} holds {} of the client's credit, not {}.", label, to_text(credit), to_text(amount)),
              "A credit is what was received beyond what an invoice asks for."}
      .at("amount")
      .with(Json{{"credit_cents", credit.minor}, {"currency", credit.currency.code()}});
}

void require_unused(bool used, std::string_view label) {
  if (used)
    refuse_conflict("payment_in_use", fmt::format("{} was refunded, or its credit was used elsewhere.", label),
                    "Reverse the refund, or the use of the credit, first.");
}

}  // namespace steward::payments
