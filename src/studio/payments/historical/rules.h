#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/instant.h"
#include "core/money.h"

namespace steward::payments {

// What a line of older invoices may say. Errors name the line's field.

/// What it says of the money that came.
struct PaidSaid {
  bool in_full = false;                    ///< "yes"
  std::optional<std::int64_t> minor = {};  ///< or how much, in minor units
  bool dated = false, referenced = false;
};

/// How much came for an invoice over `amount`, in minor units: nothing where nothing is said. Money has a day.
/// Errors: usage "missing_argument", "conflicting_arguments" for a void invoice; conflict "overpayment".
std::int64_t paid_of(const PaidSaid& said, const Money& amount, bool voided);

/// The tax of a document over `gross`: as it was stated where that is what its tax gives within two minor units, which
/// is how far programs differ that round by lines; what the tax gives where nothing was stated.
/// Errors: usage "invalid_value".
std::int64_t tax_of(const std::optional<std::int64_t>& stated, std::int64_t given, const Money& gross, bool rated);

/// Its date is in our calendar's range, and in the year that a number of our own series names (nullopt: another's).
/// A number that a shell would read as a flag is none. Errors: usage "out_of_range", "invalid_value".
void require_number(std::string_view number, const std::optional<int>& year, Date issue);

/// A status that is said beside what makes it says the same. Errors: usage "conflicting_arguments".
void require_status(std::string_view said, std::string_view made);

}  // namespace steward::payments
