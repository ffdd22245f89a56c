#include "db/tally.h"

#include <algorithm>
#include <array>
#include <bit>

#include "db/sqlite/engine.h"
#include "db/sqlite/statement.h"

namespace steward::db {

/// What went to the file; of most keys that did not, a filter in memory (Bloom's, of 1 MiB) knows.
class Tally::Spilled {
 public:
  std::int64_t times(std::uint64_t key) {
    if (!may_hold(key)) return 0;
    const Value args[] = {as_integer(key)};
    find_.bind(args);
    const auto found = find_.step() ? sqlite3_column_int64(find_.raw(), 0) : 0;
    find_.reset();
    return found;
  }

  /// In the order of their keys, which is the file's.
  void keep(const std::vector<Place>& sorted) {
    database_->script("BEGIN");
    for (const auto& [key, times] : sorted) {
      const Value args[] = {as_integer(key), times};
      keep_.bind(args);
      keep_.step();
      keep_.reset();
      for (const auto bit : bits_of(key)) seen_[bit] = true;
    }
    database_->script("COMMIT");
  }

 private:
  static constexpr std::size_t kBits = std::size_t{1} << 23;

  static std::int64_t as_integer(std::uint64_t key) { return std::bit_cast<std::int64_t>(key); }
  static std::array<std::size_t, 3> bits_of(std::uint64_t key) {
    return {key % kBits, (key >> 20) % kBits, (key >> 41) % kBits};
  }
  bool may_hold(std::uint64_t key) const {
    return std::ranges::all_of(bits_of(key), [&](std::size_t bit) { return seen_[bit]; });
  }

  static std::unique_ptr<Connection> open() {
    auto database = sqlite::open_temporary();
    database->script("CREATE TABLE seen (key INTEGER PRIMARY KEY, times INTEGER NOT NULL)");
    return database;
  }

  std::unique_ptr<Connection> database_ = open();
  sqlite::Statement find_{sqlite::handle_of(*database_), "SELECT times FROM seen WHERE key = $1"};
  sqlite::Statement keep_{
      sqlite::handle_of(*database_),
      "INSERT INTO seen (key, times) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET times = excluded.times"};
  std::vector<bool> seen_ = std::vector<bool>(kBits);
};

Tally::Tally(std::size_t most) : most_(most), places_(std::bit_ceil(2 * most)) {}
Tally::~Tally() = default;

std::int64_t Tally::add(std::uint64_t key) {
  if (auto& known = place_of(key); known.times > 0) return ++known.times;
  if (taken_ == most_) spill();
  ++taken_;
  return (place_of(key) = {key, 1 + (spilled_ ? spilled_->times(key) : 0)}).times;
}

// Its own, or the nobody's that it would get.
Tally::Place& Tally::place_of(std::uint64_t key) {
  for (auto at = key;; ++at)
    if (auto& place = places_[at % places_.size()]; place.times == 0 || place.key == key) return place;
}

void Tally::spill() {
  if (!spilled_) spilled_ = std::make_unique<Spilled>();
  std::erase_if(places_, [](const Place& place) { return place.times == 0; });
  std::ranges::sort(places_, {}, [](const Place& place) { return std::bit_cast<std::int64_t>(place.key); });
  spilled_->keep(places_);
  places_.assign(std::bit_ceil(2 * most_), {});
  taken_ = 0;
}

}  // namespace steward::db
