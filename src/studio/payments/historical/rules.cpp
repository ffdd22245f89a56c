#include "studio/payments/historical/rules.h"

#include <fmt/format.h>

#include <cstdlib>

#include "core/error.h"
#include "core/id.h"
#include "core/phrase.h"
#include "core/text.h"

namespace steward::payments {
namespace {

constexpr std::int64_t kRoundedOtherwise = 2;  // minor units
constexpr int kFirstYear = 1900;

std::int64_t said_in_minor(const PaidSaid& said, const Money& amount) {
  return said.in_full ? amount.minor : said.minor.value_or(0);
}

void require_nothing_more(const PaidSaid& said) {
  if (said.dated || said.referenced)
    refuse_usage("missing_argument",
                 fmt::format("{} is of a payment, and nothing is paid.", said.dated ? "paid_date" : "reference"),
                 "paid_amount", "paid_amount says how much came, or yes for all of it.");
}

}  // namespace

std::int64_t paid_of(const PaidSaid& said, const Money& amount, bool voided) {
  const Money paid{said_in_minor(said, amount), amount.currency};
  if (voided && paid.minor > 0)
    refuse_usage("conflicting_arguments", "A VOID invoice asks for nothing, so nothing is paid of it.", "paid_amount",
                 "What was paid and given back again is no part of the books that are brought.");
  if (paid > amount)
    throw Error{ErrorKind::conflict, "overpayment",
                fmt::format("{} is more than the invoice asks for, which is {}.", to_text(paid), to_text(amount)),
                "Say what it asks for, and record the rest with payments record --allow-credit."}
        .at("paid_amount");
  if (paid.minor == 0) require_nothing_more(said);
  if (paid.minor > 0 && !said.dated)
    refuse_usage("missing_argument", "paid_date is missing: the books need the day on which the money came.",
                 "paid_date");
  return paid.minor;
}

std::int64_t tax_of(const std::optional<std::int64_t>& stated, std::int64_t given, const Money& gross, bool rated) {
  if (!stated) return given;
  const auto tolerated = rated ? kRoundedOtherwise : 0;
  if (std::abs(*stated - given) <= tolerated && *stated <= gross.minor) return *stated;
  refuse_usage("invalid_value",
               fmt::format("The tax in {} is {}, not {}.", to_text(gross), to_text(Money{given, gross.currency}),
                           to_text(Money{*stated, gross.currency})),
               "tax_amount",
               "Look whether amount has the tax in it, and whether the tax is the right one on that day.");
}

void require_number(std::string_view number, const std::optional<int>& year, Date issue) {
  if (is_uuid(to_lower(number)))
    refuse_usage("invalid_value",
                 fmt::format("The number {} is spelled like an id, and could be taken for one.", in_quotes(number)),
                 "number");
  if (number.starts_with('-'))
    refuse_usage("invalid_value",
                 fmt::format("The number {} begins like a flag, so no command could name it.", in_quotes(number)),
                 "number");
  const auto issued = static_cast<int>(issue.ymd.year());
  if (issued < kFirstYear)
    refuse_usage("out_of_range", fmt::format("{} lies before {}.", to_text(issue), kFirstYear), "issue_date",
                 "Look how the file writes its dates: --date-format.");
  if (year && *year != issued)
    refuse_usage("invalid_value", fmt::format("{} is a number of {}, not of {}.", number, *year, issued), "number",
                 "A number of ours has the year of its date.");
}

void require_status(std::string_view said, std::string_view made) {
  if (said == made) return;
  if (said == "DRAFT")
    refuse_usage("conflicting_arguments", "What has a number is no DRAFT.", "status",
                 "Leave drafts out: invoices create makes new ones.");
  refuse_usage("conflicting_arguments", fmt::format("The status is {}, but what was paid makes it {}.", said, made),
               "status", "Leave status out, but for VOID: it follows from paid_amount.");
}

}  // namespace steward::payments
