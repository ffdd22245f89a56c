// A beneficiary's month as it is printed.

#include <fmt/format.h>

#include <array>

#include "core/error.h"
#include "ops/declare.h"
#include "studio/documents/documents.h"
#include "studio/identity/identity.h"
#include "studio/ledger/month.h"
#include "studio/ledger/operations.h"
#include "studio/ledger/payee_rows.h"
#include "studio/ledger/statement_rows.h"

namespace steward::ledger {
namespace {

constexpr std::array<std::string_view, 12> kMonths{"January",   "February", "March",    "April",
                                                   "May",       "June",     "July",     "August",
                                                   "September", "October",  "November", "December"};

constexpr ops::Column kStatementColumns[] = {
    {"number", {}, ops::Kind::text, ops::Shown::always, "The month"},
    {"file"},
    {"pages", {}, ops::Kind::integer},
    {"bytes", {}, ops::Kind::integer},
    {"legal_name", {}, ops::Kind::text, ops::Shown::always, "Of the payee's tax data, when it is made out to it"},
    {"address"},
};

struct StatementArgs {
  identity::UserRef user;
  Month month;
  ops::NewFile to;
};

Date first_day(const Month& month) { return parse_date(month.value + "-01"); }
Date last_day(const Month& month) {
  const auto first = first_day(month).ymd;
  return {first.year() / first.month() / std::chrono::last};
}

Period period_of(ops::Context& context, const Month& month) {
  return {month.value, start_of(first_day(month), context.zone()),
          start_of(last_day(month) + std::chrono::days{1}, context.zone())};
}

// "November 2026".
std::string title_of(const Month& month) {
  const auto day = first_day(month).ymd;
  return fmt::format("{} {}", kMonths[static_cast<unsigned>(day.month()) - 1], static_cast<int>(day.year()));
}

// "PROVIDER_PAYOUT" -> "Provider payout".
std::string words_of(std::string_view name) {
  auto out = to_lower(name);
  for (auto& c : out)
    if (c == '_') c = ' ';
  out.front() = name.front();
  return out;
}

std::vector<std::string> row_of(ops::Context& context, const Movement& movement) {
  const bool is_payout = movement.deal_id.empty();
  const auto what = words_of(movement.what);
  return {documents::day(context, movement.at),
          is_payout && !movement.detail.empty() ? what + ", " + movement.detail : what,
          is_payout ? "" : std::string(short_id(movement.deal_id)), is_payout ? "Paid out" : words_of(movement.detail),
          documents::figure(movement.amount)};
}

pdf::Table table_of(ops::Context& context, const std::string& currency, const Account& account) {
  using Is = pdf::Column::Is;
  pdf::Table out;
  out.heading = currency;
  out.columns = {
      {"Date", Is::brief}, {"Entry", Is::words}, {"Deal", Is::brief}, {"Status", Is::brief}, {"Amount", Is::figure}};
  Money earned{0, account.opening.currency}, paid = earned;
  for (const auto& movement : account.movements) {
    auto& sum = movement.deal_id.empty() ? paid : earned;
    sum = sum + movement.amount;
    out.rows.push_back(row_of(context, movement));
  }
  out.sums = {{"Opening balance", to_text(account.opening), false},
              {"Earned", to_text(earned), false},
              {"Paid out", to_text(paid), false},
              {"Closing balance", to_text(account.opening + earned + paid), true}};
  return out;
}

// The name that a tax office knows them by, for who may see it; else the account's.
pdf::Party party_of(const identity::User& user, const std::optional<PrintedPayee>& payee) {
  pdf::Party out;
  out.name = payee ? payee->legal_name : user.display_name.value_or(user.email);
  if (payee) out.lines = payee->address;
  if (payee || user.display_name) out.lines.push_back(user.email);
  return out;
}

pdf::Document statement_of(ops::Context& context, const identity::User& user, const Month& month,
                           const std::optional<PrintedPayee>& payee) {
  auto out = documents::letterhead(context);
  out.kind = pdf::Kind::statement;
  out.title = "Statement";
  out.number = title_of(month);
  out.date = to_text(last_day(month));
  out.client = party_of(user, payee);
  out.facts = {{"From", to_text(first_day(month))}, {"Until", to_text(last_day(month))}};
  for (const auto& [currency, account] : accounts_of(context.tx, user.id.text, period_of(context, month)))
    out.tables.push_back(table_of(context, currency, account));
  if (out.tables.empty()) out.notes = "Nothing was earned or paid out in this month, and nothing is owed.";
  return out;
}

// Who sees only his own is not told who else there is.
identity::User beneficiary(ops::Context& context, const identity::UserRef& ref) {
  const auto id = ops::resolve(context.tx, ref, "user");
  if (const auto own = only_own(context.actor); own && *own != id.text)
    throw Error{ErrorKind::not_found, "not_found", "A statement can be made of your own entries only."}.at("user");
  return identity::find_user(context.tx, id);
}

Json render_statement(ops::Context& context, const StatementArgs& args) {
  const auto user = beneficiary(context, args.user);
  const auto payee = printed_payee(context, user.id.text);
  auto answer = documents::render(context, statement_of(context, user, args.month, payee), args.to,
                                  fmt::format("statement-{}-{}", args.month.value, user.email));
  if (answer.find("text")) return answer;  // the document is the answer
  answer.set("legal_name", payee ? Json(payee->legal_name) : Json());
  return answer.set("address", payee ? Json(join(payee->address, "\n")) : Json());
}

}  // namespace

void register_statement(ops::Registry& registry) {
  registry.add(
      ops::declare<StatementArgs>("ledger.statement", "Write what a person earned and was paid in a month as PDF")
          .details("An account for each currency: what was owed before, what the month's entries added, what payouts "
                   "confirmed in it subtracted, and what is owed after. Claw-backs are subtracted; an entry that was "
                   "voided is taken off in the month that voided it, so that a month's statement stays what it was. "
                   "Who is no ADMIN gets his own. For a person with payees:read it is made out to the "
                   "payee's legal name and address, where they are known, else to the account's name.")
          .subject("user", &StatementArgs::user, "Address, id, or unique tail of an id")
          .option("month", &StatementArgs::month, "The month, in studio.timezone")
          .option("to", &StatementArgs::to,
                  "The file, or a folder that takes statement-MONTH-ADDRESS.pdf; replaced only with --yes; - is "
                  "standard output")
          .needs("ledger:read")
          .also(earners())
          .example("steward ledger statement noor@atelier.example --month 2026-11 --to statement.pdf")
          .returns(kStatementColumns)
          .shows(render_statement));
}

}  // namespace steward::ledger
