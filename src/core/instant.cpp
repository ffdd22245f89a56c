#include "core/instant.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/error.h"
#include "core/phrase.h"

namespace steward {
namespace {

using namespace std::chrono;

constexpr std::int64_t kSecond = 1000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;
constexpr std::int64_t kFirstMs = sys_days{year{1} / 1 / 1}.time_since_epoch().count() * kDay;
constexpr std::int64_t kLastMs = (sys_days{year{9999} / 12 / 31}.time_since_epoch().count() + 1) * kDay - 1;

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
std::int64_t day_number(Date date) { return sys_days{date.ymd}.time_since_epoch().count(); }
Date date_of(std::int64_t day) { return {year_month_day{sys_days{days{day}}}}; }

// ---- Reading ----

/// Takes a text apart from the left. Once something does not fit, failed() stays true.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}
  bool failed() const { return failed_; }
  bool complete() const { return !failed_ && rest_.empty(); }
  bool sees(char c) const { return rest_.starts_with(c); }

  /// A number of exactly that many digits within the limits.
  int number(std::size_t digits, int low, int high) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) value = value * 10 + digit();
    if (value < low || value > high) failed_ = true;
    return value;
  }
  int digit() {
    if (rest_.empty() || rest_[0] < '0' || rest_[0] > '9') return fail();
    return take() - '0';
  }
  bool sees_digit() const { return !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; }
  /// The next character, which must be one of these.
  char one_of(std::string_view allowed) {
    if (rest_.empty() || allowed.find(rest_[0]) == allowed.npos) return static_cast<char>(fail());
    return take();
  }
  bool take_if(char c) {
    if (!sees(c)) return false;
    take();
    return true;
  }
  int fail() {
    failed_ = true;
    return 0;
  }

 private:
  char take() {
    const char c = rest_[0];
    rest_.remove_prefix(1);
    return c;
  }
  std::string_view rest_;
  bool failed_ = false;
};

Date scan_date(Scanner& scan) {
  const int y = scan.number(4, 1, 9999);
  scan.one_of("-");
  const int m = scan.number(2, 1, 12);
  scan.one_of("-");
  const int d = scan.number(2, 1, 31);
  const auto ymd = year{y} / m / d;
  if (!ymd.ok()) scan.fail();
  return {ymd};
}

/// ".25" in milliseconds; nothing is 0. Digits past the third must be zeros.
std::int64_t scan_fraction(Scanner& scan) {
  if (!scan.take_if('.')) return 0;
  std::int64_t ms = scan.digit() * 100;
  if (scan.sees_digit()) ms += scan.digit() * 10;
  if (scan.sees_digit()) ms += scan.digit();
  while (scan.sees_digit() && !scan.failed()) scan.number(1, 0, 0);
  return ms;
}

enum class Seconds { required, optional };

/// "10:30:00.25" in milliseconds of the day.
std::int64_t scan_clock(Scanner& scan, Seconds seconds) {
  std::int64_t ms = scan.number(2, 0, 23) * kHour;
  scan.one_of(":");
  ms += scan.number(2, 0, 59) * kMinute;
  if (seconds == Seconds::optional && !scan.sees(':')) return ms;
  scan.one_of(":");
  return ms + scan.number(2, 0, 59) * kSecond + scan_fraction(scan);
}

/// The time on the wall, counted as if it were UTC.
std::int64_t scan_wall(Scanner& scan, Seconds seconds) {
  const auto date = scan_date(scan);
  scan.one_of("Tt ");
  const auto clock = scan_clock(scan, seconds);
  return scan.failed() ? 0 : day_number(date) * kDay + clock;
}

/// "Z" or "+01:00" in milliseconds east of UTC.
std::int64_t scan_offset(Scanner& scan) {
  const char sign = scan.one_of("Zz+-");
  if (sign == 'Z' || sign == 'z') return 0;
  std::int64_t ms = scan.number(2, 0, 23) * kHour;
  scan.one_of(":");
  ms += scan.number(2, 0, 59) * kMinute;
  return sign == '-' ? -ms : ms;
}

bool in_range(std::int64_t ms) { return ms >= kFirstMs && ms <= kLastMs; }

// ---- Writing ----

void write_digits(char* out, int width, std::int64_t value) {
  for (int i = width - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
}

/// "2026-11-22" in ten characters.
void write_date(char* out, Date date) {
  write_digits(out, 4, static_cast<int>(date.ymd.year()));
  write_digits(out + 5, 2, static_cast<unsigned>(date.ymd.month()));
  write_digits(out + 8, 2, static_cast<unsigned>(date.ymd.day()));
  out[4] = out[7] = '-';
}

// ---- Wall time ----

std::int64_t offset_ms(const Zone& zone, std::int64_t ms) { return zone.offset_at(floor_div(ms, kSecond)) * kSecond; }

/// The instants that may be meant by that time on the wall: one for each offset in force around it, earliest
/// first. No offset is as large as a day, and no zone changes its offset twice within two days.
std::vector<Instant> possible_readings(std::int64_t wall, const Zone& zone) {
  std::vector<Instant> out;
  for (const auto distance : {-kDay, std::int64_t{0}, kDay}) {
    const Instant reading{wall - offset_ms(zone, wall + distance)};
    if (std::find(out.begin(), out.end(), reading) == out.end()) out.push_back(reading);
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// Those of the readings at which the wall really shows that time.
std::vector<Instant> true_readings(const std::vector<Instant>& possible, std::int64_t wall, const Zone& zone) {
  std::vector<Instant> out;
  for (const auto& reading : possible)
    if (reading.ms + offset_ms(zone, reading.ms) == wall) out.push_back(reading);
  return out;
}

/// RFC 3339 with the zone's offset; in UTC when the offset has seconds, which RFC 3339 cannot write.
std::string text_in(const Zone& zone, Instant instant) {
  const auto offset = offset_ms(zone, instant.ms);
  if (offset % kMinute != 0) return to_text(instant);
  auto text = to_text(Instant{instant.ms + offset});
  text.resize(instant.ms % kSecond == 0 ? text.size() - 5 : text.size() - 1);
  const auto minutes = std::abs(offset) / kMinute;
  return fmt::format("{}{}{:02}:{:02}", text, offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

/// Refuses a wall time that has not exactly one reading.
[[noreturn]] void refuse_wall(std::string_view code, std::string_view sentence_end,
                              const std::vector<Instant>& readings, std::string_view text, const Zone& zone) {
  auto details = Json::array();
  for (const auto& reading : readings) details.push(text_in(zone, reading));
  const auto& first = details.items().front().text();
  const auto& last = details.items().back().text();
  throw Error{ErrorKind::usage, std::string(code),
              fmt::format("In {} the time {} {}: it may be {} or {}.", zone.name(), text, sentence_end, first, last),
              "Write the one you mean with its offset."}
      .with({{"readings", details}});
}

[[noreturn]] void refuse_instant(std::string_view text, std::string_view hint) {
  refuse_usage("invalid_instant", fmt::format("Not an instant: {}.", in_quotes(text)), {}, hint);
}

// ---- Durations ----

struct Unit {
  char letter;
  std::int64_t ms;
};
constexpr Unit kUnits[] = {{'w', 7 * kDay}, {'d', kDay}, {'h', kHour}, {'m', kMinute}, {'s', kSecond}};
constexpr std::int64_t kLongest = 36'525 * kDay;

[[noreturn]] void refuse_duration(std::string_view text) {
  refuse_usage("invalid_duration", fmt::format("Not a duration of at most 100 years: {}.", in_quotes(text)), {},
               "Write it like 30d; the units are w, d, h, m and s.");
}

/// The first instant after `before` that is on that date or a later one, where the clocks skip its midnight.
Instant end_of_gap(Instant before, Instant after, Date date, const Zone& zone) {
  while (after.ms - before.ms > 1) {
    const Instant middle{before.ms + (after.ms - before.ms) / 2};
    (date_in(zone, middle) < date ? before : after) = middle;
  }
  return after;
}

}  // namespace

Date operator+(Date date, days count) {
  const auto day = day_number(date) + count.count();
  if (day < kFirstMs / kDay || day > floor_div(kLastMs, kDay))
    refuse_usage("invalid_date", "The date is not within the years 0001 to 9999.");
  return date_of(day);
}

std::int64_t days_between(Date earlier, Date later) { return day_number(later) - day_number(earlier); }

void write_instant(Instant instant, char* out24) {
  const auto ms = std::clamp(instant.ms, kFirstMs, kLastMs);
  const auto day = floor_div(ms, kDay);
  const auto clock = ms - day * kDay;
  write_date(out24, date_of(day));
  write_digits(out24 + 11, 2, clock / kHour);
  write_digits(out24 + 14, 2, clock / kMinute % 60);
  write_digits(out24 + 17, 2, clock / kSecond % 60);
  write_digits(out24 + 20, 3, clock % kSecond);
  out24[10] = 'T';
  out24[13] = out24[16] = ':';
  out24[19] = '.';
  out24[23] = 'Z';
}

std::string to_text(Instant instant) {
  std::string out(24, '\0');
  write_instant(instant, out.data());
  return out;
}

std::optional<Instant> read_stored_instant(std::string_view text) {
  if (text.size() != 24 || text[10] != 'T' || text[19] != '.' || text[23] != 'Z') return std::nullopt;
  Scanner scan(text);
  const Instant out{scan_wall(scan, Seconds::required)};
  scan.one_of("Z");
  if (!scan.complete()) return std::nullopt;
  return out;
}

Instant parse_instant(std::string_view text) {
  Scanner scan(text);
  const auto wall = scan_wall(scan, Seconds::required);
  const Instant out{wall - scan_offset(scan)};
  if (!scan.complete() || !in_range(out.ms))
    refuse_instant(text, "Write it like 2026-11-22T09:30:00Z or 2026-11-22T10:30:00+01:00.");
  return out;
}

Instant parse_local(std::string_view text, const Zone& zone) {
  Scanner scan(text);
  const auto wall = scan_wall(scan, Seconds::optional);
  if (!scan.complete()) refuse_instant(text, "Write a local time like 2026-11-22T10:30, without an offset.");
  const auto possible = possible_readings(wall, zone);
  const auto readings = true_readings(possible, wall, zone);
  if (readings.empty()) refuse_wall("nonexistent_local_time", "is skipped", possible, text, zone);
  if (readings.size() > 1) refuse_wall("ambiguous_local_time", "happens twice", readings, text, zone);
  if (!in_range(readings.front().ms)) refuse_instant(text, "It must lie within the years 0001 to 9999 of UTC.");
  return readings.front();
}

Date parse_date(std::string_view text) {
  Scanner scan(text);
  const auto date = scan_date(scan);
  if (!scan.complete())
    refuse_usage("invalid_date", fmt::format("Not a date: {}.", in_quotes(text)), {}, "Write it like 2026-11-22.");
  return date;
}

std::string to_text(Date date) {
  std::string out(10, '\0');
  write_date(out.data(), date);
  return out;
}

Duration parse_duration(std::string_view text) {
  constexpr std::size_t kMostDigits = 12;  // more than the seconds of 100 years
  Scanner scan(text);
  scan.take_if('+');
  std::int64_t count = scan.digit();
  for (std::size_t n = 1; n < kMostDigits && scan.sees_digit(); ++n) count = count * 10 + scan.digit();
  const char letter = scan.one_of("wdhms");
  const auto* unit = std::find_if(std::begin(kUnits), std::end(kUnits), [&](auto& u) { return u.letter == letter; });
  if (!scan.complete() || count > kLongest / unit->ms) refuse_duration(text);
  return {count * unit->ms};
}

std::string to_text(Duration duration) {
  if (duration.ms == 0) return "0s";
  for (const auto& unit : kUnits)
    if (duration.ms % unit.ms == 0) return fmt::format("{}{}", duration.ms / unit.ms, unit.letter);
  const auto whole = std::abs(duration.ms);
  return fmt::format("{}{}.{:03}s", duration.ms < 0 ? "-" : "", whole / kSecond, whole % kSecond);
}

Date date_in(const Zone& zone, Instant instant) {
  return date_of(floor_div(instant.ms + offset_ms(zone, instant.ms), kDay));
}

std::string month_text(Date date) { return to_text(date).substr(0, 7); }

Instant start_of(Date date, const Zone& zone) {
  const auto midnight = day_number(date) * kDay;
  const auto possible = possible_readings(midnight, zone);
  const auto readings = true_readings(possible, midnight, zone);
  return readings.empty() ? end_of_gap(possible.front(), possible.back(), date, zone) : readings.front();
}

Instant system_now() { return {duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()}; }

}  // namespace steward
