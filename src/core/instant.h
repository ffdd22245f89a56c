#pragma once
#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/zone.h"

namespace steward {

/// A point in time: milliseconds of Unix time, UTC. Years 0001…9999.
struct Instant {
  std::int64_t ms = 0;
  auto operator<=>(const Instant&) const = default;
};

/// A length of time in milliseconds.
struct Duration {
  std::int64_t ms = 0;
  auto operator<=>(const Duration&) const = default;
};

/// A calendar date of no particular zone.
struct Date {
  std::chrono::year_month_day ymd{};
  auto operator<=>(const Date&) const = default;
};

inline Instant operator+(Instant t, Duration d) { return {t.ms + d.ms}; }
inline Instant operator-(Instant t, Duration d) { return {t.ms - d.ms}; }
inline Duration operator-(Instant a, Instant b) { return {a.ms - b.ms}; }
Date operator+(Date date, std::chrono::days days);
/// Days from `earlier` to `later`; negative when it is the other way round.
std::int64_t days_between(Date earlier, Date later);

/// "2026-11-22T09:30:00.000Z": 24 characters, the one form that is stored and printed.
std::string to_text(Instant instant);
/// Writes those 24 characters (no terminating zero).
void write_instant(Instant instant, char* out24);
/// Reads exactly that form; std::nullopt for anything else. For text that steward wrote itself.
std::optional<Instant> read_stored_instant(std::string_view text);

/// Reads RFC 3339 with a zone ("2026-11-22T09:30:00Z", "2026-11-22T10:30:00.25+01:00",
/// "t"/"z"/blank for T accepted as the RFC says). More than three fraction digits are refused
/// unless the rest are zeros; a leap second (":60") is refused.
/// Errors: Error{usage, "invalid_instant"}.
Instant parse_instant(std::string_view text);

/// Reads a local time without zone, "2026-11-22T10:30[:SS[.mmm]]" or with a blank for T, as seen in `zone`.
/// Errors: Error{usage, "invalid_instant"} for the shape; Error{usage, "nonexistent_local_time"} for a
///         time skipped by a DST change, Error{usage, "ambiguous_local_time"} for one that happens twice;
///         both sentences name the two readings in RFC 3339.
Instant parse_local(std::string_view text, const Zone& zone);

/// "2026-11-22". Errors: Error{usage, "invalid_date"}, also for 2026-02-30.
Date parse_date(std::string_view text);
std::string to_text(Date date);

/// "+30d", "36h", "2w", "90m", "45s"; the plus is optional. Errors: Error{usage, "invalid_duration"};
/// longer than 100 years is refused.
Duration parse_duration(std::string_view text);
/// The largest unit that divides it: "30d", "36h", "45s".
std::string to_text(Duration duration);

/// The date on the wall in that zone at that instant.
Date date_in(const Zone& zone, Instant instant);
/// "2026-11" of that date.
std::string month_text(Date date);
/// The first instant of that date in that zone (after a midnight that a DST change skips: the first that exists).
Instant start_of(Date date, const Zone& zone);

/// The machine's clock.
Instant system_now();

}  // namespace steward
