#pragma once
#include <string>
#include <string_view>

namespace steward {

/// An account number of ISO 13616 as machines write it: capitals, no blanks. Checked by its shape (two letters, two
/// check digits, 11 to 30 letters and digits) and by its check digits, modulo 97; not by each country's own length.
/// Errors: Error{usage, "invalid_iban"}, whose sentence does not repeat what was typed: an account is nobody's
/// business.
std::string parse_iban(std::string_view typed);

}  // namespace steward
