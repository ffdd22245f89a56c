#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "studio/invoices/invoices.h"
#include "studio/lines/lines.h"

namespace steward::invoices {

struct CreditNoteTag {
  static constexpr ops::HandleSpec spec{"credit note", "credit_notes", "number", ops::HandleSpec::Spelling::upper,
                                        "reason"};
};
using CreditNoteId = Id<CreditNoteTag>;
using CreditNoteRef = ops::Ref<CreditNoteTag>;  ///< a number, an id, or a unique tail of an id

struct CreditNote {
  CreditNoteId id;
  std::string number;  ///< "CN-2026-0001": its own series, gapless within a year
  std::string invoice_id;
  Money amount;            ///< gross: what is no longer asked for
  std::int64_t tax_cents;  ///< within it
  std::string reason;
  Date issue_date;
};

extern const std::span<const ops::Column> kCreditNoteColumns;
/// Every credit note, one row each, newest first.
ops::Listing credit_note_listing();
Json credit_note_record(db::Tx& tx, const CreditNoteId& id);
CreditNoteId resolve_credit_note(db::Tx& tx, const CreditNoteRef& ref);

/// What an invoice asks for by its taxes, less what was credited.
std::vector<lines::TaxGroup> creditable(db::Tx& tx, const Invoice& invoice);
void insert_credit_note(ops::Context& context, const CreditNote& note, const lines::Breakdown& breakdown);
/// The date of the last one up to that number of a year; nullopt when there is none.
std::optional<Date> credit_date_before(db::Tx& tx, std::string_view previous);

/// credit, credit-notes list and show.
void register_credits(ops::Registry& registry);
/// credit-notes render.
void register_credit_note_document(ops::Registry& registry);

}  // namespace steward::invoices
