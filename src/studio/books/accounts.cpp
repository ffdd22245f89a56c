#include "studio/books/accounts.h"

#include <fmt/format.h>

#include "core/text.h"
#include "ops/encoding.h"

namespace steward::books {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// hledger and Ledger: anything that could mean something to either, and every byte beyond ASCII, as in a URL.
std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 8);
  for (const char c : text) {
    if (is_letter(c) || is_digit(c) || std::string_view("@.-_+").find(c) != std::string_view::npos)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

// beancount: letters, digits and dashes behind a capital. What tells two of them apart is the tail.
std::string slug(std::string_view text, std::string_view tail) {
  constexpr std::size_t kLongest = 40;
  std::string out;
  for (const char c : text.substr(0, kLongest)) {
    if (is_letter(c) || is_digit(c))
      out += out.empty() ? to_upper(std::string_view(&c, 1)) : std::string(1, c);
    else if (!out.empty() && out.back() != '-')
      out += '-';
  }
  if (out.empty()) out = "X";
  if (out.back() != '-') out += '-';
  return out.append(tail);
}

std::string percent(int rate_bp, char point) { return fmt::format("{}{}{:02}", rate_bp / 100, point, rate_bp % 100); }

// A code has capitals, digits, dashes and underscores; a small letter stands for what beancount does not have.
std::string capital_word(std::string_view code) {
  std::string out;
  for (const char c : code)
    if (c == '_')
      out += "-u-";
    else
      out += c;
  return out.front() == '-' ? "Xx" + out : out;
}

}  // namespace

std::string Accounts::bank(std::string_view currency) const { return fmt::format("Assets:Bank:{}", currency); }

std::string Accounts::receivable(std::string_view email) const {
  constexpr std::size_t kTail = 12;
  return "Assets:Receivable:" + (beancount_ ? slug(email, ops::blake2b_hex(email).substr(0, kTail)) : escaped(email));
}

std::string Accounts::payable(std::string_view email, std::string_view user_id) const {
  constexpr std::size_t kRandom = 24;  // the last group of a UUIDv7
  return "Liabilities:Payable:" +
         (beancount_ ? slug(email, user_id.size() > kRandom ? user_id.substr(kRandom) : user_id) : escaped(email));
}

std::string Accounts::tax_words(const TaxGroup& group) const {
  if (group.code.empty()) return "Untaxed";
  if (beancount_) return fmt::format("{}:{}", capital_word(group.code), percent(group.rate_bp, '-'));
  return fmt::format("{}:{}%", group.code, percent(group.rate_bp, '.'));
}

std::string Accounts::income(const TaxGroup& group) const { return "Income:Sales:" + tax_words(group); }

std::string Accounts::tax(const TaxGroup& group) const { return "Liabilities:Tax:" + tax_words(group); }

std::string Accounts::earned(std::string_view entry_type) {
  if (entry_type == "PROVIDER_PAYOUT") return "Expenses:Deals:Provider-Payout";
  if (entry_type == "REFERRER_COMMISSION") return "Expenses:Deals:Referrer-Commission";
  if (entry_type == "CLAWBACK") return "Expenses:Deals:Clawback";
  return std::string(kAllocated);
}

}  // namespace steward::books
