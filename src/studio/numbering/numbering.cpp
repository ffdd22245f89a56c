#include "studio/numbering/numbering.h"

#include <fmt/format.h>

namespace steward::numbering {
namespace {

constexpr auto kTake = R"sql(
  INSERT INTO document_counters (series, year, next) VALUES ($1, $2, $3)
  ON CONFLICT (series, year) DO UPDATE SET next = document_counters.next + 1
  RETURNING next - 1
)sql";

std::string spell(std::string_view series, int year, std::int64_t n) {
  return fmt::format("{}-{:04}-{:04}", series, year, n);
}

}  // namespace

Number take(db::Tx& tx, std::string_view series, Date date, std::int64_t first) {
  const auto year = static_cast<int>(date.ymd.year());
  const auto taken = tx.integer(kTake, {series, year, first + 1});
  return {spell(series, year, taken), spell(series, year, taken - 1)};
}

}  // namespace steward::numbering
