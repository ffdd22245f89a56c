#pragma once
#include <cstdint>
#include <memory>
#include <vector>

namespace steward::db {

/// How often each of very many keys came, in bounded memory (6 MiB): what is more than that lies in a temporary file of
/// SQLite's, whatever engine the studio's own database is on.
class Tally {
 public:
  /// `most`: so many different keys are kept in memory.
  explicit Tally(std::size_t most = 131'072);
  ~Tally();
  Tally(const Tally&) = delete;
  Tally& operator=(const Tally&) = delete;

  /// How often the key came, this time included. Keys are bits of a hash: where one lies is read off them. Errors:
  /// those of a full disk.
  std::int64_t add(std::uint64_t key);

 private:
  struct Place {
    std::uint64_t key = 0;
    std::int64_t times = 0;  ///< 0: nobody's
  };
  class Spilled;

  Place& place_of(std::uint64_t key);
  void spill();

  std::size_t most_, taken_ = 0;
  std::vector<Place> places_;  ///< at most half of them are taken
  std::unique_ptr<Spilled> spilled_;
};

}  // namespace steward::db
