#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/json_lines.h"

namespace steward {

/// Reads CSV (RFC 4180) whose first row names the columns, a row at a time: memory does not grow with the stream. Each
/// row is handed on as an object of texts under the columns' names, without its empty cells; a row is counted by the
/// line it begins on. Rows end in LF or CRLF, a byte order mark at the very beginning and blank lines are skipped. The
/// columns are parted by `delimiter`, or where none is said by the first of comma, semicolon and tab that the header
/// holds.
/// Bad lines: usage "invalid_csv", "line_too_long" for a row beyond kLongestLine.
/// Errors: usage "invalid_csv" for a header that names a column twice or not at all; what the source or the handler
/// throws.
void read_csv(const ByteSource& source, JsonLineHandler& handler, std::optional<char> delimiter = {});

/// Writes one cell: quoted where RFC 4180 wants it, and what a spreadsheet would run as a formula behind a ' unless it
/// is a `number` (docs/contract.md, 3).
void append_guarded_cell(std::string& out, std::string_view text, bool number = false);

/// Reads JSON lines or CSV, whichever it is: CSV has a first line that begins with neither brace nor bracket and parts
/// columns or is the name of one, or is what has a `delimiter`.
void read_records(const ByteSource& source, JsonLineHandler& handler, std::optional<char> delimiter = {});

/// Appends a cell of CSV, in quotes where it has to be.
void append_csv_cell(std::string& out, std::string_view cell, char delimiter = ',');

}  // namespace steward
