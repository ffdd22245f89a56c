#include "studio/numbering/numbering.h"

#include <fmt/format.h>

#include "core/error.h"
#include "ops/settings.h"

namespace steward::numbering {
namespace {

constexpr auto kTake = R"sql(
  INSERT INTO document_counters (series, year, next) VALUES ($1, $2, $3)
  ON CONFLICT (series, year) DO UPDATE SET next = document_counters.next + 1
  RETURNING next - 1
)sql";

constexpr auto kNext = "SELECT next FROM document_counters WHERE series = $1 AND year = $2";
constexpr auto kSetNext = R"sql(
  INSERT INTO document_counters (series, year, next) VALUES ($1, $2, $3)
  ON CONFLICT (series, year) DO UPDATE SET next = excluded.next
)sql";
constexpr auto kPausedAt = "SELECT value FROM settings WHERE key = 'numbering.paused_at'";
constexpr auto kResume = "DELETE FROM settings WHERE key = 'numbering.paused_at'";

int year_of(Date date) { return static_cast<int>(date.ymd.year()); }

}  // namespace

Number take(db::Tx& tx, std::string_view series, Date date, std::int64_t first) {
  if (is_paused(tx))
    refuse_precondition("numbering_paused",
                        "A restored backup does not know which numbers were given since, so none is given now.",
                        "Look at the last invoice that was sent, then run steward invoices confirm-number N.");
  const auto taken = tx.integer(kTake, {series, year_of(date), first + 1});
  return {spelled(series, date, taken), spelled(series, date, taken - 1)};
}

void pause(db::Tx& tx) { ops::store_setting(tx, "numbering.paused_at", to_text(tx.now()), false); }

bool is_paused(db::Tx& tx) { return tx.exists(kPausedAt, {}); }

void resume(db::Tx& tx, std::string_view series, Date date, std::int64_t next) {
  tx.exec(kSetNext, {series, year_of(date), next});
  tx.exec(kResume, {});
}

std::int64_t next_of(db::Tx& tx, std::string_view series, Date date, std::int64_t first) {
  return tx.first(kNext, {series, year_of(date)}, [](const db::Row& row) { return row.integer(0); }).value_or(first);
}

std::string spelled(std::string_view series, Date date, std::int64_t number) {
  return fmt::format("{}-{:04}-{:04}", series, year_of(date), number);
}

}  // namespace steward::numbering
