#include "studio/numbering/numbering.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/text.h"
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

constexpr auto kFollow = R"sql(
  INSERT INTO document_counters (series, year, next) VALUES ($1, $2, $3)
  ON CONFLICT (series, year) DO UPDATE
    SET next = CASE WHEN document_counters.next < excluded.next THEN excluded.next ELSE document_counters.next END
)sql";
constexpr auto kExcuse = R"sql(
  INSERT INTO settings (key, value, sensitive, updated_at)
  SELECT 'numbering.resumed.' || g.number, CAST(g.before + 1 AS text), false, g.made_at
    FROM ({}) g WHERE NOT EXISTS (SELECT 1 FROM settings s WHERE s.key = 'numbering.resumed.' || g.number)
)sql";
constexpr int kFirstYear = 1900;  // of document_counters
constexpr std::size_t kMostDigits = 9;

// nullopt for anything but a number of at most nine digits.
std::optional<std::int64_t> whole(std::string_view digits) {
  if (digits.empty() || digits.size() > kMostDigits) return std::nullopt;
  std::int64_t out = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    out = out * 10 + (c - '0');
  }
  return out;
}

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

bool ends(const Series& series, std::string_view text) {
  const auto parts = split(text, '-');
  if (parts.size() != 3 || parts[0] != series.code || parts[2].size() < kMostDigits) return false;
  return parts[2].find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<std::string> next_of(db::Tx& tx, const Series& series, int year) {
  const auto standing = standing_of(tx, series, year);
  if (!standing.next || standing.paused) return std::nullopt;
  return spell(series, year, *standing.next);
}

std::optional<Place> place_of(const Series& series, std::string_view text) {
  const auto parts = split(text, '-');
  if (parts.size() != 3 || parts[0] != series.code) return std::nullopt;
  const auto year = parts[1].size() == 4 ? whole(parts[1]) : std::nullopt, number = whole(parts[2]);
  if (!year || !number || *year < kFirstYear || *number == 0) return std::nullopt;
  const Place place{static_cast<int>(*year), *number};
  return spell(series, place.year, place.number) == text ? std::optional(place) : std::nullopt;
}

// "INV-2026-0007": at least four digits, and no nought before more.
std::string own_numbers(const Series& series, std::string_view table) {
  const auto code = series.code.size();
  return fmt::format(R"sql(
    SELECT number, substr(number, {year}, 4) AS year, CAST(substr(number, {n}) AS bigint) AS n FROM {table}
     WHERE substr(number, 1, {code} + 1) = '{prefix}-' AND substr(number, {n} - 1, 1) = '-'
       AND length(number) BETWEEN {n} + 3 AND {n} + {most} - 1
       AND (length(number) = {n} + 3 OR substr(number, {n}, 1) <> '0')
       AND ltrim(substr(number, {year}, 4) || substr(number, {n}), '0123456789') = '')sql",
                     fmt::arg("code", code), fmt::arg("prefix", series.code), fmt::arg("year", code + 2),
                     fmt::arg("n", code + 7), fmt::arg("most", kMostDigits), fmt::arg("table", table));
}

void follow(db::Tx& tx, const Series& series, int year, std::int64_t last) {
  tx.exec(kFollow, {series.code, year, last + 1});
}

void excuse_gaps(db::Tx& tx, std::string_view gaps, std::initializer_list<db::Value> args) {
  tx.exec(fmt::format(kExcuse, gaps), args);
}

}  // namespace steward::numbering
