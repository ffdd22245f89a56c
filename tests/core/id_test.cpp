#include "core/id.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <thread>

namespace steward {
namespace {

std::vector<std::string> uuids(std::size_t count, std::int64_t ms) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(new_uuid(ms));
  return out;
}

std::int64_t millisecond_of(const std::string& uuid) {
  return std::stoll(uuid.substr(0, 8) + uuid.substr(9, 4), nullptr, 16);
}

TEST_CASE("a new id is a canonical UUID of version 7 that begins with its millisecond", "[core][id]") {
  constexpr std::int64_t kMs = 1'800'000'000'123;
  const auto id = new_uuid(kMs);
  CHECK(is_uuid(id));
  CHECK(id[14] == '7');
  CHECK(std::string("89ab").find(id[19]) != std::string::npos);
  CHECK(millisecond_of(id) == kMs);
}

TEST_CASE("10,000 ids of one millisecond sort in the order in which they were made", "[core][id]") {
  const auto ids = uuids(10'000, 1'800'000'001'000);
  CHECK(std::is_sorted(ids.begin(), ids.end()));
  CHECK(std::set(ids.begin(), ids.end()).size() == ids.size());
  CHECK(millisecond_of(ids[4095]) == 1'800'000'001'000);
  CHECK(millisecond_of(ids[4096]) == 1'800'000'001'001);
}

TEST_CASE("ids of milliseconds that follow each other keep their order past a borrowed one", "[core][id]") {
  auto ids = uuids(5'000, 1'800'000'002'000);
  for (std::int64_t ms = 0; ms < 100; ++ms)
    for (auto& id : uuids(100, 1'800'000'002'001 + ms)) ids.push_back(std::move(id));
  CHECK(std::is_sorted(ids.begin(), ids.end()));
}

TEST_CASE("an id for an earlier time has that time", "[core][id]") {
  new_uuid(1'800'000'003'000);
  CHECK(millisecond_of(new_uuid(1'700'000'000'000)) == 1'700'000'000'000);
}

TEST_CASE("times that a UUID cannot hold become the nearest one that it can", "[core][id]") {
  CHECK(millisecond_of(new_uuid(-5)) == 0);
  CHECK(millisecond_of(new_uuid(INT64_MAX)) == (std::int64_t{1} << 48) - 1);
}

TEST_CASE("ids made by several threads at once are all different", "[core][id]") {
  std::vector<std::vector<std::string>> made(4);
  std::vector<std::thread> threads;
  for (auto& ids : made) threads.emplace_back([&ids] { ids = uuids(2'000, 1'800'000'004'000); });
  for (auto& thread : threads) thread.join();
  std::set<std::string> all;
  for (const auto& ids : made) {
    CHECK(std::is_sorted(ids.begin(), ids.end()));
    all.insert(ids.begin(), ids.end());
  }
  CHECK(all.size() == 8'000);
}

TEST_CASE("under a clock that stands still, ids sort in the order in which they were made", "[core][id]") {
  constexpr std::int64_t kMs = 1'800'000'005'000;
  std::vector<std::string> ids;
  for (int i = 0; i < 2'000; ++i) {
    ids.push_back(new_uuid_of_fixed_clock(kMs));
    new_uuid(1'900'000'000'000);  // as a request's id, which has the machine's time
  }
  CHECK(std::is_sorted(ids.begin(), ids.end()));
  CHECK(std::set(ids.begin(), ids.end()).size() == ids.size());
  CHECK(millisecond_of(ids.front()) == kMs);
  CHECK(is_uuid(ids.front()));
  CHECK(ids.front()[14] == '7');
  CHECK(std::string("89ab").find(ids.front()[19]) != std::string::npos);
}

TEST_CASE("only canonical text is a UUID", "[core][id]") {
  const auto [text, expected] = GENERATE(table<std::string, bool>({{"01932f3a-7c00-7abc-8def-0123456789ab", true},
                                                                   {"00000000-0000-0000-0000-000000000000", true},
                                                                   {"01932F3A-7c00-7abc-8def-0123456789ab", false},
                                                                   {"01932f3a-7c00-7abc-8def-0123456789a", false},
                                                                   {"01932f3a-7c00-7abc-8def-0123456789abc", false},
                                                                   {"01932f3a07c00-7abc-8def-0123456789ab", false},
                                                                   {"01932f3a-7c00-7abc-8def-0123456-89ab", false},
                                                                   {"01932f3g-7c00-7abc-8def-0123456789ab", false},
                                                                   {"{1932f3a-7c00-7abc-8def-0123456789a}", false},
                                                                   {"", false}}));
  CAPTURE(text);
  CHECK(is_uuid(text) == expected);
}

TEST_CASE("a process that was forked off makes other ids than the one it came from", "[core][id]") {
  constexpr std::int64_t kMs = 1'800'000'005'000;
  new_uuid(kMs);  // random bytes are drawn ahead now, which both have
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const auto child = ::fork();
  if (child == 0) {
    const auto id = new_uuid(kMs);
    ::_exit(::write(ends[1], id.data(), id.size()) == static_cast<ssize_t>(id.size()) ? 0 : 1);
  }
  const auto ours = new_uuid(kMs);
  std::string theirs(36, ' ');
  CHECK(::read(ends[0], theirs.data(), theirs.size()) == 36);
  int status = -1;
  CHECK(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(is_uuid(theirs));
  CHECK(ours.substr(19) != theirs.substr(19));
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("ids of a clock that stands still keep their order, however many a millisecond makes", "[core][id]") {
  std::string before = new_uuid_of_fixed_clock(1'772'442'000'000);
  int backwards = 0;
  for (int i = 0; i < 100'000; ++i) {
    auto next = new_uuid_of_fixed_clock(1'772'442'000'000);
    backwards += next < before;
    before = std::move(next);
  }
  CHECK(backwards == 0);
}

}  // namespace
}  // namespace steward
