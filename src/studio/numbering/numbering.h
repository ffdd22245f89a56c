#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/tx.h"
#include "ops/argument.h"
#include "ops/context.h"

/// The numbers of documents, gapless within a series and a year. Proposals and invoices stand on it, and carry its one
/// command, `confirm-number`.
namespace steward::numbering {

/// One kind of document that is numbered, and the group of commands that it belongs to.
struct Series {
  std::string_view code, group, noun;
  std::string_view confirm_flag = "";  ///< what confirm-number needs beside the number, where a group has two series
};
inline constexpr Series kInvoices{"INV", "invoices", "invoice"};
inline constexpr Series kCreditNotes{"CN", "invoices", "credit note", " --credit-notes"};
inline constexpr Series kProposals{"PRO", "proposals", "proposal"};

/// A number just taken.
struct Number {
  std::string text;      ///< "INV-2026-0007"
  std::string previous;  ///< "INV-2026-0006": the one before it in its year, whether or not there is such a document
};

/// Takes the next number of `series` in the year of `date` (the document's, in studio.timezone), from a counter row
/// that stays locked until the transaction ends: two takers never share one, and a rollback gives it back, so none is
/// skipped. At least four digits; a year without any starts at `first`. Source: studio-model CM-8.
/// Errors: precondition "numbering_paused" (details: series, year, last, next, command).
Number take(db::Tx& tx, const Series& series, Date date, std::int64_t first = 1);

/// Where a number stands in its series.
struct Place {
  int year = 0;
  std::int64_t number = 0;
};
/// Whether a text looks like a number of `series` that is so high that none would be left behind it.
bool ends(const Series& series, std::string_view text);

/// The number that a year gives next, as it will be spelled; nullopt before its first one, and while a restore has
/// paused it.
std::optional<std::string> next_of(db::Tx& tx, const Series& series, int year);

/// Of a text that is spelled as take() spells a number of `series`; nullopt for any other.
std::optional<Place> place_of(const Series& series, std::string_view text);

/// SQL: `number`, its `year` (text) and its number in that year (`n`) of the documents in `table` whose number is
/// spelled as take() spells those of `series`, which is what place_of() takes for one.
std::string own_numbers(const Series& series, std::string_view table);

/// Documents of a year were numbered elsewhere, up to `last`: the next that is taken stands behind it. A year that is
/// paused stays paused.
void follow(db::Tx& tx, const Series& series, int year, std::int64_t last);
/// Marks numbers before which others are missing for good, so that no check takes that for a gap: `gaps` selects each
/// with the number before it and when its document was made.
void excuse_gaps(db::Tx& tx, std::string_view gaps, std::initializer_list<db::Value> args);

/// The date of the document before a number in its year, in whose order dates stay: `of_number` selects a document's
/// date by its number; where numbers were lost in a restore, `last_of_year` selects the latest by "INV-2026-%".
std::optional<Date> date_before(db::Tx& tx, std::string_view previous, std::string_view of_number,
                                std::string_view last_of_year);

/// What a database that was just restored does: no series gives a number in any year up to now before somebody says
/// where that year goes on, because the backup does not know what was given after it. Kept among the settings, which
/// every schema has, so that a backup older than this steward is paused too. Source: docs/contract.md, 7.
void pause(db::Tx& tx);

/// The number that a series gives next in a year, as far as the database knows.
struct Counter {
  std::string series;
  int year = 0;
  std::int64_t next = 0;
};
/// Sorted; empty where the schema is older than documents.
std::vector<Counter> counters(db::Tx& tx);

struct ConfirmArgs {
  ops::Whole<1, 999'999'999> number;
  std::optional<ops::Whole<1900, 9999>> year;
  bool credit_notes = false;  ///< of `invoices confirm-number`: their own series is meant
};
/// The handler of `GROUP confirm-number N`: a paused year goes on at N, the next number to give. May be said again, to
/// correct it, until a number was taken.
/// Errors: conflict "not_paused", "number_taken".
ops::Change confirm(ops::Context& context, const Series& series, const ConfirmArgs& args);
/// Declares that command for a series whose room hands it to confirm().
void register_confirm(ops::Registry& registry, const Series& series,
                      ops::Change (*handler)(ops::Context&, const ConfirmArgs&));

}  // namespace steward::numbering
