#pragma once
#include <optional>
#include <span>
#include <string>

#include "adapters/pdf/document.h"
#include "core/money.h"
#include "ops/argument.h"
#include "ops/column.h"
#include "ops/context.h"
#include "studio/lines/lines.h"
#include "studio/parties/parties.h"

/// What invoices, proposals and statements have in common when they are printed. No operations of its own: it stands
/// under the rooms that have documents, each of which makes its own in one function (document_of).
namespace steward::documents {

/// A document under the studio's head, with nothing in it yet: the business.* settings, logo, colour and font. Errors:
/// precondition "file_unreadable", "invalid_logo", "key_missing" when the settings need it.
pdf::Document letterhead(ops::Context& context);

/// What it asks for: a table of the lines, its net, each tax and its total, and below them what the law wants said
/// where no tax is added.
void set_lines(pdf::Document& document, const lines::Breakdown& breakdown, Currency currency);
/// Who its sides are: as they were taken down, or as they are now where they were not (a draft).
void set_parties(ops::Context& context, pdf::Document& document, const std::optional<parties::Parties>& taken_down,
                 const std::string& client_email);

/// "1250.00": an amount in a table, whose sums name the currency.
std::string figure(const Money& money);
/// The date of an instant in studio.timezone.
std::string day(ops::Context& context, Instant at);

/// What a command that renders answers.
extern const std::span<const ops::Column> kRenderedColumns;
/// Draws it, and puts it where `to` says: a file, a folder that takes it as NAME.pdf, or standard output. Errors: those
/// of pdf::render, ops::file_for and ops::replace_file.
Json render(ops::Context& context, const pdf::Document& document, const ops::NewFile& to, const std::string& name);

}  // namespace steward::documents
