#include "core/instant.h"

#include <catch2/catch.hpp>
#include <random>

#include "refusal.h"

namespace steward {
namespace {

using test::refusal;
using test::refusal_code;

const auto kFirst = parse_instant("0001-01-01T00:00:00Z");
const auto kLast = parse_instant("9999-12-31T23:59:59.999Z");

std::string local(const std::string& text, const std::string& zone) {
  return to_text(parse_local(text, Zone::parse(zone)));
}

std::vector<std::string> readings(const Error& error) {
  std::vector<std::string> out;
  for (const auto& reading : error.details().at("readings").items()) out.push_back(reading.text());
  return out;
}

TEST_CASE("an instant is read from RFC 3339 and written in the one form that is kept", "[core][instant]") {
  const auto [text, expected] =
      GENERATE(table<std::string, std::string>({{"2026-11-22T09:30:00Z", "2026-11-22T09:30:00.000Z"},
                                                {"2026-11-22t09:30:00z", "2026-11-22T09:30:00.000Z"},
                                                {"2026-11-22 09:30:00Z", "2026-11-22T09:30:00.000Z"},
                                                {"2026-11-22T10:30:00.25+01:00", "2026-11-22T09:30:00.250Z"},
                                                {"2026-11-22T00:30:00-09:30", "2026-11-22T10:00:00.000Z"},
                                                {"2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00.000Z"},
                                                {"2026-11-22T09:30:00-00:00", "2026-11-22T09:30:00.000Z"},
                                                {"2026-11-22T09:30:00.1Z", "2026-11-22T09:30:00.100Z"},
                                                {"2026-11-22T09:30:00.123000000Z", "2026-11-22T09:30:00.123Z"},
                                                {"2024-02-29T23:59:59.999Z", "2024-02-29T23:59:59.999Z"},
                                                {"2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000Z"},
                                                {"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
                                                {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"},
                                                {"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"}}));
  CAPTURE(text);
  CHECK(to_text(parse_instant(text)) == expected);
}

TEST_CASE("what is no instant is refused", "[core][instant]") {
  const auto text = GENERATE(
      as<std::string>(), "", "now", "2026-11-22", "2026-11-22T09:30:00", "2026-11-22T09:30Z", "2026-11-22T09:30:60Z",
      "2026-11-22T24:00:00Z", "2026-11-22T09:60:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
      "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-11-22T09:30:00.Z",
      "2026-11-22T09:30:00.1234Z", "2026-11-22T09:30:00,5Z", "2026-11-22T09:30:00+1:00", "2026-11-22T09:30:00+0100",
      "2026-11-22T09:30:00+24:00", "2026-11-22T09:30:00+01:60", "2026-11-22T09:30:00ZZ", " 2026-11-22T09:30:00Z",
      "2026-11-22T09:30:00Z ", "2026-11-22  09:30:00Z", "02026-11-22T09:30:00Z", "+2026-11-22T09:30:00Z",
      "0000-12-31T23:59:59Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "20261122T093000Z");
  CAPTURE(text);
  CHECK(refusal_code([&] { parse_instant(text); }) == "invalid_instant");
}

TEST_CASE("only the stored form is read as a stored instant", "[core][instant]") {
  CHECK(read_stored_instant("2026-11-22T09:30:00.000Z") == parse_instant("2026-11-22T09:30:00Z"));
  CHECK(read_stored_instant("9999-12-31T23:59:59.999Z") == kLast);
  const auto text = GENERATE(as<std::string>(), "", "2026-11-22T09:30:00Z", "2026-11-22T09:30:00.00Z",
                             "2026-11-22t09:30:00.000Z", "2026-11-22 09:30:00.000Z", "2026-11-22T09:30:00.000z",
                             "2026-11-22T09:30:00.0000Z", "2026-02-30T09:30:00.000Z", "2026-11-22T25:30:00.000Z",
                             "0000-11-22T09:30:00.000Z", "2026-11-22T09:30:00.0a0Z", "2026-11-22T09:30:00+000Z");
  CAPTURE(text);
  CHECK_FALSE(read_stored_instant(text));
}

TEST_CASE("every instant that is written is read back, both ways", "[core][instant][property]") {
  std::mt19937_64 random(9999);
  std::uniform_int_distribution<std::int64_t> any(kFirst.ms, kLast.ms);
  for (int i = 0; i < 20'000; ++i) {
    const Instant instant{any(random)};
    const auto text = to_text(instant);
    CAPTURE(text);
    REQUIRE(read_stored_instant(text) == instant);
    REQUIRE(parse_instant(text) == instant);
    const Instant later{any(random)};
    REQUIRE((text < to_text(later)) == (instant < later));
  }
}

TEST_CASE("an instant past what can be written comes out as the first or the last", "[core][instant]") {
  CHECK(to_text(Instant{INT64_MAX}) == "9999-12-31T23:59:59.999Z");
  CHECK(to_text(Instant{INT64_MIN}) == "0001-01-01T00:00:00.000Z");
}

TEST_CASE("a local time is read as the wall in its zone shows it", "[core][instant]") {
  const auto [text, zone, expected] = GENERATE(table<std::string, std::string, std::string>(
      {{"2026-11-22T10:30", "UTC", "2026-11-22T10:30:00.000Z"},
       {"2026-11-22T10:30", "Europe/Paris", "2026-11-22T09:30:00.000Z"},
       {"2026-07-22 10:30:15", "Europe/Paris", "2026-07-22T08:30:15.000Z"},
       {"2026-07-22T10:30:15.5", "America/New_York", "2026-07-22T14:30:15.500Z"},
       {"2026-03-29T01:59:59.999", "Europe/Paris", "2026-03-29T00:59:59.999Z"},
       {"2026-03-29T03:00", "Europe/Paris", "2026-03-29T01:00:00.000Z"},
       {"2026-10-25T01:59:59", "Europe/Paris", "2026-10-24T23:59:59.000Z"},
       {"2026-10-25T03:00", "Europe/Paris", "2026-10-25T02:00:00.000Z"},
       {"2026-04-05T01:29:59", "Australia/Lord_Howe", "2026-04-04T14:29:59.000Z"},
       {"2026-04-05T02:00", "Australia/Lord_Howe", "2026-04-04T15:30:00.000Z"},
       {"2026-10-04T02:30", "Australia/Lord_Howe", "2026-10-03T15:30:00.000Z"},
       {"2011-12-29T23:59:59", "Pacific/Apia", "2011-12-30T09:59:59.000Z"},
       {"2011-12-31T00:00", "Pacific/Apia", "2011-12-30T10:00:00.000Z"},
       {"1890-06-01T12:00", "Europe/Paris", "1890-06-01T11:50:39.000Z"}}));
  CAPTURE(text, zone);
  CHECK(local(text, zone) == expected);
}

TEST_CASE("a local time that the clocks skip is refused with the readings around the gap", "[core][instant]") {
  const auto [text, zone, before, after] = GENERATE(table<std::string, std::string, std::string, std::string>(
      {{"2026-03-29T02:00", "Europe/Paris", "2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00"},
       {"2026-03-29T02:30", "Europe/Paris", "2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00"},
       {"2026-03-29 02:59:59.999", "Europe/Paris", "2026-03-29T01:59:59.999+01:00", "2026-03-29T03:59:59.999+02:00"},
       {"2026-03-08T02:30", "America/New_York", "2026-03-08T01:30:00-05:00", "2026-03-08T03:30:00-04:00"},
       {"2026-10-04T02:15", "Australia/Lord_Howe", "2026-10-04T01:45:00+10:30", "2026-10-04T02:45:00+11:00"},
       {"2011-12-30T00:00", "Pacific/Apia", "2011-12-29T00:00:00-10:00", "2011-12-31T00:00:00+14:00"},
       {"2011-12-30T23:59:59", "Pacific/Apia", "2011-12-29T23:59:59-10:00", "2011-12-31T23:59:59+14:00"}}));
  CAPTURE(text, zone);
  const auto error = refusal([&, t = text, z = zone] { local(t, z); });
  REQUIRE(error);
  CHECK(error->code() == "nonexistent_local_time");
  CHECK(error->kind() == ErrorKind::usage);
  CHECK(readings(*error) == std::vector{before, after});
  CHECK_THAT(error->what(), Catch::Contains(before) && Catch::Contains(after));
}

TEST_CASE("a local time that happens twice is refused with both readings", "[core][instant]") {
  const auto [text, zone, first, second] = GENERATE(table<std::string, std::string, std::string, std::string>(
      {{"2026-10-25T02:00", "Europe/Paris", "2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"},
       {"2026-10-25T02:59:59", "Europe/Paris", "2026-10-25T02:59:59+02:00", "2026-10-25T02:59:59+01:00"},
       {"2026-11-01T01:30", "America/New_York", "2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00"},
       {"2026-04-05T01:30", "Australia/Lord_Howe", "2026-04-05T01:30:00+11:00", "2026-04-05T01:30:00+10:30"}}));
  CAPTURE(text, zone);
  const auto error = refusal([&, t = text, z = zone] { local(t, z); });
  REQUIRE(error);
  CHECK(error->code() == "ambiguous_local_time");
  CHECK(readings(*error) == std::vector{first, second});
  CHECK(local("2026-06-01T12:00", zone) != "");
  CHECK(parse_instant(first) < parse_instant(second));
}

TEST_CASE("a text that is no local time is refused", "[core][instant]") {
  const auto text = GENERATE(as<std::string>(), "", "2026-11-22", "2026-11-22T10", "2026-11-22T10:30Z",
                             "2026-11-22T10:30+01:00", "2026-11-22T10:30:", "2026-11-22T10:30:60", "2026-11-22T24:00",
                             "2026-11-22T10:30.5", "2026-11-22T10:30:00.1234", "2026-02-30T10:30", "10:30");
  CAPTURE(text);
  CHECK(refusal_code([&] { parse_local(text, Zone()); }) == "invalid_instant");
}

TEST_CASE("a local time outside the years that can be kept is refused", "[core][instant]") {
  CHECK(refusal_code([] { local("0001-01-01T00:00", "Asia/Tokyo"); }) == "invalid_instant");
  CHECK(refusal_code([] { local("9999-12-31T23:59", "America/New_York"); }) == "invalid_instant");
}

TEST_CASE("each hour of a year is either one instant or one of the two exceptions", "[core][instant][property]") {
  const auto [name, gaps, overlaps] = GENERATE(table<std::string, int, int>(
      {{"Europe/Paris", 4, 4}, {"America/New_York", 4, 4}, {"Australia/Lord_Howe", 2, 2}, {"Asia/Tokyo", 0, 0}}));
  const auto zone = Zone::parse(name);
  int nonexistent = 0, ambiguous = 0;
  for (auto t = parse_instant("2026-01-01T00:00:00Z"); t < parse_instant("2027-01-01T00:00:00Z");
       t = t + Duration{900'000}) {
    const auto wall = to_text(t).substr(0, 16);
    const auto code = refusal_code([&] { parse_local(wall, zone); });
    nonexistent += code == "nonexistent_local_time";
    ambiguous += code == "ambiguous_local_time";
    if (!code.empty()) continue;
    const auto instant = parse_local(wall, zone);
    REQUIRE(instant.ms + zone.offset_at(instant.ms / 1000) * 1000 == t.ms);
  }
  CHECK(nonexistent == gaps);
  CHECK(ambiguous == overlaps);
}

TEST_CASE("dates are read and written", "[core][instant]") {
  const auto text = GENERATE(as<std::string>(), "2026-11-22", "0001-01-01", "9999-12-31", "2024-02-29", "2000-02-29");
  CHECK(to_text(parse_date(text)) == text);
}

TEST_CASE("what is no date is refused", "[core][instant]") {
  const auto text = GENERATE(as<std::string>(), "", "2026-02-30", "2026-02-29", "1900-02-29", "2026-00-10",
                             "2026-13-01", "2026-01-00", "2026-01-32", "0000-01-01", "2026-1-1", "26-01-01",
                             "2026/01/01", "2026-01-01 ", "20260101", "-026-01-01");
  CAPTURE(text);
  CHECK(refusal_code([&] { parse_date(text); }) == "invalid_date");
}

TEST_CASE("days are counted over months, leap days and years", "[core][instant]") {
  const auto [from, days, to] = GENERATE(table<std::string, int, std::string>({{"2026-12-31", 1, "2027-01-01"},
                                                                               {"2024-02-28", 1, "2024-02-29"},
                                                                               {"2026-02-28", 1, "2026-03-01"},
                                                                               {"2026-11-22", 30, "2026-12-22"},
                                                                               {"2026-03-01", -1, "2026-02-28"},
                                                                               {"2026-01-01", 0, "2026-01-01"},
                                                                               {"2000-01-01", 146'097, "2400-01-01"},
                                                                               {"1970-01-02", -2, "1969-12-31"}}));
  CHECK(to_text(parse_date(from) + std::chrono::days{days}) == to);
  CHECK(days_between(parse_date(from), parse_date(to)) == days);
  CHECK(days_between(parse_date(to), parse_date(from)) == -days);
}

TEST_CASE("a date does not leave the years that can be written", "[core][instant]") {
  CHECK(refusal_code([] { parse_date("9999-12-31") + std::chrono::days{1}; }) == "invalid_date");
  CHECK(refusal_code([] { parse_date("0001-01-01") + std::chrono::days{-1}; }) == "invalid_date");
  CHECK(to_text(parse_date("9999-12-30") + std::chrono::days{1}) == "9999-12-31");
}

TEST_CASE("durations are read in their units and written in the largest that fits", "[core][instant]") {
  const auto [text, ms, written] =
      GENERATE(table<std::string, std::int64_t, std::string>({{"+30d", 2'592'000'000, "30d"},
                                                              {"30d", 2'592'000'000, "30d"},
                                                              {"36h", 129'600'000, "36h"},
                                                              {"24h", 86'400'000, "1d"},
                                                              {"2w", 1'209'600'000, "2w"},
                                                              {"90m", 5'400'000, "90m"},
                                                              {"60m", 3'600'000, "1h"},
                                                              {"45s", 45'000, "45s"},
                                                              {"0d", 0, "0s"},
                                                              {"007d", 604'800'000, "1w"},
                                                              {"36525d", 3'155'760'000'000, "36525d"},
                                                              {"3155760000s", 3'155'760'000'000, "36525d"}}));
  CAPTURE(text);
  CHECK(parse_duration(text).ms == ms);
  CHECK(to_text(Duration{ms}) == written);
}

TEST_CASE("what is no duration, or a longer one than 100 years, is refused", "[core][instant]") {
  const auto text = GENERATE(as<std::string>(), "", "d", "30", "+", "-1d", "++1d", "1.5d", "1 d", "1D", "1y", "1ms",
                             "1d12h", "30days", " 1d", "1d ", "36526d", "5218w", "876601h", "3155760001s",
                             "99999999999999999999s", "0000000000001d", "P30D");
  CAPTURE(text);
  CHECK(refusal_code([&] { parse_duration(text); }) == "invalid_duration");
}

TEST_CASE("every duration of whole seconds is read back", "[core][instant][property]") {
  std::mt19937_64 random(100);
  for (int i = 0; i < 5'000; ++i) {
    const Duration duration{static_cast<std::int64_t>(random() % 3'155'760'001) * 1000};
    REQUIRE(parse_duration(to_text(duration)) == duration);
  }
}

TEST_CASE("durations that nobody types are written all the same", "[core][instant]") {
  CHECK(to_text(Duration{1'500}) == "1.500s");
  CHECK(to_text(Duration{-1'500}) == "-1.500s");
  CHECK(to_text(Duration{-86'400'000}) == "-1d");
}

TEST_CASE("the date is the one on the wall", "[core][instant]") {
  const auto [instant, zone, date] =
      GENERATE(table<std::string, std::string, std::string>({{"2026-11-22T23:30:00Z", "UTC", "2026-11-22"},
                                                             {"2026-11-22T23:30:00Z", "Europe/Paris", "2026-11-23"},
                                                             {"2026-11-22T03:30:00Z", "America/New_York", "2026-11-21"},
                                                             {"2026-12-31T23:00:00Z", "Europe/Paris", "2027-01-01"},
                                                             {"1969-12-31T23:59:59.999Z", "UTC", "1969-12-31"},
                                                             {"2011-12-30T09:59:59.999Z", "Pacific/Apia", "2011-12-29"},
                                                             {"2011-12-30T10:00:00Z", "Pacific/Apia", "2011-12-31"}}));
  CAPTURE(instant, zone);
  CHECK(to_text(date_in(Zone::parse(zone), parse_instant(instant))) == date);
}

TEST_CASE("a month is the first seven characters of its dates", "[core][instant]") {
  CHECK(month_text(parse_date("2026-11-22")) == "2026-11");
}

TEST_CASE("a day begins at midnight, or at the first instant after a midnight that is skipped", "[core][instant]") {
  const auto [date, zone, expected] = GENERATE(table<std::string, std::string, std::string>(
      {{"2026-11-22", "UTC", "2026-11-22T00:00:00.000Z"},
       {"2026-11-22", "Europe/Paris", "2026-11-21T23:00:00.000Z"},
       {"2026-07-22", "America/New_York", "2026-07-22T04:00:00.000Z"},
       {"2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00.000Z"},  // 00:00 becomes 01:00
       {"2026-03-08", "America/Havana", "2026-03-08T05:00:00.000Z"},     // 00:00 becomes 01:00
       {"2026-11-01", "America/Havana", "2026-11-01T04:00:00.000Z"},     // 01:00 becomes 00:00 again
       {"2006-10-29", "America/St_Johns", "2006-10-29T02:30:00.000Z"},   // 00:01 becomes 23:01 of the day before
       {"2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00.000Z"},       // a day that never was
       {"2011-12-31", "Pacific/Apia", "2011-12-30T10:00:00.000Z"}}));
  CAPTURE(date, zone);
  CHECK(to_text(start_of(parse_date(date), Zone::parse(zone))) == expected);
}

TEST_CASE("the millisecond before a day begins is not in it", "[core][instant][property]") {
  const auto name = GENERATE(as<std::string>(), "Europe/Paris", "America/Sao_Paulo", "Asia/Beirut",
                             "Australia/Lord_Howe", "America/Havana", "Africa/Casablanca");
  const auto zone = Zone::parse(name);
  for (auto date = parse_date("2015-01-01"); date < parse_date("2020-01-01"); date = date + std::chrono::days{1}) {
    CAPTURE(name, to_text(date));
    const auto start = start_of(date, zone);
    REQUIRE(date_in(zone, start) == date);
    REQUIRE(date_in(zone, start - Duration{1}) < date);
  }
}

TEST_CASE("instants and durations are added and taken apart", "[core][instant]") {
  const auto start = parse_instant("2026-11-22T00:00:00Z");
  CHECK(to_text(start + parse_duration("36h")) == "2026-11-23T12:00:00.000Z");
  CHECK(start + parse_duration("1w") - start == parse_duration("7d"));
  CHECK(start - parse_duration("1s") < start);
}

TEST_CASE("the machine's clock is within the years of this software", "[core][instant]") {
  CHECK(system_now() > parse_instant("2024-01-01T00:00:00Z"));
  CHECK(system_now() < parse_instant("2200-01-01T00:00:00Z"));
}

}  // namespace
}  // namespace steward
