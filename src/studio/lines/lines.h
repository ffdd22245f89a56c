#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "core/json.h"
#include "core/json_lines.h"
#include "db/tx.h"
#include "studio/lines/asked.h"
#include "studio/lines/rules.h"
#include "studio/taxes/taxes.h"

/// What a document asks for, line by line, with the taxes on it. Proposals, invoices and credit notes stand on it; it
/// has no commands of its own.
namespace steward::lines {

/// Where one kind of document keeps its lines and its taxes.
struct Tables {
  std::string_view lines, taxes, key;
};
inline constexpr Tables kProposals{"proposal_lines", "proposal_taxes", "proposal_id"};
inline constexpr Tables kInvoices{"invoice_lines", "invoice_taxes", "invoice_id"};
inline constexpr Tables kCreditNotes{"credit_note_lines", "credit_note_taxes", "credit_note_id"};

TaxTerms terms_of(const taxes::Tax& tax);

/// Gives a document its lines, in the place of those it had. Errors: conflict "immutable" once it is numbered.
void store(db::Tx& tx, const Tables& tables, std::string_view document, const Breakdown& breakdown);
/// Those of a new document, which has none.
void insert(db::Tx& tx, const Tables& tables, std::string_view document, const Breakdown& breakdown);
/// The same for many documents at once, each with its id.
void insert_all(db::Tx& tx, const Tables& tables,
                std::span<const std::pair<std::string_view, const Breakdown*>> documents);
Breakdown load(db::Tx& tx, const Tables& tables, std::string_view document);
/// The taxes of every document of a kind that belongs together: those whose ids `sql` selects by its $1.
std::vector<TaxGroup> groups_of(db::Tx& tx, const Tables& tables, std::string_view sql, std::string_view owner);

/// As a document shows them: `lines` and `taxes`, money in minor units and as decimal text.
Json lines_json(const Breakdown& breakdown, Currency currency);
Json taxes_json(const Breakdown& breakdown, Currency currency);

/// Errors: conflict "tax_changed" when a tax of these is not the one in force on that date.
void require_in_force(db::Tx& tx, const Breakdown& breakdown, Date date);

/// Reads lines of a document: CSV with a header row or JSON lines, `description, quantity, unit_price, tax` each;
/// quantity is 1 and tax is `tax` where they are not given. Prices are net, in major units of `currency`. Errors: usage
/// "invalid_lines", with every bad line; those of the source.
std::vector<Line> read_lines(db::Tx& tx, const ByteSource& source, Currency currency,
                             const std::optional<TaxTerms>& tax, Date date);
/// The same of a file. Errors: also those of InputFile.
std::vector<Line> read_file(db::Tx& tx, const std::string& path, Currency currency, const std::optional<TaxTerms>& tax,
                            Date date);

}  // namespace steward::lines
