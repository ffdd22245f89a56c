#include "ops/import_reading.h"

#include <catch2/catch.hpp>

#include "core/error.h"

using namespace steward;
using ops::Reading;

namespace {

std::string date(std::string_view pattern, std::string_view text) {
  const Reading reading{ops::ArgumentType<ops::DateFormat>::parse(pattern, "date-format"), {}};
  try {
    return reading.date(text);
  } catch (const Error& error) {
    return error.code();
  }
}

std::string amount(std::string_view sign, std::string_view text) {
  const Reading reading{{}, ops::ArgumentType<ops::DecimalSign>::parse(sign, "decimal")};
  try {
    return reading.amount(text);
  } catch (const Error& error) {
    return error.code();
  }
}

template <class T>
std::string refused(std::string_view text) {
  try {
    ops::ArgumentType<T>::parse(text, "x");
  } catch (const Error& error) {
    return error.code();
  }
  return "taken";
}

struct Payment {
  std::optional<Date> on;
  std::optional<ops::Amount> amount;
};

}  // namespace

TEST_CASE("a date is read as its pattern says, and a day that is not there is refused", "[core][import]") {
  CHECK(date("DD.MM.YYYY", "22.11.2026") == "2026-11-22");
  CHECK(date("dd.mm.yyyy", " 2.1.2026 ") == "2026-01-02");
  CHECK(date("M/D/YY", "11/22/26") == "2026-11-22");
  CHECK(date("YYYYMMDD", "20261122") == "2026-11-22");
  CHECK(date("YYYY-MM-DD", "2026-11-22") == "2026-11-22");
  for (const auto* wrong : {"31.02.2026", "22.11.26", "22.11.20266", "22-11-2026", "", "x", "22.11.", "00.11.2026",
                            "1.13.2026", "1.1.0000", "-1.1.2026"})
    CHECK(date("DD.MM.YYYY", wrong) == "invalid_date");
  CHECK(date("YYYYMMDD", "2026112") == "invalid_date");
}

TEST_CASE("a pattern names year, month and day once each", "[core][import]") {
  for (const auto* wrong :
       {"", "YYYY", "DD.MM", "DD.MM.YYY", "DD.MM.YYYY YY", "DDD.MM.YYYY", "DD of MM YYYY", "D1MMYYYY"})
    CHECK(refused<ops::DateFormat>(wrong) == "invalid_value");
  CHECK(refused<ops::DateFormat>("D. M. YYYY") == "taken");
}

TEST_CASE("an amount is read exactly, whichever sign its cents stand behind", "[core][import]") {
  CHECK(amount(",", "1.234,50") == "1234.50");
  CHECK(amount(",", "-1.234.567,5") == "-1234567.5");
  CHECK(amount(",", "+12,00") == "12.00");
  CHECK(amount(",", "1 234,50") == "1234.50");
  CHECK(amount(",", "1\u00A0234,50") == "1234.50");
  CHECK(amount(".", "1'234.50") == "1234.50");
  CHECK(amount(".", "1,234,567") == "1234567");
  CHECK(amount(".", "12.5") == "12.5");
  for (const auto* wrong : {"12.34", "1.23,4", "1234.567,00", "1,2,3", ",5", "5,", "", "-", "1..000", ".100", "1.000.",
                            "12 EUR", "1e3", "--1"})
    CHECK(amount(",", wrong) == "invalid_money");
}

TEST_CASE("what is not said of a file leaves its texts as they are", "[core][import]") {
  CHECK(Reading{}.date("22.11.2026") == "22.11.2026");
  CHECK(Reading{}.amount("1.234,50") == "1.234,50");
}

TEST_CASE("a field of a date or an amount goes through the file's own spelling", "[core][import]") {
  const Reading reading{ops::DateFormat{"DD.MM.YYYY"}, ops::DecimalSign{','}};
  Payment payment;
  ops::take<&Payment::on, Date>(payment, "1.2.2026", reading, "date");
  ops::take<&Payment::amount, ops::Amount>(payment, "1.000,00", reading, "amount");
  CHECK(to_text(*payment.on) == "2026-02-01");
  CHECK(payment.amount->text == "1000.00");
}

TEST_CASE("a delimiter is one character that can't be mistaken, a map names a column and a field", "[core][import]") {
  CHECK(ops::ArgumentType<ops::Delimiter>::parse("tab", "x").character == '\t');
  CHECK(ops::ArgumentType<ops::Delimiter>::parse("|", "x").character == '|');
  for (const auto* wrong : {"", ";;", "\"", "\n", "\u00A7"}) CHECK(refused<ops::Delimiter>(wrong) == "invalid_value");
  const auto map = ops::ArgumentType<ops::ColumnMap>::parse("Name = Kunde=contact_name ", "x");
  CHECK(map.column == "Name = Kunde");
  CHECK(map.field == "contact_name");
  CHECK(ops::ArgumentType<ops::ColumnMap>::parse("Notiz=", "x").field.empty());
  for (const auto* wrong : {"", "x", "=x"}) CHECK(refused<ops::ColumnMap>(wrong) == "invalid_value");
  CHECK(refused<ops::DecimalSign>(";") == "invalid_value");
}
