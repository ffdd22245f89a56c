#include "studio/numbering/rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "ops/argument.h"
#include "ops/settings.h"

namespace steward::numbering {
namespace {

constexpr std::string_view kPausedThrough = "numbering.paused_through";

constexpr auto kMark = "SELECT value FROM settings WHERE key = $1";
constexpr auto kForget = "DELETE FROM settings WHERE key = $1";
constexpr auto kForgetConfirmed = "DELETE FROM settings WHERE key LIKE 'numbering.confirmed.%'";
constexpr auto kNext = "SELECT next FROM document_counters WHERE series = $1 AND year = $2";
constexpr auto kCounters = "SELECT series, year, next FROM document_counters ORDER BY series, year";

std::string confirmed_key(const Series& series, int year) {
  return fmt::format("numbering.confirmed.{}", spell(series, year));
}
std::string resumed_key(const Series& series, int year, std::int64_t number) {
  return fmt::format("numbering.resumed.{}", spell(series, year, number));
}

std::optional<std::int64_t> number_in(db::Tx& tx, std::string_view key) {
  const auto text = tx.text(kMark, {key});
  return text ? std::optional(ops::parse_whole(*text, 0, 999'999'999)) : std::nullopt;
}

}  // namespace

std::string spell(const Series& series, int year, std::int64_t number) {
  return fmt::format("{}-{:04}-{:04}", series.code, year, number);
}

std::string spell(const Series& series, int year) { return fmt::format("{}-{:04}", series.code, year); }

Standing standing_of(db::Tx& tx, const Series& series, int year) {
  Standing out;
  out.next = tx.first(kNext, {series.code, year}, [](const db::Row& row) { return row.integer(0); });
  out.paused = number_in(tx, kPausedThrough).value_or(0) >= year;
  if (out.paused) out.confirmed = number_in(tx, confirmed_key(series, year));
  return out;
}

std::optional<Date> date_before(db::Tx& tx, std::string_view previous, std::string_view of_number,
                                std::string_view last_of_year) {
  auto text = tx.text(of_number, {previous});
  if (!text) text = tx.text(last_of_year, {std::string(previous.substr(0, previous.rfind('-') + 1)) + "%"});
  return text ? std::optional(parse_date(*text)) : std::nullopt;
}

void store_confirmed(db::Tx& tx, const Series& series, int year, std::int64_t number, const Standing& was) {
  if (was.confirmed) tx.exec(kForget, {resumed_key(series, year, *was.confirmed)});
  ops::store_setting(tx, confirmed_key(series, year), std::to_string(number), false);
  if (was.next && number > *was.next)
    ops::store_setting(tx, resumed_key(series, year, number), std::to_string(*was.next), false);
}

void pause(db::Tx& tx) {
  // The next year begins earlier elsewhere than in UTC, and clocks may differ.
  constexpr Duration kAhead{2LL * 24 * 3600 * 1000};
  ops::store_setting(tx, kPausedThrough, to_text(tx.now() + kAhead).substr(0, 4), false);
  tx.exec(kForgetConfirmed);
}

std::vector<Counter> counters(db::Tx& tx) {
  if (!std::ranges::count(tx.connection().tables(), "document_counters")) return {};
  return tx.all(kCounters, {}, [](const db::Row& row) {
    return Counter{row.str(0), static_cast<int>(row.integer(1)), row.integer(2)};
  });
}

}  // namespace steward::numbering
