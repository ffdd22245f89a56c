#pragma once
#include <optional>
#include <string>

#include "studio/numbering/numbering.h"

namespace steward::numbering {

/// How a series stands in one year.
struct Standing {
  bool paused = false;                    ///< a restore paused this year, whether or not it was confirmed since
  std::optional<std::int64_t> confirmed;  ///< where somebody said that it goes on
  std::optional<std::int64_t> next;       ///< of the counter; nullopt before the first number

  bool waits() const { return paused && !confirmed; }
  /// Nothing was taken since it was paused, so where it goes on may be said, or said otherwise.
  bool open() const { return paused && (!confirmed || !next || *next <= *confirmed); }
};

Standing standing_of(db::Tx& tx, const Series& series, int year);

/// "INV-2026-0007", "INV-2026".
std::string spell(const Series& series, int year, std::int64_t number);
std::string spell(const Series& series, int year);

/// Remembers where the year goes on. The number itself is marked where others were lost before it: `db check` must not
/// take those for a gap.
void store_confirmed(db::Tx& tx, const Series& series, int year, std::int64_t number, const Standing& was);

}  // namespace steward::numbering
