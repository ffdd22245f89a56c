#include "studio/payments/historical/line.h"

#include <fmt/format.h>

#include <cctype>

#include "ops/encoding.h"
#include "studio/payments/historical/rules.h"

namespace steward::payments {
namespace {

constexpr std::size_t kHashDigits = 32;  // 128 bits

template <auto Member, class Argument>
constexpr auto take = &ops::take<Member, Argument, OlderInvoice>;

// "1250.00", and "1250.00 EUR" where the file writes it so.
void take_amount(OlderInvoice& into, std::string_view text, const ops::Reading& reading, std::string_view field) {
  auto number = trim(text);
  if (const auto blank = number.rfind(' ');
      blank != number.npos && std::isalpha(static_cast<unsigned char>(number[blank + 1]))) {
    into.in_amount = Currency::parse(number.substr(blank + 1));
    number = trim(number.substr(0, blank));
  }
  into.amount = ops::ArgumentType<ops::Amount>::parse(reading.amount(number), field).text;
}

// Nothing is paid, or taxed, of many.
template <std::optional<std::string> OlderInvoice::*Member>
void take_part(OlderInvoice& into, std::string_view text, const ops::Reading& reading, std::string_view field) {
  auto amount = reading.amount(trim(text));
  if (!is_decimal_amount(amount))
    refuse_usage("invalid_money", fmt::format("'{}' is not a decimal amount.", text), field,
                 "Say what stands before the cents: --decimal ,");
  into.*Member = std::move(amount);
}

void take_paid(OlderInvoice& into, std::string_view text, const ops::Reading& reading, std::string_view field) {
  const auto word = to_lower(trim(text));
  into.paid_in_full = word == "yes";
  if (word != "yes" && word != "no") take_part<&OlderInvoice::paid_amount>(into, text, reading, field);
}

constexpr ops::ImportField<OlderInvoice> kFields[] = {
    {"number", true, take<&OlderInvoice::number, ops::Text<40>>},
    {"issue_date", true, take<&OlderInvoice::issue, Date>},
    {"due_date", false, take<&OlderInvoice::due, Date>},
    {"client_email", true, take<&OlderInvoice::email, ops::Email>},
    {"client_name", false, take<&OlderInvoice::name, ops::Text<200>>},
    {"client_address", false, take<&OlderInvoice::address, ops::LongText<500>>},
    {"client_country", false, take<&OlderInvoice::country, ops::Country>},
    {"client_tax_id", false, take<&OlderInvoice::tax_id, ops::Text<50>>},
    {"amount", true, take_amount},
    {"currency", false, take<&OlderInvoice::currency, Currency>},
    {"tax", false, take<&OlderInvoice::tax, taxes::TaxCode>},
    {"tax_amount", false, take_part<&OlderInvoice::tax_amount>},
    {"amount_2", false, take_part<&OlderInvoice::amount_2>},
    {"tax_2", false, take<&OlderInvoice::tax_2, taxes::TaxCode>},
    {"tax_amount_2", false, take_part<&OlderInvoice::tax_amount_2>},
    {"description", false, take<&OlderInvoice::description, ops::LongText<1000>>},
    {"paid_amount", false, take_paid},
    {"paid_date", false, take<&OlderInvoice::paid, Date>},
    {"reference", false, take<&OlderInvoice::reference, ops::Text<140>>},
    {"status", false, take<&OlderInvoice::status, invoices::Status>},
    {"void_reason", false, take<&OlderInvoice::void_reason, ops::LongText<2000>>},
};

Money in_currency(const std::string& text, Currency currency, Sign sign, std::string_view field) {
  try {
    return parse_money(text, currency, sign);
  } catch (Error& error) {
    throw std::move(error.at(field));
  }
}

std::optional<std::int64_t> part_in(const std::optional<std::string>& text, Currency currency, std::string_view field) {
  if (!text) return std::nullopt;
  return in_currency(*text, currency, Sign::zero_or_more, field).minor;
}

Currency currency_of(const OlderInvoice& row, const std::optional<Currency>& of_file) {
  if (row.in_amount && row.currency && *row.in_amount != *row.currency)
    refuse_usage("conflicting_arguments",
                 fmt::format("The amount is in {}, the currency {}.", row.in_amount->code(), row.currency->code()),
                 "currency");
  if (row.in_amount) return *row.in_amount;
  if (row.currency) return *row.currency;
  if (of_file) return *of_file;
  refuse_usage("missing_argument", "currency is missing.", "currency",
               "Say it for the whole file with --currency, where the lines do not.");
}

// An invoice has one tax, or two: what is under the second is a part of the amount.
std::optional<Said::Second> second_of(const OlderInvoice& row, const Money& amount) {
  if (!row.amount_2) {
    if (row.tax_2 || row.tax_amount_2)
      refuse_usage("missing_argument", "amount_2 is missing: the part of amount that is under tax_2, tax included.",
                   "amount_2");
    return std::nullopt;
  }
  if (!row.tax || !row.tax_2 || row.tax->value == row.tax_2->value)
    refuse_usage("missing_argument", "An invoice of two taxes names both, tax and tax_2.", row.tax ? "tax_2" : "tax");
  const auto part = in_currency(*row.amount_2, amount.currency, Sign::positive, "amount_2");
  if (part >= amount)
    refuse_usage("out_of_range", fmt::format("amount_2 is a part of amount, which is {}.", to_text(amount)),
                 "amount_2");
  return Said::Second{part, part_in(row.tax_amount_2, amount.currency, "tax_amount_2")};
}

std::string text(const std::optional<std::string>& maybe) { return maybe.value_or(""); }
std::string text(const std::optional<Date>& maybe) { return maybe ? to_text(*maybe) : std::string(); }

}  // namespace

const std::span<const ops::ImportField<OlderInvoice>> kOlderFields = kFields;

Said said_of(const OlderInvoice& row, const std::optional<Currency>& of_file) {
  const auto currency = currency_of(row, of_file);
  const bool voided = row.status == invoices::Status::voided;
  const bool in_full = row.paid_in_full || (row.status == invoices::Status::paid && !row.paid_amount);
  Said out{in_currency(row.amount, currency, Sign::positive, "amount"),
           part_in(row.tax_amount, currency, "tax_amount")};
  out.paid = paid_of(
      {in_full, part_in(row.paid_amount, currency, "paid_amount"), row.paid.has_value(), row.reference.has_value()},
      out.amount, voided);
  out.second = second_of(row, out.amount);
  out.status = voided ? invoices::Status::voided : invoices::status_for(out.amount.minor, out.paid);
  return out;
}

// What is said, however it is spelled. No text holds the sign that parts them.
std::string note_of(const OlderInvoice& row) {
  const auto& said = row.said.value();
  std::string all;
  for (const auto& part :
       {row.number, to_text(row.issue), text(row.due), row.email, text(row.name), text(row.address), text(row.country),
        text(row.tax_id), to_text(said.amount), row.tax ? row.tax->value : std::string(),
        said.tax ? std::to_string(*said.tax) : std::string(), text(row.description), std::to_string(said.paid),
        text(row.paid), text(row.reference), std::string(to_text(said.status)), text(row.void_reason)})
    all.append(part).append("\x1f");
  if (said.second)
    for (const auto& part : {to_text(said.second->amount), row.tax_2.value().value,
                             said.second->tax ? std::to_string(*said.second->tax) : std::string()})
      all.append(part).append("\x1f");
  return fmt::format("Issued elsewhere; line {}", ops::blake2b_hex(all).substr(0, kHashDigits));
}

}  // namespace steward::payments
