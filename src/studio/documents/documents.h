#pragma once
#include <span>
#include <string>

#include "adapters/pdf/document.h"
#include "core/money.h"
#include "ops/argument.h"
#include "ops/column.h"
#include "ops/context.h"

/// What invoices, proposals and statements have in common when they are printed. No operations of its own: it stands
/// under the rooms that have documents, each of which makes its own in one function (document_of).
namespace steward::documents {

/// A document under the studio's head, with nothing in it yet: the business.* settings, logo, colour and font. Errors:
/// precondition "file_unreadable", "invalid_logo", "key_missing" when the settings need it.
pdf::Document letterhead(ops::Context& context);

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
