#include "ops/argument.h"

#include <fmt/format.h>

#include <charconv>

#include "core/error.h"
#include "core/phrase.h"

namespace steward::ops {

FilePath ArgumentType<FilePath>::parse(std::string_view text, std::string_view field) {
  if (text.empty() || text.find('\0') != std::string_view::npos)
    refuse_usage("invalid_path", "The file's name is empty.", field);
  return {std::string(text)};
}

Amount ArgumentType<Amount>::parse(std::string_view text, std::string_view) {
  require_amount(text);
  return {std::string(text)};
}

Sum ArgumentType<Sum>::parse(std::string_view text, std::string_view field) {
  const auto words = split(trim(text), ' ');
  if (words.size() != 2)
    refuse_usage("invalid_money", fmt::format("{} is not an amount and its currency.", in_quotes(text)), field,
                 "Write it like \"120.00 EUR\".");
  return {parse_money(words[0], Currency::parse(words[1]), Sign::zero_or_more)};
}

DateOrSpan ArgumentType<DateOrSpan>::parse(std::string_view text, std::string_view) {
  if (!text.empty() && (text.front() == '+' || text.find('-') == std::string_view::npos))
    return {std::nullopt, parse_duration(text)};
  return {parse_date(text), {}};
}

InstantOrSpan ArgumentType<InstantOrSpan>::parse(std::string_view text, std::string_view) {
  if (!text.empty() && (text.front() == '+' || text.find('-') == std::string_view::npos))
    parse_duration(text);
  else if (text.size() == 10)
    parse_date(text);
  else if (text.ends_with('Z') || text.ends_with('z') || text.find_last_of("+-") > 10)
    parse_instant(text);
  else
    parse_local(text, Zone());  // its shape; the studio's zone is known later
  return {std::string(text)};
}

std::int64_t parse_whole(std::string_view text, std::int64_t low, std::int64_t high) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::invalid_argument || end != text.data() + text.size())
    refuse_usage("invalid_number", fmt::format("{} is not a whole number.", in_quotes(text)));
  if (error != std::errc{} || value < low || value > high)
    refuse_usage("out_of_range", fmt::format("{} is outside {} to {}.", cut_to_width(text, 60), low, high));
  return value;
}

}  // namespace steward::ops
