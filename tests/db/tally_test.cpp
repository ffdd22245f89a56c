#include "db/tally.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>

using namespace steward;

TEST_CASE("a tally counts as a map does, however little of it stays in memory", "[core][db][tally]") {
  const auto most = GENERATE(std::size_t{1}, std::size_t{7}, std::size_t{64}, std::size_t{10'000});
  CAPTURE(most);
  std::mt19937_64 random(most);
  std::vector<std::uint64_t> keys(500);
  for (auto& key : keys) key = random();
  db::Tally tally(most);
  std::map<std::uint64_t, std::int64_t> counted;
  for (int i = 0; i < 5'000; ++i) {
    const auto key = i % 3 == 0 ? random() : keys[random() % keys.size()];
    const auto times = ++counted[key];
    if (tally.add(key) != times) FAIL("key " << key << " the " << times << ". time");
  }
}

TEST_CASE("a tally takes the keys that a hash may give", "[core][db][tally]") {
  db::Tally tally(2);
  const std::uint64_t keys[] = {0, ~std::uint64_t{0}, std::uint64_t{1} << 63, 1, 4};  // 0 and 4 begin at one place
  for (std::int64_t time = 1; time <= 3; ++time)
    for (const auto key : keys) {
      CAPTURE(key);
      CHECK(tally.add(key) == time);
    }
}
