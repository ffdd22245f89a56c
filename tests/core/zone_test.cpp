#include "core/zone.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <ctime>
#include <thread>

#include "core/instant.h"
#include "refusal.h"

namespace steward {
namespace {

using test::refusal_code;

std::int64_t offset(const std::string& zone, const std::string& instant) {
  return Zone::parse(zone).offset_at(parse_instant(instant).ms / 1000);
}

TEST_CASE("zones are found by their IANA name", "[core][zone]") {
  const auto name = GENERATE(as<std::string>(), "UTC", "Etc/UTC", "Europe/Paris", "America/New_York", "CET", "EST5EDT",
                             "America/Argentina/Buenos_Aires", "America/Port-au-Prince", "Etc/GMT+5");
  CAPTURE(name);
  CHECK(Zone::parse(name).name() == name);
}

TEST_CASE("what is no zone of the tzdata is refused", "[core][zone]") {
  const auto name = GENERATE(as<std::string>(), "", "CEST", "PDT", "europe/paris", "Europe/Pariss", "Europe", "Europe/",
                             "/Europe/Paris", "../zoneinfo/UTC", "Europe/../UTC", "Europe//Paris/", ":Europe/Paris",
                             "CET-1CEST,M3.5.0,M10.5.0/3", "EST+5", "posix/UTC", "right/UTC", "posixrules", "localtime",
                             "tzdata.zi", "zone.tab", "leapseconds", "/etc/passwd", " UTC", "UTC ", "Europe/Paris\n");
  CAPTURE(name);
  CHECK(refusal_code([&] { Zone::parse(name); }) == "unknown_zone");
}

TEST_CASE("a name with a zero byte does not reach the file before it", "[core][zone]") {
  CHECK(refusal_code([] { Zone::parse(std::string_view("Europe/Paris\0x", 14)); }) == "unknown_zone");
}

TEST_CASE("the offset is the one in force at that second", "[core][zone]") {
  const auto [zone, instant, expected] =
      GENERATE(table<std::string, std::string, int>({{"UTC", "2026-07-01T00:00:00Z", 0},
                                                     {"Etc/UTC", "2026-07-01T00:00:00Z", 0},
                                                     {"Europe/Paris", "2026-03-29T00:59:59Z", 3600},
                                                     {"Europe/Paris", "2026-03-29T01:00:00Z", 7200},
                                                     {"Europe/Paris", "2026-10-25T00:59:59Z", 7200},
                                                     {"Europe/Paris", "2026-10-25T01:00:00Z", 3600},
                                                     {"Europe/Paris", "2300-07-01T00:00:00Z", 7200},
                                                     {"Europe/Paris", "9999-12-31T00:00:00Z", 3600},
                                                     {"Europe/Paris", "1890-01-01T00:00:00Z", 561},
                                                     {"Europe/Paris", "0001-01-02T00:00:00Z", 561},
                                                     {"America/New_York", "2026-07-01T00:00:00Z", -14'400},
                                                     {"Asia/Kolkata", "2026-07-01T00:00:00Z", 19'800},
                                                     {"Asia/Kathmandu", "2026-07-01T00:00:00Z", 20'700},
                                                     {"Australia/Lord_Howe", "2026-07-01T00:00:00Z", 37'800},
                                                     {"Australia/Lord_Howe", "2026-12-01T00:00:00Z", 39'600},
                                                     {"Pacific/Apia", "2011-12-30T09:59:59Z", -36'000},
                                                     {"Pacific/Apia", "2011-12-30T10:00:00Z", 50'400}}));
  CAPTURE(zone, instant);
  CHECK(offset(zone, instant) == expected);
}

TEST_CASE("zones may be asked in turn, from several threads", "[core][zone]") {
  const auto ask = [](const std::string& zone, std::int64_t expected, bool& right) {
    const auto parsed = Zone::parse(zone);
    for (int i = 0; i < 200; ++i) right = right && parsed.offset_at(1'800'000'000) == expected;
  };
  bool right[3] = {true, true, true};
  std::thread threads[] = {std::thread(ask, "Europe/Paris", 3600, std::ref(right[0])),
                           std::thread(ask, "America/New_York", -18'000, std::ref(right[1])),
                           std::thread(ask, "Asia/Tokyo", 32'400, std::ref(right[2]))};
  for (auto& thread : threads) thread.join();
  CHECK((right[0] && right[1] && right[2]));
}

TEST_CASE("looking up a zone leaves TZ as it was", "[core][zone]") {
  setenv("TZ", "Asia/Tokyo", 1);
  CHECK(offset("America/Denver", "2026-01-01T00:00:00Z") == -25'200);
  CHECK(std::getenv("TZ") == std::string("Asia/Tokyo"));
  unsetenv("TZ");
  CHECK(offset("Europe/Paris", "2026-01-01T00:00:00Z") == 3600);
  CHECK(std::getenv("TZ") == nullptr);
}

}  // namespace
}  // namespace steward
