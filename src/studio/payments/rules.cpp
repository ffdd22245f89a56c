#include "studio/payments/rules.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/moment.h"

namespace steward::payments {

void require_payable(const Claim& claim) {
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

}  // namespace steward::payments
