// What a document asks for, and whom: the part of it that invoices, credit notes and proposals share.

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "studio/documents/documents.h"

namespace steward::documents {
namespace {

std::string tax_label(const lines::TaxTerms& tax) {
  if (tax.treatment != "STANDARD") return tax.code;
  const auto percent = decimal_text(tax.rate_bp, 2);
  return fmt::format("{} {} %", tax.code, percent.ends_with(".00") ? percent.substr(0, percent.size() - 3) : percent);
}

pdf::Line line_of(const lines::Line& line, Currency currency) {
  const bool one = line.quantity == kOne && line.unit_price == line.net;
  return {.description = line.description,
          .quantity = one ? "" : to_text(line.quantity),
          .unit_price = one ? "" : figure({line.unit_price, currency}),
          .tax = line.tax ? tax_label(*line.tax) : "",
          .amount = figure({line.net, currency})};
}

bool states_taxes(const lines::Breakdown& breakdown) {
  return std::ranges::any_of(breakdown.groups, [](const auto& group) { return group.tax.has_value(); });
}

std::vector<pdf::Sum> sums_of(const lines::Breakdown& breakdown, Currency currency) {
  const pdf::Sum total{"Total", to_text(Money{breakdown.gross(), currency}), true};
  if (!states_taxes(breakdown)) return {total};
  std::vector<pdf::Sum> out{{"Net", to_text(Money{breakdown.net(), currency}), false}};
  for (const auto& group : breakdown.groups)
    if (group.tax)
      out.push_back({fmt::format("{} on {}", tax_label(*group.tax), figure({group.net, currency})),
                     to_text(Money{group.tax_amount, currency}), false});
  out.push_back(total);
  return out;
}

// Directive 2006/112/EC, article 226 (11) and (11a): why no tax is added has to be said.
std::string remarks_on(const lines::Breakdown& breakdown) {
  std::vector<std::string> out;
  for (const auto& group : breakdown.groups) {
    if (group.tax && group.tax->treatment == "REVERSE_CHARGE")
      out.push_back(fmt::format("{}: reverse charge, the tax is owed by the recipient.", group.tax->code));
    if (group.tax && group.tax->treatment == "EXEMPT")
      out.push_back(fmt::format("{}: exempt from tax.", group.tax->code));
  }
  return join(out, "\n");
}

std::vector<std::string> address_of(const contacts::BillingIdentity& who) {
  std::vector<std::string> out;
  for (const auto line : split(who.address, '\n'))
    if (!trim(line).empty()) out.emplace_back(trim(line));
  if (!who.country.empty()) out.push_back(who.country);
  return out;
}

pdf::Party client_of(const contacts::BillingIdentity& who, const std::string& email) {
  pdf::Party out{who.legal_name.empty() ? email : who.legal_name, address_of(who)};
  if (!who.tax_id.empty()) out.lines.push_back("Tax number " + who.tax_id);
  if (!who.legal_name.empty()) out.lines.push_back(who.email.empty() ? email : who.email);
  return out;
}

}  // namespace

void set_lines(pdf::Document& document, const lines::Breakdown& breakdown, Currency currency) {
  std::vector<pdf::Line> out;
  out.reserve(breakdown.lines.size());
  for (const auto& line : breakdown.lines) out.push_back(line_of(line, currency));
  document.tables = {pdf::table_of(out)};
  document.tables.front().sums = sums_of(breakdown, currency);
  document.notes = remarks_on(breakdown);
}

void set_parties(ops::Context& context, pdf::Document& document, const std::optional<parties::Parties>& taken_down,
                 const std::string& client_email) {
  if (!taken_down) {
    const auto now = contacts::contact_identity(context.tx, client_email);
    document.client = client_of(now.value_or(contacts::BillingIdentity{}), client_email);
    return;
  }
  const auto& seller = taken_down->seller;
  document.studio.name = seller.legal_name;
  document.studio.lines = address_of(seller);
  if (!seller.email.empty()) document.studio.lines.push_back(seller.email);
  document.studio.lines.push_back("Tax number " + seller.tax_id);
  document.client = client_of(taken_down->client, client_email);
}

}  // namespace steward::documents
