#pragma once
#include <optional>
#include <string>

#include "ops/context.h"
#include "ops/declare.h"
#include "studio/lines/rules.h"
#include "studio/taxes/taxes.h"

namespace steward::lines {

/// How an operator says what a document asks for: by a file of lines, or by one amount. Argument structs derive from
/// it.
struct Asked {
  std::optional<ops::FilePath> lines;
  std::optional<ops::Amount> amount;
  std::optional<Currency> currency;
  std::optional<taxes::TaxCode> tax;
  std::optional<ops::LongText<1000>> description;
  std::optional<ops::DateOrSpan> date;  ///< whose taxes count; today if absent

  bool names_amount() const { return lines || amount; }
};

/// Errors: usage "conflicting_arguments"; usage "missing_argument" when a currency, a tax or a description has no
/// amount to go with, unless `alone` says that what the document is made from has one.
void require_consistent(const Asked& asked, bool alone = false);

Date date_of(ops::Context& context, const Asked& asked);
/// The tax that --tax names, as of that date. Errors: those of taxes::tax_on.
std::optional<TaxTerms> asked_tax(ops::Context& context, const Asked& asked);

/// What --lines or --amount come to in that currency: an amount is net where a tax is named, and all that is paid where
/// none is. One of the two is given. `described` is what the one line says unless --description does.
Breakdown worked_out(ops::Context& context, const Asked& asked, Currency currency, const std::string& described);

/// Declares the options.
template <class Args>
ops::Declaration<Args> with_asked(ops::Declaration<Args>&& declaration) {
  return std::move(declaration)
      .option("amount", &Args::amount, "What is asked for: net when --tax is named, else all of it")
      .option("currency", &Args::currency, "Currency of the amount or of the lines' prices")
      .option("lines", &Args::lines,
              "A file of lines, CSV or JSON lines: description, quantity, unit_price, tax; - is standard input")
      .option("tax", &Args::tax, "The tax of the amount, or of lines that name none")
      .option("description", &Args::description, "What the one line of an amount says");
}

}  // namespace steward::lines
