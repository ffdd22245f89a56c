#include "studio/identity/rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/phrase.h"
#include "core/text.h"

namespace steward::identity {
namespace {

bool is_word(std::string_view text) {
  return text == "*" ||
         (!text.empty() && std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; }));
}

[[noreturn]] void bad_ceiling(std::string_view text) {
  refuse_usage("invalid_ceiling", fmt::format("{} is not a ceiling.", in_quotes(text)), "max-amount",
               R"(Write it like "500.00 EUR/day"; call, week and month work too.)");
}

}  // namespace

TokenStatus token_status(Instant now, Instant expires_at, const std::optional<Instant>& revoked_at) {
  if (revoked_at) return TokenStatus::revoked;
  return expires_at > now ? TokenStatus::active : TokenStatus::expired;
}

Duration token_life(const std::optional<Duration>& asked) {
  const auto life = asked.value_or(kDefaultTokenLife);
  if (life.ms > 0 && life <= kLongestTokenLife) return life;
  refuse_usage("out_of_range", fmt::format("A token lives for at most 365 days, not {}.", to_text(life)), "ttl",
               "Rotate it before it expires.");
}

std::string parse_scope(std::string_view text) {
  const auto lower = to_lower(trim(text));
  const auto colon = lower.find(':');
  const bool good = lower == "*" || (colon != std::string::npos && is_word(std::string_view(lower).substr(0, colon)) &&
                                     is_word(std::string_view(lower).substr(colon + 1)));
  if (!good)
    refuse_usage("invalid_scope", fmt::format("{} is not a scope.", in_quotes(text)), "scope",
                 "Write GROUP:VERB, such as offers:write, invoices:* or *:read; * is everything.");
  return lower == "*:*" ? "*" : lower;
}

Ceiling parse_ceiling(std::string_view text) {
  const auto slash = text.find('/');
  const auto amount = trim(text.substr(0, slash));
  const auto blank = amount.find(' ');
  if (slash == std::string_view::npos || blank == std::string_view::npos) bad_ceiling(text);
  const auto per = to_upper(trim(text.substr(slash + 1)));
  if (std::ranges::find(kPerNames, std::string_view(per)) == kPerNames.end()) bad_ceiling(text);
  const auto currency = Currency::parse(trim(amount.substr(blank)));
  return {parse_enum<Ceiling::Per>(per), parse_money(amount.substr(0, blank), currency)};
}

}  // namespace steward::identity
