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

/// Takes the next number of `series` in the year of `date` (the document's, in studio.timezone), from a counter row that
/// stays locked until the transaction ends: two takers never share one, and a rollback gives it back, so none is
/// skipped. At least four digits; a year without any starts at `first`. Source: studio-model CM-8.
Number take(db::Tx& tx, std::string_view series, Date date, std::int64_t first = 1);

}  // namespace steward::numbering
