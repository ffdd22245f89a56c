#include "studio/lines/asked.h"

#include "core/error.h"
#include "studio/lines/lines.h"

namespace steward::lines {

void require_consistent(const Asked& asked, bool alone) {
  const bool says_more = asked.currency || asked.tax || asked.description;
  if (((says_more && !alone) || asked.date) && !asked.names_amount())
    refuse_usage("missing_argument", "A currency, a tax, a date or a description needs its amount.", "amount",
                 "Pass --amount or --lines too.");
  if (!asked.lines) return;
  if (asked.amount)
    refuse_usage("conflicting_arguments", "Lines say how much they ask for: --amount can't too.", "amount",
                 "Leave one of --amount and --lines out.");
  if (asked.description)
    refuse_usage("conflicting_arguments", "Each of the lines has its own description.", "description",
                 "Leave --description out.");
}

Date date_of(ops::Context& context, const Asked& asked) {
  return asked.date ? context.resolve(*asked.date) : context.today();
}

std::optional<TaxTerms> asked_tax(ops::Context& context, const Asked& asked) {
  if (!asked.tax) return std::nullopt;
  return terms_of(taxes::tax_on(context.tx, asked.tax->value, date_of(context, asked)));
}

Breakdown worked_out(ops::Context& context, const Asked& asked, Currency currency, const std::string& described) {
  const auto tax = asked_tax(context, asked);
  if (asked.lines) return break_down(read_file(context.tx, asked.lines->value, currency, tax, date_of(context, asked)));
  const auto amount = parse_money(asked.amount.value().text, currency);
  return of_net(asked.description ? asked.description->value : described, amount.minor, tax);
}

}  // namespace steward::lines
