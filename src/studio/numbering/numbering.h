#pragma once
#include <string>
#include <string_view>

#include "db/tx.h"

/// The numbers of documents, gapless within a series and a year. No commands of its own: proposals and invoices stand
/// on it.
namespace steward::numbering {

/// A number just taken.
struct Number {
  std::string text;      ///< "INV-2026-0007"
  std::string previous;  ///< "INV-2026-0006": the one before it in its year, whether or not there is such a document
};

/// Takes the next number of `series` in the year of `date` (the document's, in studio.timezone), from a counter row
/// that stays locked until the transaction ends: two takers never share one, and a rollback gives it back, so none is
/// skipped. At least four digits; a year without any starts at `first`. Source: studio-model CM-8.
/// Errors: precondition "numbering_paused".
Number take(db::Tx& tx, std::string_view series, Date date, std::int64_t first = 1);

/// From here on no number is taken: yesterday's backup does not know last night's (docs/contract.md, 7).
void pause(db::Tx& tx);
bool is_paused(db::Tx& tx);
/// Goes on; the next number of that series and year is `next`, which none that was given may reach.
void resume(db::Tx& tx, std::string_view series, Date date, std::int64_t next);

/// The number that the series' next document of that year takes, and how it is spelled.
std::int64_t next_of(db::Tx& tx, std::string_view series, Date date, std::int64_t first = 1);
std::string spelled(std::string_view series, Date date, std::int64_t number);

}  // namespace steward::numbering
