#include "studio/invoices/rules.h"

#include <fmt/format.h>

#include "core/error.h"

namespace steward::invoices {
namespace {

[[noreturn]] void overinvoiced(const Bound& bound) {
  const auto remaining = bound.remaining();
  throw Error{ErrorKind::conflict, "overinvoiced",
              fmt::format("{} is agreed at {}, of which {} may still be invoiced.", bound.label, to_text(bound.agreed),
                          to_text(remaining)),
              "Invoice less, or void an invoice of it first."}
      .at("amount")
      .with(Json{{"agreed_cents", bound.agreed.minor},
                 {"invoiced_cents", bound.invoiced.minor},
                 {"remaining_cents", remaining.minor},
                 {"currency", remaining.currency.code()}});
}

[[noreturn]] void other_currency(const Bound& bound, Currency currency) {
  throw Error{ErrorKind::conflict, "currency_mismatch",
              fmt::format("{} is agreed in {}, not in {}.", bound.label, bound.agreed.currency.code(), currency.code())}
      .at("currency");
}

}  // namespace

Status status_for(std::int64_t asked_cents, std::int64_t paid_cents) {
  if (paid_cents == 0) return Status::issued;
  return paid_cents >= asked_cents ? Status::paid : Status::partially_paid;
}

void require_draft(Status status, std::string_view label) {
  if (status == Status::draft) return;
  throw Error{ErrorKind::conflict, "immutable",
              fmt::format("{} is {}: only a draft can be changed.", label, to_text(status)),
              "Void it if nothing was received, then duplicate it and change the duplicate."};
}

void require_voidable(Status status, const Money& paid, std::int64_t credited_cents, std::string_view label) {
  if (paid.minor > 0)
    throw Error{ErrorKind::conflict, "payments_received",
                fmt::format("{} has received {} and cannot be voided.", label, to_text(paid)),
                "Reverse payments that were recorded by mistake; credit what is no longer asked for."}
        .with(Json{{"paid_cents", paid.minor}, {"currency", paid.currency.code()}});
  if (credited_cents > 0)
    refuse_conflict("credited", fmt::format("{} has a credit note and cannot be voided.", label),
                    "Credit the rest of it instead.");
  kLifecycle.require(status, Status::voided, label);
}

void require_creditable(Status status, const Money& asked, const Money& credit, std::string_view label) {
  if (status == Status::draft || status == Status::voided)
    refuse_conflict("not_creditable", fmt::format("{} is {}: there is nothing to credit.", label, to_text(status)),
                    status == Status::draft ? "Change the draft instead." : "");
  if (credit <= asked) return;
  throw Error{ErrorKind::conflict, "overcredited",
              fmt::format("{} is more than {} still asks for, which is {}.", to_text(credit), label, to_text(asked)),
              "Credit at most that."}
      .at("amount")
      .with(Json{{"remaining_cents", asked.minor}, {"currency", asked.currency.code()}});
}

void require_document_date(Date date, Date today, const std::optional<Date>& last) {
  if (date > today)
    refuse_usage("in_the_future",
                 fmt::format("{} is ahead: an invoice is dated by the day it is issued.", to_text(date)), "date",
                 fmt::format("Today is {} in studio.timezone.", to_text(today)));
  if (!last || *last <= date) return;
  throw Error{ErrorKind::conflict, "back_dated",
              fmt::format("The year's last invoice is dated {}: one dated {} would break the order of the numbers.",
                          to_text(*last), to_text(date)),
              fmt::format("Date it {} or later.", to_text(*last))}
      .at("date")
      .with(Json{{"last_date", to_text(*last)}});
}

void require_due(Date issue, Date due) {
  if (issue <= due) return;
  refuse_usage("due_before_issue", fmt::format("An invoice of {} can't be due on {}.", to_text(issue), to_text(due)),
               "due", "Name the day of issue or a later one.");
}

void require_within(const Bound& bound, std::string_view client_email, const Money& amount) {
  if (bound.client_email != client_email)
    throw Error{ErrorKind::conflict, "client_mismatch",
                fmt::format("{} is agreed with {}, not with {}.", bound.label, bound.client_email, client_email),
                "Leave --client-email out: the client comes with what was agreed."}
        .at("client-email");
  if (bound.agreed.currency != amount.currency) other_currency(bound, amount.currency);
  if (amount > bound.remaining()) overinvoiced(bound);
}

Money remaining_within(const std::vector<Bound>& bounds) {
  const auto* least = &bounds.front();
  for (const auto& bound : bounds) {
    if (bound.agreed.currency != least->agreed.currency) other_currency(bound, least->agreed.currency);
    if (bound.remaining() < least->remaining()) least = &bound;
  }
  if (least->remaining().minor <= 0) overinvoiced(*least);
  return least->remaining();
}

}  // namespace steward::invoices
