#include "studio/payments/bank/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "core/error.h"
#include "core/text.h"

namespace steward::payments {
namespace {

constexpr std::size_t kYearDigits = 4, kFewestDigits = 4, kMostDigits = 9;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || static_cast<unsigned char>(c) >= 0x80; }

void skip_separators(std::string_view& rest) {
  while (!rest.empty() && std::string_view(" -_./").find(rest.front()) != std::string_view::npos) rest.remove_prefix(1);
}

// At most `most` digits off the front.
std::string_view take_digits(std::string_view& rest, std::size_t most) {
  std::size_t n = 0;
  while (n < rest.size() && n < most && is_digit(rest[n])) ++n;
  const auto out = rest.substr(0, n);
  rest.remove_prefix(n);
  return out;
}

// "0007" as it is, "000012345" as "12345": a number is filled up to four digits only.
std::string_view without_filling(std::string_view digits) {
  while (digits.size() > kFewestDigits && digits.front() == '0') digits.remove_prefix(1);
  return digits;
}

// The number whose series was just read, or "".
std::string number_at(std::string_view series, std::string_view rest) {
  skip_separators(rest);
  const auto year = take_digits(rest, kYearDigits);
  if (year.size() < kYearDigits) return {};
  skip_separators(rest);
  const auto digits = take_digits(rest, kMostDigits);
  if (digits.size() < kFewestDigits || (!rest.empty() && is_word(rest.front()))) return {};
  return fmt::format("{}-{}-{}", series, year, without_filling(digits));
}

}  // namespace

std::vector<std::string> numbers_named(std::string_view series, std::string_view text) {
  std::vector<std::string> out;
  const auto upper = to_upper(text);
  const std::string_view all = upper;
  for (auto at = all.find(series); at != std::string_view::npos; at = all.find(series, at + 1)) {
    if (at > 0 && is_word(all[at - 1])) continue;
    auto number = number_at(series, all.substr(at + series.size()));
    if (!number.empty() && !std::ranges::count(out, number)) out.push_back(std::move(number));
  }
  return out;
}

std::vector<std::string> words_of(const std::string& reference, const std::string& said) {
  constexpr std::string_view kBlanks = " \t\n", kAround = ".,;:!?()[]\"'";
  std::vector<std::string> out;
  if (!reference.empty()) out.push_back(reference);
  const auto all = reference + "\n" + said;
  const std::string_view text = all;
  for (auto from = text.find_first_not_of(kBlanks); from != text.npos; from = text.find_first_not_of(kBlanks, from)) {
    const auto to = std::min(text.find_first_of(kBlanks, from), text.size());
    const auto word = text.substr(from, to - from);
    from = to;
    const auto first = word.find_first_not_of(kAround);
    if (first == word.npos) continue;
    std::string bare(word.substr(first, word.find_last_not_of(kAround) - first + 1));
    if (!std::ranges::count(out, bare)) out.push_back(std::move(bare));
  }
  return out;
}

void require_incoming(const Money& amount, std::string_view label) {
  if (amount.minor > 0) return;
  refuse_conflict("not_payable", fmt::format("{} is money that went out: it pays no invoice.", label),
                  "steward payments lines ignore LINE sets it aside.");
}

void require_booked(Date booked_on, Date today) {
  if (booked_on <= today) return;
  refuse_usage("in_the_future", fmt::format("{} is ahead: a bank books what has happened.", to_text(booked_on)), "date",
               "Import it once it is booked.");
}

}  // namespace steward::payments
