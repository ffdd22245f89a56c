#include "ops/import_reading.h"

#include <fmt/format.h>

#include <cctype>

#include "core/error.h"
#include "core/phrase.h"

namespace steward::ops {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct Part {
  char letter;  ///< Y, M, D, or 0 for a character that stands for itself
  std::size_t width = 1;
  char literal = 0;
};

std::vector<Part> parts_of(std::string_view pattern) {
  std::vector<Part> out;
  for (const char c : pattern) {
    const char letter = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    if (letter != 'Y' && letter != 'M' && letter != 'D')
      out.push_back({0, 1, c});
    else if (!out.empty() && out.back().letter == letter)
      ++out.back().width;
    else
      out.push_back({letter});
  }
  return out;
}

bool is_date_pattern(std::string_view pattern) {
  int years = 0, months = 0, days = 0;
  for (const auto& part : parts_of(pattern)) {
    years += part.letter == 'Y' && (part.width == 4 || part.width == 2);
    months += part.letter == 'M' && part.width <= 2;
    days += part.letter == 'D' && part.width <= 2;
    if (part.letter == 0 && (is_digit(part.literal) || std::isalpha(static_cast<unsigned char>(part.literal))))
      return false;
  }
  const auto letters = std::ranges::count_if(parts_of(pattern), [](const auto& part) { return part.letter != 0; });
  return years == 1 && months == 1 && days == 1 && letters == 3;
}

// Takes a number off the front: `width` digits, or fewer of a day and a month where no digit could be meant to follow.
std::optional<int> take_number(std::string_view& text, std::size_t width, bool exact) {
  std::size_t n = 0;
  while (n < text.size() && n < width && is_digit(text[n])) ++n;
  if (n == 0 || (exact && n != width)) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < n; ++i) value = value * 10 + (text[i] - '0');
  text.remove_prefix(n);
  return value;
}

std::optional<Date> read_date(std::string_view text, std::string_view pattern) {
  int year = 0, month = 0, day = 0;
  const auto parts = parts_of(pattern);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto& part = parts[i];
    if (part.letter == 0) {
      if (!text.starts_with(part.literal)) return std::nullopt;
      text.remove_prefix(1);
      continue;
    }
    const auto is_number = [&](std::size_t at) { return at < parts.size() && parts[at].letter != 0; };
    const bool runs_on = is_number(i + 1) || (i > 0 && is_number(i - 1));
    const auto value = take_number(text, std::max<std::size_t>(2, part.width), part.letter == 'Y' || runs_on);
    if (!value) return std::nullopt;
    (part.letter == 'Y'   ? year
     : part.letter == 'M' ? month
                          : day) = part.letter == 'Y' && part.width == 2 ? 2000 + *value : *value;
  }
  const std::chrono::year_month_day ymd{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                        std::chrono::day{static_cast<unsigned>(day)}};
  if (!text.empty() || year == 0 || !ymd.ok()) return std::nullopt;
  return Date{ymd};
}

constexpr std::string_view kNoBreak = "\u00A0", kNarrowNoBreak = "\u202F", kTypographic = "\u2019";

// How many bytes of what parts thousands stand at the front.
std::size_t separator_length(std::string_view text, char decimal) {
  for (const auto mark : {kNoBreak, kNarrowNoBreak, kTypographic})
    if (text.starts_with(mark)) return mark.size();
  const char other = decimal == ',' ? '.' : ',';
  return text[0] == ' ' || text[0] == '\'' || text[0] == other ? 1 : 0;
}

// The digits before the decimal sign, without what parts them; nullopt unless they stand in threes behind each mark.
std::optional<std::string> take_whole(std::string_view& text, char decimal) {
  std::string out;
  std::size_t since_mark = 0, marks = 0;
  while (!text.empty() && text[0] != decimal) {
    if (const auto length = separator_length(text, decimal)) {
      if (marks == 0 ? since_mark == 0 || since_mark > 3 : since_mark != 3) return std::nullopt;
      ++marks;
      since_mark = 0;
      text.remove_prefix(length);
    } else if (is_digit(text[0])) {
      out += text[0];
      ++since_mark;
      text.remove_prefix(1);
    } else {
      return std::nullopt;
    }
  }
  if (out.empty() || (marks > 0 && since_mark != 3)) return std::nullopt;
  return out;
}

std::optional<std::string> read_amount(std::string_view text, char decimal) {
  std::string out;
  if (text.starts_with('-') || text.starts_with('+')) {
    if (text[0] == '-') out += '-';
    text.remove_prefix(1);
  }
  const auto whole = take_whole(text, decimal);
  if (!whole) return std::nullopt;
  out += *whole;
  if (text.empty()) return out;
  text.remove_prefix(1);
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  return out.append(".").append(text);
}

}  // namespace

ColumnMap ArgumentType<ColumnMap>::parse(std::string_view text, std::string_view field) {
  const auto at = text.rfind('=');
  const auto column = trim(text.substr(0, at));
  if (at == text.npos || column.empty())
    refuse_usage("invalid_value", fmt::format("{} does not say which column is which field.", in_quotes(text)), field,
                 "Write it like Kunde=contact_name; Notiz= leaves the column out.");
  return {std::string(column), std::string(trim(text.substr(at + 1)))};
}

Delimiter ArgumentType<Delimiter>::parse(std::string_view text, std::string_view field) {
  if (to_lower(text) == "tab" || text == "\\t") return {'\t'};
  const auto c = text.size() == 1 ? static_cast<unsigned char>(text[0]) : 0;
  if (c == '\t' || (c >= ' ' && c < 0x7F && c != '"')) return {static_cast<char>(c)};
  refuse_usage("invalid_value", fmt::format("{} can't part the columns of CSV.", in_quotes(text)), field,
               "Name one character, such as ';', or tab.");
}

DateFormat ArgumentType<DateFormat>::parse(std::string_view text, std::string_view field) {
  if (!is_date_pattern(text))
    refuse_usage("invalid_value", fmt::format("{} is no pattern of a date.", in_quotes(text)), field,
                 "Write year, month and day once each, such as DD.MM.YYYY or MM/DD/YY.");
  return {std::string(text)};
}

DecimalSign ArgumentType<DecimalSign>::parse(std::string_view text, std::string_view field) {
  if (text == "." || text == ",") return {text[0]};
  refuse_usage("invalid_value", fmt::format("{} is no decimal sign.", in_quotes(text)), field, "It is . or ,");
}

std::string Reading::date(std::string_view text) const {
  if (!date_format) return std::string(text);
  const auto date = read_date(trim(text), date_format->pattern);
  if (!date)
    refuse_usage("invalid_date", fmt::format("{} is no date written as {}.", in_quotes(text), date_format->pattern));
  return to_text(*date);
}

std::string Reading::amount(std::string_view text) const {
  if (!decimal) return std::string(text);
  const auto amount = read_amount(trim(text), decimal->character);
  if (!amount)
    refuse_usage("invalid_money",
                 fmt::format("{} is no amount whose cents stand behind '{}'.", in_quotes(text), decimal->character));
  return *amount;
}

}  // namespace steward::ops
