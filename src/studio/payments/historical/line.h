#pragma once
#include <optional>
#include <span>
#include <string>

#include "ops/import.h"
#include "studio/invoices/invoices.h"
#include "studio/taxes/taxes.h"

namespace steward::payments {

/// What a line of older invoices comes to, by itself.
struct Said {
  Money amount;  ///< all of it
  /// The part of it that is under another tax.
  struct Second {
    Money amount;
    std::optional<std::int64_t> tax;
  };
  std::optional<std::int64_t> tax;  ///< as it was stated, in minor units
  std::int64_t paid = 0;
  invoices::Status status = invoices::Status::issued;
  std::optional<Second> second = {};

  Money first() const { return second ? amount - second->amount : amount; }
  bool voided() const { return status == invoices::Status::voided; }
};

/// A line of a file of older invoices.
struct OlderInvoice {
  std::string number;
  Date issue;
  std::optional<Date> due;
  std::string email;
  std::optional<std::string> name, address, country, tax_id;
  std::string amount;  ///< decimal
  std::optional<Currency> currency, in_amount;
  std::optional<taxes::TaxCode> tax, tax_2;
  std::optional<std::string> tax_amount, amount_2, tax_amount_2, paid_amount;  ///< decimals
  std::optional<std::string> description, reference, void_reason;
  bool paid_in_full = false;
  std::optional<Date> paid;
  std::optional<invoices::Status> status;

  std::optional<Said> said = {};
  std::string note = {};                           ///< of its history
  std::optional<lines::Breakdown> breakdown = {};  ///< of one that is created
};

extern const std::span<const ops::ImportField<OlderInvoice>> kOlderFields;

/// `of_file` is the currency of lines that name none. Errors: usage "missing_argument", "conflicting_arguments",
/// "invalid_money", "amount_too_large"; those of paid_of.
Said said_of(const OlderInvoice& row, const std::optional<Currency>& of_file);

/// The note of its history: what tells it from any other line. `row.said` is known.
std::string note_of(const OlderInvoice& row);

}  // namespace steward::payments
