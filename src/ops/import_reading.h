#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/charset.h"
#include "ops/argument.h"

namespace steward::ops {

// How an import's file is written, as its options say (docs/contract.md, 3).

/// Which column, or member of a line's object, holds which field: "Kunde=contact_name". "Notiz=" leaves a column out,
/// and
/// "*=" leaves out all that are no field.
struct ColumnMap {
  std::string column, field;  ///< an empty field: left out
};
/// One ASCII character, or "tab".
struct Delimiter {
  char character = ',';
};
/// Year, month and day in their order: "DD.MM.YYYY", "M/D/YY". One digit is enough where something other than a digit
/// follows; YY is 20YY.
struct DateFormat {
  std::string pattern;
};
/// "." or ",": what stands before the cents. The other one, blanks and apostrophes may part the thousands.
struct DecimalSign {
  char character = '.';
};

template <>
struct ArgumentType<ColumnMap> {
  static TypeInfo info() { return {"COLUMN=FIELD", ""}; }
  static ColumnMap parse(std::string_view text, std::string_view field);
};
template <>
struct ArgumentType<Delimiter> {
  static TypeInfo info() { return {"CHARACTER", "one character, or tab"}; }
  static Delimiter parse(std::string_view text, std::string_view field);
};
template <>
struct ArgumentType<DateFormat> {
  static TypeInfo info() { return {"PATTERN", "of YYYY or YY, MM and DD, such as DD.MM.YYYY"}; }
  static DateFormat parse(std::string_view text, std::string_view field);
};
template <>
struct ArgumentType<DecimalSign> {
  static TypeInfo info() { return {"SIGN", ". or ,"}; }
  static DecimalSign parse(std::string_view text, std::string_view field);
};

/// Turns what a file says into what an argument is typed like. What is not said is left as it is.
struct Reading {
  std::optional<DateFormat> date_format;
  std::optional<DecimalSign> decimal;

  /// "2026-11-22" of "22.11.2026". Errors: usage "invalid_date".
  std::string date(std::string_view text) const;
  /// "-1234.50" of "-1.234,50". Errors: usage "invalid_money".
  std::string amount(std::string_view text) const;
};

/// Sets a member of a record from a cell, read as the argument type that an operation would read it as.
template <auto Member, class Argument, class Record>
void take(Record& into, std::string_view text, const Reading& reading, std::string_view field) {
  if constexpr (std::is_same_v<Argument, Date> || std::is_same_v<Argument, DateOrSpan>)
    into.*Member = ArgumentType<Argument>::parse(reading.date(text), field);
  else if constexpr (std::is_same_v<Argument, Amount> || std::is_same_v<Argument, Sum>)
    into.*Member = ArgumentType<Argument>::parse(reading.amount(text), field);
  else
    into.*Member = ArgumentType<Argument>::parse(text, field);
}

}  // namespace steward::ops
