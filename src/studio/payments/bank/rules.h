#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "core/instant.h"
#include "core/money.h"
#include "core/transitions.h"

namespace steward::payments {

/// What became of a line of a bank statement.
enum class LineStatus { unmatched, matched, ignored };
inline constexpr std::array<std::string_view, 3> kLineStatusNames{"UNMATCHED", "MATCHED", "IGNORED"};
constexpr EnumNames names_of(LineStatus) { return {"status", kLineStatusNames}; }

inline constexpr Step<LineStatus> kLineSteps[] = {
    {LineStatus::unmatched, LineStatus::matched, "match"},
    {LineStatus::unmatched, LineStatus::ignored, "ignore"},
    {LineStatus::ignored, LineStatus::matched, "match"},
    {LineStatus::matched, LineStatus::unmatched, "payment reversed"},
};
inline constexpr Lifecycle<LineStatus> kLineLifecycle{"bank line", LineStatus::unmatched, kLineSteps};

/// The document numbers of a series that a text names, each once, as they are spelled on the document: "INV-2026-0007"
/// of "inv 2026 0007" and of "INV20260007". A number has a year and at least four digits, and stands by itself.
/// What a line says that may be a number of any shape: its whole reference, and what stands between blanks in that and
/// in its text, without the punctuation around it; each once.
std::vector<std::string> words_of(const std::string& reference, const std::string& text);
std::vector<std::string> numbers_named(std::string_view series, std::string_view text);

/// Errors: conflict "not_payable" for money that went out, which pays no invoice.
void require_incoming(const Money& amount, std::string_view label);
/// What is booked has happened. Errors: usage "in_the_future".
void require_booked(Date booked_on, Date today);

}  // namespace steward::payments
