#include "studio/numbering/numbering.h"

#include <fmt/format.h>

#include "core/error.h"
#include "studio/numbering/rows.h"

namespace steward::numbering {
namespace {

// $4 is where a restored year was said to go on, or nothing that matters.
constexpr auto kTake = R"sql(
  INSERT INTO document_counters (series, year, next) VALUES ($1, $2, $3)
  ON CONFLICT (series, year) DO UPDATE
    SET next = CASE WHEN document_counters.next < $4 THEN $4 ELSE document_counters.next END + 1
  RETURNING next - 1
)sql";

[[noreturn]] void refuse_paused(const Series& series, int year, const Standing& standing) {
  const bool any = standing.next && *standing.next > 1;
  const auto last = any ? spell(series, year, *standing.next - 1) : std::string();
  const auto command = fmt::format("steward {} confirm-number N --year {}{}", series.group, year, series.confirm_flag);
  throw Error{ErrorKind::precondition, "numbering_paused",
              fmt::format("The {}s of {} take no number since the database was restored: others may have been given "
                          "after that backup, whose last is {}.",
                          series.noun, year, any ? last : "none"),
              fmt::format("Look at the last {} that was really sent, then run {}: N is the next number to give.",
                          series.noun, command)}
      .with(Json{{"series", series.code},
                 {"year", year},
                 {"last", any ? Json(last) : Json()},
                 {"next", standing.next ? Json(*standing.next) : Json()},
                 {"command", command}});
}

}  // namespace

Number take(db::Tx& tx, const Series& series, Date date, std::int64_t first) {
  const auto year = static_cast<int>(date.ymd.year());
  const auto standing = standing_of(tx, series, year);
  if (standing.waits()) refuse_paused(series, year, standing);
  const auto start = standing.confirmed.value_or(first);
  const auto taken = tx.integer(kTake, {series.code, year, start + 1, standing.confirmed.value_or(1)});
  return {spell(series, year, taken), spell(series, year, taken - 1)};
}

}  // namespace steward::numbering
