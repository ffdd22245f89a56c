#include "core/iban.h"

#include "core/error.h"
#include "core/text.h"

namespace steward {
namespace {

constexpr std::size_t kShortest = 15, kLongest = 34;

bool is_letter(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool has_shape(std::string_view iban) {
  if (iban.size() < kShortest || iban.size() > kLongest) return false;
  for (std::size_t i = 0; i < iban.size(); ++i) {
    const char c = iban[i];
    if (i < 2 ? !is_letter(c) : i < 4 ? !is_digit(c) : !is_letter(c) && !is_digit(c)) return false;
  }
  return true;
}

// The first four characters go to the end, letters count from A = 10, and the number is 1 modulo 97.
bool has_check_digits(std::string_view iban) {
  int rest = 0;
  for (std::size_t i = 0; i < iban.size(); ++i) {
    const char c = iban[(i + 4) % iban.size()];
    rest = is_digit(c) ? (rest * 10 + (c - '0')) % 97 : (rest * 100 + (c - 'A' + 10)) % 97;
  }
  return rest == 1;
}

}  // namespace

std::string parse_iban(std::string_view typed) {
  std::string iban;
  for (const char c : to_upper(trim(typed)))
    if (c != ' ') iban += c;
  if (!has_shape(iban))
    refuse_usage("invalid_iban", "That is not the shape of an IBAN: two letters, two digits, and the account.", {},
                 "Copy it again from the bank.");
  if (!has_check_digits(iban))
    refuse_usage("invalid_iban", "The check digits of that IBAN don't fit: a character is wrong or missing.", {},
                 "Copy it again from the bank.");
  return iban;
}

}  // namespace steward
